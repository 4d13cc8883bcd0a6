"""digest group, digest story, digest storyline"""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import app, resources
from digest.store import stories
from tests.support.terminal import on_terminal
from tests.unit.cli.running import Runner, fill, make_home

_STORY = {"id", "storyline", "title", "topics", "first", "last", "languages", "articles"}
_ACCOUNT = {"developments", "publishers", "voices", "corrections"}
_LINE = {"id", "title", "topics", "first", "last", "languages", "stories"}


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return fill(tmp_path_factory.mktemp("stories"))


@pytest.fixture
def digest(filled: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(filled, capsys)


def test_a_language_that_is_none_is_refused(digest: Runner) -> None:
    assert "'klingon' is not a language code" in digest.refused("storyline", "show", "1", "--lang", "klingon")
    assert (
        digest.well("storyline", "show", "1", "--lang", "NL-be").out
        == digest.well("storyline", "show", "1", "--lang", "nl").out
    )


def test_nobody_known_is_not_counted_as_a_publisher(digest: Runner) -> None:
    for kind in ("story", "storyline"):
        assert "voices" not in digest.well(kind, "show", "1").out


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
        "split_stories": 0, "failed": 0,
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
    assert set(shown) == _LINE | _ACCOUNT | {"timeline", "named"}
    assert [step["story"] for step in shown["timeline"]] == line["stories"]
    assert all(step["quote"] and step["article"] for step in shown["timeline"])
    firsts = [row["first"] for row in shown["stories"]]
    assert firsts == sorted(firsts)
    assert (line["first"], line["last"]) == (firsts[0], max(row["last"] for row in shown["stories"]))
    out = digest.well("storyline", "show", str(line["id"])).out
    assert "The story so far" in out
    places = [out.rindex(f"story {row['id']} · ") for row in shown["stories"]]
    assert places == sorted(places), "in the order of time"
    assert all(step["quote"] in out for step in shown["timeline"])
    assert digest.well("storyline", "list", "--limit", "1", "--json").json == lines[:1]
    assert "there is no storyline '9999'" in digest.refused("storyline", "show", "9999")


def test_a_merged_story_and_storyline_lead_on(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = Runner(fill(tmp_path), capsys)
    first, second, *_ = digest.well("storyline", "list", "--json").json
    loser, winner = first["stories"][0], second["stories"][0]
    services = app.services(digest.home, {})
    with services.database.write() as connection:
        stories.merge_story(connection, loser, winner, "")
        stories.merge_storyline(connection, first["id"], second["id"])
    services.database.close()
    assert digest.well("story", "show", str(loser), "--json").json["id"] == winner
    assert f"Story {loser} was merged into story {winner}." in digest.well("story", "show", str(loser)).out
    assert digest.well("storyline", "show", str(first["id"]), "--json").json["id"] == second["id"]
    assert f"merged into storyline {second['id']}" in digest.well("storyline", "show", str(first["id"])).out
    assert first["id"] not in {line["id"] for line in digest.well("storyline", "list", "--json").json}
    by_story = digest.well("article", "list", "--story", str(loser), "--json").json
    assert {row["story"] for row in by_story} == {winner}


def test_corrections_by_hand(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = Runner(fill(tmp_path), capsys)
    one, other, *_ = digest.well("story", "list", "--json").json
    winner, loser = sorted((one["id"], other["id"]))
    out = digest.well("story", "merge", str(one["id"]), str(other["id"]), "--reason", "the same race").out
    assert out.splitlines()[0].startswith(f"Story {loser} merged into story {winner}: ")
    assert "digest story undo 1" in out
    shown = digest.well("story", "show", str(loser)).out
    assert "Corrected by hand" in shown
    assert "the same race" in shown
    key = digest.well("story", "show", str(winner), "--json").json["articles"][0]["key"]
    out = digest.well("story", "split", str(loser), key, "--title", "A\tstory of  its own").out
    assert f"{loser} was merged into {winner} before" in out
    assert "A story of its own" in out
    assert "This goes against correction 1" in out
    (named,) = [s for s in digest.well("story", "list", "--json").json if s["title"] == "A story of its own"]
    assert named["articles"] == [key]
    assert "put here by hand (correction 2)" in digest.well("article", "show", key).out
    listed = digest.well("story", "corrections", "--json").json
    assert [(c["id"], c["action"]) for c in listed] == [(3, "rename"), (2, "split"), (1, "merge")]
    assert [c["articles"] > 0 for c in listed] == [False, True, True]
    assert "first: digest story undo 2" in digest.refused("story", "undo", "1")
    assert "Taken back" in digest.well("story", "undo", "2").out
    digest.well("story", "undo", "1")
    assert {one["id"], other["id"]} <= {s["id"] for s in digest.well("story", "list", "--json").json}
    assert "the same race" in digest.well("story", "corrections", "--all").out
    assert "the same race" not in digest.well("story", "corrections").out
    assert "either a title or --automatic" in digest.refused("story", "rename", str(winner))
    assert "either a title or --automatic" in digest.refused("story", "rename", str(winner), "x", "--automatic")


def test_storylines_are_named_joined_and_parted(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    digest = Runner(fill(tmp_path), capsys)
    first, second, *_ = digest.well("storyline", "list", "--json").json
    assert digest.well("storyline", "rename", str(first["id"]), "The long race").out.startswith("Storyline ")
    assert digest.well("storyline", "list", "--json").json[0]["title"] == "The long race"
    assert digest.well("storyline", "show", str(first["id"])).out.startswith("The long race\n")
    digest.well("storyline", "merge", str(first["id"]), str(second["id"]))
    winner = min(first["id"], second["id"])
    held = digest.well("storyline", "show", str(winner), "--json").json
    assert sorted(s["id"] for s in held["stories"]) == sorted(first["stories"] + second["stories"])
    assert held["title"] == "The long race", "a name goes on with what it was given to"
    gone = str(second["stories"][0])
    out = digest.well("storyline", "split", str(winner), gone, "--reason", "another race").out
    assert "put into storyline" in out
    assert digest.well("story", "show", gone, "--json").json["storyline"] != winner
    assert "is in storyline" in digest.refused("storyline", "split", str(winner), gone)


@pytest.mark.parametrize("columns", [40, 80, 120])
def test_the_timeline_fits_the_terminal(
    digest: Runner, columns: int, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    from digest.cli import timeline_view

    lines = digest.well("storyline", "list", "--json").json
    line = max(lines, key=lambda line: len(line["stories"]))
    monkeypatch.setattr(timeline_view, "_width", lambda: columns)
    out = digest.well("storyline", "show", str(line["id"])).out
    timeline = out[out.index("The story so far") :].splitlines()
    assert len(timeline) > 4
    assert all(len(row) <= columns for row in timeline)
    assert not any(row != row.rstrip() for row in timeline)


@pytest.mark.parametrize("number", ["99999999999999999999", "9" * 5000, "0", "1_0", "twelve"])
@pytest.mark.parametrize(
    "command",
    [
        "story show {}", "story list --storyline {}", "story merge 1 {}", "story split {} key", "story rename {} Title",
        "story split 1 key --into {}", "story undo {}", "storyline show {}", "storyline merge 1 {}",
        "storyline split 1 {}", "storyline split 1 2 --into {}", "storyline rename {} Title", "article list --story {}",
        "summary test {}",
    ],
)  # fmt: skip
def test_what_is_no_id_is_refused_in_one_line(digest: Runner, command: str, number: str) -> None:
    said = digest.refused(*command.format(number).split())
    assert "is no id: ids are whole numbers from 1 to 9223372036854775807" in said
    assert len(said) < 300


@pytest.mark.parametrize("number", ["9223372036854775808", "99999999999999999999", "9" * 5000])
def test_numbers_that_the_store_cannot_be_asked_with(digest: Runner, number: str) -> None:
    for kind in ("edition", "delivery"):
        assert f"there is no {kind} '{number[:19]}" in digest.refused(kind, "show", number)
    assert "there is no delivery" in digest.refused("delivery", "retry", number)
    for command in ("story list", "storyline list", "article list", "edition list", "delivery list", "summary costs"):
        assert "Invalid value for '--limit'" in digest.refused(*command.split(), "--limit", number)
    assert "there is no story" in digest.refused("story", "show", str(2**63 - 1))


def test_lists_fit_the_terminal_and_are_whole_off_one(digest: Runner) -> None:
    for command in ("story", "storyline", "article"):
        rows = digest.well(command, "list", "--json").json
        plain = digest.well(command, "list").out.splitlines()
        assert len(plain) == len(rows) + 2, "a line each, below the heads of the columns"
        assert all(line.endswith(row["title"]) for line, row in zip(plain[2:], rows, strict=True))
        seen = on_terminal(digest.home, 80, command, "list")
        assert len(seen) == len(rows) + 2
        assert all(len(line) <= 80 for line in seen)
        for line, row in zip(seen[2:], rows, strict=True):
            title = line.rstrip().removesuffix("…")
            assert title.split("  ")[-1].strip() in row["title"]
            assert title.endswith(row["title"]) or line.rstrip().endswith("…")
