"""Sign-ups that nobody confirmed: found, and taken out of the books with all that they held of a person."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from digest.model.delivery import OPEN, DeliveryKind
from digest.model.subscription import AddressState, SubscriptionState
from digest.store import bulk
from digest.store import tables as t

_D, _S, _P = t.delivery.c, t.subscription.c, t.subscriber.c
#: Whom the mails belong to that asked people who are no longer in the books: they are counted, and name nobody.
_NOBODY = {"email": "", "email_key": "", "name": "", "address_state": AddressState.ERASED}


def stale(connection: sa.Connection, before: datetime, limit: int | None = None) -> list[tuple[int, datetime]]:
    """Pending subscriptions, and when they were asked last: all earlier than `before`.

    Not those that were never asked, to whom a mail may still be on its way, or whose address is suppressed: that is
    on record so that nothing is sent there again.
    """
    asked = sa.select(sa.func.max(_D.planned_at)).where(
        _D.subscription_id == _S.id, _D.kind == DeliveryKind.CONFIRMATION
    )
    last = asked.correlate(t.subscription).scalar_subquery()
    on_its_way = sa.select(_D.id).where(_D.subscriber_id == _S.subscriber_id, _D.state.in_(OPEN))
    query = (
        sa.select(_S.id, last.label("asked_at"))
        .join(t.subscriber, _P.id == _S.subscriber_id)
        # By publication, since that is how the index goes: this is asked at every pass.
        .where(_S.publication_id.in_(sa.select(t.publication.c.id)), _S.state == SubscriptionState.PENDING)
        .where(_S.changed_at < before, _P.address_state == AddressState.OK, last < before)
        .where(~on_its_way.correlate(t.subscription).exists())
        .limit(limit)
    )
    return [(number, at) for number, at in connection.execute(query)]


def earlier_readers(connection: sa.Connection, ids: Sequence[int]) -> set[int]:
    """Which of these had ended before, and asked to come back."""
    e = t.subscription_event.c
    query = sa.select(e.subscription_id).where(e.subscription_id.in_(ids), e.action == "resubscribe")
    return set(connection.execute(query).scalars())


def remove(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """These subscriptions, and the people who have no other one. Their mails stay as numbers, without an address."""
    people = set(connection.execute(sa.select(_S.subscriber_id).where(_S.id.in_(ids))).scalars())
    others = sa.select(_S.subscriber_id).where(_S.subscriber_id.in_(people), _S.id.not_in(ids))
    gone = sorted(people - set(connection.execute(others).scalars()))
    _empty(connection, sa.or_(_D.subscription_id.in_(ids), _D.subscriber_id.in_(gone)), now)
    for table in (t.subscription_event, t.waiver, t.edition_skip):
        connection.execute(sa.delete(table).where(table.c.subscription_id.in_(ids)))
    bulk.retire(connection, t.subscription)
    connection.execute(sa.delete(t.subscription).where(_S.id.in_(ids)))
    for held in (t.report, t.subscriber_tag):
        connection.execute(sa.delete(held).where(held.c.subscriber_id.in_(gone)))
    connection.execute(sa.delete(t.subscriber).where(_P.id.in_(gone)))


def _empty(connection: sa.Connection, which: sa.ColumnElement[bool], now: datetime) -> None:
    """What a server said may have the address in it, and the key a trace of it."""
    mine = list(connection.execute(sa.select(_D.id).where(which)).scalars())
    if not mine:
        return
    e = t.delivery_event.c
    connection.execute(sa.update(t.delivery_event).where(e.delivery_id.in_(mine)).values(reply="", reason=""))
    connection.execute(
        sa.update(t.delivery)
        .where(_D.id.in_(mine))
        .values(
            subscription_id=None,
            subscriber_id=_nobody(connection, now),
            key=_D.kind + ":unconfirmed:" + sa.cast(_D.id, sa.String),
            address="",
            splice={},
            reply="",
            reason="",
        )
    )


def _nobody(connection: sa.Connection, now: datetime) -> int:
    found = connection.execute(sa.select(_P.id).where(_P.email_key == "")).scalar()
    if found is not None:
        return int(found)
    values = {**_NOBODY, "address_reason": "never confirmed", "created_at": now}
    made = connection.execute(sa.insert(t.subscriber).values(values)).inserted_primary_key
    assert made is not None
    return int(made[0])
