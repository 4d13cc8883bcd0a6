"""Promise 2: a slot is published once, whoever looks and whenever, and downtime is dealt with by policy."""

from __future__ import annotations

import subprocess
import sys
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from digest.audience.rules import Action
from digest.model.cause import Cause
from digest.model.delivery import DeliveryState
from digest.model.edition import Edition
from digest.pipeline import calendar, publications, publish, subscriptions
from digest.store import editions, windows
from tests.support import home
from tests.support.home import House

READER = "a@example.com"


def cut(house: House) -> list[Edition]:
    return [d.edition for d in calendar.cut_due_editions(house.services) if d.edition is not None]


def numbers(house: House) -> list[tuple[str, int, str]]:
    with house.services.database.read() as connection:
        found = editions.listing(connection)
    return [(f"{e.slot:%d %H:%M}", e.number, e.zone) for e in reversed(found)]


def told(house: House, reader: str = READER) -> list[set[str]]:
    """The articles in each mail to a reader, in the order of sending."""
    return [home.tokens(mail) for mail in house.mails(reader)]


@pytest.fixture
def daily(house: House) -> House:
    home.publication(house)
    home.subscribe(house, READER)
    return house


def test_a_slot_is_published_once_however_often_anybody_looks(daily: House) -> None:
    home.take_in(daily, 1)
    assert cut(daily) == [], "it is five o'clock"
    daily.clock.go_to(2, 7)
    assert [e.name for e in cut(daily)] == ["news/day/1"]
    assert cut(daily) == []
    for _ in range(3):
        home.pass_(daily)
    assert told(daily) == [{home.token(1)}]
    assert numbers(daily) == [("02 07:00", 1, "UTC")]


_LOOK = """
import dataclasses, sys
from datetime import datetime
from pathlib import Path
from digest import app
from digest.pipeline import calendar, publish
now = datetime.fromisoformat(sys.argv[2])
services = dataclasses.replace(app.services(Path(sys.argv[1]), {}), clock=lambda: now)
sys.stdin.readline()
calendar.cut_due_editions(services)
publish.plan_open_editions(services)
services.database.close()
"""


def test_two_processes_at_once_publish_once(daily: House) -> None:
    for n in range(2, 30):
        home.subscribe(daily, f"r{n}@example.com")
    home.take_in(daily, 1)
    daily.clock.go_to(2, 7)
    arguments = [sys.executable, "-c", _LOOK, str(daily.services.home.folder), daily.clock().isoformat()]
    checkout = Path(__file__).resolve().parents[2]
    both = [subprocess.Popen(arguments, stdin=subprocess.PIPE, cwd=checkout, text=True) for _ in range(2)]
    for process in both:
        assert process.stdin is not None
        process.stdin.write("go\n")
        process.stdin.flush()
    for process in both:
        process.communicate(timeout=60)
    assert [process.returncode for process in both] == [0, 0]
    assert numbers(daily) == [("02 07:00", 1, "UTC")]
    assert sorted(d.subscriber for d in home.listing(daily)) == sorted({d.subscriber for d in home.listing(daily)})
    assert len(home.listing(daily)) == 29


def test_the_number_of_a_slot_is_shared_by_all_zones(house: House) -> None:
    house.clock.now = datetime(2026, 3, 2, 12, tzinfo=UTC)
    home.publication(house)
    home.subscribe(house, "tokyo@example.com", zone="Asia/Tokyo")
    home.subscribe(house, "brussels@example.com", zone="Europe/Brussels")
    home.subscribe(house, "chicago@example.com", zone="America/Chicago")
    for hour in range(48):
        home.take_in(house, hour + 1)
        home.pass_(house)
        house.clock.go(hours=1)
    assert sorted(numbers(house)) == [
        ("02 07:00", 1, "America/Chicago"),
        ("03 07:00", 2, "America/Chicago"),
        ("03 07:00", 2, "Asia/Tokyo"),
        ("03 07:00", 2, "Europe/Brussels"),
        ("04 07:00", 3, "Asia/Tokyo"),
        ("04 07:00", 3, "Europe/Brussels"),
    ]
    for reader in ("tokyo@example.com", "brussels@example.com", "chicago@example.com"):
        mails = told(house, reader)
        assert len(mails) == 2
        assert not mails[0] & mails[1]


@pytest.mark.parametrize(
    ("late", "hour", "mailed", "lateness"),
    [
        ("late", 7, True, ""),
        ("late", 15, True, "late"),
        ("late", 23, False, ""),
        ("merge", 7, True, ""),
        ("merge", 15, False, ""),
        ("discard", 7, True, ""),
        ("discard", 15, False, ""),
    ],
)
def test_a_slot_that_was_missed(house: House, late: str, hour: int, mailed: bool, lateness: str) -> None:
    home.publication(house, late=late)
    home.subscribe(house, READER)
    home.take_in(house, 1)
    house.clock.go_to(2, hour, 10)
    home.pass_(house)
    assert told(house) == ([{home.token(1)}] if mailed else [])
    with house.services.database.read() as connection:
        found = editions.listing(connection)
    assert [e.lateness for e in found] == ([lateness] if mailed else [])


