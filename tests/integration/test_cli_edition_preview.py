"""digest edition preview: of a slot, with reasons, checked, photographed"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest import app
from digest.model.finding import Verdict
from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

A, B = "a@example.org", "b@example.org"
SLOT = "2026-03-02T07:00"


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """Two readers, one article of news, and no spam filter but those that a test puts in."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--every", "hour", "--zone", "Europe/Brussels")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p")
    made.news(1)
    monkeypatch.setattr(app, "spam_filters", lambda: lambda _message: [])
    return made


def preview(digest: Desk, *arguments: str) -> str:
    return str(digest.well("edition", "preview", "p", *arguments).out)


def told(digest: Desk, *arguments: str) -> dict[str, object]:
    found = digest.well("edition", "preview", "p", *arguments, "--json").json
    assert isinstance(found, dict)
    return found


def test_a_coming_slot_has_its_number_its_dateline_and_what_is_known_now(digest: Desk) -> None:
    said = preview(digest, "--slot", "2026-03-04T07:00", "--as", A)
    assert said.startswith("p/day/3, Wed 2026-03-04 07:00 (Europe/Brussels), is to come: ")
    assert "No. 3 · Wednesday, 4 March 2026" in said
    assert token(1) in said
    digest.clock.go(days=1, hours=12)
    digest.well("run")
    assert told(digest, "--slot", "2026-03-04T07:00")["edition"] == "p/day/2", "the one before was made meanwhile"
    listed = [e["edition"] for e in digest.well("edition", "list", "--json").json]
    assert listed == ["p/day/1"], "a preview cuts none"


def test_a_slot_that_has_its_edition_is_as_of_its_cutoff_and_of_what_the_reader_had(digest: Desk) -> None:
    digest.clock.go(hours=2)
    digest.well("edition", "publish", "p", "--slot", SLOT)
    digest.well("deliver")
    (mail,) = digest.mails(A)
    digest.clock.go(days=1)
    digest.news(2)
    digest.well("edition", "publish", "p")
    digest.well("deliver")
    assert preview(digest, "--as", A) == f"Nothing new for {A} in p; there would be no mail.\n"
    said = preview(digest, "--slot", SLOT, "--as", A)
    assert "p/day/1, Mon 2026-03-02 07:00 (Europe/Brussels), was made" in said
    assert "digest edition show p/day/1" in said
    assert token(1) in said
    assert token(2) not in said
    was = desk.text_of(mail).replace("\r\n", "\n")
    assert (
        said.partition("Subject: ")[2].partition("\n\n")[2].rpartition("Unsubscribe")[0]
        == was.rpartition("Unsubscribe")[0]
    )


def test_the_edition_after_tells_only_what_the_one_before_had_not(digest: Desk) -> None:
    for number, slot in ((1, SLOT), (2, "2026-03-03T07:00"), (3, "2026-03-04T07:00")):
        if number > 1:
            digest.clock.go(hours=20)
            digest.news(number)
        digest.clock.go(hours=2 if number == 1 else 4)
        digest.well("edition", "publish", "p", "--slot", slot)
        digest.well("deliver")
    said = preview(digest, "--slot", "2026-03-03T07:00", "--as", A)
    assert [token(n) in said for n in (1, 2, 3)] == [False, True, False]
    assert told(digest, "--slot", "2026-03-03T07:00", "--as", A)["when"] == "cut"
    assert token(2) in preview(digest, "--slot", "2026-03-03T07:00"), "as a reader who had subscribed then"
    digest.well("subscriber", "add", "--basis", "form", B, "--publication", "p")
    refused = digest.refused("edition", "preview", "p", "--slot", SLOT, "--as", B)
    assert f"{B} did not read p yet when p/day/1 was made" in refused


