"""digest group, digest story, digest storyline"""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import app, resources
from digest.store import stories
from tests.unit.cli.running import Runner, fill, make_home

_STORY = {"id", "storyline", "title", "topics", "first", "last", "languages", "articles"}
_LINE = {"id", "title", "topics", "first", "last", "languages", "stories"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("stories"))


@pytest.fixture
def digest(filled: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(filled, capsys)


def test_group_says_what_it_did(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = Runner(make_home(tmp_path), capsys)
    assert digest.well("group").out == "Nothing new to group.\n"
    assert "digest group" in digest.well("story", "list").out
    assert "digest group" in digest.well("storyline", "list").out
    new = digest.well("ingest", str(resources.seeds()), "--json").json["new"]
    out = digest.well("group").out
    assert out.startswith(f"Grouped {new} articles into ")
    assert " new stories, " in out
    assert digest.well("group").out == "Nothing new to group.\n"
    assert digest.well("group", "--json").json == {
        "grouped": 0, "new_stories": 0, "new_storylines": 0, "merged_stories": 0, "merged_storylines": 0,
    }  # fmt: skip


def test_the_json_of_the_list_is_fixed(digest: Runner) -> None:
    rows = digest.well("story", "list", "--json").json
    articles = {row["key"]: row for row in digest.well("article", "list", "--json").json}
    assert all(set(row) == _STORY for row in rows)
    assert sorted(key for row in rows for key in row["articles"]) == sorted(articles)
    for row in rows:
        assert {articles[key]["story"] for key in row["articles"]} == {row["id"]}
        assert {articles[key]["storyline"] for key in row["articles"]} == {row["storyline"]}
        assert set(row["languages"]) == {articles[key]["language"] for key in row["articles"]}
        assert row["first"] <= row["last"]


def test_filters(digest: Runner) -> None:
    rows = digest.well("story", "list", "--json").json
    line = max({row["storyline"] for row in rows}, key=lambda i: sum(row["storyline"] == i for row in rows))
    assert digest.well("story", "list", "--storyline", str(line), "--json").json == [
        row for row in rows if row["storyline"] == line
    ]
    sport = digest.well("story", "list", "--topic", "sport", "--json").json
    assert 0 < len(sport) < len(rows)
    assert digest.well("story", "list", "--limit", "2", "--json").json == rows[:2]
    assert "did you mean 'sport'?" in digest.refused("story", "list", "--topic", "spurt")
    assert "there is no storyline" in digest.refused("story", "list", "--storyline", "9999")
    assert all(row["title"] in digest.well("story", "list").out for row in rows)


def test_show_a_story(digest: Runner) -> None:
    row = max(digest.well("story", "list", "--json").json, key=lambda row: len(row["articles"]))
    told = digest.well("story", "show", str(row["id"]), "--json").json
    assert {k: told[k] for k in _STORY - {"articles"}} == {k: row[k] for k in _STORY - {"articles"}}
    assert [entry["key"] for entry in told["articles"]] == row["articles"]
    assert all(entry["placed"] for entry in told["articles"])
    out = digest.well("story", "show", str(row["id"])).out
    for entry in told["articles"]:
        assert entry["title"] in out
        assert entry["placed"] in out
        assert entry["key"] in out
    assert "there is no story '9999'" in digest.refused("story", "show", "9999")
    assert digest("story", "show", "twelve").code == 2


def test_storylines(digest: Runner) -> None:
    lines = digest.well("storyline", "list", "--json").json
    assert all(set(line) == _LINE for line in lines)
    told = {row["id"]: row for row in digest.well("story", "list", "--json").json}
    assert sorted(i for line in lines for i in line["stories"]) == sorted(told)
    line = max(lines, key=lambda line: len(line["stories"]))
    shown = digest.well("storyline", "show", str(line["id"]), "--json").json
    assert [row["id"] for row in shown["stories"]] == line["stories"]
    assert [told[i] for i in line["stories"]] == shown["stories"]
    firsts = [row["first"] for row in shown["stories"]]
    assert firsts == sorted(firsts)
    assert (line["first"], line["last"]) == (firsts[0], max(row["last"] for row in shown["stories"]))
    out = digest.well("storyline", "show", str(line["id"])).out
    assert "The story so far" in out
    places = [out.rindex(row["title"]) for row in shown["stories"]]
    assert places == sorted(places), "in the order of time"
    assert digest.well("storyline", "list", "--limit", "1", "--json").json == lines[:1]
    assert "there is no storyline '9999'" in digest.refused("storyline", "show", "9999")


def test_a_merged_story_and_storyline_lead_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = Runner(fill(tmp_path), capsys)
    first, second, *_ = digest.well("storyline", "list", "--json").json
    loser, winner = first["stories"][0], second["stories"][0]
    services = app.services(digest.home, {})
    with services.database.write() as connection:
        stories.merge_story(connection, loser, winner)
        stories.merge_storyline(connection, first["id"], second["id"])
    services.database.close()
    assert digest.well("story", "show", str(loser), "--json").json["id"] == winner
    assert f"Story {loser} was merged into story {winner}." in digest.well("story", "show", str(loser)).out
    assert digest.well("storyline", "show", str(first["id"]), "--json").json["id"] == second["id"]
    assert f"merged into storyline {second['id']}" in digest.well("storyline", "show", str(first["id"])).out
    assert first["id"] not in {line["id"] for line in digest.well("storyline", "list", "--json").json}
    by_story = digest.well("article", "list", "--story", str(loser), "--json").json
    assert {row["story"] for row in by_story} == {winner}
