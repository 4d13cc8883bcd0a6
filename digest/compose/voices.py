"""Voices: how many speak independently of each other, as far as their words show it. Pure.

A publisher is one voice, whatever number of articles and feeds it has. One text is one voice, whoever prints it:
five papers with the same agency copy do not bear each other out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from digest.model.article import Article
from digest.model.publication import MANUAL
from digest.model.signature import near_duplicate


@dataclass(frozen=True, slots=True)
class Voices:
    """`publishers` that told it, in so many different `texts`; `independent`: the voices among them."""

    publishers: int
    texts: int
    independent: int

    def told(self) -> str:
        """`5 publishers, one text`; `5 publishers, 3 voices`; just `5 publishers` where each speaks for itself."""
        said = f"{self.publishers} publisher{'s' * (self.publishers != 1)}"
        if self.independent == self.publishers:
            return said
        return f"{said}, one text" if self.texts == 1 else f"{said}, {self.independent} voices"


def voice(article: Article) -> str:
    """Who speaks, for telling voices apart: a source's name is the operator's own, and never shown to readers."""
    return article.publisher or (article.source if article.source != MANUAL else "")


def voices(articles: Iterable[Article]) -> Voices:
    """Count them: as many voices as there are publishers that can be paired with a text of their own."""
    held = list(articles)
    texts = _texts(held)
    prints: dict[str, set[int]] = {}
    for article, text in zip(held, texts, strict=True):
        prints.setdefault(" ".join(voice(article).casefold().split()), set()).add(text)
    return Voices(len(prints), len(set(texts)), _pairs(prints))


def _texts(articles: Sequence[Article]) -> list[int]:
    """For each article the number of its text: that of the first one that says nearly the same."""
    found: list[int] = []
    for i, article in enumerate(articles):
        same = (found[j] for j in range(i) if _one_text(articles[j], article))
        found.append(next(same, i))
    return found


def _one_text(one: Article, other: Article) -> bool:
    if one.id == other.id or (one.content_hash and one.content_hash == other.content_hash):
        return True
    return near_duplicate(one.signature, other.signature)


def _pairs(prints: dict[str, set[int]]) -> int:
    """The largest matching of publishers and texts, by augmenting paths."""
    printer: dict[int, str] = {}

    def pair(publisher: str, tried: set[int]) -> bool:
        for text in sorted(prints[publisher] - tried):
            tried.add(text)
            if text not in printer or pair(printer[text], tried):
                printer[text] = publisher
                return True
        return False

    return sum(pair(publisher, set()) for publisher in sorted(prints))
