"""digest explain"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token
from tests.support.terminal import on_terminal

A = "a@example.org"
_MAIL = {
    "delivery", "kind", "edition", "state", "address", "message_id", "at", "sent", "tries", "relay", "reply", "reason",
    "next_attempt", "counts", "came_back",
}  # fmt: skip


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """One reader of two publications, and an edition of the one that was sent."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    for name in ("p", "q"):
        made.well("publication", "add", name, "--every", "day", "--zone", "Europe/Brussels")
        made.well("subscriber", "add", "--basis", "form", A, "--publication", name)
    made.news(1, topic="sport")
    made.well("edition", "publish", "p")
    made.well("deliver")
    return made


def test_a_reader(digest: Desk) -> None:
    out = digest.well("explain", "A@Example.org").out
    (mail,) = digest.mails()
    assert out.startswith("a@example.org\n")
    assert "\n\np\n  every day, in en, all topics; times are those of Europe/Brussels\n" in out
    assert f"\n  p/extra/1  Mon 2 Mar 2026, 06:00\n    Sent on Mon 2 Mar 2026, 06:00 to {A} with the" in out
    assert mail["Message-ID"] in out
    q = out.partition("\n\nq\n")[2]
    assert "The next edition is due on Mon 2 Mar 2026, 07:00; 1 story waits for it." in q
    assert "No edition was made since then" in q
    assert "\n\nq\n" not in digest.well("explain", A, "--publication", "p").out


def test_a_reader_for_scripts(digest: Desk) -> None:
    told = digest.well("explain", A, "--json").json
    assert set(told) == {"subscriber", "address", "address_reason", "subscriptions", "other_mails"}
    first = told["subscriptions"][0]
    assert set(first) == {
        "publication", "state", "since", "reason", "history", "address_history", "next_due", "waiting", "next",
        "editions",
    }  # fmt: skip
    (edition,) = first["editions"]
    assert set(edition) == {"edition", "zone", "slot", "sentence", "skipped", "mail"}
    assert set(edition["mail"]) == _MAIL
    assert edition["mail"]["state"] == "sent"
    assert edition["sentence"].startswith("Sent on Mon 2 Mar 2026, 06:00")


def test_an_article_by_its_id_key_address_or_title(digest: Desk) -> None:
    whole = digest.well("explain", A, "1").out
    (found,) = digest.well("article", "list", "--json").json
    words = found["title"].split()
    for name in (found["key"], words[0].lower(), f"{words[0]} {words[1]}"):
        assert digest.well("explain", A, name).out == whole
    assert (
        f"{A}, p\n  times are those of Europe/Brussels\n  The article stood in p/extra/1 as entry 1 of 1 under “Sport”"
        in whole
    )
    assert "comes with the next edition, on Mon 2 Mar 2026, 07:00 under “Sport”." in whole
    assert "topics" in whole


def test_an_article_by_its_web_address(digest: Desk) -> None:
    line = desk.article(5, digest.clock()) | {"url": "https://paper.example/a?utm_source=x"}
    digest.typed(json.dumps(line))
    digest.well("ingest", "-")
    digest.well("group")
    assert token(5) in digest.well("explain", A, "https://paper.example/a?utm_source=other").out


def test_an_article_for_scripts(digest: Desk) -> None:
    told = digest.well("explain", A, "1", "--json").json
    assert set(told) == {"subscriber", "article", "subscriptions"}
    (revision,) = told["subscriptions"][0]["revisions"]
    assert set(revision) == {
        "revision", "number", "arrived", "fate", "sentence", "before", "mail", "told_by", "entry", "entries",
        "section", "reason",
    }  # fmt: skip
    assert (revision["fate"], revision["entry"], revision["section"]) == ("told", 1, "sport")
    assert set(revision["mail"]) == _MAIL
    assert told["subscriptions"][1]["revisions"][0]["fate"] == "owed"


def test_a_removed_article(digest: Desk) -> None:
    digest.well("article", "remove", "1", "--reason", "asked", "--yes")
    out = digest.well("explain", A, "1").out
    assert out.startswith("(its text was removed)\n")
    assert "The article was removed on Mon 2 Mar 2026, 06:00 (asked). p/extra/1 had told of its story" in out


def test_who_and_what_is_not_there(digest: Desk) -> None:
    assert "there is no subscriber 'b@example.org'" in digest.refused("explain", "b@example.org")
    assert "is not an e-mail address" in digest.refused("explain", "b")
    for name in ("nothing like it", "9" * 30, "zz", "%%", "https://nowhere.example/x"):
        assert "there is no article" in digest.refused("explain", A, name)
    assert "there is no publication 'r'" in digest.refused("explain", A, "--publication", "r")
    digest.well("publication", "add", "r", "--every", "day")
    assert "does not subscribe to r" in digest.refused("explain", A, "--publication", "r")


def test_several_articles_fit(digest: Desk) -> None:
    digest.news(2, 3)
    error = digest.refused("explain", A, "Tk")
    assert error.startswith("'Tk' fits 3 articles (say which: a")


def test_somebody_whose_publication_is_gone(digest: Desk) -> None:
    digest.well("publication", "remove", "p")
    out = digest.well("explain", A, "1").out
    assert "The article stood in p#removed-1/extra/1" in out
    assert "No edition comes: " in digest.well("explain", A).out


@pytest.mark.parametrize("columns", [40, 80])
def test_it_fits_the_terminal(digest: Desk, columns: int) -> None:
    for arguments in (("explain", A), ("explain", A, "1")):
        lines = on_terminal(digest.home, columns, *arguments)
        title = lines.pop(0)
        assert title
        assert max(map(len, lines)) <= columns
