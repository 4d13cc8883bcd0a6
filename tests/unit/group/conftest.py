"""Articles of our own in several languages, and the folder of shared samples where there is one."""

from __future__ import annotations

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest
from group_texts import Make

from digest.model.article import Article
from digest.model.dates import PartialDate, Precision


def when(text: str) -> PartialDate:
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(text)]
    year, month, day = ([int(p) for p in text.split("-")] + [1, 1])[:3]
    return PartialDate(datetime(year, month, day, tzinfo=UTC), precision)


@pytest.fixture
def make() -> Make:
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


@pytest.fixture(scope="session")
def shared() -> Path:
    folder = Path(os.environ.get("DIGEST_SHARED") or Path(__file__).resolve().parents[4] / "shared")
    if not folder.is_dir():
        pytest.skip(f"the folder of shared samples is not there: {folder} (DIGEST_SHARED names another)")
    return folder
