"""digest run, and digest demo"""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import app
from digest.cli.main import run
from digest.deliver.relay import Relay
from digest.deliver.testing import FakeTransport
from digest.resources import templates
from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import REFUSED, token

A, B = "a@example.org", "b@example.org"
_TEXT = "De oude brug over de Schie gaat maandag open voor fietsers, na twee jaar werk."


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Monday, 05:00 UTC; the publication's slot is at seven in Brussels, an hour from now."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--at", "07:00", "--zone", "Europe/Brussels")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p")
    return made


@pytest.fixture
def folder(digest: Desk, tmp_path: Path) -> Path:
    made = tmp_path / "wire"
    made.mkdir()
    (made / "1.txt").write_text(f"date 2026-03-01 {_TEXT}")
    digest.well("source", "add", str(made))
    return made


def test_nothing_is_due(digest: Desk) -> None:
    assert digest.well("run").out == "Nothing was due.\n"
    told = digest.well("run", "--json").json
    assert told == {
        "fetched": 0, "new": 0, "grouped": 0, "bounces": {}, "editions": [], "planned": 0, "sent": 0, "deferred": 0,
        "failed": 0, "uncertain": 0, "held": 0, "suppressed": 0, "released": 0, "reasons": {}, "failed_stages": {},
        "lapsed": [], "waiting": [], "deleted": {}, "resumed": 0, "expired": 0, "commands": {},
    }  # fmt: skip


def test_one_pass_does_all_that_is_due_and_the_next_one_nothing(digest: Desk, folder: Path) -> None:
    grouped = "Grouped 1 article into 1 new story, 1 new storyline.\n"
    assert digest.well("run").out == f"Fetched 1 source. 1 article: 1 new.\n{grouped}"
    assert digest.well("run").out == "Nothing was due.\n"
    digest.clock.go(hours=1, minutes=1)
    told = digest.well("run", "--json").json
    assert (told["editions"], told["planned"], told["sent"]) == (["p/day/1"], 1, 1)
    (mail,) = digest.mails(A)
    assert "De oude brug" in desk.text_of(mail)
    digest.well("run")
    assert len(digest.mails()) == 1
    (edition,) = digest.well("edition", "list", "--json").json
    assert (edition["slot"], edition["lateness"]) == ("2026-03-02T07:00", "")


def test_what_a_pass_did_is_told_a_line_each(digest: Desk, folder: Path) -> None:
    digest.clock.go(hours=1, minutes=1)
    assert digest.well("run").out.splitlines() == [
        "Fetched 1 source. 1 article: 1 new.",
        "Grouped 1 article into 1 new story, 1 new storyline.",
        "p/day/1: 1 mail planned (1 variant).",
        "Mails: 1 sent.",
    ]


def test_each_reader_gets_it_at_the_local_time(digest: Desk) -> None:
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p", "--zone", "America/New_York")
    digest.news(1)
    digest.clock.go_to(2, 6, 1)
    digest.well("run")
    assert digest.states() == [(A, "sent")]
    digest.clock.go_to(2, 12, 1)
    digest.well("run")
    assert digest.states() == [(A, "sent"), (B, "sent")]


def test_a_slot_that_was_missed_is_sent_late(digest: Desk) -> None:
    digest.news(1)
    digest.clock.go_to(3, 10)
    assert "p/day/1: 1 mail planned" in digest.well("run").out
    (edition,) = digest.well("edition", "list", "--json").json
    assert (edition["slot"], edition["lateness"]) == ("2026-03-03T07:00", "late")
    assert token(1) in desk.text_of(digest.mails(A)[0])


def test_a_slot_that_goes_into_the_next_one_is_told(digest: Desk) -> None:
    digest.well("publication", "edit", "p", "--late", "merge")
    digest.news(1)
    digest.clock.go_to(2, 10)
    assert digest.well("run").out == "p (day, Europe/Brussels): missed a slot; its news goes into the next edition.\n"
    digest.clock.go_to(3, 6)
    digest.well("run")
    assert token(1) in desk.text_of(digest.mails(A)[0])