@pytest.mark.parametrize(("late", "second"), [("late", {1, 2}), ("merge", {1, 2}), ("discard", {2})])
def test_what_becomes_of_the_news_of_a_missed_slot(house: House, late: str, second: set[int]) -> None:
    """Down from before Tuesday's slot until Tuesday evening; article 2 comes after it."""
    home.publication(house, late=late)
    home.subscribe(house, READER)
    home.take_in(house, 9)
    house.clock.go_to(2, 7)
    home.pass_(house)
    home.take_in(house, 1)
    house.clock.go_to(3, 22)
    home.pass_(house)
    home.take_in(house, 2)
    house.clock.go_to(4, 7)
    home.pass_(house)
    assert told(house) == [{home.token(9)}, {home.token(n) for n in second}]
    with house.services.database.read() as connection:
        newest = editions.listing(connection)[0]
        given_up = [reason for *_, reason, _ in windows.reasons(connection, 1) if "discarded" in reason]
    assert newest.missed == 1
    assert bool(given_up) == (late == "discard")


def test_who_subscribes_after_a_discarded_slot_loses_nothing_by_it(house: House) -> None:
    home.publication(house, late="discard")
    home.subscribe(house, "old@example.com")
    home.take_in(house, 1)
    house.clock.go_to(2, 15)
    home.subscribe(house, READER)  # his first window begins a day before
    house.clock.go_to(2, 20)
    home.pass_(house)
    house.clock.go_to(3, 7)
    home.take_in(house, 2)
    home.pass_(house)
    assert told(house, "old@example.com") == [{home.token(2)}]
    assert told(house) == [{home.token(1), home.token(2)}]


def test_who_comes_after_the_slot_has_no_part_in_it(daily: House) -> None:
    home.take_in(daily, 1)
    daily.clock.go_to(2, 7, 5)
    home.subscribe(daily, "new@example.com")
    home.pass_(daily)
    assert len(told(daily)) == 1
    assert told(daily, "new@example.com") == []
    daily.clock.go_to(3, 7)
    home.pass_(daily)
    assert told(daily, "new@example.com") == [{home.token(1)}], "his first window reaches back a day"


def test_who_resumes_is_not_served_the_slots_of_the_pause(daily: House) -> None:
    daily.clock.go_to(2, 7)
    home.pass_(daily)
    subscriptions.act(daily.services, READER, "", Action.PAUSE, Cause(""))
    home.take_in(daily, 1)
    daily.clock.go_to(9, 10)
    subscriptions.act(daily.services, READER, "", Action.RESUME, Cause(""))
    home.pass_(daily)
    assert told(daily) == [], "the slot of 7 o'clock was nobody's"
    daily.clock.go_to(10, 7)
    home.pass_(daily)
    assert told(daily) == [{home.token(1)}], "a pause is caught up on"
    with daily.services.database.read() as connection:
        assert editions.listing(connection)[0].missed == 0, "nothing was missed"


def test_who_is_activated_later_has_a_first_window(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, state="paused")
    home.take_in(house, 1)
    house.clock.go(days=5)
    subscriptions.act(house.services, READER, "", Action.RESUME, Cause(""))
    home.take_in(house, 2)
    home.publish_now(house)
    home.deliver_all(house)
    assert told(house) == [{home.token(2)}]


def test_a_paused_publication_makes_up_for_nothing(daily: House) -> None:
    publications.set_paused(daily.services, "news", paused=True)
    home.take_in(daily, 1)
    daily.clock.go_to(4, 8)
    home.pass_(daily)
    publications.set_paused(daily.services, "news", paused=False)
    home.pass_(daily)
    assert numbers(daily) == []
    daily.clock.go_to(5, 7)
    home.pass_(daily)
    assert told(daily) == [{home.token(1)}]
    with daily.services.database.read() as connection:
        assert editions.listing(connection)[0].missed == 0


def test_a_changed_cadence_starts_anew(daily: House) -> None:
    home.take_in(daily, 1)
    daily.clock.go_to(2, 9)
    publications.edit(daily.services, publications.Asked("news", at="08:00"))
    home.pass_(daily)
    assert numbers(daily) == [], "at eight o'clock today it was not meant yet"
    daily.clock.go_to(3, 8)
    home.pass_(daily)
    assert numbers(daily) == [("03 08:00", 1, "UTC")]


