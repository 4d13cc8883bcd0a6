"""Which entry stands before which, and why. Pure."""

from __future__ import annotations

import math
from collections.abc import Sequence
from datetime import datetime, timedelta

from digest.compose.folding import Fold
from digest.compose.voices import Voices
from digest.model.edition import EntryKind, SourceLink
from digest.model.ranking import Ranking


def rank(
    line: Fold, sources: Sequence[SourceLink], heard: Voices, now: datetime, wanted: Sequence[str], weights: Ranking
) -> tuple[float, str]:
    """The score, and what it is made of in words: coverage, languages, new articles, age, novelty, topics."""
    languages = len({s.language for s in sources})
    fresh = sum(len(n.candidate.fresh) for n in line.news)
    days = max(0.0, (now - line.lead.candidate.story.last.start) / timedelta(days=1))
    new, near = novelty(line), nearness(line, wanted)
    score = (
        weights.coverage * math.log2(1 + heard.independent)
        + weights.languages * math.log2(languages)
        + weights.articles * math.log2(1 + fresh)
        + weights.freshness * math.exp(-days / weights.freshness_days)
        + weights.novelty * new
        + weights.topics * near
    )
    told = [
        heard.told(),
        f"{languages} language{'s' * (languages != 1)}",
        f"{fresh} new article{'s' * (fresh != 1)}",
        f"{days:.0f} days old" if days >= 1 else "today",
        f"{100 * new:.0f} % of it new to the reader" if new < 1 else "",
        _near_said(near),
    ]
    return round(score, 4), ", ".join(filter(None, told))


def novelty(line: Fold) -> float:
    """From 0 to 1: 1 where a story of the entry is new, else how much of the new articles the reader has not had."""
    if any(n.kind is EntryKind.NEW for n in line.news):
        return 1.0
    return max(n.unheard for n in line.news)


def nearness(line: Fold, wanted: Sequence[str]) -> float:
    """1 where the heaviest topic of a story is one of the reader's, 1/2 where the second is, and so on; 0 for none.

    Also 0 where the reader takes all topics: then they tell no entry from another.
    """
    places = (place for s in line.stories for place, topic in enumerate(s.topics, start=1) if topic in wanted)
    return 1 / min(places, default=math.inf)


def _near_said(near: float) -> str:
    if not near:
        return ""
    return "the reader's topic" if near == 1 else "also the reader's topic"
