"""What is on record of one reader's mails: queries for explaining what was sent, held or left out."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import DeliveryKind
from digest.model.edition import EntryKind
from digest.model.explanation import Mail, Part, Place, Shown, Skipped, Waiver
from digest.model.ranges import Ranges
from digest.store import aftermath, deliveries, editions, traces
from digest.store import tables as t
from digest.store.chunks import chunks

_D, _V, _E, _T = t.delivery.c, t.variant.c, t.variant_entry.c, t.trace.c


def mails_with(
    connection: sa.Connection, subscription_id: int, numbers: Collection[int], stories: Collection[int]
) -> list[Mail]:
    """The subscription's mails whose ranges hold one of the numbers, with where these stories stand in them."""
    if not numbers:
        return []
    mine = (_D.subscription_id == subscription_id, _D.covers_hi > min(numbers))
    gone = _traced(connection, _T.subscription_id == subscription_id, _T.covers_hi > min(numbers))
    rows = [*gone, *_rows(connection, *mine)]
    found = [row for row in rows if any(n in Ranges.of(map(tuple, row["ranges"])) for n in numbers)]
    return _mails(connection, found, stories)


def mails_that_told(connection: sa.Connection, subscription_id: int, stories: Collection[int]) -> list[Mail]:
    """The subscription's mails that have an entry of these stories and count as received."""
    told: set[int] = set()
    for batch in chunks(sorted(stories), 500):
        told |= set(connection.execute(sa.select(_E.variant_id).where(_E.story_id.in_(batch))).scalars())
    if not told:
        return []
    rows = _traced(connection, _T.subscription_id == subscription_id, traces.covering())
    rows += _rows(connection, _D.subscription_id == subscription_id, deliveries.covering())
    return _mails(connection, [row for row in rows if row["variant_id"] in told], stories)


def mails_of(connection: sa.Connection, delivery_ids: Sequence[int]) -> list[Mail]:
    rows: list[Any] = []
    for batch in chunks(delivery_ids, 500):
        rows += _rows(connection, _D.id.in_(batch))
    return _mails(connection, rows, ())


def other_mails(connection: sa.Connection, subscriber_id: int, limit: int) -> list[Mail]:
    """The newest confirmations and notices to a person, oldest first."""
    query = sa.select(_D.id).where(_D.subscriber_id == subscriber_id, _D.kind != DeliveryKind.EDITION)
    newest = connection.execute(query.order_by(_D.id.desc()).limit(limit)).scalars()
    return mails_of(connection, sorted(newest))


def _rows(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Any]:
    query = (
        deliveries.select()
        .join(t.variant, _V.id == _D.variant_id)
        .add_columns(
            _V.ranges, _V.withdrawn_at, _V.over, _V.known, deliveries.covering().label("counts"), _told_nothing()
        )
        .add_columns(sa.null().label("deleted_at"), _V.deleted_at.label("text_deleted_at"))
    )
    return list(connection.execute(query.where(*where).order_by(_D.id)).mappings())


def _traced(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Any]:
    """The same of mails whose records were deleted."""
    rows = traces.rows(connection, *where)
    entries = sa.select(_E.variant_id).where(_E.variant_id == _V.id).exists()
    columns = (_V.id, _V.ranges, _V.withdrawn_at, _V.over, _V.known, _V.deleted_at.label("text_deleted_at"))
    facts: dict[int, dict[str, Any]] = {}
    for batch in chunks(sorted({row["variant_id"] for row in rows}), 500):
        query = sa.select(*columns, sa.not_(entries).label("told_nothing")).where(_V.id.in_(batch))
        facts |= {row["id"]: dict(row) for row in connection.execute(query).mappings()}
    return [{**facts[row["variant_id"]], **row, "counts": row["bounced_at"] is None} for row in rows]


def _told_nothing() -> sa.ColumnElement[bool]:
    """No mail of an edition is without an entry but the one that says that nothing is new."""
    entries = sa.select(_E.variant_id).where(_E.variant_id == _V.id).exists()
    return sa.and_(_D.kind == DeliveryKind.EDITION, ~entries).label("told_nothing")


def _mails(connection: sa.Connection, rows: Sequence[Any], stories: Collection[int]) -> list[Mail]:
    rows = sorted(rows, key=lambda row: row["id"])
    entries = _entries(connection, {row["variant_id"] for row in rows}, stories) if stories else {}
    moved = _last_moved(connection, [row["id"] for row in rows])
    returned = aftermath.of_deliveries(connection, [row["id"] for row in rows])
    cut = editions.by_ids(connection, {row["edition_id"] for row in rows if row["edition_id"] is not None})
    return [
        Mail(
            delivery=deliveries.delivery(row),
            edition=cut.get(row["edition_id"]),
            at=moved.get(row["id"]),
            counts=bool(row["counts"]),
            ranges=Ranges.of((lo, hi) for lo, hi in row["ranges"]),
            places=(*entries.get(row["variant_id"], ()), *_untold(row, stories)),
            withdrawn_at=row["withdrawn_at"],
            came_back=returned.get(row["id"], ()) or aftermath.of_row(row),
            nothing=bool(row["told_nothing"]),
            deleted_at=row["deleted_at"],
            text_deleted_at=row["text_deleted_at"],
        )
        for row in rows
    ]


def _untold(row: Any, stories: Collection[int]) -> Iterable[Place]:
    for column, shown in (("over", Shown.OVER), ("known", Shown.NOTHING_NEW)):
        for story in set(row[column]) & set(stories):
            yield Place(story, shown, last_seq=row["covers_hi"])


