"""The split pass: a story that tells two events by now comes apart."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from digest.group import scoring
from digest.group.centroids import centroid
from digest.group.documents import Floats
from digest.group.matching import measure_pair
from digest.group.rulings import Level
from digest.group.state import State

#: Fewer articles are not taken apart, and no part is smaller than this.
_LEAST = 4
_LEAST_PART = 2
#: So many articles are compared one with another; the others follow the part that they are more like.
_COMPARED = 40


@dataclass(frozen=True, slots=True)
class Parts:
    """The articles that stay, and those that leave."""

    stay: tuple[int, ...]
    leave: tuple[int, ...]
    why: str


def two_events(state: State, story: int) -> Parts | None:
    """How a story comes apart, where its two halves would not be merged again."""
    articles = sorted(state.stories[story], key=lambda a: (state.corpus.document(a).span.middle, a))
    if len(articles) < _LEAST:
        return None
    chosen = articles
    if len(articles) > _COMPARED:
        chosen = [articles[round(i * (len(articles) - 1) / (_COMPARED - 1))] for i in range(_COMPARED)]
    one, other = _halves(_likeness(state, chosen), chosen)
    one, other = _with_the_rest(state, articles, one, other)
    one, other = _as_ruled(state, articles, one, other)
    if min(len(one), len(other)) < _LEAST_PART:
        return None
    score, fullness = measure_pair(state, [state.members[a] for a in one], [state.members[a] for a in other])
    if score >= state.scorer.bar("split", fullness):
        return None
    # The part with the first article keeps the number.
    stay, leave = (one, other) if articles[0] in one else (other, one)
    why = f"another event than the rest of story {story} ({scoring.sureness(-score)})"
    return Parts(tuple(sorted(stay)), tuple(sorted(leave)), why)


def _likeness(state: State, articles: Sequence[int]) -> Floats:
    documents = [state.corpus.document(a) for a in articles]
    languages = [state.members[a].language for a in articles]
    rows = []
    for document, language in zip(documents, languages, strict=True):
        cosines = state.corpus.compare(document, documents).cosines
        rows.append(scoring.likeness(cosines, [language == other for other in languages]))
    matrix = np.array(rows)
    both: Floats = (matrix + matrix.T) / 2.0
    return both


def _halves(likeness: Floats, articles: Sequence[int]) -> tuple[list[int], list[int]]:
    """Average linkage down to two clusters."""
    size = np.ones(len(articles))
    near = likeness.copy()
    np.fill_diagonal(near, -np.inf)
    held = [[a] for a in articles]
    alive = len(articles)
    while alive > 2:
        i, j = divmod(int(np.argmax(near)), len(articles))
        i, j = min(i, j), max(i, j)
        mixed = (size[i] * near[i] + size[j] * near[j]) / (size[i] + size[j])
        near[i, :] = near[:, i] = mixed
        near[i, i] = -np.inf
        near[j, :] = near[:, j] = -np.inf
        size[i] += size[j]
        held[i] += held[j]
        held[j] = []
        alive -= 1
    one, other = (part for part in held if part)
    return one, other


def _with_the_rest(
    state: State, articles: Sequence[int], one: list[int], other: list[int]
) -> tuple[list[int], list[int]]:
    placed = {*one, *other}
    rest = [a for a in articles if a not in placed]
    if not rest:
        return one, other
    one, other = list(one), list(other)
    halves = [[(state.members[a], state.corpus.document(a)) for a in part] for part in (one, other)]
    for article in rest:
        language = state.members[article].language
        centres = [centroid(state.corpus, half, language) for half in halves]
        cosines = state.corpus.compare(state.corpus.document(article), centres).cosines
        same = [any(m.language == language for m, _ in half) for half in halves]
        likeness = scoring.likeness(cosines, same)
        (one if likeness[0] >= likeness[1] else other).append(article)
    return one, other


def _as_ruled(state: State, articles: Sequence[int], one: list[int], other: list[int]) -> tuple[list[int], list[int]]:
    """What the operator put together stays together: with the half that holds more of it."""
    if not len(state.rulings):
        return one, other
    first, second = set(one), set(other)
    for block in state.rulings.blocks(Level.STORY, articles):
        here, there = block & first, block & second
        if here and there:
            first, second = (
                (first | block, second - block) if len(here) >= len(there) else (first - block, second | block)
            )
    return sorted(first), sorted(second)
