"""A person's change of address, and the mails that were made ready for the old one."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

import sqlalchemy as sa

from digest.model.cause import Cause
from digest.model.delivery import ABOUT_ADDRESS, Delivery, DeliveryKind, DeliveryState
from digest.model.subscription import AddressState, Subscriber
from digest.store import changes, deliveries, reports
from digest.store import tables as t

#: Why a delivery waits until it is made ready for the new address.
MOVED = "the address has changed: it is made ready for the new one"
#: Why one waits for the operator: its bytes are bound to the old address, where it may have arrived.
MOVED_UNCERTAIN = "the address has changed, and it may have arrived at the old one"
_S, _D = DeliveryState, t.delivery.c


def change(connection: sa.Connection, person: Subscriber, email: str, key: str, now: datetime, cause: Cause) -> None:
    """From now on. What bounced from the old address says nothing of this one."""
    values = {"email": email, "email_key": key, "address_state": AddressState.OK, "address_reason": ""}
    connection.execute(sa.update(t.subscriber).where(t.subscriber.c.id == person.id).values(values))
    reports.forget(connection, person.id, now)
    told = replace(cause, reason=f"{person.email} -> {email}")
    changes.record_for_person(connection, person.id, now, changes.Step("move", "", changes.MOVED), told)


def left_behind(connection: sa.Connection, person_id: int | None = None) -> list[tuple[Delivery, Subscriber]]:
    """Deliveries that have not left and are ready for an address that is their reader's no more."""
    held = sa.and_(_D.state == _S.HELD, _D.was_uncertain.is_(False))
    query = deliveries.select().add_columns(t.subscriber.c.id.label("person_id"), t.subscriber.c.name)
    bound = sa.or_(_D.kind == DeliveryKind.CONFIRMATION, _D.key.startswith(f"{DeliveryKind.NOTICE}:{ABOUT_ADDRESS}"))
    query = query.where(_D.address != t.subscriber.c.email, ~bound)
    if person_id is None:  # those that a sender came upon
        query = query.where(held, _D.reason == MOVED)
    else:
        waits = _D.state.in_([_S.PLANNED, _S.DEFERRED])
        query = query.where(_D.subscriber_id == person_id, sa.or_(waits, held))
    rows = connection.execute(query).mappings().all()
    return [(deliveries.delivery(r), Subscriber(r["email"], r["name"], id=r["person_id"])) for r in rows]


def readdress(connection: sa.Connection, found: Delivery, address: str, splice: dict[str, str], now: datetime) -> None:
    """Ready for the new address; one that waited for this alone goes on."""
    again = found.state is _S.HELD and found.reason == MOVED
    after = _S.PLANNED if again else found.state
    reason = "" if again else found.reason
    connection.execute(
        sa.update(t.delivery)
        .where(_D.id == found.id, _D.state == found.state, _D.epoch == found.epoch)
        .values(address=address, splice=splice, epoch=_D.epoch + 1, state=after, reason=reason)
    )
    deliveries.record(connection, [(found.id, found.state, after, "", "made ready for the new address")], now)
