"""What an article says as a vector, made by a model from outside; and which articles lie near it.

A vector is kept in whole numbers. Its length is such that the dot product of two is exact in single precision, in
whatever order it is added up: a grouper rebuilt after a restart finds the same articles, on any machine.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from digest.model.article import Article
from digest.model.embedding import Embedder

Vectors = npt.NDArray[np.float32]
Meaning = npt.NDArray[np.signedinteger[Any]]

#: The length of a vector. The squares of two of them stay below 2 ** 24, up to which float32 counts by ones.
LENGTH = 4000.0
#: The heading and so many words of the text say what it is about; more would blur it.
_WORDS = 60
#: And no more than so many letters, where a script has no spaces.
_LETTERS = 1000
#: So many articles are compared with a new one at most, those of the nearest days: cost must not grow with history.
_COMPARED = 8192
_STORED = np.dtype("<i2")


def read(embedder: Embedder, articles: Sequence[Article]) -> list[Meaning | None]:
    """What each article says; None where the model has no word for it."""
    return [whole(row) for row in embedder.embed([_said(article) for article in articles])]


def _said(article: Article) -> str:
    words = " ".join(article.text[: 2 * _LETTERS].split()[:_WORDS])[:_LETTERS]
    # A derived title is a sentence of the text.
    return f"{article.title}\n{words}" if article.title_given else words


def whole(vector: npt.NDArray[Any]) -> Meaning | None:
    """The direction of a vector in whole numbers; None where it has none."""
    exact = vector.astype(np.float64)
    length = float(np.sqrt(exact @ exact))
    if not 0.0 < length < np.inf:
        return None
    rounded: Meaning = np.rint(exact * (LENGTH / length)).astype(np.int16)
    return rounded


def pack(meaning: Meaning | None) -> bytes:
    """Two bytes a number; nothing for none."""
    return b"" if meaning is None else meaning.astype(_STORED).tobytes()


def unpack(stored: bytes) -> Meaning | None:
    if not stored:
        return None
    meaning: Meaning = np.frombuffer(stored, _STORED).astype(np.int16)
    return meaning


def total(meanings: Sequence[Meaning | None]) -> Meaning | None:
    """What several articles say together: the sum has the direction of their mean."""
    known = [m for m in meanings if m is not None]
    if not known:
        return None
    summed: Meaning = np.sum(known, axis=0, dtype=np.int64)
    return summed


def cosines(one: Meaning | None, others: Sequence[Meaning | None]) -> npt.NDArray[np.float64]:
    """How alike the directions are, one number for each; not a number where there is no vector."""
    found = np.full(len(others), np.nan)
    if one is None:
        return found
    own = one.astype(np.float64)
    for row, meaning in enumerate(others):
        if meaning is not None:
            other = meaning.astype(np.float64)
            size = (own @ own) * (other @ other)
            found[row] = (own @ other) / np.sqrt(size) if size else np.nan
    return found


class Nearby:
    """The vectors of the articles by day. What is found depends on which there are, not on when they came."""

    def __init__(self) -> None:
        self._days: dict[int, _Day] = {}

    def add(self, article: int, day: float, meaning: Meaning) -> None:
        self._days.setdefault(int(day), _Day(len(meaning))).add(article, meaning)

    def remove(self, article: int, day: float) -> None:
        self._days[int(day)].remove(article)

    def nearest(self, meaning: Meaning, lo: float, hi: float, limit: int) -> list[int]:
        """So many articles dated from `lo` to `hi`, the most alike first, the older id first among equals."""
        sought = whole(meaning)
        if sought is None or not self._days:
            return []
        query = sought.astype(np.float32)
        articles, alike = [np.zeros(0, np.int64)], [np.zeros(0, np.float32)]
        left, middle = _COMPARED, (lo + hi) / 2
        for number in sorted(range(int(lo), int(hi) + 1), key=lambda d: (abs(d + 0.5 - middle), d)):
            day = self._days.get(number)
            if day is not None and left > 0:
                held, vectors = day.latest(left)
                articles.append(held)
                alike.append(vectors @ query)
                left -= len(held)
        return _best(np.concatenate(articles), np.concatenate(alike), limit)


def _best(articles: npt.NDArray[np.int64], alike: npt.NDArray[np.float32], limit: int) -> list[int]:
    """Nothing that points away."""
    if len(articles) > limit:
        # Whatever is as alike as the last one stays: which of them goes is not left to chance.
        enough = alike >= np.partition(alike, -limit)[-limit]
        articles, alike = articles[enough], alike[enough]
    order = np.lexsort((articles, -alike))[:limit]
    return [int(articles[i]) for i in order if alike[i] > 0]


class _Day:
    """The vectors of one day in one table, which grows."""

    def __init__(self, width: int) -> None:
        self._row: dict[int, int] = {}
        self._articles = np.zeros(8, dtype=np.int64)
        self._vectors: Vectors = np.zeros((8, width), dtype=np.float32)

    def add(self, article: int, meaning: Meaning) -> None:
        row = self._row[article] = len(self._row)
        if row == len(self._articles):
            self._articles = np.concatenate([self._articles, np.zeros_like(self._articles)])
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
        self._articles[row] = article
        self._vectors[row] = meaning

    def remove(self, article: int) -> None:
        """The last one takes its place."""
        row, last = self._row.pop(article), len(self._row)
        if row != last:
            moved = int(self._articles[last])
            self._row[moved] = row
            self._articles[row] = moved
            self._vectors[row] = self._vectors[last]

    def latest(self, limit: int) -> tuple[npt.NDArray[np.int64], Vectors]:
        """All of them; of more than `limit` those with the highest ids."""
        count = len(self._row)
        articles, vectors = self._articles[:count], self._vectors[:count]
        if count <= limit:
            return articles, vectors
        pick = np.argpartition(articles, -limit)[-limit:]
        return articles[pick], vectors[pick]
