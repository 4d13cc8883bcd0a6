"""digest topic"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.unit.cli.running import Runner, make_home

_FIELDS = {"name", "label", "kind", "code", "match", "articles"}


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(make_home(tmp_path / "home"), capsys)


def test_the_defaults_are_the_iptc_media_topics(digest: Runner) -> None:
    rows = digest.well("topic", "list", "--json").json
    assert len(rows) == 17
    assert all(set(row) == _FIELDS for row in rows)
    assert {row["kind"] for row in rows} == {"iptc"}
    assert all(row["code"].startswith("medtop:") for row in rows)
    out = digest.well("topic", "list").out
    assert all(row["name"] in out and row["label"] in out for row in rows)


def test_an_own_topic_counts_from_now_on(digest: Runner, tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("date 2025-05-01 The old bridge over the river opened to cyclists on Monday.")
    digest.well("ingest", str(tmp_path / "1.txt"))
    digest.well("group")
    said = digest.well(
        "topic", "add", "bridges", "--match", "Old  Bridge", "--match", "viaduct", "--label", "Bridges!"
    ).out
    assert "Added topic bridges (Bridges!), by Old Bridge, viaduct." in said
    assert "from now on" in said
    assert digest.well("topic", "list", "--json").json[0] == {
        "name": "bridges", "label": "Bridges!", "kind": "operator", "code": "",
        "match": ["Old Bridge", "viaduct"], "articles": 0,
    }  # fmt: skip
    (tmp_path / "2.txt").write_text(
        "date 2025-06-01 A lorry has hit the railway viaduct near the harbour this morning."
    )
    digest.well("ingest", str(tmp_path / "2.txt"))
    digest.well("group")
    told = digest.well("topic", "show", "bridges", "--json").json
    assert told["articles"] == 1
    assert "lorry" in digest.well("topic", "show", "bridges").out
    assert len(digest.well("story", "list", "--topic", "bridges", "--json").json) == 1


def test_what_cannot_be_a_topic_is_one_line(digest: Runner) -> None:
    add = ("topic", "add")
    for name in ("Sport", "two words", "über", "-x", "a_b", "a--b", "x" * 61):
        assert "cannot be a topic's name" in digest.refused(*add, "--match", "w", "--", name)
    assert "needs words" in digest.refused(*add, "bridges")
    assert "has no word in it" in digest.refused(*add, "bridges", "--match", "…")
    assert "stories without a topic" in digest.refused(*add, "other", "--match", "w")
    assert "exists already" in digest.refused(*add, "sport")
    assert "digest topic remove sport" in digest.refused(*add, "sport", "--match", "voetbal")
    digest.well(*add, "bridges", "--match", "bridge")
    assert "topic 'bridges' exists already" in digest.refused(*add, "bridges", "--match", "bridge")
    assert len(digest.well("topic", "list", "--json").json) == 18


def test_remove_and_back_again(digest: Runner) -> None:
    assert "Removed topic sport" in digest.well("topic", "remove", "sport").out
    assert "there is no topic 'sport'" in digest.refused("topic", "show", "sport")
    assert "there is no topic" in digest.refused("topic", "remove", "sport")
    digest.well("db", "upgrade")
    assert len(digest.well("topic", "list", "--json").json) == 16, "an upgrade does not bring it back"
    digest.well("topic", "add", "sport", "--match", "voetbal")
    told = digest.well("topic", "show", "sport", "--json").json
    assert (told["kind"], told["code"], told["match"]) == ("iptc", "medtop:15000000", ["voetbal"])


def test_remove_names_the_publications_that_ask_for_it(digest: Runner) -> None:
    digest.well("publication", "add", "morning", "--every", "day", "--topic", "sport")
    assert "Still asked for by: morning" in digest.well("topic", "remove", "sport").out
