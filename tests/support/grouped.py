"""Articles to be grouped: of texts of our own, and the five seeds."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

from digest.model.article import Article
from digest.model.dates import PartialDate, Precision

Make = Callable[..., Article]

_LANGUAGES = {"003": "de", "004": "it"}


def when(text: str) -> PartialDate:
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(text)]
    year, month, day = ([int(p) for p in text.split("-")] + [1, 1])[:3]
    return PartialDate(datetime(year, month, day, tzinfo=UTC), precision)


def maker() -> Make:
    """Builds an article from a text whose first line is the title; ids are counted up unless given."""
    count = 0

    def build(text: str, language: str, date: str, **more: object) -> Article:
        nonlocal count
        count += 1
        title, _, body = text.strip().partition("\n")
        values: dict[str, object] = {
            "source": "test",
            "title": title,
            "title_given": True,
            "paragraphs": tuple(p.strip() for p in body.strip().split("\n") if p.strip()),
            "language": language,
            "published": when(date),
            "publisher": "Test",
            "url": None,
            "content_hash": f"{count:016x}",
            "signature": b"",
            "identity": f"id:{count}",
            "id": count,
        }
        return Article(**(values | more))  # type: ignore[arg-type]

    return build


def seeds(shared: Path, make: Make) -> list[Article]:
    """From the folder of evaluation data."""
    found = []
    for path in sorted((shared / "seeds").glob("*.txt")):
        head = re.match(r"\s*date (\S+) (.*)", path.read_text(encoding="utf-8"), re.DOTALL)
        assert head
        language = _LANGUAGES.get(path.name[:3], "nl")
        text = head[2].replace("\n\n", "\n")
        found.append(make(f"\n{text.split('. ')[0]}\n{text}", language, head[1], title_given=False))
    return found
