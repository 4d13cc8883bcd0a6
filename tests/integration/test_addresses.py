"""A changed address counts at once: what has not left goes to the new one, what may have arrived is held."""

from __future__ import annotations

import pytest

from digest.errors import UsageError
from digest.model.delivery import Delivery, DeliveryState
from digest.pipeline import addresses, subscriptions
from digest.store import changes, deliveries
from tests.support import home
from tests.support.home import DEFERRED, LOST, House

OLD, NEW = "old@example.org", "new@example.net"


@pytest.fixture
def planned(house: House) -> House:
    home.publication(house)
    home.subscribe(house, OLD, name="news")
    home.take_in(house, 1)
    home.publish_now(house)
    return house


def delivery(house: House) -> Delivery:
    with house.services.database.read() as connection:
        return deliveries.get(connection, "1")


def move(house: House) -> None:
    assert addresses.change(house.services, OLD, NEW).email == NEW


def at_new(house: House) -> bool:
    (message,) = house.mails(NEW)
    assert OLD.encode() not in message
    return b"To: new@example.net\r\n" in message


def test_what_is_planned_goes_to_the_new_address(planned: House) -> None:
    move(planned)
    assert home.deliver_all(planned).sent == 1
    assert at_new(planned)
    assert planned.mails(OLD) == []


def test_what_is_deferred_goes_to_the_new_address(planned: House) -> None:
    planned.transport.on_begin = lambda _recipient: DEFERRED
    home.deliver_all(planned)
    planned.transport.on_begin = lambda _recipient: None
    move(planned)
    planned.clock.go(hours=1)
    assert home.deliver_all(planned).sent == 1
    assert at_new(planned)


def test_what_a_sender_has_in_hand_is_stopped_and_goes_to_the_new_address(planned: House) -> None:
    def meanwhile(recipient: str) -> None:
        if recipient == OLD:
            move(planned)

    planned.transport.on_begin = meanwhile
    home.deliver_all(planned)
    assert planned.mails(OLD) == []
    home.deliver_all(planned)
    assert at_new(planned)


def test_what_is_refused_for_now_while_the_address_changes_goes_to_the_new_one(planned: House) -> None:
    def meanwhile(recipient: str) -> home.Reply | None:
        if recipient != OLD:
            return None
        move(planned)
        return home.Reply(451, "later", home.Stage.DOT, "4.3.0")

    planned.transport.on_send = meanwhile
    assert home.deliver_all(planned).deferred == 1
    for _ in range(2):
        planned.clock.go(hours=1)
        home.deliver_all(planned)
    assert at_new(planned)
    assert planned.mails(OLD) == []


def test_what_may_have_arrived_is_held_and_not_sent_to_either(planned: House) -> None:
    planned.transport.on_send = lambda _recipient: LOST
    home.deliver_all(planned)
    planned.transport.on_send = lambda _recipient: None
    move(planned)
    planned.clock.go(hours=1)
    home.deliver_all(planned)
    found = delivery(planned)
    assert (found.state, found.address) == (DeliveryState.HELD, OLD)
    assert "may have arrived at the old one" in found.reason
    assert len(planned.mails()) == 1


def test_an_address_that_is_somebody_elses_is_refused(planned: House) -> None:
    home.subscribe(planned, NEW)
    with pytest.raises(UsageError, match="already"):
        move(planned)


def test_who_was_removed_is_not_brought_back(planned: House) -> None:
    home.deliver_all(planned)
    subscriptions.remove(planned.services, OLD)
    with pytest.raises(UsageError, match="removed by the operator"):
        move(planned)


def test_it_is_on_record(planned: House) -> None:

    move(planned)
    with planned.services.database.read() as connection:
        last = changes.history(connection, 1)[-1]
    assert (last.action, last.reason) == ("move", f"{OLD} -> {NEW}")
