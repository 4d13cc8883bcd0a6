"""What leaves is signed, and a second copy is signed just as the first was, whatever was set since."""

from __future__ import annotations

import dataclasses

import dkim
import pytest

from digest.errors import SettingsError
from digest.home import read_home
from digest.model.delivery import DeliveryState
from digest.pipeline.signing import keyring
from digest.store import deliveries
from tests.support import home
from tests.support.home import LOST, House


@pytest.fixture
def planned(house: House) -> House:
    """A mail to one reader is ready, and there are the keys s1 and s2."""
    home.publication(house)
    home.subscribe(house, "reader@example.org")
    home.take_in(house, 1)
    home.publish_now(house)
    keys = keyring(house.services.home)
    keys.make("s1")
    keys.make("s2")
    return house


def signing(house: House, **settings: str) -> House:
    """The same home, as these settings of [dkim] make it."""
    environ = {f"DIGEST_DKIM_{key.upper()}": value for key, value in settings.items()}
    changed = read_home(house.services.home.folder, environ)
    return dataclasses.replace(house, services=dataclasses.replace(house.services, home=changed))


def verified(house: House, message: bytes) -> bool:
    """By another program than ours, both signatures."""
    keys = keyring(house.services.home)
    records = {r.name: r.text for name in ("s1", "s2") for r in keys.records(name, "example.com")}

    def answer(name: bytes, timeout: int = 5) -> bytes:
        return records[name.decode().rstrip(".")].encode()

    return all(dkim.DKIM(message).verify(idx=n, dnsfunc=answer) for n in (0, 1))


def test_mails_are_signed_with_the_keys_that_are_set(planned: House) -> None:
    house = signing(planned, selector="s2")
    assert home.deliver_all(house).sent == 1
    (message,) = house.mails()
    assert b"s=s2r;" in message
    assert verified(house, message)
    with house.services.database.read() as connection:
        assert deliveries.get(connection, "1").signed_with == "s2@example.com"


def test_a_second_copy_is_signed_as_the_first_was(planned: House) -> None:
    house = signing(planned, selector="s1")
    house.transport.on_send = lambda _recipient: LOST
    assert home.deliver_all(house).uncertain == 1
    house.transport.on_send = lambda _recipient: None
    house.clock.go(hours=1)
    later = signing(house, selector="s2", domain="example.com")
    assert home.deliver_all(later).sent == 1
    first, second = house.mails()
    assert first == second
    assert b"s=s1r;" in second


def test_what_was_unsigned_stays_so_when_it_may_have_arrived(planned: House) -> None:
    planned.transport.on_send = lambda _recipient: LOST
    home.deliver_all(planned)
    planned.transport.on_send = lambda _recipient: None
    planned.clock.go(hours=1)
    home.deliver_all(signing(planned, selector="s2"))
    first, second = planned.mails()
    assert first == second
    assert b"DKIM-Signature" not in second


def test_what_cannot_have_left_is_signed_with_the_new_key(planned: House) -> None:
    house = signing(planned, selector="s1")
    house.transport.on_begin = lambda _recipient: home.DEFERRED
    assert home.deliver_all(house).deferred == 1
    house.transport.on_begin = lambda _recipient: None
    house.clock.go(hours=1)
    home.deliver_all(signing(house, selector="s2"))
    (message,) = house.mails()
    assert b"s=s2r;" in message


def test_without_its_key_nothing_is_claimed(planned: House) -> None:
    house = signing(planned, selector="s9")
    with pytest.raises(SettingsError, match="s9"):
        home.deliver_all(house)
    with house.services.database.read() as connection:
        assert deliveries.get(connection, "1").state is DeliveryState.PLANNED
    assert house.mails() == []
