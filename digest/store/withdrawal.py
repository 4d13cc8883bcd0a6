"""Variants that may show an article that was removed: never sent nor shown again, and those who wait get another."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.errors import UsageError
from digest.model import splice
from digest.model.delivery import OPEN, Delivery, DeliveryState, Uncertain
from digest.model.edition import EditionState
from digest.store import deliveries
from digest.store import tables as t
from digest.store.chunks import chunks

_S = DeliveryState
_D = t.delivery.c
#: Why a delivery is held until the planner has composed it anew.
WITHDRAWN = "an article in it was removed: it is composed anew"
_LOST = "an article in it was removed; nobody knows whether it arrived; its news goes into the next edition"


@dataclass(frozen=True, slots=True)
class Withdrawn:
    """`mailed`: edition -> readers who have it. `anew`: deliveries that are composed anew; `given_up`: that are not.

    `leaving`: on the wire at this moment.
    """

    mailed: Counter[str] = field(default_factory=Counter)
    anew: int = 0
    given_up: int = 0
    leaving: int = 0


def told_in(connection: sa.Connection, lines: Collection[int], stories: Collection[int], number: int) -> set[int]:
    """Variants cut at `number` or later that tell of these stories, or of one in these storylines.

    A timeline shows the other stories of its storyline.
    """
    e = t.variant_entry.c
    mine = _with_these(connection, lines, stories)
    found: set[int] = set()
    query = _cut_from(number, e.variant_id).join(t.variant_entry, e.variant_id == t.variant.c.id)
    for batch in chunks(sorted(mine), 500):
        found |= set(connection.execute(query.where(e.story_id.in_(batch))).scalars())
    return found


def listed_in(connection: sa.Connection, lines: Collection[int], stories: Collection[int], number: int) -> set[int]:
    """Variants cut at `number` or later whose copy on the web has these stories among what did not fit in the mail."""
    v = t.variant.c
    mine = _with_these(connection, lines, stories)
    rows = connection.execute(_cut_from(number, v.id, v.over).where(v.view.is_not(None)))
    return {row.id for row in rows if not mine.isdisjoint(row.over)}


def _with_these(connection: sa.Connection, lines: Collection[int], stories: Collection[int]) -> set[int]:
    """The stories of these storylines, and all that were merged into them or gave articles to them."""
    s, p = t.story.c, t.story_past.c
    mine = set(connection.execute(sa.select(s.id).where(s.storyline_id.in_(lines))).scalars()) | set(stories)
    for column, given in ((s.id, s.merged_into), (p.former_id, p.story_id)):
        for batch in chunks(sorted(mine), 500):
            mine |= set(connection.execute(sa.select(column).where(given.in_(batch))).scalars())
    return mine


def views(connection: sa.Connection, number: int) -> Iterator[tuple[int, bytes]]:
    """What the copies on the web are made of, of every variant cut at `number` or later."""
    v = t.variant.c
    for row in connection.execute(_cut_from(number, v.id, v.view).where(v.view.is_not(None)).order_by(v.id)):
        yield row.id, row.view


def messages(connection: sa.Connection, number: int) -> Iterator[tuple[int, bytes]]:
    """Every variant cut at `number` or later, as it is stored."""
    v = t.variant.c
    for row in connection.execute(_cut_from(number, v.id, v.message).order_by(v.id)):
        yield row.id, row.message


def _cut_from(number: int, *columns: sa.ColumnElement[Any]) -> sa.Select[Any]:
    v = t.variant.c
    query = sa.select(*columns).select_from(t.variant).join(t.edition, t.edition.c.id == v.edition_id)
    return query.where(t.edition.c.cutoff >= number, v.withdrawn_at.is_(None))


def withdraw(connection: sa.Connection, variant_ids: Iterable[int], now: datetime) -> Withdrawn:
    """Take their bytes away. What still waits is held until it is composed anew.

    What may have arrived must go out again as it was or not at all: it does not, and its news is owed again, but for
    the policy hold, under which it counts as received.
    """
    done = Withdrawn()
    held_in: set[int] = set()
    total = [0, 0, 0]
    for batch in chunks(sorted(set(variant_ids)), 500):
        mine = _D.variant_id.in_(batch)
        for found in _load(connection, mine, _D.state == _S.SENT):
            done.mailed[found.edition_name] += 1
        for found in _load(connection, mine, _D.state.in_(OPEN)):
            total = [n + m for n, m in zip(total, _stop(connection, found, now), strict=True)]
            if found.edition is not None and not found.sent_before:
                held_in.add(found.edition)
        blank(connection, batch, now)
    _open_again(connection, held_in)
    return Withdrawn(done.mailed, *total)


def drop_views(connection: sa.Connection, variant_ids: Iterable[int]) -> None:
    """Their copies on the web are gone, and nothing else of them."""
    for batch in chunks(sorted(set(variant_ids)), 500):
        connection.execute(sa.update(t.variant).where(t.variant.c.id.in_(batch)).values(view=None))


def _stop(connection: sa.Connection, found: Delivery, now: datetime) -> tuple[int, int, int]:
    """(composed anew, given up, leaving)."""
    if found.state is _S.COMMITTING:
        return 0, 0, 1
    if found.state is _S.UNCERTAIN or found.sent_before:
        keeps = found.state is _S.HELD or found.uncertain is Uncertain.HOLD
        if not keeps:
            deliveries.move(connection, found, _S.CANCELLED, now, reason=_LOST)
        return 0, 1, 0
    if found.state is not _S.HELD:
        deliveries.move(connection, found, _S.HELD, now, reason=WITHDRAWN)
    return 1, 0, 0


def barred(found: Delivery) -> tuple[DeliveryState, str]:
    """Where a delivery of such a variant belongs that turns up later: one that was on the wire then."""
    return (_S.CANCELLED, _LOST) if found.sent_before or found.state is _S.UNCERTAIN else (_S.HELD, WITHDRAWN)


def blank(connection: sa.Connection, variant_ids: Collection[int], now: datetime) -> None:
    """Nothing of what they said is left."""
    v, e = t.variant.c, t.variant_entry.c
    # Another key: what is composed anew has the one that this had.
    key = sa.literal("withdrawn ") + sa.cast(v.id, sa.String)
    values = {"withdrawn_at": now, "key": key, "subject": "", "message": b"", "view": None}
    connection.execute(sa.update(t.variant).where(v.id.in_(variant_ids)).values(values))
    connection.execute(sa.update(t.variant_entry).where(e.variant_id.in_(variant_ids)).values(headline=""))


def waiting(connection: sa.Connection, edition_id: int) -> set[int]:
    """Subscriptions whose delivery of this edition is to be composed anew."""
    query = (
        sa.select(_D.subscription_id)
        .join(t.variant, t.variant.c.id == _D.variant_id)
        .where(_D.edition_id == edition_id, t.variant.c.withdrawn_at.is_not(None))
        .where(_D.state.in_([_S.PLANNED, _S.DEFERRED, _S.HELD]), sa.not_(_D.was_uncertain))
    )
    return {i for i in connection.execute(query).scalars() if i is not None}


def is_withdrawn(connection: sa.Connection, variant_id: int) -> bool:
    query = sa.select(t.variant.c.withdrawn_at).where(t.variant.c.id == variant_id)
    return connection.execute(query).scalar() is not None


def resume(connection: sa.Connection, found: Delivery) -> bool:
    """What the operator wants sent after all is composed anew. Raises UsageError for what may have arrived."""
    if found.sent_before or found.state is _S.FAILED:
        mend = (
            "its news goes into the next edition" if found.state is _S.FAILED else f"digest delivery cancel {found.id}"
        )
        raise UsageError("an article in it was removed since", where=f"delivery {found.id}", mend=mend)
    mine = sa.and_(_D.id == found.id, _D.state == found.state)
    connection.execute(sa.update(t.delivery).where(mine).values(reason=WITHDRAWN))
    if found.edition is not None:
        _open_again(connection, {found.edition})
    return True


def _open_again(connection: sa.Connection, edition_ids: Collection[int]) -> None:
    """There are readers to plan for."""
    closed = sa.and_(t.edition.c.id.in_(sorted(edition_ids)), t.edition.c.state == EditionState.CLOSED)
    connection.execute(sa.update(t.edition).where(closed).values(state=EditionState.PLANNING))


def give_anew(connection: sa.Connection, found: Delivery, wanted: deliveries.Plan, now: datetime) -> None:
    """A delivery gets the variant that was composed in the place of its own. One that the operator held stays held.

    Its Message-ID stays, also where the key is another by now: it is known by it.
    """
    values = {
        "variant_id": wanted.variant, "covers_hi": wanted.covers_hi, "uncertain": wanted.uncertain,
        "address": wanted.address, "date": wanted.date, "give_up_at": wanted.give_up_at,
        "splice": {**wanted.splice, splice.MESSAGE_ID: found.message_id}, "next_attempt": None,
    }  # fmt: skip
    if found.state is _S.HELD and found.reason == WITHDRAWN:
        deliveries.move(connection, found, _S.PLANNED, now, reason="composed anew", **values)
        return
    mine = sa.and_(_D.id == found.id, _D.state == found.state)
    connection.execute(sa.update(t.delivery).where(mine).values(values))


def _load(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Delivery]:
    rows = connection.execute(deliveries.select().where(*where).order_by(_D.id)).mappings().all()
    return [deliveries.delivery(row) for row in rows]
