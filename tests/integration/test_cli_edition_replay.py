"""digest edition replay"""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token
from tests.support.terminal import on_terminal

A, B = "a@example.org", "b@example.org"
REPLAY = ("edition", "replay", "p", "--from", "2026-03-02")


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Two days of news for two readers, the second of sport alone."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--zone", "Europe/Brussels")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p")
    made.well("subscriber", "add", "--basis", "form", B, "--publication", "p", "--topic", "sport")
    for numbers in ((1, 2), (3, 4)):
        made.news(numbers[0], topic="sport")
        made.news(numbers[1], topic="politics")
        made.well("edition", "publish", "p")
        made.well("deliver")
        made.clock.go(days=1)
    return made


def test_what_is_as_it_was_is_a_line_for_each_edition(digest: Desk) -> None:
    said = digest.well(*REPLAY).out.splitlines()
    assert said[:5] == [
        "p as it would be made today",
        "p/extra/1  Mon 2026-03-02 06:00 (Europe/Brussels)  as it was: 2 variants, 2 readers",
        "p/extra/2  Tue 2026-03-03 06:00 (Europe/Brussels)  as it was: 2 variants, 2 readers",
        "",
        "All as it was: 2 editions, 4 variants.",
    ]
    assert said[6] == "What this cannot tell"
    assert len(said) == 8, "nothing else plays a part here"


def test_what_would_be_different_is_told_entry_by_entry(digest: Desk) -> None:
    said = digest.well(*REPLAY, "--to", "2026-03-02", "--set", "max_entries=1").out
    assert said.startswith(
        "p with max_entries=1\np/extra/1  Mon 2026-03-02 06:00 (Europe/Brussels)\n  In en for 1 reader: "
    )
    assert "1 entry, before 2; 1 more counted below, before 0; HTML " in said
    (fell,) = [line for line in said.splitlines() if line.startswith("    - ")]
    assert fell.split()[1:3] == ["1", "politics"]
    assert fell.endswith("  is over the limits")
    assert "  as it was: 1 variant, 1 reader" in said, "one entry is all that the second reader had"
    assert "1 of 1 edition (1 of 2 variants) would be different: 1 entry falls out; HTML " in said


def test_sentences_that_would_be_left_out_are_quoted(digest: Desk) -> None:
    said = digest.well(*REPLAY, "--set", "summary.sentences=1").out
    assert "1 sentence less" in said
    assert len([line for line in said.splitlines() if line.strip().startswith("- Later ")]) == 6
    assert "2 of 2 editions (4 of 4 variants) would be different: 6 entries change; HTML " in said


def test_scripts_get_all_of_it(digest: Desk) -> None:
    told = digest.well(*REPLAY, "--set", "topics=sport", "--set", "summary.sentences=1", "--full", "--json").json
    assert set(told) == {"publication", "set", "editions", "totals", "notes"}
    assert told["set"] == ["topics=sport", "summary.sentences=1"]
    first = told["editions"][0]
    assert (first["edition"], first["slot"], first["same"]) == ("p/extra/1", "2026-03-02T06:00", False)
    every = first["variants"][0]
    assert (every["before"]["entries"], every["after"]["entries"]) == (2, 1)
    assert token(1) in every["after"]["text"]
    (fell,) = every["fell"]
    assert token(2) in fell["headline"]
    assert (fell["section"], fell["why"]) == ("politics", ["is of no wanted topic"])
    (changed,) = every["changed"]
    assert [s.split()[0] for s in changed["sentences_less"]] == ["Later"]
    assert told["totals"]["fell"] == 2
    assert told["totals"]["html_after"] < told["totals"]["html_before"]
    plain = digest.well(*REPLAY, "--json").json
    assert plain["totals"]["same"] == plain["totals"]["variants"] == 4
    assert "text" not in plain["editions"][0]["variants"][0]["after"]


def test_one_readers_mails_in_full(digest: Desk) -> None:
    said = digest.well(*REPLAY, "--as", B, "--full").out
    assert "as it was: 1 variant, 1 reader" in said
    assert token(1) in said
    assert token(2) not in said
    assert "reader@example.invalid" in said
    assert B not in said


def test_a_look_that_differs_in_nothing_that_is_told(digest: Desk) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "body.txt").write_text("Good morning.\n\n{% include 'shipped/edition/paper/body.txt' %}")
    said = digest.well(*REPLAY).out
    assert said.count("the same entries, which look otherwise") == 5
    assert "2 of 2 editions (4 of 4 variants) would be different: the same entries, which look otherwise; HTML " in said


def test_where_nothing_was_mailed(digest: Desk) -> None:
    assert digest.well("edition", "replay", "p", "--from", "2026-04-01").out.startswith(
        "Nothing of p was mailed to anybody in that time"
    )
    digest.well("subscriber", "add", "--basis", "form", "c@example.org", "--publication", "p")
    said = digest.well(*REPLAY, "--as", "c@example.org").out
    assert said.startswith("Nothing of p was mailed to c@example.org in that time ")
    assert digest.well("edition", "replay", "p", "--from", "2026-04-01", "--json").json["editions"] == []


def test_a_slip_is_one_line_that_says_how_to_mend_it(digest: Desk) -> None:
    for said, says in (
        ("max_entrys=3", "unknown setting max_entrys (did you mean max_entries?)"),
        ("publication.max_entrys=3", "unknown setting publication.max_entrys (did you mean max_entries?)"),
        ("words=30", "unknown setting words (did you mean summary.words?)"),
        ("summary.wrds=30", "unknown setting summary.wrds (did you mean summary.words?)"),
        ("sumary.words=30", "unknown setting sumary.words (did you mean [summary]?)"),
        ("summary.words=many", "--set summary.words: summary.words: expected `int`"),
        ("max_entries=0", "--set max_entries: '0' will not do: give a whole number, 1 or more"),
        ("zone=UTC", "zone changes nothing in an edition that was made"),
        ("store.url=sqlite://", "store.url changes nothing in an edition that was made"),
        ("topics=sprt", "there is no topic 'sprt' (did you mean 'sport'?)"),
        ("look=fancy", "there is no look 'fancy' (there is: "),
        ("look", "'look' sets nothing (write it like --set max_entries=5)"),
    ):
        assert says in digest.refused(*REPLAY, "--set", said), said
    assert "2026-03-09 is later than 2026-03-02" in digest.refused(
        "edition", "replay", "p", "--from", "2026-03-09", "--to", "2026-03-02"
    )
    assert "is not a date and time" in digest.refused("edition", "replay", "p", "--from", "monday")
    assert "there is no publication 'q'" in digest.refused("edition", "replay", "q", "--from", "2026-03-02")
    assert "there is no subscriber" in digest.refused(*REPLAY, "--as", "nobody@example.org")


def test_a_setting_by_the_publications_whole_name(digest: Desk) -> None:
    one = digest.well(*REPLAY, "--set", "publication.max_entries=1", "--json").json
    assert one["totals"] == digest.well(*REPLAY, "--set", "max_entries=1", "--json").json["totals"]
    assert one["totals"]["fell"] == 2


def test_on_a_terminal_it_keeps_within_the_width(digest: Desk) -> None:
    for columns in (80, 120):
        lines = on_terminal(digest.home, columns, *REPLAY, "--set", "max_entries=1", "--set", "summary.sentences=1")
        assert max(map(len, lines)) <= columns
        assert any("is over the limits" in line for line in lines)
