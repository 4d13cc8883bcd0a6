"""digest delivery report"""

from __future__ import annotations

import dataclasses
import re
from pathlib import Path

import pytest

from digest import app
from digest.deliver.relay import Relay
from digest.deliver.retry import Stage
from digest.deliver.testing import FakeTransport
from digest.deliver.transports.base import Reply
from tests.support import desk, home
from tests.support.desk import Desk
from tests.support.terminal import on_terminal

READERS = [f"r{n}@{domain}.example" for n, domain in enumerate(["one"] * 4 + ["two"] * 3 + ["three"])]


@pytest.fixture
def transport(monkeypatch: pytest.MonkeyPatch) -> FakeTransport:
    made = FakeTransport()
    monkeypatch.setattr(app, "relays", lambda _home: [Relay("fake", made, 1)])
    return made


@pytest.fixture
def digest(
    tmp_path: Path,
    empty_home: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
    transport: FakeTransport,
) -> Desk:
    """Eight readers: one is refused, two are put off, one's answer is lost."""

    def begin(to: str) -> Reply | None:
        if to.startswith("r0@"):
            return Reply(550, f"<{to}>: no such user", Stage.RCPT, "5.1.1")
        if "two" in to and not to.startswith("r4@"):
            return Reply(450, f"<{to}>: greylisted for 300 s", Stage.RCPT, "4.7.1")
        return None

    transport.on_begin = begin
    transport.on_send = lambda to: home.LOST if to.startswith("r7@") else None
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    for reader in READERS:
        made.well("subscriber", "add", "--basis", "form", reader, "--publication", "p")
    made.news(1)
    made.well("edition", "publish", "p")
    made("deliver")
    return made


def test_the_counts(digest: Desk) -> None:
    told = digest.well("delivery", "report", "p/extra/1", "--json").json
    assert told["mails"] == 8
    assert {k: n for k, n in told["states"].items() if n} == {"sent": 4, "deferred": 2, "failed": 1, "uncertain": 1}
    assert [(r["state"], r["reason"], r["mails"]) for r in told["reasons"]][:2] == [
        ("deferred", "greylisted (450 4.7.1)", 2),
        ("failed", "no such mailbox (550 5.1.1)", 1),
    ]
    assert told["reasons"][0]["next_attempt"] <= told["reasons"][0]["last_attempt"]
    assert told["tries"] == {"1": 8}
    assert [(d["domain"], d["mails"], d["deferred"], d["failed"]) for d in told["troubled_domains"]] == [
        ("two.example", 3, 2, 0),
        ("one.example", 4, 0, 1),
        ("three.example", 1, 0, 0),
    ]
    assert told["slowest_domains"] == []
    assert (told["bounces"], told["complaints"]) == (0, 0)


def test_what_is_printed(digest: Desk) -> None:
    out = digest.well("delivery", "report", "p/extra/1").out
    assert "8 mails to 3 domains" in out
    lines = [" ".join(line.split()) for line in out.splitlines()]
    assert "sent 4 50.0" in lines
    assert "deferred 2 25.0" in lines
    (deferred,) = [line for line in lines if line.startswith("deferred 2 25.0 greylisted (450 4.7.1); next try")]
    tries = re.findall(r"2026-03-02 05:\d\d UTC", deferred)
    assert tries == sorted(set(tries)), "the same minute twice says nothing"
    assert "two.example 3 2 deferred" in lines


def test_what_was_sent_later(digest: Desk, transport: FakeTransport) -> None:
    transport.on_begin = lambda _to: None
    transport.on_send = lambda _to: None
    digest.clock.go(hours=2)
    digest("deliver")
    told = digest.well("delivery", "report", "p/extra/1", "--json").json
    assert told["states"]["sent"] == 7
    assert told["tries"] == {"1": 5, "2": 3}
    assert [d["domain"] for d in told["slowest_domains"]] == ["two.example", "three.example"]
    assert told["half_sent"] < told["most_sent"] == told["last_sent"]
    assert told["rate"] == pytest.approx(0.95 * 7 / 7200, abs=0.01)
    out = digest.well("delivery", "report", "p/extra/1").out
    assert "after 2:00 h" in out
    assert "tries: 5 with 1 try, 3 with 2 tries" in out


def test_bounces_and_readers_without_a_mail(digest: Desk) -> None:
    services = app.services(digest.home, {})
    house = home.House(dataclasses.replace(services, clock=digest.clock), digest.clock, FakeTransport())
    home.bounce(house, home.listing(house, states=["sent"])[0])
    services.database.close()
    out = digest.well("delivery", "report", "p/extra/1").out
    assert "bounced since 1 12.5" in [" ".join(line.split()) for line in out.splitlines()]
    digest.well("delivery", "cancel", "p/extra/1")
    digest.well("edition", "publish", "p")
    assert "4 readers without a mail: nothing new" not in out
    told = digest.well("delivery", "report", "p/extra/2", "--json").json
    assert told["without_mail"] == {"nothing new": 3}


def test_of_several_zones(digest: Desk) -> None:
    digest.well("subscriber", "edit", READERS[1], "--zone", "America/New_York")
    digest.news(2)
    digest.clock.go_to(3, 12, 30)
    digest.well("edition", "publish", "p", "--slot", "2026-03-03T07:00")
    whole = digest.well("delivery", "report", "p/day/1", "--json").json
    assert sorted(whole["zones"]) == ["America/New_York", "UTC"]
    one = digest.well("delivery", "report", "p/day/1@America/New_York", "--json").json
    assert one["mails"] == 1
    assert whole["mails"] > 1


def test_nothing_to_report(digest: Desk) -> None:
    for name in ("p/extra/9", "99", "9" * 30):
        assert "there is no edition" in digest.refused("delivery", "report", name)
    assert "names no edition" in digest.refused("delivery", "report", "p")
    digest.well("publication", "add", "q", "--every", "day")
    digest.well("edition", "publish", "q")
    assert "No mails." in digest.well("delivery", "report", "q/extra/1").out


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits_the_terminal(digest: Desk, columns: int) -> None:
    lines = on_terminal(digest.home, columns, "delivery", "report", "p/extra/1")
    assert max(map(len, lines)) <= columns
    assert any(line.startswith("greylisted") or " greylisted" in line for line in lines)
