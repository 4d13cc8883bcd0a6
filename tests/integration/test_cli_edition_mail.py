"""digest edition show --as"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

A, B = "a@example.org", "b@example.org"
SHOW = ("edition", "show", "p/extra/1", "--as")


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """One edition that was sent to one reader."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--zone", "Europe/Brussels")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p", "--name", "Ann")
    made.news(1)
    made.well("edition", "publish", "p")
    made.well("deliver")
    return made


def test_what_a_reader_was_sent_is_shown_as_it_was(digest: Desk) -> None:
    (mail,) = digest.mails(A)
    digest.well("publication", "edit", "p", "--title", "Quite another")
    said = digest.well(*SHOW, A).out
    assert said.startswith(f"p/extra/1 of Mon 2026-03-02 06:00 (Europe/Brussels), for {A}\n")
    assert f"Sent on Mon 2 Mar 2026, 06:00 to {A} with the Message-ID {mail['Message-ID']}" in said
    assert "unsigned" in said
    assert said.partition("Subject: ")[2] == f"{mail['Subject']}\n\n{desk.text_of(mail)}"
    assert "Quite another" not in said


def test_its_files_are_the_bytes_that_left(digest: Desk, tmp_path: Path) -> None:
    digest.clock.go(days=3)
    out = tmp_path / "out"
    said = digest.well(*SHOW, A, "--out", str(out)).out
    assert said == f"Wrote message.eml, body.html and body.txt to {out}.\n"
    (file,) = (digest.home / "maildir").glob(f"{A}/new/*")
    kept = file.read_bytes().replace(b"\r\n", b"\n")
    assert kept == (out / "message.eml").read_bytes().replace(b"\r\n", b"\n")
    assert token(1) in (out / "body.html").read_text(encoding="utf-8")
    assert token(1) in (out / "body.txt").read_text(encoding="utf-8")


def test_scripts_get_it_all(digest: Desk, tmp_path: Path) -> None:
    (mail,) = digest.mails(A)
    told = digest.well(*SHOW, A, "--json", "--out", str(tmp_path / "out")).json
    assert (tmp_path / "out" / "message.eml").exists()
    assert told["delivery"]["state"] == "sent"
    assert told["delivery"]["address"] == told["subscriber"] == A
    assert (told["subject"], told["language"], told["withdrawn"]) == (mail["Subject"], "en", False)
    assert told["text"] == desk.text_of(mail).replace("\r\n", "\n")
    assert token(1) in told["html"]


def test_one_that_waits_is_shown_with_its_state(digest: Desk) -> None:
    digest.news(2)
    digest.well("edition", "publish", "p")
    said = digest.well("edition", "show", "p/extra/2", "--as", A).out
    assert "and waits to be sent." in said
    assert token(2) in said
    digest.well("delivery", "cancel", "p/extra/2")
    said = digest.well("edition", "show", "p/extra/2", "--as", A).out
    assert "  Cancelled on Mon 2 Mar 2026" in said
    assert token(2) in said, "what it was to say is on record"


def test_a_reader_who_got_none_is_told_why(digest: Desk) -> None:
    digest.well("edition", "publish", "p")
    said = digest.well("edition", "show", "p/extra/2", "--as", A).out.splitlines()
    assert said[1:] == ["  No mail: there was nothing new for this reader."]
    digest.clock.go(hours=1)
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p")
    said = digest.well(*SHOW, B).out.splitlines()
    assert said[1].startswith("  No mail: the subscription began later, on Mon 2 Mar 2026")
    told = digest.well(*SHOW, B, "--json").json
    assert (told["delivery"], told["subject"], told["text"], told["html"]) == (None, None, None, None)
    assert told["said"].startswith("No mail: the subscription began later")


def test_a_mail_that_told_of_a_removed_article_is_not_shown_any_more(digest: Desk, tmp_path: Path) -> None:
    digest.clock.go(days=2)
    digest.well("article", "remove", "1", "--reason", "a court order", "--yes")
    said = digest.well(*SHOW, A, "--out", str(tmp_path / "out")).out
    assert "It cannot be shown: an article in it was removed on 2026-03-04." in said
    assert token(1) not in said
    assert not (tmp_path / "out").exists()
    told = digest.well(*SHOW, A, "--json").json
    assert (told["withdrawn"], told["text"], told["subject"]) == (True, None, None)
    assert told["delivery"]["state"] == "sent"


def test_who_or_what_there_is_not_is_one_line(digest: Desk) -> None:
    assert "there is no subscriber" in digest.refused(*SHOW, B)
    assert "is not an e-mail address" in digest.refused(*SHOW, "ann")
    assert "there is no edition" in digest.refused("edition", "show", "p/extra/9", "--as", A)
    assert "name the reader: --as EMAIL" in digest.refused("edition", "show", "p/extra/1", "--open")
    assert "name the reader: --as EMAIL" in digest.refused("edition", "show", "p/extra/1", "--out", "x")
    digest.well("publication", "add", "q", "--every", "day")
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "q")
    assert f"{B} never subscribed to p" in digest.refused(*SHOW, B)


def test_of_an_edition_in_several_zones_the_readers_own_is_meant(digest: Desk) -> None:
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p", "--zone", "Asia/Tokyo")
    digest.clock.go(hours=2)
    digest.news(3)
    digest.well("edition", "publish", "p", "--slot", "2026-03-02T07:00")
    assert "say which" in digest.refused("edition", "show", "p/day/1")
    assert "(Europe/Brussels)" in digest.well("edition", "show", "p/day/1", "--as", A).out.splitlines()[0]
    assert "(Asia/Tokyo)" in digest.well("edition", "show", "p/day/1", "--as", B).out.splitlines()[0]
