"""digest ingest, digest fetch"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk

_COUNTS = ["new", "updated", "known", "held", "failed"]
_TEXT = "De oude brug over de Schie gaat maandag open voor fietsers, na twee jaar werk."


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    return desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "articles"
    made.mkdir()
    for number in range(3):
        (made / f"{number}.txt").write_text(f"date 2025-05-0{number + 1} {_TEXT} Dit is brug {number}.")
    return made


def counts(**given: int) -> dict[str, int]:
    return dict.fromkeys(_COUNTS, 0) | given


def test_the_counts_are_exactly_these(digest: Desk, folder: Path) -> None:
    first = digest.well("ingest", str(folder), "--json").json
    assert list(first) == _COUNTS
    assert first == counts(new=3)
    assert digest.well("ingest", str(folder), "--json").json == counts(known=3)
    (folder / "1.txt").write_text(f"date 2025-05-02 {_TEXT} Dit is brug 1, en zij is rood.")
    assert digest.well("ingest", str(folder), "--json").json == counts(updated=1, known=2)


def test_what_is_told_to_people(digest: Desk, folder: Path) -> None:
    assert digest.well("ingest", str(folder)).out == "3 articles: 3 new.\nNext: digest group\n"
    assert digest.well("ingest", str(folder)).out == "Nothing new: 3 articles, all known already.\n"
    (folder / "3.txt").write_text("no date\n")
    said = digest("ingest", str(folder))
    assert (said.code, said.out) == (1, "3 articles: 3 known already; 1 failed.\n")
    assert said.err == f"digest: {folder}/3.txt:1: has no date (start the file with: date 2025-05)\n"


def test_what_cannot_be_read_is_named_and_the_rest_goes_through(digest: Desk, folder: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    said = digest("ingest", str(tmp_path / "nowhere"), str(tmp_path / "empty"), str(folder), "--json")
    assert (said.code, said.json) == (1, counts(new=3, failed=2))
    first, second = said.err.splitlines()
    assert first.endswith("nowhere: does not exist (check the path)")
    assert "holds no article files" in second
    said = digest("ingest", str(tmp_path / "nowhere"))
    assert (said.code, said.out) == (1, "Nothing was taken in: 1 failed.\n")
    assert "Missing argument 'PATH…'" in digest.refused("ingest")


def test_an_empty_file_is_an_error_whatever_its_form(digest: Desk, tmp_path: Path) -> None:
    for suffix in ("txt", "jsonl", "xml"):
        (tmp_path / f"empty.{suffix}").write_text("\n")
        said = digest("ingest", str(tmp_path / f"empty.{suffix}"))
        assert (said.code, said.out) == (1, "Nothing was taken in: 1 failed.\n")
        assert f"empty.{suffix}: is empty (" in said.err


def test_a_file_of_another_form_is_told_which_forms_there_are(digest: Desk, tmp_path: Path) -> None:
    (tmp_path / "x.docx").write_text("no text file at all")
    said = digest("ingest", str(tmp_path / "x.docx")).err
    assert "has no date (start the file with: date 2025-05; or give .txt, .jsonl, .ndjson" in said


def test_the_end_of_a_feed_that_is_cut_off_is_no_article(digest: Desk, tmp_path: Path) -> None:
    (tmp_path / "cut.xml").write_text('<rss version="2.0"><channel><item><title>The bridge is open</title>')
    assert digest("ingest", str(tmp_path / "cut.xml")).out.startswith("1 article: 1 new; 1 failed.\n")


def test_texts_that_another_source_has_are_told(digest: Desk, folder: Path) -> None:
    digest.well("ingest", str(folder / "0.txt"), str(folder / "1.txt"))
    digest.well("source", "add", str(folder), "--name", "wire")
    said = digest.well("fetch").out
    assert "2 of these texts are in source manual already, and now there twice: give a file to one source only." in said
    assert "already, and now" not in digest.well("ingest", str(folder / "0.txt")).out, "nothing new came in"
    assert "1 of these texts is in source wire already" in digest.well("ingest", str(folder / "2.txt")).out
    (folder / "3.txt").write_text(f"date 2025-05-04 {_TEXT} Dit is brug 3.")
    digest.well("ingest", str(folder / "3.txt"))
    digest.clock.go(hours=1)
    assert "1 of these texts is in source manual already" in digest.well("run").out


def test_many_errors_are_cut_short(digest: Desk, tmp_path: Path) -> None:
    (tmp_path / "bad.jsonl").write_text("{}\n" * 30)
    said = digest("ingest", str(tmp_path / "bad.jsonl"))
    assert said.code == 1
    lines = said.err.splitlines()
    assert len(lines) == 21
    assert lines[0].startswith(f"digest: {tmp_path}/bad.jsonl:1: ")
    assert lines[-1] == "digest: … and 10 more"


def test_standard_input_in_any_of_the_formats(digest: Desk) -> None:
    digest.typed(f"date 2025-05 {_TEXT}")
    assert digest.well("ingest", "-", "--json").json == counts(new=1)
    line = {"id": "a1", "date": "2025-05-24", "title": "De brug", "text": _TEXT, "lang": "nl", "source": "krant"}
    digest.typed(json.dumps(line) + "\n\nnot json\n")
    said = digest("ingest", "-", "--json")
    assert (said.code, said.json) == (1, counts(new=1, failed=1))
    assert said.err.startswith("digest: standard input:3: ")
    digest.typed(
        '<rss version="2.0"><channel><title>Wire</title><item><guid>g1</guid><title>The bridge is open again</title>'
        "<description>The old bridge over the Schie opened to cyclists.</description>"
        "<pubDate>Mon, 02 Mar 2026 04:00:00 GMT</pubDate></item></channel></rss>"
    )
    assert digest.well("ingest", "-", "--source", "wire", "--json").json == counts(new=1)
    digest.typed("")
    assert digest("ingest", "-").code == 1
    told = {(a["id"], a["source"]) for a in digest.well("article", "list", "--json").json}
    assert ("a1", "krant") in told
    assert any(source == "wire" for _, source in told)


def test_an_id_is_one_of_its_source(digest: Desk) -> None:
    line = json.dumps({"id": "a1", "date": "2025-05-24", "text": _TEXT})
    for source in ("one", "two"):
        digest.typed(line)
        assert digest.well("ingest", "-", "--source", source, "--json").json == counts(new=1)
    digest.typed(json.dumps({"id": "a1", "date": "2025-05-24", "text": _TEXT.replace("maandag", "dinsdag")}))
    assert digest.well("ingest", "-", "--source", "one", "--json").json == counts(updated=1)


def test_fetch_reads_what_is_due(digest: Desk, folder: Path) -> None:
    assert digest.well("fetch").out == "No source is due. (--all fetches them all the same.)\n"
    digest.well("source", "add", str(folder))
    said = digest.well("fetch", "--json").json
    assert said == {"fetched": 1, "unchanged": 0, "failing": [], "articles": counts(new=3)}
    assert "No source is due" in digest.well("fetch").out
    assert digest.well("fetch", "--all").out == "1 source: 1 unchanged.\n"
    assert digest.well("fetch", "articles").out == "1 source: 1 unchanged.\n"
    (folder / "9.txt").write_text(f"date 2025-05-09 {_TEXT} Dit is brug 9.")
    digest.clock.go(hours=1)
    first, second = digest.well("fetch").out.splitlines()
    assert first == "1 source: 1 read. 4 articles: 1 new, 3 known already."
    assert second == "Next: digest group"
    assert "there is no source 'artikles' (did you mean 'articles'?)" in digest.refused("fetch", "artikles")


def test_a_source_that_fails_is_named_and_the_others_are_read(digest: Desk, folder: Path, tmp_path: Path) -> None:
    gone = tmp_path / "gone"
    gone.mkdir()
    digest.well("source", "add", str(gone))
    digest.well("source", "add", str(folder))
    gone.rmdir()
    said = digest("fetch", "--json")
    assert said.code == 1
    assert said.json == {"fetched": 1, "unchanged": 0, "failing": ["gone"], "articles": counts(new=3)}
    assert said.err.startswith("digest: source gone: ")
    assert said.err.count("\n") == 1
    assert digest("fetch", "--all").out == "2 sources: 1 unchanged, 1 failed.\n"


def test_whoever_stops_reading_is_no_error(digest: Desk) -> None:
    command = [sys.executable, "-m", "digest", "--home", str(digest.home), "topic", "list"]
    for form in ([], ["--json"]):
        reader, writer = os.pipe()
        os.close(reader)
        done = subprocess.run([*command, *form], stdout=writer, stderr=subprocess.PIPE, check=False)
        os.close(writer)
        assert (done.returncode, done.stderr) == (0, b"")
