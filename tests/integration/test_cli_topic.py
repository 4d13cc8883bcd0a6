"""digest topic"""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.errors import NotFound
from tests.unit.cli.running import Runner, make_home

_FIELDS = {"name", "label", "kind", "code", "rule", "articles"}


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


@pytest.mark.parametrize("sign", ["\u202e", "\u2066", "\u061c", "\x07", "\ufeff"])
def test_a_label_with_a_sign_that_turns_its_line_is_refused(digest: Runner, sign: str) -> None:
    for command in (("topic", "add", "bridges", "--match", "bridge"), ("topic", "edit", "weather")):
        told = digest.refused(*command, "--label", f"Bridges{sign}!")
        assert f"a label cannot have the sign U+{ord(sign):04X} in it" in told
        assert sign not in told
    assert not any(row["label"].startswith("Bridges") for row in digest.well("topic", "list", "--json").json)


def test_a_label_keeps_what_its_script_needs(digest: Runner) -> None:
    label = "می\u200cخواهم \u200fא"
    digest.well("topic", "edit", "weather", "--label", f"  {label} ")
    assert digest.well("topic", "show", "weather", "--json").json["label"] == label


def test_an_own_topic_counts_from_now_on(digest: Runner, tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("date 2025-05-01 The old bridge over the river opened to cyclists on Monday.")
    digest.well("ingest", str(tmp_path / "1.txt"))
    digest.well("group")
    said = digest.well(
        "topic", "add", "bridges", "--match", "Old  Bridge", "--match", "viaduct", "--label", "Bridges!"
    ).out
    assert 'Added topic bridges (Bridges!), by "Old Bridge" or "viaduct".' in said
    assert "from now on" in said
    assert digest.well("topic", "list", "--json").json[0] == {
        "name": "bridges", "label": "Bridges!", "kind": "operator", "code": "",
        "rule": '"Old Bridge" or "viaduct"', "articles": 0,
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
    assert "needs a rule" in digest.refused(*add, "bridges")
    assert "has no word in it" in digest.refused(*add, "bridges", "--match", "…")
    assert "stories without a topic" in digest.refused(*add, "other", "--match", "w")
    assert "exists already" in digest.refused(*add, "sport")
    assert "digest topic edit sport" in digest.refused(*add, "sport", "--match", "voetbal")
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
    assert (told["kind"], told["code"], told["rule"]) == ("iptc", "medtop:15000000", '"voetbal"')


def test_remove_names_the_publications_that_ask_for_it(digest: Runner) -> None:
    digest.well("publication", "add", "morning", "--every", "day", "--topic", "sport")
    assert "Still asked for by: morning" in digest.well("topic", "remove", "sport").out


def take_in(digest: Runner, folder: Path, **texts: str) -> None:
    """One file for each: its name is the article's id."""
    rows = [{"id": name, "date": f"2025-05-{n:02}", **_parts(text)} for n, (name, text) in enumerate(texts.items(), 1)]
    (folder / "in.jsonl").write_text("\n".join(map(json.dumps, rows)))
    digest.well("ingest", str(folder / "in.jsonl"))
    digest.well("group")


def _parts(text: str) -> dict[str, str]:
    language, title, body = text.split("|")
    return {"lang": language, "title": title, "text": body, "source": "The Wire"}


BRIDGES = {
    "open": "en|Old bridge opens|The two bridges over the river Oster opened to cyclists on Monday, the mayor said.",
    "match": "en|Football on the bridge|Players of both football clubs met on the bridge for a match on Sunday.",
    "brug": "nl|Brug is open|De oude brug over de Oster is maandag geopend voor fietsers, zei de burgemeester.",
    "rain": "en|More rain to come|Forecasters expect heavy rain and thunderstorms in the whole country tomorrow.",
}


def test_a_rule_is_kept_applied_and_explained(digest: Runner, tmp_path: Path) -> None:
    rule = "(bridge or brug) and not football"
    assert f"Added topic bridges (Bridges), by {rule}." in digest.well("topic", "add", "bridges", "--rule", rule).out
    take_in(digest, tmp_path, **BRIDGES)
    assert f"goes by   {rule}" in digest.well("topic", "show", "bridges").out
    told = digest.well("topic", "show", "bridges", "--json").json
    assert (told["rule"], told["articles"]) == (rule, 2)
    scores = digest.well("article", "show", "open", "--json").json["topic_scores"]
    assert scores[0] == {"topic": "bridges", "score": 2.0, "reason": "matches bridge (bridges); without football"}
    assert "matches brug; without football" in digest.well("article", "show", "brug").out


@pytest.mark.parametrize(
    ("rule", "says"),
    [
        ("bridge or", "rule, character 8, at “or”: nothing follows 'or'"),
        ("(bridge", "this ( is not closed"),
        ("titel:bridge", "did you mean title:"),
        ("lang:klingon", "'klingon' is no language"),
        ("bridge " * 2000, "more than 10,000 characters"),
    ],
)
def test_a_bad_rule_is_one_line_and_changes_nothing(digest: Runner, rule: str, says: str) -> None:
    digest.well("topic", "add", "rivers", "--rule", "river")
    assert says in digest.refused("topic", "add", "bridges", "--rule", rule)
    assert says in digest.refused("topic", "edit", "rivers", "--rule", rule)
    assert says in digest.refused("topic", "test", rule)
    assert [t["rule"] for t in digest.well("topic", "list", "--json").json if t["rule"]] == ["river"]


def test_edit_says_what_changed(digest: Runner) -> None:
    digest.well("topic", "add", "bridges", "--match", "bridge")
    said = digest.well("topic", "edit", "bridges", "--rule", "bridge or viaduct").out
    assert "Changed topic bridges (Bridges): goes by bridge or viaduct." in said
    assert "from now on" in said
    said = digest.well("topic", "edit", "bridges", "--label", "Over water").out
    assert "Changed topic bridges (Over water): goes by bridge or viaduct." in said
    assert "from now on" not in said
    assert "was like that already" in digest.well("topic", "edit", "bridges", "--rule", "bridge or viaduct").out
    assert (
        '(Bridges): goes by "old bridge".'
        in digest.well("topic", "edit", "bridges", "--match", "old  bridge", "--label", "").out
    )
    assert "nothing to change was said" in digest.refused("topic", "edit", "bridges")
    assert "there is no topic 'bridge'" in digest.refused("topic", "edit", "bridge", "--rule", "x")
    assert "contradict" in digest.refused("topic", "edit", "bridges", "--rule", "x", "--match", "y")
    assert "contradict" in digest.refused("topic", "edit", "bridges", "--rule", "x", "--no-rule")
    assert "has nothing but its rule" in digest.refused("topic", "edit", "bridges", "--no-rule")


def test_a_default_topic_is_narrowed_and_widened_again(digest: Runner, tmp_path: Path) -> None:
    said = digest.well("topic", "edit", "weather", "--rule", "not rain", "--label", "Dry weather").out
    assert (
        "(Dry weather): goes by its vocabulary, in every language that we know, where this holds too: not rain" in said
    )
    take_in(digest, tmp_path, rain=BRIDGES["rain"])
    assert "weather" not in digest.well("article", "show", "rain", "--json").json["topics"]
    told = digest.well("topic", "test", "weather", "--json").json
    assert (told["matching"], told["nearly"]) == (0, 1)
    assert told["articles"][0]["missing"] == "not rain, but there is rain"
    assert "words rain" in told["articles"][0]["why"]
    said = digest.well("topic", "edit", "weather", "--no-rule", "--label", "").out
    assert "(Weather): goes by its vocabulary, in every language that we know." in said
    told = digest.well("topic", "test", "weather", "--json").json
    assert (told["matching"], told["nearly"]) == (1, 0)
    assert told["articles"][0]["why"].startswith("words ")


def test_a_changed_topic_does_not_reach_back(digest: Runner, tmp_path: Path) -> None:
    digest.well("topic", "add", "bridges", "--rule", "viaduct")
    take_in(digest, tmp_path, **BRIDGES)
    digest.well("topic", "edit", "bridges", "--rule", "bridge or brug")
    digest.well("group")
    assert digest.well("topic", "show", "bridges", "--json").json["articles"] == 0
    said = digest.well("topic", "test", "--article", "open").out
    assert "matches bridge (bridges)" in said
    assert "It keeps the topics that it got when it was grouped: " in said
    assert digest.well("topic", "test", "bridges", "--json").json["matching"] == 3
    assert digest.well("topic", "show", "bridges", "--json").json["articles"] == 0, "a test changes nothing"


def test_a_rule_is_tried_on_what_is_stored(digest: Runner, tmp_path: Path) -> None:
    assert "There are no articles yet." in digest.well("topic", "test", "bridge").out
    take_in(digest, tmp_path, **BRIDGES)
    out = digest.well("topic", "test", "bridge and not football").out
    assert out.splitlines()[:2] == ["Rule: bridge and not football", "Looked at 4 articles: 1 matches, 1 nearly."]
    assert "    matches bridge (bridges); without football" in out.splitlines()
    assert "    missing: not football, but there is football" in out.splitlines()
    assert out.index("Old bridge opens") < out.index("Nearly") < out.index("Football on the bridge")
    told = digest.well("topic", "test", "oster", "--json").json
    assert (told["topic"], told["rule"], told["looked_at"], told["matching"]) == (None, "oster", 4, 2)
    assert [entry["language"] for entry in told["articles"]] == ["nl", "en"], "newest first"
    assert digest.well("topic", "test", "oster", "--lang", "en", "--json").json["looked_at"] == 2 + 1
    assert digest.well("topic", "test", "oster", "--newest", "2", "--json").json["matching"] == 1
    out = digest.well("topic", "test", "oster", "--limit", "1").out
    assert "Looked at 4 articles: 2 match." in out
    assert "… and 1 more (--limit N)" in out
    assert "none match." in digest.well("topic", "test", "zebra").out
    assert "topic:sport" in digest.well("topic", "test", "topic:sport").out


def test_what_is_not_grouped_yet_can_be_tested_too(digest: Runner, tmp_path: Path) -> None:
    (tmp_path / "1.txt").write_text("date 2025-05-01 The old bridge over the river opened to cyclists on Monday.")
    digest.well("ingest", str(tmp_path / "1.txt"))
    assert digest.well("topic", "test", "bridge", "--json").json["matching"] == 1


def test_a_topic_is_tested_by_its_name(digest: Runner, tmp_path: Path) -> None:
    digest.well("topic", "add", "bridges", "--rule", "bridge")
    take_in(digest, tmp_path, **BRIDGES)
    assert "Topic bridges: bridge\n" in digest.well("topic", "test", "bridges").out
    out = digest.well("topic", "test", "weather").out
    assert "Topic weather: its vocabulary\n" in out
    assert "More rain to come" in out
    assert "To test topic weather: digest topic test weather" in digest.well("topic", "test", "wether").out


def test_a_rule_is_tried_on_a_text(digest: Runner, tmp_path: Path) -> None:
    text = "Old bridge opens\nThe two bridges over the river Oster opened to cyclists on Monday."
    out = digest.well("topic", "test", "title:bridge oster", "--text", text, "--lang", "en").out
    assert "Looked at 1 article: 1 matches." in out
    assert "  en  Old bridge opens" in out.splitlines()
    told = digest.well("topic", "test", "title:oster", "--text", text, "--json").json
    assert told["articles"] == [
        {"key": None, "title": "Old bridge opens", "language": "en", "date": told["articles"][0]["date"],
         "matches": False, "score": 0.0, "why": "", "missing": "title:oster"}
    ]  # fmt: skip
    out = digest.well("topic", "test", "zebra and lion", "--text", text).out
    assert "Not matching" in out
    assert "missing: zebra; lion" in out
    dated, plain = tmp_path / "dated.txt", tmp_path / "plain.txt"
    dated.write_text(f"date 2025-05-01 {text}")
    plain.write_text(text)
    (tmp_path / "several.jsonl").write_text(json.dumps({"text": text}) + "\n" + json.dumps({"title": "On rain"}))
    for file, number in ((dated, 1), (plain, 1), (tmp_path / "several.jsonl", 2)):
        told = digest.well("topic", "test", "oster", "--file", str(file), "--json").json
        assert (told["looked_at"], told["matching"]) == (number, 1)
    assert "does not exist" in digest.refused("topic", "test", "oster", "--file", str(tmp_path / "no.txt"), code=1)
    (tmp_path / "half.jsonl").write_text(json.dumps({"text": text}) + "\n{}")
    said = digest("topic", "test", "oster", "--file", str(tmp_path / "half.jsonl"))
    assert (said.code, "1 matches" in said.out, said.err.count("\n")) == (1, True, 1)


def test_what_cannot_be_read_is_not_tried(digest: Runner, tmp_path: Path) -> None:
    program = tmp_path / "program"
    program.write_bytes(b"\x7fELF\x02\x01\x01" + bytes(200))
    latin = tmp_path / "latin.txt"
    latin.write_bytes("date 2025-05-01 Überfahrt".encode("latin-1").removeprefix(b"date 2025-05-01 "))
    test = ("topic", "test", "bridge")
    assert "is a binary file, not text" in digest.refused(*test, "--file", str(program), code=1)
    assert "is not UTF-8" in digest.refused(*test, "--file", str(latin), code=1)
    assert "does not exist (check the path)" in digest.refused(*test, "--file", str(tmp_path / "no.txt"), code=1)
    for option in ("--text", "--file", "--article"):
        assert f"{option} is empty (leave it out to look at the stored articles)" in digest.refused(*test, option, " ")


def test_a_name_that_there_is_not_is_told_all_that_there_are(digest: Runner) -> None:
    digest.well("topic", "add", "cycling", "--match", "peloton")
    said = digest.refused("topic", "show", "nope")
    assert "cycling" in said
    assert "weather" in said
    many = NotFound("topic", "nope", [f"t{number}" for number in range(33)])
    assert str(many).endswith("t28, t29, … (3 more))")


def test_all_topics_are_tried_on_one_article(digest: Runner, tmp_path: Path) -> None:
    digest.well("topic", "add", "bridges", "--rule", "bridge and not football")
    digest.well("topic", "add", "oster", "--rule", "oster")
    take_in(digest, tmp_path, **BRIDGES)
    out = digest.well("topic", "test", "--article", "open").out
    assert out.startswith("Old bridge opens  (English)\n")
    assert [line.split()[:2] for line in out.splitlines()[3:5]] == [["bridges", "2.00"], ["oster", "2.00"]]
    (told,) = digest.well("topic", "test", "--article", "match", "--json").json
    assert told["nearly"][0] == {"topic": "bridges", "missing": "not football, but there is football", "why": ""}
    assert "sport" in [t["topic"] for t in told["topics"]] == told["kept"]
    assert digest.well("topic", "test", "oster", "--article", "open", "--json").json["matching"] == 1
    assert "there is no article 'nope'" in digest.refused("topic", "test", "--article", "nope")
    assert "nothing to test" in digest.refused("topic", "test")
    assert "contradict" in digest.refused("topic", "test", "x", "--article", "open", "--text", "x")


def test_own_topics_that_leave_no_room_for_a_default_one_are_told(digest: Runner, tmp_path: Path) -> None:
    for n in range(3):
        digest.well("topic", "add", f"wet-{n}", "--rule", "rain")
    take_in(digest, tmp_path, rain=BRIDGES["rain"])
    (told,) = digest.well("topic", "test", "weather", "--article", "rain", "--json").json["articles"]
    assert told["missing"] == "an article gets three topics, and others come first"
    assert told["why"].startswith("words ")


def test_readers_see_the_label_that_the_operator_gave_a_default_topic(digest: Runner, tmp_path: Path) -> None:
    take_in(digest, tmp_path, rain=BRIDGES["rain"])
    digest.well("publication", "add", "morning", "--every", "day", "--language", "nl")
    preview = ("edition", "preview", "morning")
    assert "WEER" in digest.well(*preview).out
    digest.well("topic", "edit", "weather", "--label", "Rain and shine")
    assert "RAIN AND SHINE" in digest.well(*preview).out
