"""Short ways through what nearly all feeds send: on real feeds and articles they end where the long ways end."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from digest.ingest import feeds, language, markup, plain
from digest.model.article import RawArticle
from tests.support.long_ways import parsed


def test_real_feeds_read_the_same_either_way(shared: Path) -> None:
    taken = 0
    for path in sorted((shared / "corpora" / "feedparser").rglob("*")):
        for found in feeds.read(path.read_bytes(), "x") if path.is_file() else ():
            if isinstance(found, RawArticle) and found.markup:
                taken += markup._read_simply(plain.tidy(found.text)) is not None
                assert markup._parse(found.text) == parsed(found.text), path
    assert taken > 500


def test_a_glance_tells_what_the_whole_sample_tells(shared: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    rows = (shared / "eval" / "authored-dev.jsonl").read_text(encoding="utf-8").splitlines()
    rows += (shared / "eval" / "ecbplus-dev.jsonl").read_text(encoding="utf-8").splitlines()
    texts = [text for row in map(json.loads, rows) if (text := row.get("text") or row["title"])]
    quick = [language.detect(text) for text in texts]
    declared = [language.detect(text, declared=name) for text, name in zip(texts, quick, strict=True)]
    contradicted = [language.detect(text, declared="sv") for text in texts]
    for name in ("_GLANCE", "_DECLARED_GLANCE"):
        monkeypatch.setattr(language, name, (10_000, 1.0))
    assert quick == [language.detect(text) for text in texts]
    assert declared == [language.detect(text, declared=name) for text, name in zip(texts, quick, strict=True)]
    assert contradicted == [language.detect(text, declared="sv") for text in texts]
    assert len(texts) > 500
