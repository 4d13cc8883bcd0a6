"""digest subscriber import, digest subscriber export"""

from __future__ import annotations

import csv
import io
import json
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.unit.cli.running import Said

A, B = "a@example.org", "b@example.org"
_KEPT = ("email", "name", "publication", "cadence", "language", "zone", "topics", "state", "address")


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.well("publication", "add", "p", "--every", "day", "--every", "week", "--zone", "Europe/Brussels")
    return made


def add(digest: Desk, email: str = A, *options: str) -> str:
    return digest.well("subscriber", "add", "--basis", "form", email, "--publication", "p", *options).out


def counts(said: Said) -> dict[str, int]:
    """What there was of each."""
    return {name: number for name, number in said.json.items() if number}


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_export_and_import_are_a_round_trip(digest: Desk, form: str) -> None:
    add(digest, "jörg@exämple.de", "--name", '=Jörg "J;," Ö', "--topic", "sport", "--topic", "politics")
    add(digest, A, "--cadence", "week", "--lang", "nl", "--zone", "Asia/Tokyo")
    add(digest, B)
    digest.well("subscriber", "pause", B)
    digest.well("subscriber", "tag", "add", A, "VIP", "book club")
    text = digest.well("subscriber", "export", "--format", form).out
    before = digest.well("subscriber", "list", "--json").json
    digest.typed(text)
    assert counts(digest.well("subscriber", "import", "-", "--json")) == {"known": 3}
    for email in ("jörg@exämple.de", A, B):
        digest.well("subscriber", "remove", email)
    digest.typed("\ufeff" + text)
    assert digest.well("subscriber", "import", "-").out == "3 added, 0 known already, 0 failed.\n"
    after = digest.well("subscriber", "list", "--json").json
    assert [s["tags"] for s in after if s["email"] == A] == [["book club", "vip"]]
    assert [[s[k] for k in _KEPT] for s in after] == [[s[k] for k in _KEPT] for s in before]
    assert digest.well("subscriber", "export", "--format", form).out == text


def test_export_is_what_other_programs_read(digest: Desk) -> None:
    add(digest, A, "--topic", "sport", "--topic", "politics")
    (row,) = csv.DictReader(io.StringIO(digest.well("subscriber", "export", "--publication", "p").out))
    assert (row["email"], row["topics"], row["state"]) == (A, "sport;politics", "active")
    line = json.loads(digest.well("subscriber", "export", "--format", "jsonl").out)
    assert line["topics"] == ["sport", "politics"]
    assert "there is no publication" in digest.refused("subscriber", "export", "--publication", "nothing")


def test_bad_lines_are_named_and_the_others_go_through(digest: Desk, tmp_path: Path) -> None:
    file = tmp_path / "readers.csv"
    file.write_text(
        "email,name,zone,cadence\nx,y,,\n\na@example.org,Ann,,\nb@example.org,,Mars,\nc@example.org,,,hour\n"
    )
    said = digest("subscriber", "import", str(file), "--publication", "p", "--basis", "form", "--json")
    assert (said.code, counts(said)) == (1, {"added": 1, "failed": 3})
    lines = said.err.splitlines()
    assert [line.partition(": ")[2].partition(": ")[0] for line in lines] == [f"{file}:{n}" for n in (2, 5, 6)]
    file.write_text(
        '{"email": "d@example.org"}\n{"email": 3}\n{"email": "e@example.org", "topics": ["sport"]}\nnot json\n'
    )
    said = digest("subscriber", "import", str(file), "--publication", "p", "--basis", "form")
    assert (said.code, said.out) == (1, "2 added, 0 known already, 2 failed.\n")
    assert [f"{file}:{n}: " in line for n, line in zip((2, 4), said.err.splitlines(), strict=True)] == [True, True]
    said = digest("subscriber", "import", str(file), "--basis", "form")
    assert (said.code, said.out) == (1, "0 added, 0 known already, 4 failed.\n")
    assert "the row names no publication" in said.err


def test_a_file_that_cannot_be_imported_is_one_line(digest: Desk, tmp_path: Path) -> None:
    imported = ("subscriber", "import")
    assert "nowhere.csv: does not exist (check the path)" in digest.refused(*imported, "nowhere.csv", code=1)
    assert "cannot be read: Is a directory (name a file)" in digest.refused(*imported, str(tmp_path), code=1)
    (tmp_path / "latin.csv").write_bytes("email,name\na@example.org,Jörg\n".encode("latin-1"))
    said = digest(*imported, str(tmp_path / "latin.csv"))
    assert (said.code, said.out) == (1, "0 added, 0 known already, 1 failed.\n")
    assert "latin.csv:2: this is not UTF-8 (save the file as UTF-8)" in said.err
    (tmp_path / "wide.csv").write_text("email\na@example.org\n", encoding="utf-16")
    assert "wide.csv: this is UTF-16 (save it as CSV in UTF-8)" in digest.refused(
        *imported, str(tmp_path / "wide.csv"), code=1
    )
    (tmp_path / "empty.csv").write_text("")
    assert "there is no publication" in digest.refused(*imported, str(tmp_path / "empty.csv"), "--publication", "x")
    assert digest.well(*imported, str(tmp_path / "empty.csv")).out == "0 added, 0 known already, 0 failed.\n"
    (tmp_path / "other.csv").write_text("email,naam\na@example.org,x\n")
    said = digest(*imported, str(tmp_path / "other.csv"), "--publication", "p")
    assert said.code == 1
    assert "other.csv:1: unknown column 'naam' (did you mean 'name'?)" in said.err
