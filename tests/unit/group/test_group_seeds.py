"""The five seed articles: one storyline, whatever their order. tests/conformance has them among others' articles."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from digest.group.grouper import Grouper
from digest.group.topics import default_topics
from tests.support.grouped import Make, seeds


@pytest.mark.parametrize("shuffle", range(5))
def test_the_seeds_are_one_storyline_of_sport(shared: Path, make: Make, shuffle: int) -> None:
    articles = seeds(shared, make)
    random.Random(shuffle).shuffle(articles)
    grouper = Grouper(1, 1, default_topics())
    placements = [grouper.place(a) for a in articles]
    grouper.review()
    assert len({grouper.member(a.id).storyline for a in articles}) == 1
    assert {p.topics[0].topic for p in placements} == {"sport"}
