"""Labelled sets, read as the product reads articles: given id, date, title, text, url and source, and nothing else.

Language, title, clean text and signature come from normalising. What a set says besides (`lang`, `topic`,
`boilerplate`, the stories) is kept apart, to measure with.
"""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.errors import BadInput
from digest.ingest import jsonl, language, seed
from digest.ingest.language import LANGUAGES
from digest.ingest.normalise import normalise
from digest.model.article import Article, RawArticle

Row = dict[str, Any]
Label = Callable[[Row], str | None]

#: All that the product is told of an article.
GIVEN = ("id", "date", "title", "text", "url", "source")
#: Sets of one kind are files named so.
KINDS = ("authored", "ecbplus", "og2021")
#: What the levels of the grouping are called in the sets; the first that is there is taken.
LEVELS = {"story": ("event", "story"), "storyline": ("storyline",)}
HEADLINE = "dev"
WHOLE = "all"
#: When an article arrives that has no date, and no dated one before it.
_UNDATED = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Part:
    """One split of a set. `articles` in the order in which they are placed, numbered from 1; `rows` beside them.

    `refused`: rows that the product takes for no article, with the reason.
    """

    set: str
    kind: str
    split: str
    articles: tuple[Article, ...]
    rows: tuple[Row, ...]
    refused: tuple[tuple[Row, str], ...]
    seconds: float

    @property
    def name(self) -> str:
        return self.set if self.split == WHOLE else f"{self.set} {self.split}"

    @property
    def levels(self) -> dict[str, str]:
        """Level of the grouping -> the label to hold it against, as far as the set has one."""
        found = {
            level: next((n for n in names if any(_given(r.get(n)) for r in self.rows)), None)
            for level, names in LEVELS.items()
        }
        return {level: name for level, name in found.items() if name}

    def labels(self, name: str) -> list[str | None]:
        return [_given(row.get(name)) for row in self.rows]

    @property
    def spoken(self) -> list[str]:
        """The languages as the set has them, as found where it has none: to measure with."""
        return [_given(r.get("lang")) or a.language for r, a in zip(self.rows, self.articles, strict=True)]


def _given(value: Any) -> str | None:
    return None if value is None or value == "" else str(value)


def find(folder: Path) -> list[tuple[str, Path]]:
    """The labelled sets in a folder: kind and file."""
    return [(kind, path) for kind in KINDS for path in sorted(folder.glob(f"{kind}-*.jsonl"))]


def read_rows(path: Path) -> list[Row]:
    """The objects of a file; a broken line is told and left out."""
    rows = []
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), 1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except json.JSONDecodeError as error:
            row, why = None, str(error)
        else:
            why = "it is no object"
        if isinstance(row, dict):
            rows.append(row)
        else:
            print(f"{path}:{number} is left out: {why}")
    return rows


def parts(kind: str, path: Path, languages: tuple[str, ...] = LANGUAGES) -> Iterator[Part]:
    """A set split by split, the headline split first; each is grouped by itself."""
    rows = read_rows(path)
    splits = sorted({_given(r.get("split")) or WHOLE for r in rows}, key=lambda s: (s != HEADLINE, s))
    for split in splits:
        yield part(kind, path.stem, split, [r for r in rows if (_given(r.get("split")) or WHOLE) == split], languages)


def part(kind: str, name: str, split: str, rows: Sequence[Row], languages: tuple[str, ...] = LANGUAGES) -> Part:
    language.detect("Loads the model before the clock is read.", languages)
    begin = time.perf_counter()
    taken: list[tuple[datetime, Row, Article]] = []
    refused: list[tuple[Row, str]] = []
    last = _UNDATED
    for number, row in enumerate(rows, 1):
        try:
            raw = raw_of(row, f"{name}:{number}")
            # What has no date comes when the article before it in the file came.
            last = raw.date.start if raw.date else last
            taken.append((last, row, normalise(raw, source=name, publisher="", now=last, languages=languages)))
        except BadInput as error:
            refused.append((row, str(error)))
    taken.sort(key=lambda found: found[0])
    articles = tuple(replace(article, id=i) for i, (_, _, article) in enumerate(taken, 1))
    seconds = time.perf_counter() - begin
    return Part(name, kind, split, articles, tuple(row for _, row, _ in taken), tuple(refused), seconds)


def raw_of(row: Row, origin: str) -> RawArticle:
    """A row through the door of JSON Lines. Raises BadInput as ingesting would report it."""
    given = {name: row[name] for name in GIVEN if row.get(name) is not None}
    if "id" in given:
        given["id"] = str(given["id"])
    found = next(jsonl.read(json.dumps(given, ensure_ascii=False).encode(), origin))
    if isinstance(found, BadInput):
        raise found
    return found


def read_seed(path: Path) -> Article:
    """A file in the seed format."""
    raw = seed.read(path.read_bytes(), path.name, path.name)
    assert raw.date is not None
    return normalise(raw, source="seeds", publisher="", now=raw.date.start)


def numbered(articles: Iterable[Article]) -> list[Article]:
    """In the order of their dates, with ids from 1."""
    ordered = sorted(articles, key=lambda a: a.published.start)
    return [replace(article, id=i) for i, article in enumerate(ordered, 1)]
