"""The grouping of a labelled set, and its figures: as placed one by one, and after the review at the end."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from types import ModuleType

from sets import Part
from tables import percent, three

from digest.group.features import Features, extract
from digest.group.grouper import Grouper
from digest.group.records import Placement
from digest.group.scoring import Scorer
from digest.group.topics import assign, default_topics, hint_topic
from digest.model.article import Article
from digest.model.story import Topic

HEADER = ("set", "label", "stage", "B-cubed P / R / F1", "pairs F1", "across languages F1", "said", "true")
#: Topics as sets call them, where that is not our name for them; science and tech are one.
TOPICS = {
    "arts": "arts-culture",
    "business": "economy-business",
    "conflict": "conflict-war",
    "crime": "crime-law",
    "culture": "arts-culture",
    "disaster": "disaster-accident",
    "economy": "economy-business",
    "entertainment": "arts-culture",
    "justice": "crime-law",
    "law": "crime-law",
    "lifestyle": "lifestyle-leisure",
    "science": "science-technology",
    "tech": "science-technology",
    "technology": "science-technology",
    "war": "conflict-war",
}


@dataclass(frozen=True, slots=True)
class Grouped:
    """Level -> the number of each article's story or storyline, when it was placed and at the end."""

    online: Mapping[str, list[int]]
    merged: Mapping[str, list[int]]
    topics: list[list[str]]
    seconds: float
    review_seconds: float
    splits: int
    merges: int


def warm_up(articles: Sequence[Article]) -> None:
    """Load what is loaded at the first article of each language: it would be timed else."""
    for article in {a.language: a for a in articles}.values():
        extract(article)
        assign(article, default_topics())


def group(
    articles: Sequence[Article],
    topics: Sequence[Topic] = (),
    scorer: Scorer | None = None,
    features: Sequence[Features] | None = None,
) -> Grouped:
    """Place the articles in their order, then review once."""
    warm_up(articles)
    grouper = Grouper(1, 1, topics, scorer)
    begin = time.perf_counter()
    placed: list[Placement] = [
        grouper.place(article, features[i] if features else None) for i, article in enumerate(articles)
    ]
    middle = time.perf_counter()
    review = grouper.review()
    end = time.perf_counter()
    members = [grouper.member(p.article) for p in placed]
    return Grouped(
        {"story": [p.story for p in placed], "storyline": [p.storyline for p in placed]},
        {"story": [m.story for m in members], "storyline": [m.storyline for m in members]},
        [[t.topic for t in p.topics] for p in placed],
        middle - begin,
        end - middle,
        len(review.splits),
        len(review.merges),
    )


@dataclass(frozen=True, slots=True)
class Figures:
    """Precision, recall and F1 each, from 0 to 1."""

    bcubed: tuple[float, float, float]
    pairs: tuple[float, float, float]
    across: tuple[float, float, float]
    said: int
    true: int


def figures(score: ModuleType, part: Part, said: Sequence[int], label: str) -> Figures:
    """The articles that have the label; those that were refused count as stories of their own, as in score.py."""
    rows = [
        (s, g, language) for s, g, language in zip(said, part.labels(label), part.spoken, strict=True) if g is not None
    ]
    for i, (row, _) in enumerate(part.refused, 1):
        if row.get(label) not in (None, ""):
            rows.append((-i, str(row[label]), str(row.get("lang", "?"))))
    out, gold, spoken = ([row[i] for row in rows] for i in range(3))
    return Figures(
        score.bcubed(out, gold),
        score.pairwise(out, gold),
        score.cross_lingual(out, gold, spoken),
        len(set(out)),
        len(set(gold)),
    )


def lines(score: ModuleType, part: Part, found: Grouped) -> list[list[object]]:
    """The rows of the table for one set."""
    made: list[list[object]] = []
    for level, label in part.levels.items():
        for stage, said in (("online", found.online), ("merged", found.merged)):
            f = figures(score, part, said[level], label)
            across = percent(f.across[2]) if len(set(part.spoken)) > 1 else "-"
            made.append([part.name, label, stage, three(f.bcubed), percent(f.pairs[2]), across, f.said, f.true])
    return made


def topic_of(label: str) -> str | None:
    """Our name for a set's topic; None for one that we cannot place."""
    return TOPICS.get(label.casefold()) or hint_topic(label)


@dataclass(frozen=True, slots=True)
class Sorted:
    """How many articles got the topic that the set gives: as their first one, as one of those given."""

    articles: int
    first: int
    among: int
    missed: Counter[tuple[str, str]]
    unknown: Counter[str]


def topics(labels: Sequence[str | None], said: Sequence[Sequence[str]]) -> Sorted:
    first, among, articles = 0, 0, 0
    missed: Counter[tuple[str, str]] = Counter()
    unknown: Counter[str] = Counter()
    for label, given in zip(labels, said, strict=True):
        if label is None:
            continue
        wanted = topic_of(label)
        if wanted is None:
            unknown[label] += 1
            continue
        articles, among = articles + 1, among + (wanted in given)
        if list(given[:1]) == [wanted]:
            first += 1
        else:
            missed[wanted, given[0] if given else "none"] += 1
    return Sorted(articles, first, among, missed, unknown)
