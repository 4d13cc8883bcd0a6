"""What caps leave, what they asked the operator, and what was allowed. Called inside the claiming transaction."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

import sqlalchemy as sa

from digest.model.caps import HOUR, Allowance, Caps, Left, hour_left
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState, Uncertain
from digest.store import tables as t
from digest.store.tables.outgoing import LEAVING_EVENT
from digest.store.waiting import not_waiting

_S = DeliveryState
_A, _D = t.allowance.c, t.delivery.c
#: As text: SQLite uses a partial index only where it finds its very condition.
_LEAVING = sa.text(f"delivery_event.{LEAVING_EVENT}")


class Find(Protocol):
    """Up to `most` deliveries that are due and that nothing bars, for which all of `where` holds; none: there are none.

    `all_go`: `where` only says that they are of editions.
    """

    def __call__(self, most: int, *where: sa.ColumnElement[bool], all_go: bool) -> Sequence[Delivery]: ...


@dataclass(frozen=True, slots=True)
class Asked:
    """A question of a cap that waits for its answer. Of one edition, or of the hour (`edition` is empty)."""

    id: int
    edition: str  # with its zone, as commands take it
    cap: int
    mails: int  # of the edition; or that left within the hour
    waiting: int
    told: bool


def let_go(
    connection: sa.Connection, caps: Caps, now: datetime, limit: int, find: Find, checked: set[int]
) -> Sequence[Delivery]:
    """Mails of editions, up to the limit, as far as the caps let go.

    What a cap stops is written down as a question to the operator. `checked` keeps the editions that are no larger
    than their cap: what is planned later was seen to by the planner.
    """
    if not limit:
        return []
    left = hour_left_now(connection, caps, now)
    most = limit if left.number is None else min(limit, left.number)
    if most:
        return _editions(connection, caps, now, most, find, checked)
    if left.reached and _find(connection, caps, 1, find):
        ask(connection, None, caps.per_hour, now)
    return []


def _editions(
    connection: sa.Connection, caps: Caps, now: datetime, most: int, find: Find, checked: set[int]
) -> Sequence[Delivery]:
    while True:
        found = _find(connection, caps, most, find)
        if not caps.per_edition:
            return found
        unchecked = {d.edition for d in found if d.edition is not None} - checked
        stopped = {i for i in unchecked if count(connection, i) > caps.per_edition and not _allowed(connection, i)}
        for edition_id in stopped:
            ask(connection, edition_id, caps.per_edition, now)
        checked |= unchecked - stopped
        if not stopped:
            return found


def _find(connection: sa.Connection, caps: Caps, most: int, find: Find) -> Sequence[Delivery]:
    stands = _A.edition_id.is_not(None), _stands(caps.per_edition)
    none = not caps.per_edition or connection.execute(sa.select(_A.id).where(*stands).limit(1)).first() is None
    return find(most, *_goes(caps), all_go=none)


def _goes(caps: Caps) -> list[sa.ColumnElement[bool]]:
    """Mails of editions that no cap has stopped."""
    where = [_D.kind == DeliveryKind.EDITION, not_waiting()]
    if caps.per_edition:
        stopped = sa.select(_A.edition_id).where(_A.edition_id.is_not(None), _stands(caps.per_edition))
        where.append(_D.edition_id.not_in(stopped))
    return where


def _stands(cap: int) -> sa.ColumnElement[bool]:
    return sa.and_(_A.allowed_at.is_(None), _A.cap >= cap)


def hour_left_now(connection: sa.Connection, caps: Caps, now: datetime) -> Left:
    if not caps.per_hour:
        return Left()
    last = last_of_the_hour(connection)
    in_hand = sa.select(sa.func.count()).select_from(t.delivery).where(_D.state == _S.CLAIMED)
    gone = left_within_the_hour(connection, last, now)
    return hour_left(caps, last, gone, connection.execute(in_hand).scalar_one(), now)


def has_room(connection: sa.Connection, caps: Caps, now: datetime) -> bool:
    """Whether mails are due that the cap of the hour would let go. Where it is full, the operator is asked.

    Senders claim ahead, and may have looked for more for the last time before the hour was full.
    """
    if not caps.per_hour:
        return False
    left = hour_left_now(connection, caps, now)
    come = sa.or_(_D.next_attempt.is_(None), _D.next_attempt <= now)
    ready = sa.or_(_D.state == _S.PLANNED, sa.and_(_D.state == _S.DEFERRED, come))
    if connection.execute(sa.select(_D.id).where(ready, *_goes(caps)).limit(1)).first() is None:
        return False
    if left.reached:
        ask(connection, None, caps.per_hour, now)
    return bool(left.number)


def left_within_the_hour(connection: sa.Connection, last: Allowance | None, now: datetime) -> int:
    """Mails that may have left since an hour ago, and since the operator allowed more: by all senders there were."""
    e = t.delivery_event.c
    query = sa.select(sa.func.count()).select_from(t.delivery_event).where(_LEAVING, e.at > now - HOUR)
    if last is not None and last.allowed_at is not None:
        query = query.where(e.id > last.after_event)
    return connection.execute(query).scalar_one()


def last_of_the_hour(connection: sa.Connection) -> Allowance | None:
    return _load(connection, sa.select(t.allowance).where(_A.edition_id.is_(None)).order_by(_A.id.desc()).limit(1))


def of_edition(connection: sa.Connection, edition_id: int) -> Allowance | None:
    return _load(connection, sa.select(t.allowance).where(_A.edition_id == edition_id))


def _load(connection: sa.Connection, query: sa.Select[Any]) -> Allowance | None:
    row = connection.execute(query).first()
    return Allowance(*row) if row is not None else None


def _allowed(connection: sa.Connection, edition_id: int) -> bool:
    found = of_edition(connection, edition_id)
    return found is not None and found.allowed_at is not None


def count(connection: sa.Connection, edition_id: int) -> int:
    """The mails that were planned for an edition."""
    query = sa.select(sa.func.count()).select_from(t.delivery).where(_D.edition_id == edition_id)
    return connection.execute(query).scalar_one()


def ask(connection: sa.Connection, edition_id: int | None, cap: int, now: datetime) -> None:
    """Stop, until the operator allows it. Of an edition there is one question, however often it is asked."""
    asked = {"cap": cap, "asked_at": now, "told_at": None}
    mine = sa.update(t.allowance).where(_A.edition_id == edition_id, _A.allowed_at.is_(None))
    if edition_id is None or not connection.execute(mine.values(asked)).rowcount:
        connection.execute(sa.insert(t.allowance).values(edition_id=edition_id, after_event=0, **asked))


def allow(connection: sa.Connection, edition_id: int | None, number: int | None, cap: int, now: datetime) -> None:
    """The operator's answer, which may come before the question."""
    last = last_of_the_hour(connection) if edition_id is None else of_edition(connection, edition_id)
    newest = connection.execute(sa.select(sa.func.max(t.delivery_event.c.id))).scalar() or 0
    answer = {"allowed_at": now, "number": number, "after_event": newest}
    if last is not None and (last.allowed_at is None or edition_id is not None):
        connection.execute(sa.update(t.allowance).where(_A.id == last.id).values(answer))
    else:
        connection.execute(sa.insert(t.allowance).values(edition_id=edition_id, cap=cap, **answer))


