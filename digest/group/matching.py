"""Which story, or which storyline, an article fits best."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

from digest.group import scoring
from digest.group.corpus import NAMES, NUMBERS, ROOTS, STEMS, Document, Floats
from digest.group.features import Features
from digest.group.scoring import Match
from digest.group.state import State

_ALL = (NAMES, NUMBERS, STEMS, ROOTS)

#: A story is as like as the average of its best so many articles; storylines likewise.
_BEST = 3
_BEST_OF_LINE = 2

#: Near-duplicates are one story only within so many days: a text may be printed again years later.
_DUPLICATE_DAYS = 30.0


@dataclass(frozen=True, slots=True)
class _Likeness:
    article: int
    score: float
    names: float


def find_story(state: State, document: Document, language: str, signature: bytes) -> Match | None:
    """The story that an article belongs to, if there is one."""
    matches = story_matches(state, document, language, signature, ())
    return matches[0] if matches and matches[0].score >= scoring.JOIN else None


def story_matches(
    state: State, document: Document, language: str, signature: bytes, without: Collection[int]
) -> list[Match]:
    """Stories by likeness, best first; the older id first among equals."""
    articles = [a for a in state.corpus.near(document, _ALL) if state.members[a].story not in without]
    cosines = state.corpus.similarities(document, articles)
    same = [state.members[a].language == language for a in articles]
    values = scoring.likeness(cosines, same)
    by_story: dict[int, list[_Likeness]] = {}
    for i, article in enumerate(articles):
        member = state.members[article]
        gap = document.span.gap(state.corpus.document(article).span)
        if scoring.near_duplicate(signature, member.signature) and gap <= _DUPLICATE_DAYS:
            score = 1.0
        elif gap > scoring.MAX_DAYS:
            continue
        else:
            score = float(values[i]) - scoring.late(gap)
        found = _Likeness(article, round(score, 6), round(float(cosines[i, NAMES]), 6))
        by_story.setdefault(member.story, []).append(found)
    matches = [_story_match(story, found) for story, found in by_story.items()]
    return sorted(matches, key=lambda m: (-m.score, m.target))


def _story_match(story: int, found: list[_Likeness]) -> Match:
    best = sorted(found, key=lambda f: (-f.score, f.article))[:_BEST]
    # A near-duplicate decides alone: its story may have drifted away from this text.
    score = 1.0 if best[0].score == 1.0 else sum(f.score for f in best) / len(best)
    why = "nearly the same text as" if score == 1.0 else f"likeness {score:.2f}, names {best[0].names:.2f} with"
    return Match(story, round(score, 6), f"{why} article {best[0].article}")


def find_line(
    state: State, document: Document, features: Features, language: str, without: Collection[int] = ()
) -> Match | None:
    """The storyline that an article continues: like in its heaviest names, with rare names in common.

    No date counts: storylines go on for years.
    """
    articles = [a for a in state.corpus.near(document, (NAMES,)) if state.members[a].storyline not in without]
    cosines = state.corpus.similarities(document, articles)
    same = [state.members[a].language == language for a in articles]
    context = scoring.context(cosines, same)
    by_line: dict[int, list[int]] = {}
    for i, article in enumerate(articles):
        by_line.setdefault(state.members[article].storyline, []).append(i)
    links = [
        match
        for line, rows in sorted(by_line.items())
        if (match := _line_match(state, features, line, rows, articles, cosines, context))
    ]
    return max(links, key=lambda m: (m.score, -m.target), default=None)


def _line_match(
    state: State,
    features: Features,
    line: int,
    rows: list[int],
    articles: list[int],
    cosines: Floats,
    context: Floats,
) -> Match | None:
    best = sorted(rows, key=lambda i: (-round(float(cosines[i, NAMES]), 6), articles[i]))[:_BEST_OF_LINE]
    names = sum(float(cosines[i, NAMES]) for i in best) / len(best)
    told = sum(float(context[i]) for i in best) / len(best)
    if told < scoring.LINK_TOPIC or names + scoring.LINK_BONUS * (told - scoring.LINK_TOPIC) < scoring.LINK_NAMES:
        return None
    nearest = articles[best[0]]
    told_there = {name for i in best for name in state.members[articles[i]].features.names}
    shared = state.shared_rare_names(features.names, told_there)
    if len(shared) < scoring.RARE_NAMES:
        return None
    score = round(names + scoring.TOLD * told, 6)
    return Match(line, score, f"continues article {nearest}: names {names:.2f}, both tell of {', '.join(shared[:3])}")
