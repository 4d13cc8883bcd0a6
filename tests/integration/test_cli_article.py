"""digest article"""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from digest.cli import article as command
from tests.support.county import FOOTER, stories
from tests.unit.cli.running import Runner, fill, make_home

_FIELDS = {"key", "id", "title", "language", "date", "precision", "source", "story", "storyline", "topics"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("articles"))


@pytest.fixture
def digest(filled: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(filled, capsys)


@pytest.fixture
def fresh(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(make_home(tmp_path / "home"), capsys)


def test_the_json_of_the_list_is_fixed(digest: Runner) -> None:
    rows = digest.well("article", "list", "--json").json
    assert len(rows) >= 24
    assert all(set(row) == _FIELDS for row in rows)
    for row in rows:
        assert row["id"] == row["key"], "nothing gave these an id of its own"
        assert row["precision"] in {"year", "month", "day", "minute"}
        assert isinstance(row["story"], int)
        assert isinstance(row["storyline"], int)
        assert isinstance(row["topics"], list)
    starts = [(row["date"] + "-01-01")[:10] for row in rows]
    assert starts == sorted(starts, reverse=True)


def test_an_id_given_at_ingest_is_the_id(fresh: Runner, tmp_path: Path) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(
        '{"id": "wire-7", "date": "2025", "text": "The bridge opened to cyclists on Monday.", "lang": "en"}\n'
    )
    fresh.well("ingest", str(file))
    (row,) = fresh.well("article", "list", "--json").json
    assert (row["id"], row["date"], row["precision"]) == ("wire-7", "2025", "year")
    assert (row["story"], row["storyline"], row["topics"]) == (None, None, [])
    assert row["key"] != "wire-7"
    for name in ("wire-7", row["key"]):
        assert fresh.well("article", "show", name, "--json").json["key"] == row["key"]


def test_filters(digest: Runner) -> None:
    rows = digest.well("article", "list", "--json").json
    german = digest.well("article", "list", "--lang", "de", "--json").json
    assert german == [row for row in rows if row["language"] == "de"]
    assert german
    story = german[0]["story"]
    assert digest.well("article", "list", "--story", str(story), "--json").json == [
        r for r in rows if r["story"] == story
    ]
    assert digest.well("article", "list", "--source", "manual", "--limit", "3", "--json").json == rows[:3]
    assert digest.well("article", "list", "--lang", "xx", "--json").json == []
    assert digest.well("article", "list", "--lang", "xx").out == "No such articles.\n"
    assert "there is no source" in digest.refused("article", "list", "--source", "nope")
    assert "there is no story" in digest.refused("article", "list", "--story", "9999")
    assert digest("article", "list", "--limit", "0").code == 2


def test_off_a_terminal_everything_is_listed_and_on_one_a_screenful(
    digest: Runner, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = digest.well("article", "list", "--json").json
    everything = digest.well("article", "list").out
    assert all(row["key"] in everything for row in rows)
    monkeypatch.setattr(command, "on_screen", lambda: True)
    monkeypatch.setattr(command, "SCREEN", 5)
    some = digest.well("article", "list").out
    assert sum(row["key"] in some for row in rows) == 5
    assert "--limit N shows more" in some
    assert len(digest.well("article", "list", "--json").json) == len(rows)
    assert sum(row["key"] in digest.well("article", "list", "--limit", "7").out for row in rows) == 7


@pytest.mark.parametrize(
    ("date", "shown"),
    [
        ("2025", "2025"),
        ("2025-05", "May 2025"),
        ("2025-05-24", "24 May 2025"),
        ("2025-05-24T17:00:00+02:00", "24 May 2025, 15:00 UTC"),
    ],
)
def test_show_tells_the_date_as_precisely_as_it_is_known(fresh: Runner, tmp_path: Path, date: str, shown: str) -> None:
    file = tmp_path / "a.jsonl"
    file.write_text(json.dumps({"id": "a", "date": date, "text": "De brug is maandag weer open voor fietsers."}))
    fresh.well("ingest", str(file))
    out = fresh.well("article", "show", "a").out
    assert re.findall(r"^ +date +(.*)$", out, re.MULTILINE) == [shown]


def test_show_tells_what_is_known(digest: Runner) -> None:
    row = next(r for r in digest.well("article", "list", "--json").json if r["language"] == "de" and r["topics"])
    out = digest.well("article", "show", row["key"]).out
    assert row["title"] in out
    assert "German (de)" in out
    assert f"{row['story']}: " in out
    assert f"{row['topics'][0]} " in out
    told = digest.well("article", "show", row["key"], "--json").json
    assert set(told) > _FIELDS
    assert {name: told[name] for name in _FIELDS} == row
    assert [score["topic"] for score in told["topic_scores"]] == row["topics"]
    assert all(paragraph in out for paragraph in told["paragraphs"]), "off a terminal nothing is folded"


def test_show_names_other_articles_by_their_keys(digest: Runner) -> None:
    rows = digest.well("article", "list", "--json").json
    keys = {row["key"] for row in rows}
    placed = [digest.well("article", "show", key, "--json").json["placed"] for key in keys]
    named = {word for text in placed for word in re.findall(r"article (\w+)", text)}
    assert named
    assert named <= keys


def test_show_cut(fresh: Runner, tmp_path: Path) -> None:
    text = (
        "Die Brücke ist seit Montag für Radfahrer offen, wie die Stadt mitteilte.\n\n"
        "Jetzt kostenlos testen!\n\n"
        "Sie war zwei Jahre gesperrt und wurde in dieser Zeit vollständig erneuert."
    )
    (tmp_path / "b.txt").write_text(f"date 2025-05-24 {text}")
    fresh.well("ingest", str(tmp_path / "b.txt"))
    key = fresh.well("article", "list", "--json").json[0]["key"]
    assert "kostenlos" not in fresh.well("article", "show", key).out
    out = fresh.well("article", "show", key, "--cut").out
    assert "promotion" in out
    assert "Jetzt kostenlos testen!" in out
    assert fresh.well("article", "show", key, "--json").json["cut"] == [
        {"reason": "promotion", "text": "Jetzt kostenlos testen!"}
    ]


def test_what_a_source_repeats_is_cut_and_shown_with_how_often(fresh: Runner, tmp_path: Path) -> None:
    found = stories(FOOTER, tail=" | Our County")
    lines = [
        json.dumps({"id": raw.identity, "title": raw.title, "text": raw.text, "date": "2025", "lang": "en"})
        for raw in found
    ]
    (tmp_path / "county.jsonl").write_text("\n".join(lines))
    fresh.well("ingest", str(tmp_path / "county.jsonl"), "--source", "county")
    out = fresh.well("article", "show", "id:0", "--cut").out
    shown = out[out.index("Cut from title and text") :].splitlines()
    assert shown == [
        "Cut from title and text: 2 pieces",
        "  repeated in this source (5 times)",
        "    | Our County",
        f"    {FOOTER}",
    ]
    told = fresh.well("source", "show", "county", "--json").json["repeated"]
    assert sorted(told, key=lambda line: line["text"]) == [
        {"text": FOOTER, "articles": 6},
        {"text": "Our County", "articles": 6},
    ]
    out = fresh.well("source", "show", "county").out
    assert "Cut from its articles: 2 lines that it repeats" in out
    assert FOOTER in out


def test_show_cut_of_an_article_that_lost_nothing(fresh: Runner, tmp_path: Path) -> None:
    (tmp_path / "b.txt").write_text("date 2025-05-24 The bridge over the river is open to cyclists since Monday.")
    fresh.well("ingest", str(tmp_path / "b.txt"))
    key = fresh.well("article", "list", "--json").json[0]["key"]
    assert fresh.well("article", "show", key, "--cut").out.endswith("Cut from title and text: nothing\n")


def test_show_of_nothing(digest: Runner) -> None:
    assert "there is no article 'nope'" in digest.refused("article", "show", "nope")


def test_an_empty_home_says_what_to_do(fresh: Runner) -> None:
    assert "digest ingest" in fresh.well("article", "list").out
    assert fresh.well("article", "list", "--json").json == []


def test_without_a_home_it_is_one_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert "there is no digest home here" in Runner(tmp_path / "none", capsys).refused("article", "list")