def test_a_slot_that_was_missed_says_so(digest: Desk) -> None:
    digest.clock.go(hours=20)
    said = preview(digest, "--slot", SLOT)
    assert said.startswith("No edition was made for Mon 2026-03-02 07:00 (Europe/Brussels): ")
    assert f"digest edition publish p --cadence day --slot {SLOT}" in said
    assert token(1) in said


def test_what_is_no_slot_is_refused(digest: Desk) -> None:
    refused = digest.refused("edition", "preview", "p", "--slot", "2026-03-02T07:30")
    assert "is no slot of the day cadence in Europe/Brussels (nearest: 2026-03-02T07:00 or 2026-03-03T07:00)" in refused
    assert "2026-03-29T02:30" in digest.refused("edition", "preview", "p", "--slot", "2026-03-29T02:30")
    assert "has no cadence 'week'" in digest.refused("edition", "preview", "p", "--slot", SLOT, "--cadence", "week")
    assert "give --slot too" in digest.refused("edition", "preview", "p", "--cadence", "day")
    refused = digest.refused("edition", "preview", "p", "--slot", SLOT, "--cadence", "hour", "--as", A)
    assert f"{A} reads the cadence 'day', not 'hour'" in refused
    assert told(digest, "--slot", "2026-03-02T09:00", "--cadence", "hour")["edition"].startswith("p/hour/")  # type: ignore[attr-defined]


def test_another_language_and_look_for_once(digest: Desk) -> None:
    assert "maandag 2 maart 2026" in preview(digest, "--language", "nl")
    assert told(digest, "--language", "nl", "--look", "paper")["language"] == "nl"
    assert "there is no look 'papre' (there is: " in digest.refused("edition", "preview", "p", "--look", "papre")
    assert "'n1' is not a language code" in digest.refused("edition", "preview", "p", "--language", "n1")
    publication = digest.well("publication", "show", "p", "--json").json
    assert publication["language"] == "en"


def test_why_each_entry_stands_where_it_stands_and_what_is_not_there(digest: Desk) -> None:
    digest.news(2)
    digest.well("publication", "edit", "p", "--max-entries", "1")
    said = preview(digest, "--why")
    why = said.partition("Why it is so")[2]
    assert "1 publisher, 1 language, 1 new article, today" in why
    assert " 1. " in why
    assert "over its limits  1 entry\n" in why
    found = told(digest, "--why")
    (entry,) = found["entries"]  # type: ignore[misc]
    assert (entry["rank"], entry["kind"], found["over"]) == (1, "new", {"entries": 1, "stories": 1})


def test_the_check_tells_what_to_mend_and_fails_where_it_must(digest: Desk, tmp_path: Path) -> None:
    said = preview(digest, "--check")
    assert "\nSize\n  ok    the HTML has " in said
    assert "  warn  no postal address or imprint" in said
    assert "        mend:  set mail.imprint\n" in said
    assert said.rstrip().endswith("2 things to look at.")
    folder = digest.home / "templates" / "edition" / "mine"
    folder.mkdir(parents=True)
    for name in ("subject.txt", "body.txt"):
        (folder / name).write_text(f'{{% include "edition/paper/{name}" %}}')
    masthead = '{% block masthead %}<p style="color:#ccc;display:grid">x</p>{% endblock %}'
    (folder / "body.html").write_text('{% extends "edition/paper/body.html" %}' + masthead)
    failed = digest("edition", "preview", "p", "--look", "mine", "--check")
    assert failed.code == 1
    assert '  fail  light: "x" has 1.6:1, and needs 4.5:1\n' in failed.out
    assert "  fail  headings of the first level: 0" in failed.out
    assert "  fail  display-grid: not in " in failed.out
    findings = digest("edition", "preview", "p", "--look", "mine", "--check", "--json")
    assert findings.code == 1
    levels = {f["level"] for f in json.loads(findings.out)["findings"]}
    assert levels == {"ok", "warn", "fail"}