def _entries(
    connection: sa.Connection, variants: Collection[int], stories: Collection[int]
) -> dict[int, tuple[Place, ...]]:
    """Per variant where these stories stand."""
    found: dict[int, tuple[Place, ...]] = {}
    for batch in chunks(sorted(variants), 500):
        counts = sa.select(_E.variant_id, sa.func.count(sa.distinct(_E.position)))
        counted = connection.execute(counts.where(_E.variant_id.in_(batch)).group_by(_E.variant_id))
        of: dict[int, int] = {variant: number for variant, number in counted}
        query = sa.select(t.variant_entry).where(_E.variant_id.in_(batch), _E.story_id.in_(sorted(stories)))
        for row in connection.execute(query.order_by(_E.variant_id, _E.position)).mappings():
            place = Place(
                story=row["story_id"],
                shown=Shown.ENTRY,
                last_seq=row["last_seq"],
                number=row["position"] + 1,
                of=of[row["variant_id"]],
                section=row["section"],
                headline=row["headline"],
                updated=row["kind"] == EntryKind.UPDATED,
                reason=row["reason"],
            )
            found[row["variant_id"]] = (*found.get(row["variant_id"], ()), place)
    return found


def _last_moved(connection: sa.Connection, delivery_ids: Sequence[int]) -> dict[int, datetime]:
    """When each came into the state in which it is."""
    c = t.delivery_event.c
    found: dict[int, datetime] = {}
    for batch in chunks(delivery_ids, 500):
        query = sa.select(c.delivery_id, sa.func.max(c.at)).where(c.delivery_id.in_(batch)).group_by(c.delivery_id)
        found |= {key: value for key, value in connection.execute(query)}
    return found


def messages(connection: sa.Connection, variant_ids: Iterable[int]) -> dict[int, bytes]:
    """The stored messages; those that were withdrawn, or deleted since they were old, have none."""
    found: dict[int, bytes] = {}
    for batch in chunks(sorted(set(variant_ids)), 50):
        query = sa.select(_V.id, _V.message).where(_V.id.in_(batch), _V.withdrawn_at.is_(None))
        query = query.where(_V.deleted_at.is_(None))
        found |= {key: value for key, value in connection.execute(query)}
    return found


def skipped(connection: sa.Connection, subscription_id: int, number: int = 0) -> list[Skipped]:
    """Editions of which the reader was sent nothing, and that could have told of the number; oldest first."""
    s = t.edition_skip.c
    query = (
        sa.select(s.edition_id, s.reason, s.at)
        .join(t.edition, t.edition.c.id == s.edition_id)
        .where(s.subscription_id == subscription_id, t.edition.c.cutoff >= number)
        .order_by(s.edition_id)
    )
    rows = connection.execute(query).all()
    cut = editions.by_ids(connection, {row.edition_id for row in rows})
    return [Skipped(cut[row.edition_id], row.reason, row.at) for row in rows]


def waivers(connection: sa.Connection, subscription_id: int) -> tuple[Waiver, ...]:
    """Everything that the reader was said not to be owed, in the order in which it was said."""
    w = t.waiver.c
    query = sa.select(w.topic, w.lo, w.hi, w.reason, w.at).where(w.subscription_id == subscription_id)
    rows = connection.execute(query.order_by(w.id))
    return tuple(Waiver(topic, Ranges.of([(lo, hi)]), reason, at) for topic, lo, hi, reason, at in rows)


def parts(
    connection: sa.Connection, subscription_id: int, publication_id: int, clock: tuple[str, str], limit: int
) -> list[Part]:
    """The last editions that the reader could have had a part in, the newest first.

    Those of the reader's clock (cadence, zone), the extra ones, and those that have a mail or a reason for none.
    """
    e, s = t.edition.c, t.edition_slot.c
    mailed = sa.select(_D.edition_id).where(_D.subscription_id == subscription_id, _D.edition_id.is_not(None))
    passed = sa.select(t.edition_skip.c.edition_id).where(t.edition_skip.c.subscription_id == subscription_id)
    traced = sa.select(_V.edition_id).join(t.trace, _T.variant_id == _V.id).where(_T.subscription_id == subscription_id)
    mine = sa.and_(s.cadence == clock[0], e.zone == clock[1])
    query = (
        sa.select(e.id)
        .join(t.edition_slot, s.id == e.slot_id)
        .where(s.publication_id == publication_id)
        .where(sa.or_(mine, s.cadence == editions.EXTRA, e.id.in_(mailed), e.id.in_(traced), e.id.in_(passed)))
        .order_by(e.due.desc(), e.id.desc())
        .limit(limit)
    )
    return parts_in(connection, subscription_id, list(connection.execute(query).scalars()))


def parts_in(connection: sa.Connection, subscription_id: int, ids: Sequence[int]) -> list[Part]:
    """The reader's part in each of these editions."""
    cut = editions.by_ids(connection, ids)
    rows = _traced(connection, _T.subscription_id == subscription_id, _V.edition_id.in_(ids))
    rows += _rows(connection, _D.subscription_id == subscription_id, _D.edition_id.in_(ids))
    sent = {mail.delivery.edition: mail for mail in _mails(connection, rows, ())}
    c = t.edition_skip.c
    query_skips = sa.select(c.edition_id, c.reason, c.at).where(c.subscription_id == subscription_id)
    why = {row.edition_id: row for row in connection.execute(query_skips.where(c.edition_id.in_(ids)))}
    return [Part(cut[i], sent.get(i), Skipped(cut[i], why[i].reason, why[i].at) if i in why else None) for i in ids]
