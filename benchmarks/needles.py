"""The seed articles among many others: are they one storyline, and does nothing else get into it?"""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from quality import group
from sets import numbered, read_seed

from digest.model.article import Article

DISTRACTORS = 1000
DRAWS = 3


@dataclass(frozen=True, slots=True)
class Found:
    """Of one draw, after the review: the seeds in their largest storyline, what else is in it, and the storylines."""

    seeds: int
    together: int
    intruders: tuple[str, ...]
    storylines: int
    distractors: int


def search(folder: Path, others: Sequence[Sequence[Article]]) -> list[Found]:
    """One result per draw from the sets; none where there are no seed articles or no sets."""
    seeds = [read_seed(path) for path in sorted(folder.glob("*.txt"))]
    return [_search(seeds, draw(others, random.Random(i))) for i in range(DRAWS)] if seeds and any(others) else []


def draw(others: Sequence[Sequence[Article]], chance: random.Random) -> list[Article]:
    """As many from each set, as far as it has them: most from the largest would be titles alone."""
    drawn: list[Article] = []
    ordered = sorted(others, key=len)
    for i, articles in enumerate(ordered):
        share = (DISTRACTORS - len(drawn)) // (len(ordered) - i)
        drawn += chance.sample(list(articles), min(share, len(articles)))
    return drawn


def _search(seeds: Sequence[Article], drawn: Sequence[Article]) -> Found:
    articles = numbered([*seeds, *drawn])
    ours = {a.id for a in articles if a.source == "seeds"}
    lines = dict(zip([a.id for a in articles], group(articles).merged["storyline"], strict=True))
    count = Counter(lines[i] for i in ours)
    line, together = count.most_common(1)[0]
    intruders = tuple(a.title for a in articles if a.id not in ours and lines[a.id] == line)
    return Found(len(seeds), together, intruders, len(count), len(drawn))
