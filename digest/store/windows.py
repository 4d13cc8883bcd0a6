"""What readers are owed: numbers at instants, what deliveries cover, what was waived."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import sqlalchemy as sa

from digest.model.edition import Edition, EditionKind
from digest.model.ranges import Ranges
from digest.store import deliveries, traces
from digest.store import tables as t
from digest.store.chunks import chunks


def number_at(connection: sa.Connection, instant: datetime) -> int:
    """The last sequence number given out up to an instant; 0 where there was none."""
    query = sa.select(sa.func.max(t.revision.c.seq)).where(t.revision.c.numbered_at <= instant)
    return connection.execute(query).scalar() or 0


def began(connection: sa.Connection, publication_id: int, edition: Edition, first: int) -> datetime | None:
    """When the time began of which `first` is the first number: when the edition was cut that ends right before it.

    Where there is none, as before a reader's first edition, when that number itself was given out; of an edition
    outside the schedule nothing is known then.
    """
    e, s = t.edition.c, t.edition_slot.c
    mine = (s.publication_id == publication_id, e.cutoff == first - 1, e.cut_at < edition.cut_at)
    query = sa.select(sa.func.max(e.cut_at)).join(t.edition_slot, s.id == e.slot_id).where(*mine)
    same_clock = (s.cadence == edition.cadence, e.zone == edition.zone)
    found: datetime | None = connection.execute(query.where(*same_clock)).scalar()
    found = found or connection.execute(query).scalar()
    if found is not None or edition.kind is EditionKind.EXTRA:
        return found
    numbered = sa.select(t.revision.c.numbered_at).where(t.revision.c.seq >= first).order_by(t.revision.c.seq).limit(1)
    return connection.execute(numbered).scalar()


def covered(connection: sa.Connection, subscription_ids: Sequence[int]) -> dict[int, Ranges]:
    """Per subscription the numbers that its deliveries cover, from its settled floor on: those that are on record, and
    those whose records were deleted.
    """
    had: dict[int, list[int]] = {}
    query = (
        sa.select(t.delivery.c.subscription_id, t.delivery.c.variant_id)
        .join(t.subscription, t.subscription.c.id == t.delivery.c.subscription_id)
        .where(deliveries.covering(), t.delivery.c.covers_hi > t.subscription.c.settled_below)
    )
    for batch in chunks(subscription_ids, 500):
        mine = connection.execute(query.where(t.delivery.c.subscription_id.in_(batch)))
        c = t.trace.c
        since = (c.covers_hi > t.subscription.c.settled_below, t.subscription.c.id == c.subscription_id)
        for subscription_id, variant_id in (*mine, *traces.variants(connection, c.subscription_id.in_(batch), *since)):
            had.setdefault(subscription_id, []).append(variant_id)
    return _joined(connection, had)


def _joined(connection: sa.Connection, had: Mapping[int, Sequence[int]]) -> dict[int, Ranges]:
    """The ranges of each one's variants, together. Many readers have had the same, which is joined once."""
    spans: dict[int, list[tuple[int, int]]] = {}
    c = t.variant.c
    for batch in chunks(sorted({variant for variants in had.values() for variant in variants}), 500):
        for variant, ranges in connection.execute(sa.select(c.id, c.ranges).where(c.id.in_(batch))):
            spans[variant] = [(lo, hi) for lo, hi in ranges]
    same: dict[tuple[int, ...], Ranges] = {}
    found = {}
    for reader, variants in had.items():
        key = tuple(sorted(variants))
        if key not in same:
            same[key] = Ranges.of(span for variant in key for span in spans[variant])
        found[reader] = same[key]
    return found


def waived(connection: sa.Connection, subscription_ids: Sequence[int]) -> dict[int, dict[str, Ranges]]:
    """Per subscription and topic (empty: any topic) the waived numbers."""
    spans: dict[int, dict[str, list[tuple[int, int]]]] = {}
    w = t.waiver.c
    query = sa.select(w.subscription_id, w.topic, w.lo, w.hi)
    for batch in chunks(subscription_ids, 500):
        for subscription_id, topic, lo, hi in connection.execute(query.where(w.subscription_id.in_(batch))):
            spans.setdefault(subscription_id, {}).setdefault(topic, []).append((lo, hi))
    return {k: {topic: Ranges.of(v) for topic, v in by.items()} for k, by in spans.items()}


def floors(connection: sa.Connection, subscription_ids: Sequence[int]) -> dict[int, int]:
    """Per subscription the number below which all is covered or waived."""
    found: dict[int, int] = {}
    c = t.subscription.c
    for batch in chunks(subscription_ids, 500):
        found |= {i: n for i, n in connection.execute(sa.select(c.id, c.settled_below).where(c.id.in_(batch)))}
    return found


def waive(
    connection: sa.Connection, subscription_id: int, lo: int, hi: int, *, reason: str, now: datetime, topic: str = ""
) -> None:
    """Say, with the reason, that a reader is not owed [lo, hi); nothing where that is empty."""
    if lo >= hi:
        return
    values = {"subscription_id": subscription_id, "topic": topic, "lo": lo, "hi": hi, "reason": reason, "at": now}
    connection.execute(sa.insert(t.waiver).values(values))


def settle_below(connection: sa.Connection, floors: Mapping[int, int]) -> None:
    """Raise the floor of each of these subscriptions; none ever falls."""
    of, number = sa.bindparam("of", type_=sa.Integer), sa.bindparam("number", type_=sa.Integer)
    c = t.subscription.c
    raised = sa.update(t.subscription).where(c.id == of, c.settled_below < number).values(settled_below=number)
    if floors:
        connection.execute(raised, [{"of": i, "number": n} for i, n in floors.items()])


def reasons(connection: sa.Connection, subscription_id: int) -> list[tuple[str, int, int, str, datetime]]:
    """Every waiver of a subscription: topic, lo, hi, reason, when."""
    w = t.waiver.c
    query = sa.select(w.topic, w.lo, w.hi, w.reason, w.at).where(w.subscription_id == subscription_id).order_by(w.id)
    return [tuple(row) for row in connection.execute(query)]
