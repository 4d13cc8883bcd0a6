"""The articles seen so far as weighted vectors, with an inverted index to find near ones.

The state is a function of the set of articles alone, not of the order in which they came: counts are
sums, postings are sorted by date, and weights are computed when they are needed. That is what makes
a grouper rebuilt after a restart decide as the one before it would have.
"""

from __future__ import annotations

from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from heapq import nlargest

import numpy as np
import numpy.typing as npt

from digest.group import lexicon
from digest.group.features import Features
from digest.model.dates import PartialDate, Precision

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

NAMES, NUMBERS, CONCEPTS, STEMS, ROOTS = range(5)
SPACES = 5

#: As if so many articles of everyday news had been counted already, so that the first few articles
#: are not all rare words; and in how many of them a feature of each kind is supposed to have stood.
_BACKGROUND = 3000.0
_PRIOR = (3.0, 20.0, 90.0, 25.0, 25.0)
_HUB_PRIOR = 90.0
_YEAR_PRIOR = 150.0

#: Words of seven letters and more often share their beginning with their cousins in other languages.
_ROOT = 6
_ROOT_FROM = 7

_KEYS = 12
_POSTINGS = 48
_CANDIDATES = 40


@dataclass(frozen=True, slots=True)
class Span:
    """A date as the interval of days that it can mean."""

    lo: float
    hi: float

    @classmethod
    def of(cls, date: PartialDate) -> Span:
        start = date.start
        lo = start.toordinal() + start.hour / 24 + start.minute / 1440
        match date.precision:
            case Precision.YEAR:
                hi = start.replace(month=12, day=31).toordinal() + 1.0
            case Precision.MONTH:
                hi = float((start.replace(day=1) + timedelta(days=32)).replace(day=1).toordinal())
            case Precision.DAY:
                hi = lo + 1
            case _:
                hi = lo
        return cls(lo, hi)

    @property
    def middle(self) -> float:
        return (self.lo + self.hi) / 2

    def gap(self, other: Span) -> float:
        """Days between the two intervals; none where they overlap."""
        return max(0.0, self.lo - other.hi, other.lo - self.hi)


@dataclass(frozen=True, slots=True)
class Document:
    """One article's features as arrays; `space` says which kind each feature is of."""

    ids: Ints
    counts: Floats
    space: Ints
    span: Span


