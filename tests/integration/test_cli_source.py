"""digest source"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest import app
from digest.errors import UsageError
from digest.model.article import Standing
from digest.model.publication import Source
from digest.pipeline.sources import derive_name
from digest.store import sources
from tests.unit.cli.running import Runner, make_home

_FIELDS = {
    "name", "kind", "location", "state", "publisher", "language", "topics", "articles", "held",
    "added", "last_fetch", "last_ok", "next_fetch", "failures", "error",
    "failing_since", "note", "login", "proxy", "full_text",
}  # fmt: skip


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Runner:
    return Runner(make_home(tmp_path / "home"), capsys)


@pytest.fixture
def wire(tmp_path: Path) -> Path:
    """A folder with two articles."""
    folder = tmp_path / "wire"
    folder.mkdir()
    for number, day in enumerate(("2025-05-01", "2025-05-02")):
        text = f"date {day} The old bridge number {number} opened to cyclists on Monday after two years of repairs."
        (folder / f"{number}.txt").write_text(text)
    return folder


def test_add_names_it_by_host_or_folder_and_keeps_names_apart(digest: Runner, wire: Path) -> None:
    assert (
        "Added source example.org: feed"
        in digest.well("source", "add", "--kind", "feed", "www.example.org/feed.xml").out
    )
    assert (
        "Added source example.org-2"
        in digest.well("source", "add", "--kind", "feed", "https://feeds.example.org/2").out
    )
    assert "Added source wire: folder" in digest.well("source", "add", str(wire)).out


@pytest.mark.parametrize(
    ("location", "name"),
    [
        ("https://www.example.org/feed", "example.org"),
        ("https://rss.example.org/feed", "example.org"),
        ("https://news.example/feed", "news.example"),
        ("http://localhost:8080/", "localhost"),
        ("/var/spool/wire", "wire"),
        ("/", "folder"),
    ],
)
def test_names_derived(location: str, name: str) -> None:
    assert derive_name("folder", location, []) == name
    assert derive_name("folder", location, [name, f"{name}-2"]) == f"{name}-3"


def test_add_keeps_what_was_said(digest: Runner) -> None:
    digest.well(
        "source", "add", "--kind", "feed", "https://example.org/f", "--name", "Local  news", "--publisher", "The Post",
        "--lang", "nl-BE", "--topic", "sport", "--topic", "politics",
    )  # fmt: skip
    (told,) = digest.well("source", "list", "--json").json
    assert told["name"] == "Local news"
    assert (told["publisher"], told["language"], told["topics"]) == ("The Post", "nl", ["sport", "politics"])


def test_what_cannot_be_a_source_is_one_line_and_adds_nothing(digest: Runner, wire: Path) -> None:
    add = ("source", "add")
    assert "did you mean 'feed'?" in digest.refused(*add, "--kind", "fead", "https://example.org/")
    assert "known: feed, folder" in digest.refused(*add, "--kind", "telepathy", "x")
    assert "does not exist" in digest.refused(*add, "--kind", "folder", str(wire / "nowhere"))
    assert "not a web address" in digest.refused(*add, "--kind", "feed", "ftp://example.org/feed")
    assert "not a web address (give it as https://" in digest.refused(*add, "--kind", "feed", "notaurl")
    assert "did you mean 'sport'?" in digest.refused(*add, "--kind", "folder", str(wire), "--topic", "spurt")
    assert "language code" in digest.refused(*add, "--kind", "folder", str(wire), "--lang", "Dutch!")
    assert "cannot be a source's name" in digest.refused(*add, "--kind", "folder", str(wire), "--name", " ")
    digest.well("topic", "add", "bridges", "--match", "bridge")
    assert "goes by its words" in digest.refused(*add, "--kind", "folder", str(wire), "--topic", "bridges")
    assert digest.well("source", "list", "--json").json == []


@pytest.mark.parametrize("host", ["127.0.0.1", "[::1]", "localhost", "192.168.1.5:8080"])
def test_a_feed_that_would_not_be_fetched_is_told_of_when_it_is_added(
    digest: Runner, host: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = digest("source", "add", "--kind", "feed", f"http://{host}/feed.xml", "--name", "near")
    assert said.code == 0
    assert "is a private network address, so it is not fetched (if you mean it: allow_private = true" in said.err
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    digest.well("source", "add", "--kind", "feed", f"http://{host}/other.xml", "--name", "wanted")


def test_the_same_place_is_not_added_twice(digest: Runner, wire: Path) -> None:
    digest.well("source", "add", str(wire))
    assert "is source 'wire' already" in digest.refused("source", "add", f"{wire}/", "--name", "other")
    assert "source 'wire' exists already" in digest.refused(
        "source", "add", "--kind", "feed", "https://example.org/", "--name", "wire"
    )


def test_what_cannot_be_reached_is_not_said_to_be_tried_again(digest: Runner, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    said = digest.refused("source", "add", "http://127.0.0.1:1/feed", code=1)
    assert said.endswith("(try again later; or say what it is: --kind feed)"), "nothing was added that could be"


def test_a_command_that_mends_can_be_copied(digest: Runner, wire: Path) -> None:
    digest.well("source", "add", str(wire), "--name", "Local news")
    assert "(digest source show 'Local news')" in digest.refused("source", "add", str(wire))
    digest.well("fetch", "Local news")
    digest.well("source", "remove", "Local news")
    resume = "(digest source resume 'Local news')"
    for command in (("add", str(wire)), ("pause", "Local news"), ("edit", "Local news", "--lang", "nl")):
        assert resume in digest.refused("source", *command)


def test_remove_says_which_of_the_two_happened(digest: Runner, wire: Path) -> None:
    digest.well("source", "add", str(wire))
    digest.well("source", "add", "--kind", "feed", "https://example.org/")
    assert "Deleted source example.org: it had no articles." in digest.well("source", "remove", "example.org").out
    digest.well("fetch", "wire")
    assert "its 2 articles stay" in digest.well("source", "remove", "wire").out
    assert digest.well("source", "list", "--json").json == []
    assert [s["state"] for s in digest.well("source", "list", "--all", "--json").json] == ["removed"]
    assert len(digest.well("article", "list", "--json").json) == 2
    assert "digest source resume wire" in digest.refused("source", "add", str(wire))
    digest.well("source", "resume", "wire")
    assert [s["state"] for s in digest.well("source", "list", "--json").json] == ["active"]


def test_pause_and_resume(digest: Runner) -> None:
    digest.well("source", "add", "--kind", "feed", "https://example.org/")
    assert digest.well("source", "pause", "example.org").out == "Paused source example.org.\n"
    assert "was paused already" in digest.well("source", "pause", "example.org").out
    told = digest.well("source", "show", "example.org", "--json").json
    assert (told["state"], told["next_fetch"]) == ("paused", None)
    assert "No source is due" in digest.well("fetch").out
    assert "is active again" in digest.well("source", "resume", "example.org").out
    assert "was active already" in digest.well("source", "resume", "example.org").out


def test_a_source_filled_by_hand_has_nothing_to_pause(digest: Runner, wire: Path) -> None:
    digest.well("ingest", str(wire))
    assert "filled by hand" in digest.refused("source", "pause", "manual")


def test_a_failing_source_says_so_and_why(digest: Runner, wire: Path) -> None:
    digest.well("source", "add", str(wire))
    wire.rename(wire.with_name("elsewhere"))
    assert digest("fetch").code == 1
    (told,) = digest.well("source", "list", "--json").json
    assert set(told) == _FIELDS
    assert (told["state"], told["failures"]) == ("failing", 1)
    assert "the folder is not there" in told["error"]
    out = digest.well("source", "list").out
    assert "failing" in out
    assert "the folder is not there" in out
    assert "1 in a row" in digest.well("source", "show", "wire").out


def test_release_lets_held_articles_go_on(digest: Runner, tmp_path: Path) -> None:
    file = tmp_path / "old.jsonl"
    lines = [
        {"id": f"{n}", "text": f"Old bridge {n} was closed for repairs for many years.", "lang": "en"} for n in "12"
    ]
    file.write_text("\n".join(map(json.dumps, lines)))
    digest.well("ingest", str(file), "--source", "old")
    services = app.services(digest.home, {})
    with services.database.write() as connection:
        connection.exec_driver_sql("UPDATE revision SET standing = ?", (str(Standing.QUARANTINED),))
    services.database.close()
    assert digest.well("group").out == "Nothing new to group.\n"
    listed = digest.well("source", "list").out
    assert "digest source release old" in listed
    assert listed.splitlines()[0].split() == [
        "name",
        "kind",
        "state",
        "articles",
        "held",
        "last",
        "fetch",
        "next",
        "fetch",
    ]
    assert {row["story"] for row in digest.well("article", "list", "--json").json} == {None}
    assert "Released 2 articles of source old" in digest.well("source", "release", "old").out
    assert "held" not in digest.well("source", "list").out, "a column for what there is"
    assert "nothing held back" in digest.well("source", "release", "old").out
    assert "Grouped 2 articles" in digest.well("group").out


def test_show_names_the_nearest(digest: Runner) -> None:
    digest.well("source", "add", "--kind", "feed", "https://example.org/")
    assert "did you mean 'example.org'?" in digest.refused("source", "show", "exmple.org")
    for command in ("pause", "resume", "remove", "release"):
        digest.refused("source", command, "nowhere")


def test_an_empty_list_says_what_to_do(digest: Runner) -> None:
    assert "digest source add https" in digest.well("source", "list").out
    assert digest.well("source", "list", "--json").json == []


def test_adding_a_name_twice_is_refused_by_the_store_too(digest: Runner) -> None:
    services = app.services(digest.home, {})
    with services.database.write() as connection:
        sources.add(connection, Source("a", "feed"), services.clock())
    with pytest.raises(UsageError), services.database.write() as connection:
        sources.add(connection, Source("a", "feed"), services.clock())
    services.database.close()
