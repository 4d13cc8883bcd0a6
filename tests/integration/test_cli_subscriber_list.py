"""digest subscriber list and tag: who is found by what."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk

PEOPLE = """email,name,publication,language,zone,cadence,state,tags
jose@example.org,José García,p,es,Europe/Madrid,day,active,vip;book club
ANNA@example.com,Anna Straße,p,de,Europe/Berlin,week,paused,vip
bo@example.org,Bo,q,en,UTC,day,active,
bo@example.org,Bo,p,en,UTC,day,unsubscribed,
"""


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    for name in ("p", "q"):
        made.well("publication", "add", name, "--every", "day", "--every", "week")
    made.typed(PEOPLE)
    made.well("subscriber", "import", "-", "--basis", "asked for it")
    made.typed("email,address,reason\ngone@example.org,suppressed,bounced\n")
    made.well("subscriber", "import", "-", "--publication", "p")
    return made


JOSE, ANNA, BO, BO_LEFT, GONE = ("jose", "p"), ("ANNA", "p"), ("bo", "q"), ("bo", "p"), ("gone", "p")


@pytest.mark.parametrize(
    ("options", "found"),
    [
        ((), [JOSE, ANNA, BO, BO_LEFT, GONE]),
        (("--state", "active"), [JOSE, BO]),
        (("--publication", "q"), [BO]),
        (("--tag", "VIP"), [JOSE, ANNA]),
        (("--tag", "vip", "--tag", "book club"), [JOSE]),
        (("--lang", "de"), [ANNA]),
        (("--cadence", "week"), [ANNA]),
        (("--zone", "UTC", "--state", "unsubscribed"), [BO_LEFT, GONE]),
        (("--address", "suppressed"), [GONE]),
        (("--address", "erased"), []),
        (("--since", "2026-03-03"), []),
        (("--since", "2026-03-02"), [JOSE, ANNA, BO, BO_LEFT, GONE]),
        (("--search", "garcia"), [JOSE]),
        (("--search", "GARCÍA"), [JOSE]),
        (("--search", "STRASSE"), [ANNA]),
        (("--search", "anna@"), [ANNA]),
        (("--search", "example.org", "--state", "active"), [JOSE, BO]),
        (("--search", "example.org", "--limit", "2"), [JOSE, BO]),
        (("--limit", "1"), [JOSE]),
        (("--search", "o\nB"), []),
    ],
)
def test_who_is_found(digest: Desk, options: tuple[str, ...], found: list[tuple[str, str]]) -> None:
    listed = digest.well("subscriber", "list", *options, "--json").json
    assert [(s["email"].partition("@")[0], s["publication"]) for s in listed] == found
    if "--limit" not in options:
        assert digest.well("subscriber", "list", *options, "--count").out == f"{len(found)}\n"
        assert digest.well("subscriber", "list", *options, "--count", "--json").json == {"count": len(found)}


def test_export_takes_the_same(digest: Desk) -> None:
    lines = digest.well("subscriber", "export", "--tag", "vip", "--state", "active", "--json").out.splitlines()
    assert len(lines) == 1
    assert "jose@example.org" in lines[0]
    assert len(digest.well("subscriber", "export", "--publication", "q").out.splitlines()) == 2


def test_who_comes_back_has_signed_up_since(digest: Desk) -> None:
    digest.clock.go(days=10)
    digest.well("subscriber", "add", "bo@example.org", "--publication", "p", "--again", "wrote", "--basis", "wrote")
    (found,) = digest.well("subscriber", "list", "--since", "2026-03-10", "--json").json
    assert (found["email"], found["publication"]) == ("bo@example.org", "p")


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--since", "soon"), "--since 'soon' is no date"),
        (("--publication", "x"), "there is no publication 'x'"),
        (("--tag", ";"), "';' is no tag"),
        (("--lang", "qqq"), "'qqq' is not a language code"),
        (("--address", "bad"), "'bad' is not one of"),
    ],
)
def test_what_cannot_be_looked_for_is_said(digest: Desk, options: tuple[str, ...], words: str) -> None:
    assert words in digest.refused("subscriber", "list", *options)


def test_tags_are_given_and_taken(digest: Desk) -> None:
    bo = "bo@example.org"
    assert digest.well("subscriber", "tag", "add", bo, "Zed", "ÉTÉ", "zed").out == f"{bo}: zed, été\n"
    assert digest.well("subscriber", "tag", "add", bo, "zed").out == f"{bo}: zed, été\n"
    assert digest.well("subscriber", "show", bo, "--json").json["tags"] == ["zed", "été"]
    assert digest.well("subscriber", "tag", "list", "--json").json == [
        {"tag": "book club", "people": 1},
        {"tag": "vip", "people": 2},
        {"tag": "zed", "people": 1},
        {"tag": "été", "people": 1},
    ]
    assert digest.well("subscriber", "tag", "remove", bo, "ZED").out == f"{bo}: été\n"
    assert "has no tag 'zed' (has: été)" in digest.refused("subscriber", "tag", "remove", bo, "zed")
    assert "is too long" in digest.refused("subscriber", "tag", "add", bo, "x" * 61)
    assert "there is no subscriber" in digest.refused("subscriber", "tag", "add", "x@example.org", "vip")
    assert "tags" in digest.well("subscriber", "list").out
