"""Whether a delivery may still go out: what its reader, its edition and its text say now."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import Delivery, DeliveryKind, DeliveryState
from digest.model.edition import Approval, EditionState
from digest.model.subscription import AddressState, SubscriptionState
from digest.store import addresses, deliveries, withdrawal
from digest.store import tables as t
from digest.store.chunks import chunks

_S = DeliveryState
_D = t.delivery.c


def of(connection: sa.Connection, ids: Sequence[int], *where: sa.ColumnElement[bool]) -> list[Any]:
    """The rows of these deliveries in variant order, with all that can bar them."""
    query = (
        deliveries.select()
        .add_columns(
            t.subscriber.c.address_state,
            t.subscriber.c.address_reason,
            t.subscription.c.state.label("subscription_state"),
            t.edition.c.state.label("edition_state"),
            t.edition.c.approval.label("edition_approval"),
            t.variant.c.withdrawn_at,
        )
        .outerjoin(t.subscription, t.subscription.c.id == _D.subscription_id)
        .join(t.variant, t.variant.c.id == _D.variant_id)
        .where(*where)
    )
    found: list[Any] = []
    for batch in chunks(ids, 500):
        found += connection.execute(query.where(_D.id.in_(batch))).mappings()
    return sorted(found, key=lambda row: (row["variant_id"], row["id"]))


def barred(row: Any, found: Delivery) -> tuple[DeliveryState, str] | None:
    """Why a delivery must not go out now, and the state it belongs in."""
    if row["address_state"] != AddressState.OK:
        return _S.SUPPRESSED, f"the address is {row['address_state']}: {row['address_reason']}"
    if (elsewhere := _elsewhere(row["email"], found)) is not None:
        return elsewhere
    # A confirmation asks who has not confirmed yet; a notice has no subscription.
    wanted: tuple[SubscriptionState | None, ...] = (None, SubscriptionState.ACTIVE)
    if found.tells_subscribed:
        wanted = (None, SubscriptionState.ACTIVE, SubscriptionState.PAUSED)
    elif found.kind is DeliveryKind.CONFIRMATION:
        wanted = (None, SubscriptionState.PENDING)
    if row["subscription_state"] not in wanted:
        return _S.SUPPRESSED, f"the subscription is {row['subscription_state']}"
    if row["edition_state"] == EditionState.CANCELLED:
        return _S.CANCELLED, "the edition was cancelled"
    if row["edition_state"] == EditionState.PAUSED:
        return _S.HELD, "the edition is paused"
    if row["edition_approval"] == Approval.WAITING:  # no claim comes across it: only who holds it already
        return _S.PLANNED, "the edition waits for approval"
    if row["withdrawn_at"] is not None:
        return withdrawal.barred(found)
    return None


def _elsewhere(email: str, found: Delivery) -> tuple[DeliveryState, str] | None:
    """Where it goes to another address than the subscriber's, `email`."""
    single = found.kind is DeliveryKind.CONFIRMATION
    if found.about_address:
        return (_S.SUPPRESSED, "it is the subscriber's address already") if single and email == found.address else None
    if email == found.address:
        return None
    if found.tells_subscribed:
        return _S.SUPPRESSED, "the address has changed"
    if single:  # what it carries would confirm the new address, which nobody was asked at
        return _S.SUPPRESSED, "the address has changed: digest subscriber resend"
    return _S.HELD, addresses.MOVED_UNCERTAIN if found.sent_before else addresses.MOVED


def nothing_bars() -> sa.ColumnElement[bool]:
    """The same as a condition on an edition's delivery: where it does not hold, ask `barred` why."""
    well = sa.select(t.subscriber.c.id).where(
        t.subscriber.c.id == _D.subscriber_id,
        t.subscriber.c.address_state == AddressState.OK,
        t.subscriber.c.email == _D.address,
    )
    wanted = sa.select(t.subscription.c.id).where(
        t.subscription.c.id == _D.subscription_id, t.subscription.c.state == SubscriptionState.ACTIVE
    )
    goes_on = sa.select(t.edition.c.id).where(
        t.edition.c.id == _D.edition_id,
        sa.or_(t.edition.c.state == EditionState.PLANNING, t.edition.c.state == EditionState.CLOSED),
        t.edition.c.approval != Approval.WAITING,
    )
    stands = sa.select(t.variant.c.id).where(t.variant.c.id == _D.variant_id, t.variant.c.withdrawn_at.is_(None))
    return sa.and_(*(each.correlate(t.delivery).exists() for each in (well, wanted, goes_on, stands)))
