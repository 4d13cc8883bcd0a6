"""digest article remove, and what is shown afterwards."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from tests.support.desk import Desk, set_up


@pytest.fixture
def desk(tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Desk:
    made = set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "news", "--every", "day")
    made.well("subscriber", "add", "--basis", "form", "a@example.org", "--publication", "news")
    made.news(1, 2)
    return made


def typed_on_a_terminal(desk: Desk, answer: str) -> None:
    terminal = io.StringIO(answer)
    terminal.isatty = lambda: True  # type: ignore[method-assign]
    desk.monkeypatch.setattr("sys.stdin", terminal)


def ids(desk: Desk) -> list[str]:
    return sorted(entry["id"] for entry in desk.well("article", "list", "--json").json)


def test_removed_shown_and_listed(desk: Desk) -> None:
    desk.well("edition", "publish", "news")
    key = {e["id"]: e["key"] for e in desk.well("article", "list", "--json").json}["1"]
    desk.news(1, source="post")
    copy = next(e["key"] for e in desk.well("article", "list", "--source", "post", "--json").json)
    said = desk.well("article", "remove", key, "--reason", "the publisher asked").out.splitlines()
    assert said == [
        f"Removed 1 article: {key}.",
        "1 mail that may show it will be composed anew before leaving: digest run",
        f"Nearly the same text stays: {copy} (post). It can be removed too.",
    ]
    shown = desk.well("article", "show", key)
    assert shown.out.startswith("This article was removed\n")
    assert "the publisher asked" in shown.out
    (row,) = desk.well("article", "list", "--removed", "--json").json
    assert row == desk.well("article", "show", key, "--json").json
    assert (row["key"], row["reason"], row["source"]) == (key, "the publisher asked", "wire")
    assert row["removed"] == desk.clock().isoformat()
    assert "the publisher asked" in desk.well("article", "list", "--removed", "--source", "wire").out
    assert desk.well("article", "list", "--removed", "--source", "post").out == "No article was removed.\n"
    assert "in no story" in desk.refused("article", "list", "--removed", "--story", "1")
    assert desk.well("article", "remove", key, "--reason", "x").out == f"{key} was removed before.\n"
    assert [
        e["key"] for e in desk.well("article", "search", "opened", "--source", "wire", "--json").json["articles"]
    ] != [key]
    desk.well("run")
    (mail,) = desk.mails()
    assert "Tk2v1" in mail.as_string()
    assert desk.well("edition", "show", "news/extra/1").out.count("(an article was removed)") >= 1


def test_what_left_before_is_said(desk: Desk) -> None:
    desk.well("edition", "publish", "news")
    desk.well("deliver")
    said = desk.well("article", "remove", "1", "2", "--reason", "asked for").out.splitlines()
    assert said[1] == "Stories 1, 2 had no other article, and are gone."
    assert said[2] == "1 mail that may show it left before (news/extra/1), and cannot be called back."


def test_on_a_terminal_it_asks_first(desk: Desk) -> None:
    typed_on_a_terminal(desk, "n\n")
    said = desk("article", "remove", "1", "--reason", "asked for")
    assert said.code == 1
    assert said.out.endswith("Nothing was removed.\n")
    assert "Delete 1 article for good? [y/N]" in said.out
    assert ids(desk) == ["1", "2"]
    typed_on_a_terminal(desk, "y\n")
    assert "Removed 1 article" in desk.well("article", "remove", "1", "--reason", "asked for").out
    typed_on_a_terminal(desk, "")
    assert "Delete" not in desk.well("article", "remove", "2", "--yes", "--reason", "asked for").out
    assert ids(desk) == []


def test_what_is_no_article_is_refused_and_nothing_removed(desk: Desk) -> None:
    assert "there is no article 'nope'" in desk.refused("article", "remove", "1", "nope", "--reason", "x")
    assert "needs a reason" in desk.refused("article", "remove", "1", "--reason", " ")
    assert desk("article", "remove", "1").code == 2
    assert ids(desk) == ["1", "2"]
