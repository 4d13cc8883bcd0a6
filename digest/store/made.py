"""Past variants, and what they were made of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import DeliveryState, Variant
from digest.model.ranges import Ranges
from digest.store import deliveries, traces
from digest.store import tables as t
from digest.store.variants import Untold

_V, _D = t.variant.c, t.delivery.c


@dataclass(frozen=True, slots=True)
class Made:
    """`made_for`: whom it was made for; none of one that an earlier version made. `readers` have or were to have it."""

    variant: Variant
    zone: str
    ranges: Ranges
    more: int
    untold: Untold
    made_for: Mapping[str, Any] | None
    withdrawn: bool
    readers: int


@dataclass(frozen=True, slots=True)
class First:
    """The first delivery of a variant: whose, and when it was planned."""

    subscription: int
    planned_at: datetime


def of_edition(connection: sa.Connection, edition_id: int, subscriber_id: int | None = None) -> list[Made]:
    """The variants of an edition that have readers, and their text; of one reader where one is named."""
    mine = _D.variant_id == _V.id
    readers = sa.select(sa.func.count()).where(mine).scalar_subquery()
    named = mine if subscriber_id is None else sa.and_(mine, _D.subscriber_id == subscriber_id)
    query = sa.select(t.variant, readers.label("readers")).where(_V.edition_id == edition_id)
    query = query.where(sa.exists(sa.select(_D.id).where(named)), _V.deleted_at.is_(None)).order_by(_V.id)
    return [_made(row) for row in connection.execute(query).mappings()]


def _made(row: Any) -> Made:
    return Made(
        variant=Variant(row["id"], row["key"], row["message"], row["subject"], row["look"], row["language"]),
        zone=row["zone"],
        ranges=Ranges.of((lo, hi) for lo, hi in row["ranges"]),
        more=row["more"],
        untold=Untold(tuple(row["over"]), tuple(row["known"])),
        made_for=row["made_for"],
        withdrawn=row["withdrawn_at"] is not None,
        readers=row["readers"],
    )


def first_of(connection: sa.Connection, variant_id: int) -> First:
    query = sa.select(_D.subscription_id, _D.planned_at).where(_D.variant_id == variant_id).order_by(_D.id).limit(1)
    row = connection.execute(query).one()
    return First(row.subscription_id, row.planned_at)


def had_at(connection: sa.Connection, subscription_id: int, moment: datetime) -> frozenset[int]:
    """The variants that counted as had by the reader at a moment, as far as that is known now."""
    arrived = sa.and_(_D.state == DeliveryState.SENT, sa.or_(_D.bounced_at.is_(None), _D.bounced_at > moment))
    query = sa.select(_D.variant_id).where(_D.subscription_id == subscription_id, _D.edition_id.is_not(None))
    query = query.where(_D.planned_at < moment, sa.or_(arrived, deliveries.covering()))
    settled = sa.or_(_D.settled_at.is_(None), _D.settled_at <= moment)
    c = t.trace.c
    gone = sa.select(c.variant_id).where(c.subscription_id == subscription_id, c.sent_at <= moment)
    gone = gone.where(sa.or_(traces.covering(), c.bounced_at > moment))
    return frozenset([*connection.execute(query.where(settled)).scalars(), *connection.execute(gone).scalars()])


def unmailed(connection: sa.Connection, edition_id: int) -> int:
    """Readers who got no mail of the edition since nothing was new to them."""
    c = t.edition_skip.c
    query = sa.select(sa.func.count()).where(c.edition_id == edition_id, c.reason == "nothing new")
    return connection.execute(query).scalar_one()