def test_a_source_that_fails_is_named_and_the_rest_goes_through(digest: Desk, folder: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    digest.well("source", "add", str(gone))
    gone.rmdir()
    digest.monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    # Nobody listens on port 1.
    digest.well("source", "add", "--kind", "feed", "http://127.0.0.1:1/feed.xml", "--name", "dead")
    digest.clock.go(hours=1, minutes=1)
    said = digest("run")
    assert said.code == 1
    assert sorted(line.partition(": ")[2].split(":")[0] for line in said.err.splitlines()) == [
        "source dead", "source gone",
    ]  # fmt: skip
    assert "Mails: 1 sent." in said.out
    assert len(digest.mails(A)) == 1


def test_a_pass_in_which_all_failed_does_not_say_that_nothing_was_due(digest: Desk) -> None:
    digest.monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    digest.well("source", "add", "--kind", "feed", "http://127.0.0.1:1/feed.xml")
    said = digest("run")
    assert (said.code, said.out) == (1, "")
    assert said.err.startswith("digest: source 127.0.0.1: ")


def test_a_broken_article_is_named_and_the_rest_goes_through(digest: Desk, folder: Path) -> None:
    (folder / "2.txt").write_text("no date")
    digest.clock.go(hours=1, minutes=1)
    said = digest("run")
    assert said.code == 1
    assert f"{folder}/2.txt:1: has no date" in said.err
    assert len(digest.mails(A)) == 1


def test_a_mail_that_failed_is_part_of_the_outcome(digest: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    transport = FakeTransport()
    transport.on_begin = lambda to: REFUSED if to == A else None
    monkeypatch.setattr(app, "relays", lambda _home: [Relay("fake", transport, 2)])
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p")
    digest.news(1)
    digest.clock.go(hours=1, minutes=1)
    said = digest("run")
    assert said.code == 1
    assert "Mails: 1 sent, 1 failed." in said.out
    assert [to for to, _ in transport.wire] == [B]


def test_a_stage_that_fails_does_not_stop_the_next(digest: Desk) -> None:
    digest.news(1)
    digest.well("edition", "publish", "p")
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "body.html").write_text("{% broken %}")
    digest.well("publication", "add", "q", "--every", "day", "--zone", "Europe/Brussels")
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "q")
    digest.clock.go(hours=1, minutes=1)
    said = digest("run", "--json")
    assert said.code == 1
    assert set(said.json["failed_stages"]) == {"edition p/day/1", "edition q/day/1"}
    assert said.json["sent"] == 1, "what was planned before is delivered all the same"
    assert len(digest.mails(A)) == 1


def test_a_publication_that_cannot_be_made_does_not_hold_up_the_others(digest: Desk) -> None:
    digest.news(1)
    own = digest.home / "templates" / "edition" / "mine"
    own.mkdir(parents=True)
    shipped = templates() / "edition" / "paper"
    for name in ("subject.txt", "body.txt"):
        (own / name).write_text((shipped / name).read_text(encoding="utf-8"), encoding="utf-8")
    (own / "body.html").write_text("{% broken %}")
    digest.well("publication", "add", "abad", "--every", "day", "--zone", "Europe/Brussels", "--look", "mine")
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "abad")
    digest.clock.go(hours=1, minutes=1)
    said = digest("run")
    assert said.code == 1
    (line,) = [line for line in said.err.splitlines() if "abad" in line]
    assert line.startswith("digest: edition abad/day/1: ")
    assert "body.html:1" in line
    assert len(digest.mails(A)) == 1, "p, which is in order, was mailed"
    assert digest.mails(B) == []


def test_the_demo_refuses_a_folder_that_is_in_use(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    assert run(["demo", "--into", str(tmp_path)]) == 2
    assert capsys.readouterr().err == f"digest: {tmp_path}: this folder is not empty (name a new one)\n"
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


def test_the_demo_is_not_led_astray_by_the_environment(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("DIGEST_HOME", str(tmp_path / "mine"))
    monkeypatch.setenv("DIGEST_MAIL_TRANSPORT", "smtp")
    assert run(["demo", "--into", str(tmp_path / "demo")]) == 0
    out, err = capsys.readouterr()
    assert err == ""
    mails = sorted((tmp_path / "demo" / "maildir").glob("*/new/*"))
    assert len(mails) == 3
    assert all(str(mail) in out for mail in mails)
    assert not (tmp_path / "mine").exists()
