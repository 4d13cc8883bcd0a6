"""The articles seen so far as weighted vectors, with an inverted index to find near ones.

The state is a function of the set of articles alone, not of the order in which they came: counts are
sums, postings are sorted by date, and weights are computed when they are needed. That is what makes
a grouper rebuilt after a restart decide as the one before it would have.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from functools import cache, partial
from zlib import crc32

import numpy as np
import numpy.typing as npt

from digest.group import lexicon
from digest.group.documents import (
    CONCEPTS,
    MOMENTS,
    NAMES,
    NUMBERS,
    ROOTS,
    SOUNDS,
    SPACES,
    STEMS,
    Counts,
    Document,
    Floats,
    Ints,
    Shared,
    Spaces,
    Span,
    Ties,
    Weights,
)
from digest.group.features import Features
from digest.group.meanings import Meaning, Nearby
from digest.group.moments import is_common
from digest.group.places import is_hub, is_setting
from digest.group.postings import Postings
from digest.group.sounds import caseless, sound
from digest.model.dates import PartialDate

#: As if so many articles of everyday news had been counted already, so that the first few articles
#: are not all rare words; and in how many of them a feature of each kind is supposed to have stood.
_BACKGROUND = 3000.0
_PRIOR = (3.0, 20.0, 20.0, 25.0, 25.0, 6.0, 20.0)
_HUB_PRIOR = 90.0
_YEAR_PRIOR = 150.0
_WEEKDAY_PRIOR = 300.0

#: Words of seven letters and more often share their beginning with their cousins in other languages.
_ROOT = 6
_ROOT_FROM = 7

_KEYS = 12
_POSTINGS = 64
_CANDIDATES = 200


class _Numbers(dict[str, int]):
    """Names and the numbers that stand for them; a new name gets one when it is asked for."""

    def __init__(self, new: Callable[[str], int]) -> None:
        super().__init__()
        self._new = new

    def __missing__(self, name: str) -> int:
        number = self[sys.intern(name)] = self._new(name)
        return number


class Corpus:
    """Counts, postings and vectors of the articles seen so far."""

    def __init__(self) -> None:
        self._vocabulary: dict[tuple[int, str], _Numbers] = {}  # by space and language
        self._frequency: Weights = np.zeros(1024, dtype=np.float32)
        self._prior: Weights = np.ones(1024, dtype=np.float32)
        self._tie: Ties = np.zeros(1024, dtype=np.uint32)
        self._dense: Weights = np.zeros(1024, dtype=np.float32)
        self._last: Ints = np.zeros(1024, dtype=np.int32)
        self._setting: npt.NDArray[np.bool_] = np.zeros(1024, dtype=np.bool_)
        self._postings = Postings()
        self._documents: dict[int, Document] = {}
        self._nearby = Nearby()

    def __len__(self) -> int:
        return len(self._documents)

    def __contains__(self, article: int) -> bool:
        return article in self._documents

    def document(self, article: int) -> Document:
        return self._documents[article]

    def add(self, article: int, document: Document) -> None:
        self._documents[article] = document
        self._frequency[document.ids] += 1
        self._postings.add(article, document.span.middle, document.ids.tolist())
        if document.meaning is not None:
            self._nearby.add(article, document.span.middle, document.meaning)

    def remove(self, article: int) -> None:
        document = self._documents.pop(article)
        self._frequency[document.ids] -= 1
        self._postings.remove(article, document.ids.tolist())
        if document.meaning is not None:
            self._nearby.remove(article, document.span.middle)

    def read(
        self, features: Features, published: PartialDate, language: str, meaning: Meaning | None = None
    ) -> Document:
        """Turn features into a vector; new features get a number, nothing is counted yet."""
        ids: list[int] = []
        counts: list[int] = []
        kinds: list[int] = []
        sizes: list[int] = []
        for kind, found in self._spaces(features, language):
            # The same letters in two languages are two words.
            ids += map(self._known(kind, language if kind == STEMS else "").__getitem__, found)
            counts += found.values()
            kinds.append(kind)
            sizes.append(len(found))
        span = Span.of(published)
        return Document(
            np.array(ids, dtype=np.int32),
            (1.0 + np.log(np.array(counts, dtype=np.float64))).astype(np.float16),
            np.repeat(np.array(kinds, dtype=np.int8), sizes),
            span,
            float(sum(features.stems.values())),
            span.hi,
            meaning,
            features.title_alone,
        )

    def _spaces(self, features: Features, language: str) -> Iterable[tuple[int, Mapping[str, int]]]:
        yield NAMES, features.names
        yield NUMBERS, features.numbers
        yield CONCEPTS, features.concepts
        yield STEMS, features.stems
        yield MOMENTS, features.moments
        roots: dict[str, int] = {}
        for name, count in features.stems.items():
            if len(name) >= _ROOT_FROM:
                roots[name[:_ROOT]] = roots.get(name[:_ROOT], 0) + count
        yield ROOTS, roots
        sounds: dict[str, int] = {}
        # A script without capitals shows no names: any word may be one.
        for name, count in (features.stems if caseless(language) else features.names).items():
            if key := sound(name, language):
                sounds[key] = max(count, sounds.get(key, 0))
        yield SOUNDS, sounds

    def _known(self, kind: int, language: str) -> _Numbers:
        known = self._vocabulary.get((kind, language))
        if known is None:
            known = self._vocabulary[kind, language] = _Numbers(
                partial(self._new, kind, crc32(f"{kind} {language} ".encode()))
            )
        return known

    def _new(self, kind: int, salt: int, name: str) -> int:
        number = self._postings.new()
        if number >= len(self._prior):
            self._grow()
        self._prior[number] = _prior(kind, name)
        # Numbers are given in the order of reading, which a restart does not repeat: among equals this decides.
        self._tie[number] = crc32(name.encode(), salt)
        self._setting[number] = kind == NAMES and is_setting(name)
        return number

    def _grow(self) -> None:
        size = len(self._prior)
        self._prior = np.concatenate([self._prior, np.ones(size, dtype=np.float32)])
        self._frequency = np.concatenate([self._frequency, np.zeros(size, dtype=np.float32)])
        self._tie = np.concatenate([self._tie, np.zeros(size, dtype=np.uint32)])
        self._dense = np.zeros(2 * size, dtype=np.float32)
        self._last = np.zeros(2 * size, dtype=np.int32)
        self._setting = np.concatenate([self._setting, np.zeros(size, dtype=np.bool_)])

    def idf(self, ids: Ints) -> Floats:
        """How rare features are, over what was seen and the supposed background."""
        seen = self._frequency[ids] + self._prior[ids]
        rare: Floats = np.log(np.maximum(1.05, (_BACKGROUND + len(self._documents)) / seen))
        return rare

    def near(
        self, document: Document, groups: Sequence[Sequence[int]], limit: int = _CANDIDATES, keys: int = _KEYS
    ) -> list[tuple[int, float]]:
        """Articles that share the heaviest features of each group of spaces, most shared weight first.

        With each the part of the weight that it shares, 0 to 1. Older ids come first among equals.
        """
        sought: dict[int, float] = {}
        weight = document.counts * self.idf(document.ids)
        for spaces in groups:
            pick = np.flatnonzero(_which(tuple(spaces))[document.space])
            heaviest = pick[np.lexsort((self._tie[document.ids[pick]], weight[pick]))[: -keys - 1 : -1]]
            sought |= zip(document.ids[heaviest].tolist(), weight[heaviest].tolist(), strict=True)
        votes: dict[int, float] = {}
        known, middle = votes.get, document.span.middle
        for feature, value in sought.items():
            for article in self._postings.around(feature, middle, _POSTINGS):
                votes[article] = known(article, 0.0) + value
        whole = max(1e-9, sum(sought.values()))
        articles = np.fromiter(votes.keys(), dtype=np.int64, count=len(votes))
        shared = np.round(np.fromiter(votes.values(), dtype=np.float64, count=len(votes)) / whole, 6)
        best = np.lexsort((articles, -shared))[:limit]
        return list(zip(articles[best].tolist(), shared[best].tolist(), strict=True))

    def near_in_meaning(self, document: Document, days: float, limit: int) -> list[int]:
        """Articles within so many days whose vectors are the most alike, the nearest first."""
        if document.meaning is None:
            return []
        return self._nearby.nearest(document.meaning, document.span.lo - days, document.span.hi + days, limit)

    def named(self, name: str) -> Sequence[int]:
        """The articles that have a name, by date."""
        number = self._known(NAMES, "").get(name)
        return () if number is None else self._postings.of(number)

    def compare(self, document: Document, others: Sequence[Document]) -> Shared:
        """What a document shares with others: one row per other and one column per space."""
        if not others:
            nothing = np.zeros((0, SPACES))
            return Shared(nothing, nothing, nothing.astype(bool), np.zeros(0))
        ids = np.concatenate([o.ids for o in others])
        idf = self.idf(ids)
        weight = np.concatenate([o.counts for o in others]) * idf
        row = np.repeat(np.arange(len(others)), [len(o.ids) for o in others])
        group = row * SPACES + np.concatenate([o.space for o in others])
        own = document.counts * self.idf(document.ids)
        self._dense[document.ids] = own
        there = self._dense[ids]
        self._dense[document.ids] = 0.0
        size = len(others) * SPACES
        both = np.flatnonzero(there)
        dots = np.bincount(group[both], weight[both] * there[both], size).reshape(-1, SPACES).astype(np.float64)
        norms = np.bincount(group, weight * weight, size).reshape(-1, SPACES)
        mass = np.bincount(group[both], idf[both], size).reshape(-1, SPACES).astype(np.float64)
        length = np.bincount(document.space, own * own, SPACES)
        cosines = dots / np.sqrt(np.maximum(norms * length, 1e-12))
        return Shared(cosines, mass, (norms > 0) & (length > 0), self._elsewhere(document, len(others), ids, row))

    def _elsewhere(self, document: Document, many: int, ids: Ints, row: npt.NDArray[np.int_]) -> Floats:
        mine = document.ids[self._setting[document.ids]]
        if not len(mine):
            return np.zeros(many)
        told = np.flatnonzero(self._setting[ids])
        known = np.bincount(row[told], minlength=many)
        self._dense[mine] = 1.0
        shared = np.bincount(row[told], self._dense[ids[told]], many)
        self._dense[mine] = 0.0
        away: Floats = np.where(known > 0, 1.0 - np.minimum(1.0, shared / min(2, len(mine))), 0.0)
        return away

    def add_up(self, documents: Sequence[Document], kind: int, of_kind: bool, most: int) -> tuple[Ints, Counts, Spaces]:
        """What stands in several documents, of one kind or of all others: each feature once with the sum of its counts.

        No more than `most`, those that are counted most first.
        """
        ids = np.concatenate([d.ids for d in documents])
        counts = np.concatenate([d.counts for d in documents])
        space = np.concatenate([d.space for d in documents])
        pick = np.flatnonzero((space == kind) == of_kind)
        ids, counts, space = ids[pick], counts[pick], space[pick]
        if len(documents) > 1:
            ids, counts, space = self._once(ids, counts, space)
            if len(ids) > most:
                keep = np.lexsort((self._tie[ids], -np.round(counts, 6)))[:most]
                ids, counts, space = ids[keep], counts[keep], space[keep]
        return ids, counts, space

    def widened(self, document: Document, others: Sequence[tuple[Document, float]]) -> Document:
        """A document with what others tell besides, each of them by its weight."""
        if not others:
            return document
        ids, counts, space = self._once(
            np.concatenate([document.ids, *(o.ids for o, _ in others)]),
            np.concatenate([document.counts, *(o.counts * weight for o, weight in others)]),
            np.concatenate([document.space, *(o.space for o, _ in others)]),
        )
        return replace(document, ids=ids, counts=counts, space=space)

    def _once(self, ids: Ints, counts: Counts, space: Spaces) -> tuple[Ints, Counts, Spaces]:
        """Each feature once, with the sum of its counts."""
        # Where each stands last is written down in a place of its own: a third of the time of sorting.
        rows = np.arange(len(ids), dtype=np.int32)
        self._last[ids] = rows
        place = self._last[ids]
        once = np.flatnonzero(place == rows)
        return ids[once], np.bincount(place, counts, len(ids))[once].astype(np.float32), space[once]

    def similarities(self, document: Document, articles: Sequence[int]) -> Floats:
        """Cosines, one row per article and one column per space."""
        return self.compare(document, [self._documents[a] for a in articles]).cosines


@cache
def _which(spaces: tuple[int, ...]) -> npt.NDArray[np.bool_]:
    table = np.zeros(SPACES, dtype=np.bool_)
    table[list(spaces)] = True
    return table


def _prior(kind: int, name: str) -> float:
    if kind == NAMES and is_hub(name):
        return _HUB_PRIOR
    if kind == MOMENTS and is_common(name):
        return _WEEKDAY_PRIOR
    if kind == NUMBERS and len(name) == 4 and name[:2] in {"19", "20"}:
        return _YEAR_PRIOR
    if kind == CONCEPTS:
        # Roles and settings (a mayor, a company) are in more news than what happens (a theft, a flood).
        return _PRIOR[kind] / lexicon.concept_weight(name) ** 2
    return _PRIOR[kind]
