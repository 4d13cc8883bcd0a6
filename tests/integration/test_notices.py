"""The operator hears of what stops and of what waits: one notice of each event, sent as any mail is."""

from __future__ import annotations

import dataclasses
import email
import email.policy
import re
from collections.abc import Iterator
from email.message import EmailMessage
from pathlib import Path

import pytest

from digest.deliver import berth
from digest.errors import TransportError
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState
from digest.pipeline import caps, deliver
from digest.store import subscribers
from tests.support import home
from tests.support.home import LOST, House, open_house

S = DeliveryState
BOSS = "boss@example.net"


@pytest.fixture
def told(tmp_path: Path, empty_home: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[House]:
    """An operator who subscribes to nothing, and a policy under which there is something to decide."""
    monkeypatch.setattr(berth, "_FIRST_PAUSE", 0.0)
    monkeypatch.setattr(berth, "_LONGEST_PAUSE", 0.0)
    settings = {"DIGEST_MAIL_OPERATOR": BOSS, "DIGEST_MAIL_UNCERTAIN": "hold", "DIGEST_PUBLICATION_ZONE": "Asia/Tokyo"}
    with open_house(tmp_path / "home", template=empty_home, **settings) as house:
        home.publication(house, zone="UTC")
        yield house


def capped(house: House, **deliver_settings: int) -> House:
    settings = house.services.settings
    values = {name: getattr(settings, name) for name in settings.__struct_fields__}
    changed = type(settings)(**{**values, "deliver": type(settings.deliver)(**deliver_settings)})
    own = house.services.home
    made = dataclasses.replace(house.services, home=type(own)(own.folder, changed, own.environ))
    return dataclasses.replace(house, services=made)


def edition(house: House, number: int = 1) -> None:
    home.take_in(house, number)
    home.publish_now(house)


def readers(house: House, number: int) -> None:
    for n in range(number):
        home.subscribe(house, f"r{n}@example.org")


def notices(house: House) -> list[Delivery]:
    return [d for d in home.listing(house) if d.kind is DeliveryKind.NOTICE]


def the_mail(house: House) -> EmailMessage:
    return email.message_from_bytes(house.mails(BOSS)[-1], policy=email.policy.default)


def text(house: House) -> str:
    body = the_mail(house).get_body(("plain",))
    assert body is not None
    return str(body.get_content()).replace("\r\n", "\n")


def commands(house: House) -> list[str]:
    start = f"digest --home {house.services.home.folder} "
    return [line.strip().removeprefix(start) for line in text(house).splitlines() if line.startswith("  digest ")]


def break_down(house: House) -> None:
    def refuse() -> None:
        raise TransportError("connection refused", where="127.0.0.1:25")

    house.transport.on_open = refuse


def mend(house: House) -> None:
    """And it has had its rest."""
    house.transport.on_open = lambda: None
    house.clock.go(minutes=15)


def test_a_dead_relay_is_told_when_it_is_back(told: House) -> None:
    readers(told, 2)
    edition(told)
    break_down(told)
    assert "connection refused" in home.deliver_all(told).stopped
    (waiting,) = notices(told)
    assert (waiting.state, waiting.subscription, waiting.edition) == (S.PLANNED, None, None)
    for _ in range(5):
        told.clock.go(hours=3)
        home.deliver_all(told)
    assert len(notices(told)) == 1, "none is added to one that waits"
    mend(told)
    assert home.deliver_all(told).sent == 3
    mail = the_mail(told)
    assert mail["Subject"] == "Sending has stopped: 2 mails wait."
    assert mail["Auto-Submitted"] == "auto-generated"
    assert mail["List-Id"] is None
    assert "connection refused" in text(told)
    assert "2 March 2026, 14:00" in text(told), "in the operator's time"
    assert commands(told) == ["deliver", "delivery list --state planned --limit 20"]
    assert BOSS in [to for to, _ in told.transport.wire[:2]], "on one of the two connections it goes first"


def test_a_relay_that_comes_and_goes_does_not_make_a_flood(told: House) -> None:
    readers(told, 1)
    for number in range(1, 13):
        edition(told, number)
        break_down(told)
        home.deliver_all(told)
        mend(told)
        home.deliver_all(told)
        told.clock.go(minutes=45)
    assert len(told.mails(BOSS)) == 2, "one in six hours"


def test_an_old_notice_makes_room_for_a_new_one(told: House) -> None:
    readers(told, 1)
    edition(told)
    break_down(told)
    for _ in range(10):
        home.deliver_all(told)
        told.clock.go(hours=6)
    mend(told)
    home.deliver_all(told)
    assert len(told.mails(BOSS)) == 1
    assert {d.state for d in notices(told)} == {S.SENT, S.EXPIRED}


def test_what_waits_for_a_decision_is_told_once(told: House) -> None:
    readers(told, 3)
    edition(told)
    told.transport.on_send = lambda to: LOST if to != BOSS else None
    home.deliver_all(told)  # no answer to any
    home.deliver_all(told)  # now they are held
    mail = the_mail(told)
    assert mail["Subject"].startswith("Mails wait for your decision: No answer came to 3 mails")
    held = home.listing(told, states=["held"])
    assert commands(told) == [
        "delivery list --state held",
        f"delivery retry {held[0].id}",
        f"delivery cancel {held[0].id}",
    ]
    for _ in range(5):
        told.clock.go(hours=7)
        home.deliver_all(told)
    assert len(told.mails(BOSS)) == 1, "the same ones are not told again"
    edition(told, 2)
    home.deliver_all(told)
    home.deliver_all(told)
    assert len(told.mails(BOSS)) == 2, "new ones are"
    assert "6 mails" in the_mail(told)["Subject"]


def test_a_notice_that_may_have_arrived_is_sent_again(told: House) -> None:
    """Its own policy is resend, whatever that of the publications."""
    readers(told, 1)
    edition(told)
    told.transport.on_send = lambda _to: LOST
    home.deliver_all(told)
    home.deliver_all(told)
    told.transport.on_send = lambda _to: None
    told.clock.go(hours=1)
    home.deliver_all(told)
    first, second = told.mails(BOSS)
    assert first == second
    assert notices(told)[0].state is S.SENT


def test_the_cap_of_an_hour_asks_in_the_same_run(told: House) -> None:
    small = capped(told, max_per_hour=2)
    readers(small, 7)
    edition(small)
    assert home.deliver_all(small).sent == 3
    assert the_mail(small)["Subject"] == "The cap of an hour is reached: 5 mails wait."
    assert "2 mails left within an hour, and deliver.max_per_hour is 2." in text(small)
    assert commands(small)[1:] == ["delivery allow --hour", "delivery allow --hour 5"]
    home.deliver_all(small)
    assert len(small.mails(BOSS)) == 1
    caps.allow_hour(small.services, None)
    home.deliver_all(small)
    assert len(small.mails(BOSS)) == 2, "each question is told"


def test_editions_that_are_too_large_are_told_together(told: House) -> None:
    small = capped(told, max_per_edition=1)
    home.publication(small, "more", zone="UTC")
    readers(small, 2)
    for n in range(3):
        home.subscribe(small, f"m{n}@example.org", "more")
    edition(small)
    home.publish_now(small, "more")
    home.deliver_all(small)
    assert "has 2 mails" in the_mail(small)["Subject"]
    assert commands(small)[1:] == [
        "delivery allow news/extra/1@UTC",
        "delivery cancel news/extra/1@UTC",
        "delivery allow more/extra/1@UTC",
        "delivery cancel more/extra/1@UTC",
    ]
    edition(small, 2)
    home.deliver_all(small)
    assert len(small.mails(BOSS)) == 1, "within the hour no other"
    small.clock.go(hours=1)
    home.deliver_all(small)
    assert len(small.mails(BOSS)) == 2, "but none is forgotten"
    assert "news/extra/2" in text(small)
    assert "more/extra/1" not in text(small), "that was told"


def test_every_command_that_is_told_can_be_given(told: House) -> None:
    from digest.cli.main import cli
    from tests.docs.test_docs import resolve

    small = capped(told, max_per_hour=2, max_per_edition=1)
    readers(small, 2)
    edition(small)
    home.deliver_all(small)
    found = [line.split() for line in re.findall(r"^  digest (.+)$", text(small), re.MULTILINE)]
    assert len(found) == 3
    for arguments in found:
        assert resolve(arguments)[0] in cli.list_commands(None)  # type: ignore[arg-type]


def test_the_operator_is_no_subscriber_for_it(told: House) -> None:
    small = capped(told, max_per_hour=1)
    readers(small, 2)
    edition(small)
    home.deliver_all(small)
    with small.services.database.read() as connection:
        assert BOSS not in {s.subscriber.email for s in subscribers.listing(connection)}
    home.subscribe(small, BOSS)
    with small.services.database.read() as connection:
        assert BOSS in {s.subscriber.email for s in subscribers.listing(connection)}


def test_an_operator_who_reads_is_told_in_that_language(told: House) -> None:
    small = capped(told, max_per_hour=1)
    home.subscribe(small, BOSS, language="nl", zone="Europe/Brussels")
    readers(small, 2)
    edition(small)
    home.deliver_all(small)
    assert the_mail(small)["Subject"].startswith("De limiet per uur is bereikt")
    assert "06:00" in text(small)


def test_a_suppressed_operator_is_left_alone(told: House) -> None:
    small = capped(told, max_per_hour=1)
    home.subscribe(small, BOSS)
    with small.services.database.write() as connection:
        subscribers.suppress(connection, subscribers.listing(connection)[0].subscriber.id, "it bounced")
    readers(small, 2)
    edition(small)
    assert "1 wait" in home.deliver_all(small).stopped
    assert notices(small) == []


def test_without_an_operator_it_is_only_said(house: House) -> None:
    small = capped(house, max_per_hour=1)
    home.publication(small)
    readers(small, 2)
    edition(small)
    assert "1 wait" in home.deliver_all(small).stopped
    assert notices(small) == []


def test_a_broken_template_costs_no_reader_a_mail(told: House) -> None:
    small = capped(told, max_per_hour=2)
    folder = small.services.home.templates / "notice"
    folder.mkdir()
    (folder / "subject.txt").write_text("{{ page.nothing }}")
    readers(small, 3)
    edition(small)
    summary = home.deliver_all(small)
    assert summary.sent == 2
    assert "the notice of it cannot be made" in summary.stopped
    assert "there is no 'nothing' in it" in summary.stopped
    (folder / "subject.txt").write_text("Attention")
    home.deliver_all(small)
    assert the_mail(small)["Subject"] == "Attention"


def test_two_senders_that_see_the_same_plan_one(told: House) -> None:
    small = capped(told, max_per_hour=1)
    readers(small, 3)
    edition(small)
    home.deliver_all(small)
    other = dataclasses.replace(small.services, memory={})
    deliver.deliver(other)
    assert len(notices(small)) == 1
    assert notices(small)[0].key.startswith("notice:hour:")
