"""digest db prune and db vacuum"""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from digest import app
from digest.store.leader import lead
from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

READER, LATER = "ann@example.com", "bob@example.com"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """One mail of a year and a day ago, and one of today."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day")
    made.well("subscriber", "add", "--basis", "form", READER, "--publication", "p")
    for number in (1, 2):
        made.news(number)
        made.well("edition", "publish", "p")
        made.well("deliver")
        if number == 1:
            made.clock.go(days=366)
    return made


def rows(said: str) -> dict[str, str]:
    """What is said of each kind: how long it is kept, and how many rows."""
    return {m[1]: f"{m[2]}: {m[3]}" for m in re.finditer(r"^(\S.*?) {2,}(.*?) {2,}([\d,]+)  ", said, re.MULTILINE)}


def test_what_would_go_is_said_and_stays(digest: Desk) -> None:
    told = digest.well("db", "prune", "--dry-run").out
    assert "would go" in told
    assert rows(told)["records of mails"] == "365 days: 1"
    assert rows(told)["articles"] == "3,650 days: 0"
    assert len(digest.states()) == 2


def test_what_went_is_said_and_gone(digest: Desk) -> None:
    told = digest.well("db", "prune").out
    assert rows(told)["records of mails"] == "365 days: 1"
    assert digest.states() == [(READER, "sent")]
    assert rows(digest.well("db", "prune").out)["records of mails"] == "365 days: 0"


def test_json(digest: Desk) -> None:
    told = digest.well("db", "prune", "--json").json
    assert told["dry_run"] is False
    assert told["kinds"]["deliveries"]["days"] == 365
    assert told["kinds"]["deliveries"]["rows"] == 1
    assert told["kinds"]["deliveries"]["bytes"] > 500
    assert set(told["kinds"]) == {
        "deliveries", "editions", "articles", "traces", "bounces", "consents", "origins", "answers", "weblog",
    }  # fmt: skip


def test_a_pass_says_it_in_a_line(digest: Desk) -> None:
    assert "Deleted what is older than it is kept: records of mails (1).\n" in digest.well("run").out
    assert "Deleted" not in digest.well("run").out


def test_two_are_not_at_it_at_once(digest: Desk) -> None:
    database = app.services(digest.home, {}).database
    with lead(database, digest.home, "prune", digest.clock()):
        said = digest("db", "prune")
        assert said.code != 0
        assert "another digest process" in said.err
        assert not digest.well("run", "--json").json["deleted"]
    database.close()


def test_the_edition_and_the_reader_are_explained(digest: Desk) -> None:
    digest.well("db", "prune")
    assert "1 sent" in digest.well("edition", "list").out
    shown = " ".join(digest.well("edition", "show", "p/extra/1", "--as", READER).out.split())
    assert "ent on Mon 2 Mar 2026, 05:00; the record of it was deleted on 3 Mar 2027, after 366 days." in shown
    assert "It cannot be shown." in shown
    assert token(1) not in shown


def test_it_is_said_where_nothing_is_left_of_a_readers_part(digest: Desk) -> None:
    digest.well("subscriber", "add", "--basis", "form", LATER, "--publication", "p")
    digest.well("db", "prune")
    shown = " ".join(digest.well("edition", "show", "p/extra/1", "--as", LATER).out.split())
    assert "Whether there was a mail is not known any more: the record of it was deleted on 3 Mar 2027" in shown


def test_vacuum_gives_the_space_back(digest: Desk) -> None:
    file = digest.home / "digest.db"
    digest.news(*range(10, 200))
    digest.well("article", "remove", *(str(n) for n in range(10, 200)), "--reason", "a trial", "--yes")
    before = file.stat().st_size
    assert "digest.db had " in digest.well("db", "vacuum").out
    assert file.stat().st_size < before
    assert digest.well("db", "check").out.endswith("is sound.\n")
