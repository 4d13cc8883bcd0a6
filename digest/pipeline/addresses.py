"""A reader's new address counts at once, also for mails that were planned for the old one."""

from __future__ import annotations

from datetime import datetime

from digest.audience.address import address_key, normalise
from digest.errors import UsageError
from digest.model.cause import By, Cause
from digest.model.subscription import AddressState, Subscriber
from digest.pipeline import persons
from digest.pipeline.envelope import for_address
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import REMOVED
from digest.store import addresses, subscribers
from digest.store.stories import Connection

MOVED = Cause("moved by the operator")


def change(services: Services, email: str, to: str, cause: Cause = MOVED) -> Subscriber:
    """Everything that is sent from now on goes to the new address.

    What waits is made ready for it. What may have arrived at the old one is held, and counts as received until the
    operator decides. Raises UsageError where the new address is somebody's, or the person is not mailed at all.
    """
    old, new = normalise(email), normalise(to)
    now = services.clock()
    with services.database.write() as connection:
        person = subscribers.get(connection, old, address_key(old))
        return change_in(services, connection, person, new, now, cause)


def change_in(
    services: Services, connection: Connection, person: Subscriber, new: str, now: datetime, cause: Cause
) -> Subscriber:
    """The same inside a transaction of the caller's; `new` is normalised."""
    check(connection, person, new)
    # By hand nobody brings back the address of one who was forgotten; who confirmed it has it.
    persons.may_come(connection, services.home, new, asks=cause.by is By.READER)
    persons.has_come_back(connection, services.home, new)
    addresses.change(connection, person, new, address_key(new), now, cause)
    see_to(connection, now, person.id)
    return Subscriber(new, person.name, id=person.id)


def check(connection: Connection, person: Subscriber, new: str) -> None:
    """Raises UsageError."""
    if person.address_state is AddressState.ERASED or person.address_reason == REMOVED:
        raise UsageError(f"this person was {person.address_reason or 'erased'}", where=person.email)
    other = subscribers.by_key(connection, address_key(new))
    if other is not None and other.id != person.id:
        mend = "subscribe that one, and unsubscribe this one"
        raise UsageError("there is a subscriber with this address already", where=new, mend=mend)


def see_to(connection: Connection, now: datetime, person: int | None = None) -> int:
    """Make ready for the new address what is still ready for the old one: of a person, or what senders came upon."""
    found = addresses.left_behind(connection, person)
    for delivery, reader in found:
        splice = delivery.splice | for_address(reader)
        addresses.readdress(connection, delivery, reader.email, splice, now)
    return len(found)