def test_the_check_lists_what_degrades_on_request(digest: Desk) -> None:
    assert "letter-spacing: letters as far apart" not in preview(digest, "--check")
    assert "letter-spacing: letters as far apart" in preview(digest, "--check", "--why")


@pytest.mark.parametrize(("score", "grade", "code"), [(0.9, "ok  ", 0), (1.0, "warn", 0), (5.0, "fail", 1)])
def test_spam_filters_are_heard(digest: Desk, score: float, grade: str, code: int) -> None:
    verdicts = [Verdict("Filter", score, (("WORDS", 2.5),)), Verdict("Other", trouble="not installed")]
    digest.monkeypatch.setattr(app, "spam_filters", lambda: lambda _message: verdicts)
    said = digest("edition", "preview", "p", "--check")
    assert said.code == code
    assert f"  {grade}  Filter gives {score:.1f} points" in said.out
    assert ("WORDS 2.5" in said.out) is (score >= 1)
    assert "  ok    Other: not installed\n" in said.out


@pytest.fixture
def linked(digest: Desk, httpserver: HTTPServer) -> Iterator[Desk]:
    """Two articles with addresses at a server of this machine: one answers, one does not."""
    httpserver.expect_request("/there", method="HEAD").respond_with_data("")
    httpserver.expect_request("/shy", method="HEAD").respond_with_data("", status=405)
    httpserver.expect_request("/shy", method="GET").respond_with_data("x" * 5_000)
    lines = [
        json.dumps(desk.article(n, digest.clock()) | {"url": httpserver.url_for(path)})
        for n, path in ((7, "/there"), (8, "/gone"), (9, "/shy"))
    ]
    digest.typed("\n".join(lines))
    digest.well("ingest", "-", "--source", "wire")
    digest.well("group")
    return digest


def test_online_each_link_is_asked_once_and_dead_ones_are_named(linked: Desk, httpserver: HTTPServer) -> None:
    linked.monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    said = linked("edition", "preview", "p", "--check", "--online")
    assert said.code == 1
    assert f"  fail  a link is dead: answers 500\n        where: {httpserver.url_for('/gone')}\n" in said.out
    assert said.out.count("a link is dead") == 1
    asked = sorted((request.method, request.path) for request, _ in httpserver.log)
    assert asked == [("GET", "/gone"), ("GET", "/shy"), ("HEAD", "/gone"), ("HEAD", "/shy"), ("HEAD", "/there")]


def test_online_asks_nobody_on_a_private_network(linked: Desk, httpserver: HTTPServer) -> None:
    said = linked("edition", "preview", "p", "--check", "--online")
    assert said.out.count("a link is dead: leads to a private network address") == 3
    assert httpserver.log == []
    assert "give --check too" in linked.refused("edition", "preview", "p", "--online")


def test_pictures_need_chromium(digest: Desk, tmp_path: Path) -> None:
    digest.monkeypatch.setenv("PATH", str(tmp_path))
    digest.monkeypatch.delenv("CHROMIUM", raising=False)
    shoot = ("edition", "preview", "p", "--screenshots", str(tmp_path / "out"))
    assert "Chromium is not installed, and pictures need it (apt install chromium" in digest.refused(*shoot, code=1)
    digest.monkeypatch.setenv("CHROMIUM", "chrome-of-mine")
    assert "CHROMIUM: 'chrome-of-mine' is no program" in digest.refused(*shoot, code=1)


def test_a_chromium_that_fails_is_one_line(digest: Desk, tmp_path: Path) -> None:
    program = tmp_path / "chromium"
    program.write_text("#!/bin/sh\necho it broke >&2\nexit 3\n")
    program.chmod(0o755)
    digest.monkeypatch.setenv("DIGEST_PREVIEW_CHROMIUM", str(program))
    refused = digest.refused("edition", "preview", "p", "--screenshots", str(tmp_path / "out"), code=1)
    assert f"{program}: Chromium failed: it broke" in refused
    assert list((tmp_path / "out").iterdir()) == []
