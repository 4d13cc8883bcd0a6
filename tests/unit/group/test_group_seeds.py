"""The five seed articles: one storyline, whatever their order, and nobody else's article in it."""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.group.grouper import Grouper
from digest.group.topics import default_topics
from digest.model.article import Article

Make = Callable[..., Article]

LANGUAGES = {"003": "de", "004": "it"}


@pytest.fixture
def seeds(shared: Path, make: Make) -> list[Article]:
    found = []
    for path in sorted((shared / "seeds").glob("*.txt")):
        head = re.match(r"\s*date (\S+) (.*)", path.read_text(encoding="utf-8"), re.DOTALL)
        assert head
        language = LANGUAGES.get(path.name[:3], "nl")
        text = head[2].replace("\n\n", "\n")
        found.append(make(f"\n{text.split('. ')[0]}\n{text}", language, head[1], title_given=False))
    return found


@pytest.fixture
def others(shared: Path, make: Make) -> list[Article]:
    rows = map(json.loads, (shared / "eval" / "authored-dev.jsonl").read_text(encoding="utf-8").splitlines())
    return [
        make(
            f"{r['title'] or r['text'].split('. ')[0]}\n{r['text']}", r["lang"], r["date"], title_given=bool(r["title"])
        )
        for r in rows
    ]


@pytest.mark.parametrize("shuffle", range(5))
def test_the_seeds_are_one_storyline_of_sport(seeds: list[Article], shuffle: int) -> None:
    random.Random(shuffle).shuffle(seeds)
    grouper = Grouper(1, 1, default_topics())
    placements = [grouper.place(a) for a in seeds]
    grouper.review()
    assert len({grouper.member(a.id).storyline for a in seeds}) == 1
    assert {p.topics[0].topic for p in placements} == {"sport"}


@pytest.mark.parametrize("shuffle", range(5))
def test_no_unrelated_article_joins_them(seeds: list[Article], others: list[Article], shuffle: int) -> None:
    mixed = [*seeds, *others]
    random.Random(shuffle).shuffle(mixed)
    grouper = Grouper(1, 1, default_topics())
    for article in mixed:
        grouper.place(article)
    grouper.review()
    (line,) = {grouper.member(a.id).storyline for a in seeds}
    assert [a.title for a in others if grouper.member(a.id).storyline == line] == []
