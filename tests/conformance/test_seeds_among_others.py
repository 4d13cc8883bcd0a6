"""The five seed articles among those of the development set: nobody else's article joins their storyline."""

from __future__ import annotations

import json
import random
from pathlib import Path

import pytest

from digest.group.grouper import Grouper
from digest.group.topics import default_topics
from digest.model.article import Article
from tests.support.grouped import Make, maker, seeds


def others(shared: Path, make: Make) -> list[Article]:
    rows = map(json.loads, (shared / "eval" / "authored-dev.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        make(
            f"{r['title'] or r['text'].split('. ')[0]}\n{r['text']}", r["lang"], r["date"], title_given=bool(r["title"])
        )
        for r in rows
    ]


@pytest.mark.parametrize("shuffle", range(5))
def test_no_unrelated_article_joins_them(shared: Path, shuffle: int) -> None:
    make = maker()
    ours, strangers = seeds(shared, make), others(shared, make)
    mixed = [*ours, *strangers]
    random.Random(shuffle).shuffle(mixed)
    grouper = Grouper(1, 1, default_topics())
    for article in mixed:
        grouper.place(article)
    grouper.review()
    (line,) = {grouper.member(a.id).storyline for a in ours}
    assert [a.title for a in strangers if grouper.member(a.id).storyline == line] == []
