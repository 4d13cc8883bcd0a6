"""A growing JSON Lines file."""

from __future__ import annotations

import json
import tempfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput, DigestError, UsageError
from digest.ingest.kinds.base import Batch, FetchOptions, SourceKind
from digest.ingest.kinds.jsonl import JsonLinesSource
from digest.model.article import RawArticle
from digest.model.publication import Source

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def line(number: int, text: str = "") -> str:
    return json.dumps({"id": str(number), "text": text or f"The ferry number {number} left on time."}) + "\n"


class Watched:
    """One file and what its source remembers between readings."""

    def __init__(self, path: Path, most: int = 10_000) -> None:
        self.kind: SourceKind = JsonLinesSource()
        self.path, self.most = path, most
        self.memory: dict[str, str] = {}
        path.touch()

    def add(self, text: str) -> None:
        with self.path.open("a", encoding="utf-8") as file:
            file.write(text)

    def batch(self) -> Batch:
        source, options = Source("w", "jsonl", str(self.path)), FetchOptions(max_bytes=self.most)
        found = self.kind.read(source, self.memory, now=NOW, options=options)
        self.memory = found.memory
        return found

    def read(self) -> list[str]:
        """The ids of what is new; of an error its text."""
        return [a.external_id or "" if isinstance(a, RawArticle) else str(a) for a in self.batch().articles]


@pytest.fixture
def watched(tmp_path: Path) -> Watched:
    return Watched(tmp_path / "wire.jsonl")


def test_only_what_was_added_is_read(watched: Watched) -> None:
    assert watched.batch().unchanged
    watched.add(line(1) + line(2))
    assert len(watched.batch().articles) == 2
    again = watched.batch()
    assert (again.articles, again.unchanged) == ([], True)
    watched.add("\n" + line(3))
    assert watched.read() == ["3"]


def test_a_broken_line_is_named_once_by_its_number(watched: Watched) -> None:
    watched.add(line(1))
    watched.read()
    watched.add("{broken}\n" + line(3))
    said, good = watched.read()
    assert said.startswith(f"{watched.path}:2: is not JSON")
    assert good == "3"
    assert watched.read() == []


def test_a_line_in_the_writing_is_waited_for(watched: Watched) -> None:
    whole = line(1)
    watched.add(whole[:20])
    assert watched.read() == []
    watched.add(whole[20:])
    assert watched.read() == ["1"]
    watched.add(line(2).rstrip("\n"))
    assert watched.read() == ["2"], "a last line needs no line end"
    watched.add("\n" + line(3))
    assert watched.read() == ["3"]
    watched.add('{"text": "cut')
    assert watched.read() == []
    assert "is not JSON" in watched.read()[0], "it does not grow any more"


def test_an_emptied_file_is_read_from_its_beginning(watched: Watched) -> None:
    watched.add(line(1) + line(2))
    watched.read()
    watched.path.write_text(line(3))
    assert watched.read() == ["3"]
    watched.path.write_text(line(4) + line(5) + line(6))
    assert watched.read() == ["4", "5", "6"], "longer than before, and quite another"


def test_what_came_just_before_the_files_were_turned_is_not_lost(watched: Watched) -> None:
    watched.add(line(1))
    watched.read()
    watched.add(line(2))
    watched.path.rename(f"{watched.path}.1")
    watched.path.write_text(line(3))
    assert watched.read() == ["2", "3"]
    assert watched.read() == []


def test_a_file_longer_than_one_reading_takes_several(tmp_path: Path) -> None:
    watched = Watched(tmp_path / "w.jsonl", most=200)
    watched.add("".join(line(n) for n in range(8)))
    found = []
    while ids := watched.read():
        assert len(ids) <= 3
        found += ids
    assert found == [str(n) for n in range(8)]
    watched.add(line(8, "x" * 300) + line(9))
    assert "is longer than 200 bytes" in watched.read()[0]
    assert watched.read() == ["9"]


def test_a_file_that_is_none(tmp_path: Path) -> None:
    for path in (tmp_path, tmp_path / "none.jsonl"):
        with pytest.raises(UsageError) as caught:
            JsonLinesSource().check(str(path))
        assert caught.value.mend
    with pytest.raises(DigestError):
        Watched(tmp_path / "w").kind.read(
            Source("w", "jsonl", str(tmp_path / "gone")), {}, now=NOW, options=FetchOptions()
        )


@given(st.lists(st.sampled_from(["line", "half", "read", "broken", "blank"]), max_size=30), st.integers(150, 400))
def test_each_line_is_read_once_however_it_was_written(steps: list[str], most: int) -> None:
    with tempfile.TemporaryDirectory() as folder:
        watched = Watched(Path(folder, "w.jsonl"), most)
        wrote = broken = 0
        rest, at_once = "", set[str]()
        found: list[RawArticle | BadInput] = []
        for step in steps:
            if step == "read":
                found += watched.batch().articles
                continue
            if rest:
                watched.add(rest)
                rest = ""
            if step == "broken":
                broken += 1
                watched.add("{no\n")
            elif step == "blank":
                watched.add("\n")
            else:
                wrote += 1
                at_once |= {str(wrote)} if step == "line" else set()
                whole = line(wrote)
                cut = len(whole) if step == "line" else 10
                watched.add(whole[:cut])
                rest = whole[cut:]
        watched.add(rest)
        for _ in range(40):
            found += watched.batch().articles
        good = [a.external_id for a in found if isinstance(a, RawArticle)]
        assert good == [str(n) for n in range(1, wrote + 1) if str(n) in good], "in order, and none twice"
        assert at_once <= set(good)
        assert sum(isinstance(a, BadInput) for a in found) >= broken