class Corpus:
    """Counts, postings and vectors of the articles seen so far."""

    def __init__(self) -> None:
        self._vocabulary: dict[str, int] = {}
        self._frequency: Floats = np.zeros(1024)
        self._prior: Floats = np.ones(1024)
        self._dense: Floats = np.zeros(1024)
        self._postings: list[list[tuple[float, int]]] = []
        self._documents: dict[int, Document] = {}

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, article: int) -> bool:
        return article in self._documents

    def document(self, article: int) -> Document:
        return self._documents[article]

    def add(self, article: int, document: Document) -> None:
        self._documents[article] = document
        self._frequency[document.ids] += 1
        entry = (document.span.middle, article)
        for feature in document.ids[document.space != CONCEPTS].tolist():
            insort(self._postings[feature], entry)

    def remove(self, article: int) -> None:
        document = self._documents.pop(article)
        self._frequency[document.ids] -= 1
        entry = (document.span.middle, article)
        for feature in document.ids[document.space != CONCEPTS].tolist():
            postings = self._postings[feature]
            del postings[bisect_left(postings, entry)]

    def read(self, features: Features, published: PartialDate) -> Document:
        """Turn features into a vector; new features get a number, nothing is counted yet."""
        ids: list[int] = []
        counts: list[float] = []
        space: list[int] = []
        for kind, found in enumerate((features.names, features.numbers, features.concepts, features.stems)):
            for name, count in found.items():
                ids.append(self._number(kind, name))
                counts.append(count)
                space.append(kind)
        roots: dict[str, int] = {}
        for name, count in features.stems.items():
            if len(name) >= _ROOT_FROM:
                roots[name[:_ROOT]] = roots.get(name[:_ROOT], 0) + count
        for name, count in roots.items():
            ids.append(self._number(ROOTS, name))
            counts.append(count)
            space.append(ROOTS)
        return Document(
            np.array(ids, dtype=np.int64),
            1.0 + np.log(np.array(counts, dtype=np.float64)),
            np.array(space, dtype=np.int64),
            Span.of(published),
        )

    def _number(self, kind: int, name: str) -> int:
        key = f"{kind}{name}"
        number = self._vocabulary.setdefault(key, len(self._vocabulary))
        if number == len(self._postings):
            self._postings.append([])
            if number >= len(self._prior):
                self._grow()
            self._prior[number] = _prior(kind, name)
        return number

    def _grow(self) -> None:
        size = len(self._prior)
        self._prior = np.concatenate([self._prior, np.ones(size)])
        self._frequency = np.concatenate([self._frequency, np.zeros(size)])
        self._dense = np.zeros(2 * size)

    def weights(self, ids: Ints, counts: Floats) -> Floats:
        """Term frequency times inverse document frequency, over what was seen and the supposed background."""
        seen = self._frequency[ids] + self._prior[ids]
        weighed: Floats = counts * np.log(np.maximum(1.05, (_BACKGROUND + len(self._documents)) / seen))
        return weighed

    def near(self, document: Document, spaces: Sequence[int], limit: int = _CANDIDATES) -> list[int]:
        """Articles that share the heaviest features, most shared weight first; older ids first among equals."""
        pick = np.isin(document.space, spaces)
        ids = document.ids[pick]
        weight = self.weights(ids, document.counts[pick])
        heaviest = nlargest(_KEYS, zip(weight.tolist(), ids.tolist(), strict=True), key=lambda pair: pair[0])
        votes: dict[int, float] = {}
        for value, feature in heaviest:
            for _, article in self._nearest(feature, document.span.middle):
                votes[article] = votes.get(article, 0.0) + value
        best = nlargest(limit, ((round(v, 6), -a) for a, v in votes.items()))
        return [-a for _, a in best]

    def _nearest(self, feature: int, day: float) -> Iterable[tuple[float, int]]:
        postings = self._postings[feature]
        if len(postings) <= _POSTINGS:
            return postings
        at = bisect_left(postings, (day, 0))
        lo = min(max(0, at - _POSTINGS // 2), len(postings) - _POSTINGS)
        return postings[lo : lo + _POSTINGS]

    def similarities(self, document: Document, articles: Sequence[int]) -> Floats:
        """Cosines, one row per article and one column per space."""
        if not articles:
            return np.zeros((0, SPACES))
        others = [self._documents[a] for a in articles]
        ids = np.concatenate([o.ids for o in others])
        weight = self.weights(ids, np.concatenate([o.counts for o in others]))
        row = np.repeat(np.arange(len(others)), [len(o.ids) for o in others])
        group = row * SPACES + np.concatenate([o.space for o in others])
        own = self.weights(document.ids, document.counts)
        self._dense[document.ids] = own
        size = len(others) * SPACES
        dots = np.bincount(group, weight * self._dense[ids], size).reshape(-1, SPACES)
        norms = np.bincount(group, weight * weight, size).reshape(-1, SPACES)
        self._dense[document.ids] = 0.0
        length = np.bincount(document.space, own * own, SPACES)
        cosines: Floats = dots / np.sqrt(np.maximum(norms * length, 1e-12))
        return cosines


def _prior(kind: int, name: str) -> float:
    if kind == NAMES and lexicon.is_hub(name):
        return _HUB_PRIOR
    if kind == NUMBERS and len(name) == 4 and name[:2] in {"19", "20"}:
        return _YEAR_PRIOR
    if kind == CONCEPTS:
        # Roles and settings (a mayor, a company) are in more news than what happens (a theft, a flood).
        return _PRIOR[kind] / lexicon.concept_weight(name) ** 2
    return _PRIOR[kind]
