"""How long a time a mail covers is said in it, and why it is longer than usual."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.support import home
from tests.support.home import House

READER = "reader@example.com"


@pytest.fixture
def house(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    with home.open_house(tmp_path / "home", template=empty_home) as made:
        home.publication(made, late="late")
        home.subscribe(made, READER)
        yield made


def said(house: House) -> str:
    """What the newest mail says of it, in one line."""
    message = email.message_from_bytes(house.mails(READER)[-1], policy=email.policy.default)
    body = message.get_body(("plain",))
    assert body is not None
    text = " ".join(body.get_content().split())
    return " | ".join(re.findall(r"Covers \d+ \w+(?:[:,][^.]*\.)?", text))


def day(house: House, number: int, hour: int = 7, minute: int = 1) -> None:
    """An article comes shortly before the slot of 07:00, and a pass is made."""
    house.clock.go_to(number, hour - 1)
    home.take_in(house, number)
    house.clock.go_to(number, hour, minute)
    home.pass_(house)


def test_a_day_and_no_more(house: House) -> None:
    day(house, 3)
    day(house, 4)
    assert said(house) == "Covers 24 hours"


def test_a_day_without_news_was_covered_too(house: House) -> None:
    day(house, 3)
    house.clock.go_to(4, 7, 1)
    home.pass_(house)
    day(house, 5)
    assert said(house) == "Covers 24 hours"


def test_an_edition_that_was_missed(house: House) -> None:
    day(house, 3)
    home.take_in(house, 44)
    day(house, 5, hour=11)  # the machine slept from Tuesday to Thursday
    assert said(house) == "Covers 52 hours | Covers 52 hours: yesterday's edition was not sent."


def test_a_mail_that_came_back(house: House) -> None:
    day(house, 3)
    day(house, 4)
    home.bounce(house, home.listing(house)[-1])
    day(house, 5)
    assert said(house) == "Covers 48 hours | Covers 48 hours, since the last edition that reached you."


def test_an_edition_outside_the_schedule_that_is_the_first_says_nothing(house: House) -> None:
    home.take_in(house, 1)
    home.publish_now(house)
    home.deliver_all(house)
    assert said(house) == ""
