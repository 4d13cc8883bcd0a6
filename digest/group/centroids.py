"""A story as one vector: what its articles have in common counts most."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from digest.group.corpus import STEMS, Document, Span
from digest.group.meanings import total
from digest.group.records import Member

#: So many of a story's articles make its vector, the latest ones: a story moves on.
_LATEST = 24
#: So many features are kept, those of most articles first: cost must not grow with the story.
_FEATURES = 320
#: So many stories' vectors are kept, the last asked for: about as many as were told of in MAX_DAYS.
_KEPT = 6000


@dataclass(slots=True)
class _Centre:
    """What the articles share across languages, and the words of each language by themselves."""

    free: Document
    words: dict[str, Document]


@dataclass(slots=True)
class Centroids:
    """The vectors of stories, made when they are asked for and kept until the story changes or others need the room.

    A vector is a function of the story's articles alone, whatever the order in which they came.
    """

    _kept: dict[int, _Centre] = field(default_factory=dict)
    _seen: dict[tuple[int, str], Document] = field(default_factory=dict)
    _dates: dict[int, tuple[Span, float]] = field(default_factory=dict)

    def grow(self, story: int, document: Document) -> None:
        """An article has come to the story, which may be new."""
        self._drop(story)
        if (known := self._dates.get(story)) is not None:
            self._dates[story] = _both(known, (document.span, document.began))

    def forget(self, story: int) -> None:
        """The story has changed otherwise."""
        self._dates.pop(story, None)
        self._drop(story)

    def _drop(self, story: int) -> None:
        centre = self._kept.pop(story, None)
        for language in centre.words if centre else ():
            self._seen.pop((story, language), None)
        self._seen.pop((story, ""), None)

    def dates(self, story: int, documents: Callable[[], Iterable[Document]]) -> tuple[Span, float]:
        """From when to when, and when it had begun for certain: asked of many more stories than vectors are."""
        found = self._dates.get(story)
        if found is None:
            found = self._dates[story] = _dates(list(documents()))
        return found

    def of(self, story: int, language: str, members: Callable[[], Iterable[tuple[Member, Document]]]) -> Document:
        """The story for an article in `language`: with the story's own words where it has articles in it."""
        centre = self._kept.pop(story, None)
        if centre is None:
            if len(self._kept) >= _KEPT:
                self._drop(next(iter(self._kept)))
            centre = _centre(members())
        self._kept[story] = centre  # the last asked for is the last to go
        key = (story, language if language in centre.words else "")
        found = self._seen.get(key)
        if found is None:
            words = centre.words.get(language)
            found = self._seen[key] = _joined(centre.free, words) if words else centre.free
        return found


def centroid(members: Iterable[tuple[Member, Document]], language: str) -> Document:
    """Some articles as one vector for an article in `language`."""
    centre = _centre(members)
    words = centre.words.get(language)
    return _joined(centre.free, words) if words else centre.free


def _centre(members: Iterable[tuple[Member, Document]]) -> _Centre:
    latest = sorted(members, key=lambda pair: (pair[1].span.middle, pair[0].article))
    span, began = _dates([document for _, document in latest])
    latest = latest[-_LATEST:]
    words: dict[str, list[Document]] = {}
    for member, document in latest:
        words.setdefault(member.language, []).append(document)
    free = _sum([document for _, document in latest], span, began, own=False)
    return _Centre(free, {language: _sum(held, span, began, own=True) for language, held in words.items()})


def _dates(documents: Sequence[Document]) -> tuple[Span, float]:
    return reduce(_both, ((d.span, d.began) for d in documents))


def _both(one: tuple[Span, float], other: tuple[Span, float]) -> tuple[Span, float]:
    (here, began), (there, since) = one, other
    return Span(min(here.lo, there.lo), max(here.hi, there.hi)), min(began, since)


def _sum(documents: list[Document], span: Span, began: float, *, own: bool) -> Document:
    """Of several articles the words of their language, or what is free of one."""
    ids = np.concatenate([d.ids for d in documents])
    counts = np.concatenate([d.counts for d in documents])
    space = np.concatenate([d.space for d in documents])
    pick = (space == STEMS) == own
    ids, counts, space = ids[pick], counts[pick], space[pick]
    if len(documents) > 1:
        ids, first, back = np.unique(ids, return_index=True, return_inverse=True)
        counts, space = np.bincount(back, counts, len(ids)).astype(np.float32), space[first]
        if len(ids) > _FEATURES:
            # By id among equals, so that the choice is stable.
            keep = np.sort(np.lexsort((ids, -np.round(counts, 6)))[:_FEATURES])
            ids, counts, space = ids[keep], counts[keep], space[keep]
    vectors = [] if own else [d.meaning for d in documents]
    meaning = vectors[0] if len(vectors) == 1 else total(vectors)
    return Document(ids, counts, space, span, sum(d.length for d in documents) / len(documents), began, meaning)


def _joined(free: Document, words: Document) -> Document:
    return Document(
        np.concatenate([free.ids, words.ids]),
        np.concatenate([free.counts, words.counts]),
        np.concatenate([free.space, words.space]),
        free.span,
        words.length,
        free.began,
        free.meaning,
    )
