"""A story as one vector: what its articles have in common counts most."""

from __future__ import annotations

from bisect import insort
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from functools import reduce

import numpy as np

from digest.group.corpus import Corpus
from digest.group.documents import STEMS, Document, Span
from digest.group.meanings import total
from digest.group.records import Member

#: So many of a story's articles make its vector, the latest ones: a story moves on.
_LATEST = 24
#: So many features are kept, those of most articles first: cost must not grow with the story.
_FEATURES = 320
#: So many stories' vectors are kept, the last asked for: about as many as were told of in MAX_DAYS.
_KEPT = 6000

Members = Callable[[], Iterable[tuple[Member, Document]]]


@dataclass(slots=True)
class _Told:
    """A story's latest articles, by date and id, with the language of each; and what was made of them so far.

    `free`: what they share across languages; `joined`: with the words of a language, as asked for.
    """

    latest: list[tuple[float, int, str, Document]]
    free: Document | None = None
    joined: dict[str, Document] = field(default_factory=dict)

    def add(self, member: Member, document: Document) -> None:
        insort(self.latest, _dated(member, document))
        del self.latest[:-_LATEST]
        self.free = None

    def of(self, corpus: Corpus, language: str, dates: tuple[Span, float]) -> Document:
        """As one vector, for an article in `language`."""
        if self.free is None:
            self.free = _sum(corpus, [document for *_, document in self.latest], *dates, own=False)
            self.joined.clear()
        told = language if any(language == here for _, _, here, _ in self.latest) else ""
        found = self.joined.get(told)
        if found is None:
            own = [document for _, _, here, document in self.latest if here == told]
            found = _joined(self.free, _sum(corpus, own, *dates, own=True)) if own else self.free
            self.joined[told] = found
        return found


@dataclass(slots=True)
class Centroids:
    """The vectors of stories, made when they are asked for and kept until the story changes or others need the room.

    A vector is a function of the story's articles alone, whatever the order in which they came.
    """

    corpus: Corpus
    _kept: dict[int, _Told] = field(default_factory=dict)
    _dates: dict[int, tuple[Span, float]] = field(default_factory=dict)

    def grow(self, member: Member, document: Document) -> None:
        """An article has come to its story, which may be new."""
        if (told := self._kept.get(member.story)) is not None:
            told.add(member, document)
        if (known := self._dates.get(member.story)) is not None:
            self._dates[member.story] = _both(known, (document.span, document.began))

    def forget(self, story: int) -> None:
        """The story has changed otherwise."""
        self._dates.pop(story, None)
        self._kept.pop(story, None)

    def dates(self, story: int, members: Members) -> tuple[Span, float]:
        """From when to when, and when it had begun for certain: asked of many more stories than vectors are."""
        found = self._dates.get(story)
        if found is None:
            found = self._dates[story] = _dates([document for _, document in members()])
        return found

    def of(self, story: int, language: str, members: Members) -> Document:
        """The story for an article in `language`: with the story's own words where it has articles in it."""
        told = self._kept.pop(story, None)
        if told is None:
            if len(self._kept) >= _KEPT:
                del self._kept[next(iter(self._kept))]
            told = _latest(members())
        self._kept[story] = told  # the last asked for is the last to go
        return told.of(self.corpus, language, self.dates(story, members))


def centroid(corpus: Corpus, members: Iterable[tuple[Member, Document]], language: str) -> Document:
    """Some articles as one vector for an article in `language`."""
    there = list(members)
    return _latest(there).of(corpus, language, _dates([document for _, document in there]))


def _latest(members: Iterable[tuple[Member, Document]]) -> _Told:
    return _Told(sorted(_dated(member, document) for member, document in members)[-_LATEST:])


def _dated(member: Member, document: Document) -> tuple[float, int, str, Document]:
    return document.span.middle, member.article, member.language, document


def _dates(documents: Sequence[Document]) -> tuple[Span, float]:
    return reduce(_both, ((d.span, d.began) for d in documents))


def _both(one: tuple[Span, float], other: tuple[Span, float]) -> tuple[Span, float]:
    (here, began), (there, since) = one, other
    return Span(min(here.lo, there.lo), max(here.hi, there.hi)), min(began, since)


def _sum(corpus: Corpus, documents: Sequence[Document], span: Span, began: float, *, own: bool) -> Document:
    """Of several articles the words of their language, or what is free of one."""
    ids, counts, space = corpus.add_up(documents, STEMS, own, _FEATURES)
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
