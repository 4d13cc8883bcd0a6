"""The labelled sets as articles to learn from: read in, projected to titles or teasers.

Learning may look at the labels: the language is taken from the set, and noise that it marks is taken out. Measuring
may not: see sets.py.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from digest.model.article import Article
from digest.model.dates import PartialDate, Precision

Row = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Labelled:
    """An article with its labels. `group`: articles that must not be parted into learning and testing."""

    article: Article
    event: str
    group: str
    set: str


def read(path: Path) -> list[Row]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def article_of(row: Row, number: int) -> Article:
    """A plain conversion: noise that the set marks is taken out, as normalising does for real articles."""
    text = str(row["text"])
    for noise in row.get("boilerplate", ()):
        text = text.replace(noise, "")
    title = row.get("title") or text.split(". ")[0]
    return Article(
        source="labelled",
        title=title,
        title_given=bool(row.get("title")),
        paragraphs=tuple(p.strip() for p in text.split("\n\n") if p.strip()),
        language=row["lang"],
        published=date_of(row.get("date", "")),
        publisher="",
        url=None,
        content_hash=hashlib.sha256(f"{title}\n{text}".encode()).hexdigest()[:16],
        signature=b"",
        identity=f"id:{row['id']}",
        id=number,
    )


def date_of(text: str) -> PartialDate:
    for form, precision in (
        ("%Y-%m-%d %H:%M:%S", Precision.MINUTE),
        ("%Y-%m-%d", Precision.DAY),
        ("%Y-%m", Precision.MONTH),
    ):
        try:
            return PartialDate(datetime.strptime(text, form).replace(tzinfo=UTC), precision)
        except ValueError:
            continue
    return PartialDate(datetime(2000, 1, 1, tzinfo=UTC), Precision.YEAR)


def title_only(article: Article) -> Article:
    return replace(article, title_given=True, paragraphs=())


def teaser(article: Article) -> Article:
    """The title and about the first thirty words, as many feeds send it."""
    words = article.text.split()[:32]
    return replace(article, title_given=True, paragraphs=(" ".join(words),))


PROJECTIONS: dict[str, Callable[[Article], Article]] = {"texts": lambda a: a, "teasers": teaser, "titles": title_only}