def test_no_edition_within_half_a_cadence_of_the_last_after_a_change_of_zone(daily: House) -> None:
    home.take_in(daily, 1)
    daily.clock.go_to(2, 7)
    home.pass_(daily)
    subscriptions.edit(daily.services, subscriptions.Wanted(READER, "news", zone="America/New_York"))
    home.take_in(daily, 2)
    daily.clock.go_to(2, 12)  # 7 o'clock in New York
    home.pass_(daily)
    assert told(daily) == [{home.token(1)}]
    daily.clock.go_to(3, 12)
    home.pass_(daily)
    assert told(daily) == [{home.token(1)}, {home.token(2)}]


@pytest.mark.parametrize(("month", "day"), [(3, 29), (10, 25)])
def test_the_day_the_clocks_change_has_one_edition(house: House, month: int, day: int) -> None:
    """At half past two, which does not exist on the one day and comes twice on the other."""
    house.clock.now = datetime(2026, month, day - 1, 12, tzinfo=UTC)
    home.publication(house, at="02:30", zone="Europe/Brussels")
    home.subscribe(house, READER)
    home.take_in(house, 1)
    for _ in range(60):
        house.clock.go(minutes=30)
        home.pass_(house)
    assert numbers(house) == [(f"{day} 02:30", 1, "Europe/Brussels")]
    assert len(told(house)) == 1


def test_an_edition_half_planned_when_the_process_died_is_finished_once(
    daily: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(2, 8):
        home.subscribe(daily, f"r{n}@example.com")
    home.take_in(daily, 1)
    daily.clock.go_to(2, 7)
    cut(daily)
    monkeypatch.setattr(publish, "BATCH", 3)
    batches = publish.plan_batch
    calls = iter([True, False])

    def die_at_the_second(*args: object) -> None:
        if not next(calls):
            raise KeyboardInterrupt
        batches(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(publish, "plan_batch", die_at_the_second)
    with pytest.raises(KeyboardInterrupt):
        publish.plan_open_editions(daily.services)
    assert len(home.listing(daily)) == 3
    monkeypatch.setattr(publish, "plan_batch", batches)
    home.pass_(daily)
    assert len(home.listing(daily)) == 7
    assert len({d.variant for d in home.listing(daily)}) == 1
    assert all(len(told(daily, d.subscriber)) == 1 for d in home.listing(daily))


def test_extra_editions_and_slots_do_not_take_each_others_news(daily: House) -> None:
    home.take_in(daily, 1)
    home.publish_now(daily)
    home.deliver_all(daily)
    home.take_in(daily, 2)
    daily.clock.go_to(2, 7)
    home.pass_(daily)
    assert told(daily) == [{home.token(1)}, {home.token(2)}]
    home.publish_now(daily)
    home.deliver_all(daily)
    assert len(told(daily)) == 2, "nothing new is not mailed"


def test_an_older_edition_never_takes_the_place_of_a_newer_one(daily: House) -> None:
    """The extra edition waited for a mail in flight; by the time that it can go on a newer one is planned."""
    home.take_in(daily, 1)
    with daily.services.database.read() as connection:
        found = publications.publications.get(connection, "news")
    older = calendar.cut_by_hand(daily.services, found, "", "")[0]
    home.take_in(daily, 2)
    daily.clock.go(minutes=5)
    newer = calendar.cut_by_hand(daily.services, found, "", "")[0]
    publish.plan_editions(daily.services, [newer])
    report = publish.plan_editions(daily.services, [older])[0]
    assert (report.planned, report.expired) == (0, 0)
    home.deliver_all(daily)
    assert told(daily) == [{home.token(1), home.token(2)}]


def test_an_earlier_mail_that_is_still_planned_gives_way(daily: House) -> None:
    home.take_in(daily, 1)
    home.publish_now(daily)
    home.take_in(daily, 2)
    daily.clock.go_to(2, 7)
    home.pass_(daily)
    assert told(daily) == [{home.token(1), home.token(2)}]
    assert [d.state for d in home.listing(daily)] == [DeliveryState.EXPIRED, DeliveryState.SENT]


def test_the_same_edition_by_hand_and_by_the_clock_is_one(daily: House) -> None:
    home.take_in(daily, 1)
    home.publish_now(daily, slot="2026-03-02T07:00")
    daily.clock.go_to(2, 7)
    home.pass_(daily)
    assert numbers(daily) == [("02 07:00", 1, "UTC")]
    assert len(told(daily)) == 1


def test_what_lies_beyond_the_catch_up_limit_is_given_up_on_the_record(daily: House) -> None:
    home.take_in(daily, 1)
    subscriptions.act(daily.services, READER, "", Action.PAUSE, Cause(""))
    daily.clock.go(days=20)
    home.take_in(daily, 2)
    subscriptions.act(daily.services, READER, "", Action.RESUME, Cause(""))
    daily.clock.now = (daily.clock.now + timedelta(days=1)).replace(hour=7)
    home.pass_(daily)
    assert told(daily) == [{home.token(2)}]
    with daily.services.database.read() as connection:
        assert "beyond the catch-up limit" in [reason for *_, reason, _ in windows.reasons(connection, 1)]
