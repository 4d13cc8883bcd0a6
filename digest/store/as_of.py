"""What a reader had, and had given up, when an edition was cut."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from digest.model.ranges import Ranges
from digest.store import deliveries, traces
from digest.store import tables as t


def covered(connection: sa.Connection, subscription_id: int, edition_id: int) -> Ranges:
    """The numbers that the mails of earlier editions cover."""
    d = t.delivery.c
    query = (
        sa.select(t.variant.c.ranges)
        .join(t.delivery, t.variant.c.id == d.variant_id)
        .where(d.subscription_id == subscription_id, d.edition_id < edition_id, deliveries.covering())
    )
    earlier = sa.and_(t.trace.c.subscription_id == subscription_id, t.variant.c.edition_id < edition_id)
    every = [*connection.execute(query).scalars(), *(ranges for _, ranges in traces.spans(connection, earlier))]
    return Ranges.of((lo, hi) for ranges in every for lo, hi in ranges)


def waived(connection: sa.Connection, subscription_id: int, until: datetime) -> dict[str, Ranges]:
    """Per topic (empty: any topic) the numbers that were waived up to an instant."""
    w = t.waiver.c
    query = sa.select(w.topic, w.lo, w.hi).where(w.subscription_id == subscription_id, w.at <= until)
    spans: dict[str, list[tuple[int, int]]] = {}
    for topic, lo, hi in connection.execute(query):
        spans.setdefault(topic, []).append((lo, hi))
    return {topic: Ranges.of(mine) for topic, mine in spans.items()}


def had(connection: sa.Connection, subscription_id: int, edition_id: int) -> frozenset[int]:
    """The variants of earlier editions that count as received."""
    d = t.delivery.c
    query = sa.select(d.variant_id).where(
        d.subscription_id == subscription_id, d.edition_id < edition_id, deliveries.covering()
    )
    before = sa.select(t.variant.c.id).where(t.variant.c.edition_id < edition_id)
    mine = sa.and_(t.trace.c.subscription_id == subscription_id, t.trace.c.variant_id.in_(before))
    gone = (variant for _, variant in traces.variants(connection, mine))
    return frozenset([*connection.execute(query).scalars(), *gone])