def expect(connection: sa.Connection, edition_id: int, mails: int, caps: Caps, now: datetime) -> None:
    """An edition may get so many mails: where these are too many, none of it leaves before all are planned."""
    if not caps.per_edition or mails <= caps.per_edition:
        return
    found = of_edition(connection, edition_id)
    if found is None or (found.allowed_at is None and not found.stands(caps.per_edition)):
        ask(connection, edition_id, caps.per_edition, now)


def settle(connection: sa.Connection, edition_id: int) -> None:
    """All mails of an edition are planned: if they are no more than its cap after all, they may go."""
    found = of_edition(connection, edition_id)
    if found is not None and found.allowed_at is None and count(connection, edition_id) <= found.cap:
        connection.execute(sa.delete(t.allowance).where(_A.id == found.id))


def standing(connection: sa.Connection, caps: Caps, now: datetime) -> list[Asked]:
    """The questions that hold up mails at this moment."""
    found: list[Asked] = []
    last = last_of_the_hour(connection)
    if last is not None and last.stands(caps.per_hour) and (waiting := _waiting(connection, *_goes(caps))):
        gone = left_within_the_hour(connection, last, last.asked_at or now)
        found.append(Asked(last.id, "", caps.per_hour, gone, waiting, last.told_at is not None))
    if not caps.per_edition:
        return found
    s = t.edition_slot.c
    query = (
        sa.select(t.allowance, t.publication.c.name, s.cadence, s.number, t.edition.c.zone)
        .join(t.edition, t.edition.c.id == _A.edition_id)
        .join(t.edition_slot, s.id == t.edition.c.slot_id)
        .join(t.publication, t.publication.c.id == s.publication_id)
        .where(_stands(caps.per_edition))
        .order_by(_A.id)
    )
    for row in connection.execute(query):
        asked, (publication, cadence, number, zone) = Allowance(*row[:8]), row[8:]
        mails, waiting = count(connection, asked.edition or 0), _waiting(connection, _D.edition_id == asked.edition)
        if waiting and mails > caps.per_edition:
            name = f"{publication}/{cadence}/{number}@{zone}"
            found.append(Asked(asked.id, name, caps.per_edition, mails, waiting, asked.told_at is not None))
    return found


def _waiting(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> int:
    going = sa.or_(
        _D.state.in_([_S.PLANNED, _S.DEFERRED]), sa.and_(_D.state == _S.UNCERTAIN, _D.uncertain != Uncertain.HOLD)
    )
    return connection.execute(sa.select(sa.func.count()).select_from(t.delivery).where(going, *where)).scalar_one()


def told(connection: sa.Connection, ids: Collection[int], now: datetime) -> None:
    """The operator was sent a notice of these questions."""
    connection.execute(sa.update(t.allowance).where(_A.id.in_(ids)).values(told_at=now))
