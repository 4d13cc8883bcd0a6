"""Two articles beside each other: how likely they tell one event, each with what its neighbours tell besides.

A title says little by itself, and what its neighbours in its own language add is what another language can share.
Neighbours that came later count as well, so a second look knows more than the first one did.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from digest.group import scoring
from digest.group.documents import Document, Floats
from digest.group.matching import KEYS, likeness_of_meaning
from digest.group.scoring import Scorer
from digest.group.state import State

#: So many articles are looked at beside each one, found by so many of its heaviest features.
_BESIDE = 400
_BESIDE_KEYS = 16
#: And so many that only their vectors show, where a model is set.
_MEANT = 64
#: So many of the nearest are its neighbours, among so many looked at, if they share so much and come in these days.
_NEIGHBOURS = 5
_LOOKED_AT = 60
_SHARED = 0.25
_NEIGHBOUR_DAYS = 4.0


@dataclass(frozen=True, slots=True)
class Beside:
    """Articles beside one, one row of measures each."""

    articles: list[int]
    same: list[bool]
    measures: Floats
    fullness: float
    alike: Floats | None  # cosines of the vectors, where a model is set

    def chances(self, scorer: Scorer) -> Floats:
        """How likely each of them tells the same event, 0 to 1.

        The same words of other names are a form of words: neighbours, who use it too, must not make up for that.
        """
        odds = scorer.score("pair", self.same, self.measures, self.fullness, self.alike)
        formula = self.measures[:, scoring.MEASURES.index("formula")]
        said: Floats = np.maximum(0.0, 1.0 - formula) / (1.0 + np.exp(-odds))
        return said


@dataclass(slots=True)
class Pairs:
    """Measures pairs of articles as the state is now, to be thrown away when it has changed."""

    state: State
    _wide: dict[int, Document] = field(default_factory=dict)

    def beside(self, article: int) -> Beside:
        """The articles near one in words and time, measured."""
        document = self.state.corpus.document(article)
        beside = self._neighbourhood(article)
        if article not in self._wide:
            self._widen(article, beside)
        near = [other for other, _ in beside]
        meant = self.state.corpus.near_in_meaning(document, scoring.MAX_DAYS, _MEANT)
        near += sorted({*meant} - {article, *near})
        return self._measured(article, [o for o in near if self._gap(document, o) <= scoring.MAX_DAYS])

    def _measured(self, article: int, others: Sequence[int]) -> Beside:
        """One article beside others."""
        corpus, members = self.state.corpus, self.state.members
        document = corpus.document(article)
        documents = [corpus.document(other) for other in others]
        same = [members[other].language == members[article].language for other in others]
        gaps = np.array([document.span.gap(d.span) for d in documents])
        wide = corpus.compare(self.wide(article), [self.wide(other) for other in others]).cosines
        nothing = np.zeros((len(others), 2))
        shared = corpus.compare(document, documents)
        measures = scoring.measure(shared, same, gaps, 0.0 * gaps, nothing, scoring.told(wide, same))
        alike = likeness_of_meaning(self.state, document, documents)
        return Beside(list(others), same, measures, scoring.fullness(document.length), alike)

    def wide(self, article: int) -> Document:
        """An article with what its nearest neighbours in its language tell besides."""
        if article not in self._wide:
            self._widen(article, self._neighbourhood(article))
        return self._wide[article]

    def _widen(self, article: int, neighbourhood: Sequence[tuple[int, float]]) -> None:
        corpus, members = self.state.corpus, self.state.members
        document, language = corpus.document(article), members[article].language
        close = [
            (corpus.document(other), shared)
            for other, shared in neighbourhood[:_LOOKED_AT]
            if shared > _SHARED
            and members[other].language == language
            and self._gap(document, other) <= _NEIGHBOUR_DAYS
        ]
        self._wide[article] = corpus.widened(document, close[:_NEIGHBOURS])

    def _neighbourhood(self, article: int) -> list[tuple[int, float]]:
        document = self.state.corpus.document(article)
        near = self.state.corpus.near(document, KEYS, _BESIDE, _BESIDE_KEYS)
        return [pair for pair in near if pair[0] != article]

    def _gap(self, document: Document, other: int) -> float:
        return document.span.gap(self.state.corpus.document(other).span)
