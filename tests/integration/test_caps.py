"""Caps stop and ask: counted from the store, over senders, restarts and kills, until the operator allows more."""

from __future__ import annotations

import dataclasses
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.deliver.relay import Relay
from digest.deliver.send import Summary
from digest.errors import UsageError
from digest.model.caps import Caps
from digest.model.cause import Cause
from digest.model.delivery import DeliveryKind, DeliveryState, Mark, Outcome
from digest.pipeline import caps as allowing
from digest.pipeline import confirmations, deliver, subscriptions
from digest.pipeline.plan_batch import PlanReport
from digest.store import caps, editions
from digest.store import tables as t
from digest.store.ledger import StoredLedger
from tests.support import home
from tests.support.home import DEFERRED, REFUSED, House, open_house

S = DeliveryState


@pytest.fixture
def capped(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    """Five mails an hour; nobody is told by mail."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_DELIVER_MAX_PER_HOUR="5") as house:
        home.publication(house)
        yield house


@pytest.fixture
def small(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    """Editions of at most three mails."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_DELIVER_MAX_PER_EDITION="3") as house:
        home.publication(house)
        yield house


def readers(house: House, number: int, first: int = 1, **more: object) -> None:
    for n in range(first, first + number):
        home.subscribe(house, f"r{n}@example.org", **more)


def edition(house: House, number: int = 1) -> PlanReport:
    home.take_in(house, number)
    return home.publish_now(house)


def leaving(house: House) -> int:
    """How often a mail may have left."""
    e = t.delivery_event.c
    with house.services.database.read() as connection:
        query = sa.select(sa.func.count()).select_from(t.delivery_event).where(e.after == "committing")
        return connection.execute(query).scalar_one()


def with_settings(house: House, **values: int) -> House:
    """The same home with other caps, as after a restart."""
    settings = house.services.settings
    changed = type(settings)(**{f: getattr(settings, f) for f in settings.__struct_fields__ if f != "deliver"},
                             deliver=type(settings.deliver)(**values))  # fmt: skip
    made = type(house.services.home)(house.services.home.folder, changed, house.services.home.environ)
    return dataclasses.replace(house, services=dataclasses.replace(house.services, home=made))


# --- per hour -----------------------------------------------------------------------------------------


def test_it_stops_at_the_cap_and_says_how_to_go_on(capped: House) -> None:
    readers(capped, 8)
    edition(capped)
    summary = home.deliver_all(capped)
    assert (summary.sent, len(capped.transport.wire)) == (5, 5)
    assert summary.stopped == (
        "5 mails left within an hour, and deliver.max_per_hour is 5; 3 wait: digest delivery allow --hour"
    )
    assert [d.state for d in home.listing(capped)] == [S.SENT] * 5 + [S.PLANNED] * 3


def test_an_hour_that_passes_is_no_answer(capped: House) -> None:
    readers(capped, 8)
    edition(capped)
    home.deliver_all(capped)
    capped.clock.go(hours=30)
    again = home.deliver_all(capped)
    assert again.sent == 0
    assert "3 wait" in again.stopped
    allowing.allow_hour(capped.services, None)
    assert home.deliver_all(capped).sent == 3
    assert home.deliver_all(capped).stopped == ""


def test_within_the_cap_nobody_is_asked_and_the_hour_moves_on(capped: House) -> None:
    readers(capped, 5)
    for number in (1, 2, 3):
        edition(capped, number)
        summary = home.deliver_all(capped)
        assert (summary.sent, summary.stopped) == (5, "")
        capped.clock.go(minutes=61)


def test_any_hour_counts_not_that_of_the_clock(capped: House) -> None:
    readers(capped, 4)
    edition(capped)
    home.deliver_all(capped)
    capped.clock.go(minutes=59)
    edition(capped, 2)
    assert home.deliver_all(capped).sent == 1


def test_so_many_may_be_allowed(capped: House) -> None:
    readers(capped, 20)
    edition(capped)
    home.deliver_all(capped)
    assert allowing.allow_hour(capped.services, 2) == 2
    assert home.deliver_all(capped).sent == 2
    assert home.deliver_all(capped).sent == 0
    assert allowing.allow_hour(capped.services, None) == 5
    assert home.deliver_all(capped).sent == 5
    allowing.allow_hour(capped.services, 100)
    assert home.deliver_all(capped).sent == 8


def test_more_may_be_allowed_before_it_asks(capped: House) -> None:
    readers(capped, 8)
    edition(capped)
    allowing.allow_hour(capped.services, 8)
    assert (home.deliver_all(capped).sent, home.deliver_all(capped).stopped) == (8, "")
    capped.clock.go(minutes=61)
    edition(capped, 2)
    assert home.deliver_all(capped).sent == 5, "what was allowed held for an hour"


def test_a_cap_that_is_raised_or_taken_away_is_an_answer(capped: House) -> None:
    readers(capped, 12)
    edition(capped)
    home.deliver_all(capped)
    raised = with_settings(capped, max_per_hour=7)
    assert home.deliver_all(raised).sent == 2
    assert home.deliver_all(capped).sent == 0
    assert home.deliver_all(with_settings(capped)).sent == 5


def test_mails_to_one_person_count_and_are_never_stopped(capped: House) -> None:
    readers(capped, 8)
    for n in range(3):
        wanted = subscriptions.Wanted(f"c{n}@example.org", "news")
        confirmations.sign_up(capped.services, wanted, cause=Cause("asked for"))
    edition(capped)
    assert home.deliver_all(capped).sent == 5
    assert [d.kind for d in home.listing(capped, states=["sent"])].count(DeliveryKind.CONFIRMATION) == 3
    confirmations.sign_up(capped.services, subscriptions.Wanted("d@example.org", "news"), cause=Cause("asked for"))
    assert home.deliver_all(capped).sent == 1
    assert leaving(capped) == 6


def test_what_is_refused_before_it_leaves_does_not_count(capped: House) -> None:
    readers(capped, 12)
    edition(capped)
    capped.transport.on_begin = lambda to: REFUSED if to in ("r2@example.org", "r4@example.org") else None
    summary = home.deliver_all(capped)
    assert (summary.sent, summary.failed) == (5, 2), "the room that they left is filled in the same run"
    assert "5 wait" in summary.stopped


def test_room_that_the_last_one_leaves_is_filled_too(tmp_path: Path, empty_home: Path) -> None:
    """Its refusal is not on record yet when its connection looks for more."""
    with open_house(tmp_path / "home", template=empty_home, DIGEST_DELIVER_MAX_PER_HOUR="5") as opened:
        one = dataclasses.replace(opened.services, open_relays=lambda: [Relay("one", opened.transport)])
        house = dataclasses.replace(opened, services=one)
        home.publication(house)
        readers(house, 8)
        edition(house)
        house.transport.on_begin = lambda to: REFUSED if to == "r5@example.org" else None
        summary = home.deliver_all(house)
        assert (summary.sent, summary.failed) == (5, 1), "in the same run"
        assert "2 wait" in summary.stopped


def test_a_try_that_was_turned_down_at_the_end_counts(capped: House) -> None:
    readers(capped, 8)
    edition(capped)
    capped.transport.on_send = lambda _to: dataclasses.replace(DEFERRED, stage=home.LOST.stage)
    assert home.deliver_all(capped).deferred == 5
    capped.transport.on_send = lambda _to: None
    assert home.deliver_all(capped).sent == 0


def test_a_restart_does_not_reset_it(capped: House) -> None:
    readers(capped, 8)
    edition(capped)
    for _ in range(5):
        ledger = StoredLedger(capped.services.database, limits=Caps(per_hour=5))  # a new process has a new one
        (claimed,) = ledger.claim(capped.clock(), 1, "1-me", 900)
        ledger.commit([], [Mark(*claimed.row)], capped.clock())
        ledger.commit([Outcome(*claimed.row, S.SENT, "250 ok")], [], capped.clock())
    assert StoredLedger(capped.services.database, limits=Caps(per_hour=5)).claim(capped.clock(), 1, "1-me", 900) == []
    assert home.deliver_all(capped).sent == 0


def test_what_another_sender_holds_is_left_for_it(capped: House) -> None:
    readers(capped, 20)
    edition(capped)
    one, two = (StoredLedger(capped.services.database, limits=Caps(per_hour=5)) for _ in range(2))
    held = one.claim(capped.clock(), 3, "1-one", 900)
    assert len(two.claim(capped.clock(), 100, "2-two", 900)) == 2
    assert two.claim(capped.clock(), 100, "2-two", 900) == []
    assert capped_asked(capped) == 0, "nothing has left: there is nothing to ask yet"
    one.release([c.row for c in held], capped.clock())
    assert len(two.claim(capped.clock(), 100, "2-two", 900)) == 3


def capped_asked(house: House) -> int:
    with house.services.database.read() as connection:
        return connection.execute(sa.select(sa.func.count()).select_from(t.allowance)).scalar_one()


def test_threads_that_claim_at_once_do_not_pass_it(capped: House) -> None:
    readers(capped, 40)
    edition(capped)
    taken: list[int] = []

    def sender(number: int) -> None:
        ledger = StoredLedger(capped.services.database, limits=Caps(per_hour=17))
        while rows := ledger.claim(capped.clock(), 2, f"{number}-x", 900):
            ledger.commit([], [Mark(*c.row) for c in rows], capped.clock())
            taken.extend(c.delivery.id for c in rows)

    threads = [threading.Thread(target=sender, args=(n,)) for n in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(taken) == len(set(taken)) == leaving(capped) == 17
    assert capped_asked(capped) == 1


def test_without_a_cap_there_is_nothing_to_allow(house: House) -> None:
    home.publication(house)
    home.subscribe(house, "a@example.org")
    edition(house)
    with pytest.raises(UsageError, match="no cap on the mails of an hour"):
        allowing.allow_hour(house.services, None)
    with pytest.raises(UsageError, match="no cap on the mails of an edition"):
        allowing.allow_edition(house.services, "news/extra/1")


# --- per edition --------------------------------------------------------------------------------------


def test_an_edition_that_is_too_large_waits_before_its_first_mail(small: House) -> None:
    readers(small, 4)
    edition(small)
    summary = home.deliver_all(small)
    assert (summary.sent, small.transport.wire) == (0, [])
    name = "news/extra/1@UTC"
    assert summary.stopped == (
        f"{name} has 4 mails, more than deliver.max_per_edition (3): digest delivery allow {name}"
    )
    assert {d.state for d in home.listing(small)} == {S.PLANNED}
    small.clock.go(hours=9)
    assert home.deliver_all(small).sent == 0
    allowing.allow_edition(small.services, name)
    assert (home.deliver_all(small).sent, home.deliver_all(small).stopped) == (4, "")


def test_others_go_on_beside_it(small: House) -> None:
    home.publication(small, "more")
    readers(small, 4)
    for n in range(3):
        home.subscribe(small, f"m{n}@example.org", "more")
    confirmations.sign_up(small.services, subscriptions.Wanted("c@example.org", "news"), cause=Cause("asked for"))
    edition(small)
    home.publish_now(small, "more")
    assert home.deliver_all(small).sent == 4, "those of the small one, and the confirmation"


def test_no_mail_leaves_while_the_rest_is_being_planned(small: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """The cap is passed only by the third variant; a sender comes by after each batch."""
    monkeypatch.setattr("digest.pipeline.publish.BATCH", 1)
    for n, language in enumerate(("en", "nl", "de", "fr")):
        home.subscribe(small, f"{language}{n}@example.org", language=language)
    sent: list[Summary] = []
    quiet = small.services.progress

    def watch(what: str, done: int, total: int) -> None:
        if what.startswith("planning"):
            sent.append(deliver.deliver(dataclasses.replace(small.services, progress=quiet)))

    home.take_in(small, 1)
    watched = dataclasses.replace(small, services=dataclasses.replace(small.services, progress=watch))
    assert home.publish_now(watched).planned == 4
    assert len(sent) >= 4
    assert small.transport.wire == []
    assert [s.stopped for s in sent[:3]] == ["", "", ""], "nobody is asked before it is known"
    assert "has 4 mails" in home.deliver_all(small).stopped


def test_one_that_is_within_its_cap_after_all_goes(small: House) -> None:
    """Six readers might get it; for three of them nothing is new."""
    readers(small, 3)
    edition(small)
    assert home.deliver_all(small).sent == 3
    readers(small, 3, first=4)
    report = home.publish_now(small)
    assert (report.planned, report.skipped.total()) == (3, 3)
    assert home.deliver_all(small).sent == 3
    assert capped_asked(small) == 0


def test_a_cap_that_is_set_after_planning_counts(house: House) -> None:
    home.publication(house)
    readers(house, 6)
    edition(house)
    house.transport.on_begin = lambda to: DEFERRED if to != "r1@example.org" else None
    assert home.deliver_all(house).sent == 1
    house.transport.on_begin = lambda _to: None
    house.clock.go(hours=1)
    assert home.deliver_all(with_settings(house, max_per_edition=5)).sent == 0
    assert "has 6 mails" in home.deliver_all(with_settings(house, max_per_edition=4)).stopped
    assert home.deliver_all(with_settings(house, max_per_edition=6)).sent == 5


def test_a_raised_cap_that_is_still_too_low_asks_again(small: House) -> None:
    readers(small, 6)
    edition(small)
    home.deliver_all(small)
    assert "more than deliver.max_per_edition (5)" in home.deliver_all(with_settings(small, max_per_edition=5)).stopped
    assert home.deliver_all(with_settings(small, max_per_edition=6)).sent == 6


def test_it_may_be_allowed_before_it_asks_and_cancelled_instead(small: House) -> None:
    readers(small, 5)
    edition(small)
    allowing.allow_edition(small.services, "news/extra/1")
    assert home.deliver_all(small).sent == 5
    edition(small, 2)
    home.deliver_all(small)
    with small.services.database.read() as connection:
        second = editions.find(connection, "news/extra/2")
    deliver.steer(small.services, "cancel", edition=second)
    assert home.deliver_all(small).stopped == ""
    with pytest.raises(UsageError, match="cancelled"):
        allowing.allow_edition(small.services, "news/extra/2")


def test_its_news_is_not_lost_when_the_next_edition_comes(small: House) -> None:
    readers(small, 4)
    edition(small)
    home.deliver_all(small)
    edition(small, 2)
    assert "news/extra/2" in home.deliver_all(small).stopped
    assert "news/extra/1" not in home.deliver_all(small).stopped, "the newer one has taken its place"
    allowing.allow_edition(small.services, "news/extra/2")
    assert home.deliver_all(small).sent == 4
    assert home.tokens(small.mails("r1@example.org")[0]) == {home.token(1), home.token(2)}


# --- the queries --------------------------------------------------------------------------------------


def test_the_hour_is_counted_from_its_index(house: House) -> None:
    with house.services.database.read() as connection:
        query = sa.select(sa.func.count()).select_from(t.delivery_event)
        query = query.where(caps._LEAVING, t.delivery_event.c.at > house.clock())
        text = str(query.compile(dialect=connection.dialect))
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", ("x",)).all()
        assert "USING INDEX ix_delivery_event_leaving (at>?)" in str(plan), plan


# --- processes ----------------------------------------------------------------------------------------

_SENDER = """
import dataclasses, sys, time
from pathlib import Path
from digest import app
from digest.deliver.testing import FakeTransport
from digest.deliver.relay import Relay
from digest.pipeline import deliver

def take(to):
    with open(sys.argv[2], "a") as wire:
        wire.write(to + "\\n")
    time.sleep(float(sys.argv[3]))

services = app.services(Path(sys.argv[1]), {})
transport = FakeTransport(on_send=take)
print(deliver.deliver(dataclasses.replace(services, open_relays=lambda: [Relay('fake', transport, 2)])).stopped)
"""


def sender(house: House, wire: Path, pause: float) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-c", _SENDER, str(house.services.home.folder), str(wire), str(pause)]
    return subprocess.Popen(
        command, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    )


def edition_of(house: House, mails: int, cap: int) -> None:
    file = house.services.home.folder / "digest.toml"
    text = file.read_text().replace("# max_per_hour = 0", f"max_per_hour = {cap}").replace("# batch = 400", "batch = 3")
    file.write_text(text)
    home.publication(house)
    readers(house, mails)
    edition(house)


def test_two_processes_at_once_do_not_pass_it(house: House, tmp_path: Path) -> None:
    edition_of(house, 40, cap=15)
    wire = tmp_path / "wire"
    both = [sender(house, wire, 0.02) for _ in range(2)]
    said = [process.communicate(timeout=120)[0].decode() for process in both]
    assert [process.returncode for process in both] == [0, 0]
    assert len(wire.read_text().splitlines()) == leaving(house) == 15
    assert any("deliver.max_per_hour is 15; 25 wait" in text for text in said)


@pytest.mark.slow
def test_kills_do_not_pass_it(house: House, tmp_path: Path) -> None:
    edition_of(house, 60, cap=24)
    wire = tmp_path / "wire"
    wire.touch()
    for kill in range(4):
        process = sender(house, wire, 0.05)
        begun = time.monotonic()
        while len(wire.read_text().splitlines()) < 3 * (kill + 1) and time.monotonic() < begun + 30:
            time.sleep(0.01)
        process.send_signal(signal.SIGKILL)
        process.communicate()
    for _ in range(2):
        sender(house, wire, 0).communicate(timeout=120)
    # Each dot that was in flight when its sender died counts, and its repeat too.
    assert leaving(house) == 24
    assert 24 - 4 * 2 <= len(wire.read_text().splitlines()) <= 24
    assert capped_asked(house) == 1
