"""What stays of mails whose records were deleted: whom they told what, so that nobody is sent it again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import DeliveryKind, DeliveryState, Uncertain
from digest.store import tables as t
from digest.store.chunks import chunks

_T, _V = t.trace.c, t.variant.c
#: What the record of a mail said besides; see `rows`.
_GONE: Mapping[str, Any] = {
    "kind": DeliveryKind.EDITION, "key": "", "state": DeliveryState.SENT, "address": "", "message_id": "",
    "uncertain": Uncertain.RESEND, "splice": {}, "attempts": 0, "epoch": 0, "next_attempt": None, "lease_until": None,
    "give_up_at": None, "reply": "", "reason": "", "was_uncertain": False, "signed_with": "", "relay": "",
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Trace:
    """Of one mail."""

    delivery: int
    subscription: int
    email: str  # the key of the address that the reader has now
    sent_at: datetime


def covering() -> sa.ColumnElement[bool]:
    """A mail that was sent covers its ranges unless it bounced."""
    return _T.bounced_at.is_(None)


def spans(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[tuple[int, list[list[int]]]]:
    """(subscription, ranges) of the mails that are meant and count as received."""
    query = sa.select(_T.subscription_id, _V.ranges).join(t.variant, _V.id == _T.variant_id)
    query = query.join(t.subscription, t.subscription.c.id == _T.subscription_id)
    return [(subscription, ranges) for subscription, ranges in connection.execute(query.where(covering(), *where))]


def variants(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[tuple[int, int]]:
    """(subscription, variant) of the mails that are meant and count as received."""
    query = sa.select(_T.subscription_id, _T.variant_id).where(covering(), *where)
    return [(subscription, variant) for subscription, variant in connection.execute(query)]


def of_edition(connection: sa.Connection, edition_id: int) -> set[int]:
    """The subscriptions that were sent it."""
    query = sa.select(_T.subscription_id).join(t.variant, _V.id == _T.variant_id)
    return set(connection.execute(query.where(_V.edition_id == edition_id)).scalars())


def last_due(connection: sa.Connection, subscription_ids: Sequence[int], but: int) -> dict[int, datetime]:
    """Per subscription: when the newest of these editions but this one fell due."""
    query = (
        sa.select(_T.subscription_id, sa.func.max(t.edition.c.due))
        .join(t.variant, _V.id == _T.variant_id)
        .join(t.edition, t.edition.c.id == _V.edition_id)
        .where(t.edition.c.id != but)
        .group_by(_T.subscription_id)
    )
    found: dict[int, datetime] = {}
    for batch in chunks(subscription_ids, 500):
        found |= {k: v for k, v in connection.execute(query.where(_T.subscription_id.in_(batch)))}
    return found


def rows(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[dict[str, Any]]:
    """As deliveries are read, with the names that people know them by; what is gone is empty."""
    query = (
        sa.select(
            _T.delivery_id.label("id"),
            _T.subscription_id,
            _T.variant_id,
            _T.covers_hi,
            _T.sent_at.label("date"),
            _T.sent_at.label("planned_at"),
            _T.sent_at.label("settled_at"),
            _T.bounced_at,
            _T.deleted_at,
            _V.edition_id,
            t.subscriber.c.email,
            t.edition_slot.c.cadence,
            t.edition_slot.c.number,
            t.publication.c.name.label("publication_name"),
        )
        .join(t.variant, _V.id == _T.variant_id)
        .join(t.subscription, t.subscription.c.id == _T.subscription_id)
        .join(t.subscriber, t.subscriber.c.id == t.subscription.c.subscriber_id)
        .join(t.edition, t.edition.c.id == _V.edition_id)
        .join(t.edition_slot, t.edition_slot.c.id == t.edition.c.slot_id)
        .join(t.publication, t.publication.c.id == t.edition_slot.c.publication_id)
        .where(*where)
        .order_by(_T.delivery_id)
    )
    return [{**_GONE, **row} for row in connection.execute(query).mappings()]


def find(connection: sa.Connection, number: int) -> Trace | None:
    """Of the delivery with that number."""
    query = (
        sa.select(_T.delivery_id, _T.subscription_id, t.subscriber.c.email_key, _T.sent_at)
        .join(t.subscription, t.subscription.c.id == _T.subscription_id)
        .join(t.subscriber, t.subscriber.c.id == t.subscription.c.subscriber_id)
    )
    row = connection.execute(query.where(_T.delivery_id == number)).first()
    return Trace(*row) if row else None


def not_arrived(connection: sa.Connection, number: int, at: datetime) -> None:
    """It bounced: what it told is owed again, as far as a reader is caught up at all."""
    mine = sa.and_(_T.delivery_id == number, _T.bounced_at.is_(None))
    connection.execute(sa.update(t.trace).where(mine).values(bounced_at=at))


def counts(connection: sa.Connection, *edition_ids: int) -> dict[str, int]:
    """Mails whose records were deleted, by state; of all editions where none is named."""
    c = t.deleted_delivery.c
    query = sa.select(c.state, sa.func.sum(c.number)).group_by(c.state)
    if edition_ids:
        query = query.where(c.edition_id.in_(edition_ids))
    return {state: int(number) for state, number in connection.execute(query)}
