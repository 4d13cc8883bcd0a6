"""Fair quotation: how much of one article an entry repeats, and that it is never more than the limit. Pure.

Counted are the words of an article's text that a reader finds in the whole entry, summary and story so
far together: sentences quoted or translated, the headline where it was taken from the text, and in a
model's sentences every run of words that is the article's own. A title that an editor wrote is not
counted: it is the article's name. One taken from the text never stands among the sources (`entry.py`).
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import replace

from digest.compose import sentences
from digest.model.article import Article
from digest.model.edition import Entry, Manner, Quote, Step

#: So many words in a row are the article's, whoever claims to have found them.
RUN = 6
_STUB = 8  # words: of a sentence that must be cut to fewer, nothing is left worth reading


class Quota:
    """What may still be taken of each article of one entry."""

    def __init__(self, limit: int, articles: Iterable[Article]) -> None:
        self._limit = limit
        self._articles: Mapping[int, Article] = {a.id: a for a in articles}
        self._taken: Counter[int] = Counter()
        self._begun: set[int] = set()  # articles with a sentence taken; a headline is none

    def left(self, article: int) -> int:
        return self._limit - self._taken[article]

    def headline(self, headline: str, article: Article | None) -> str:
        """The headline as it may be shown. One that was taken from the text is a quotation of it."""
        if article is None or article.title_given:
            return headline
        shown = _cut(headline, self.left(article.id))
        self._taken[article.id] += sentences.length(shown)
        return shown

    def take(self, quote: Quote) -> Quote | None:
        """The quotation as it may be shown, and counted from now on; None where there is no room."""
        fitted = self.fitted(quote)
        if fitted is not None:
            costs = {article: cost for article, cost in self._costs(fitted).items() if cost}
            self._taken.update(costs)
            self._begun.update(costs)
        return fitted

    def fitted(self, quote: Quote) -> Quote | None:
        """The quotation as there is room for it; an article's first sentence is cut to fit.

        A translation that has grown too long gives way to what it translates.
        """
        if self.fits(quote):
            return quote
        if quote.manner is Manner.TRANSLATED and quote.basis:
            return self.fitted(as_it_was(quote))
        left = self.left(quote.article)
        if quote.manner is not Manner.QUOTED or quote.article in self._begun or left < _STUB:
            return None
        return replace(quote, text=_cut(quote.text, left))

    def fits(self, quote: Quote) -> bool:
        return all(cost <= self.left(article) for article, cost in self._costs(quote).items())

    def _costs(self, quote: Quote) -> dict[int, int]:
        if quote.manner is not Manner.RETOLD:
            return {quote.article: sentences.length(quote.text)}
        named = {quote.article, *(c.article for c in quote.also)}
        return {i: copied(quote.text, self._articles[i]) for i in sorted(named) if i in self._articles}


def within(entry: Entry, headed: Article | None, articles: Iterable[Article], limit: int) -> Entry:
    """The entry with no article quoted beyond the limit. Whoever made the entry, it comes through here."""
    quota = Quota(limit, articles)
    headline = quota.headline(entry.headline, headed)
    summary = tuple(kept for quote in entry.summary if (kept := quota.take(quote)) is not None)
    steps: list[Step] = []
    for step in entry.timeline:
        kept = quota.take(step.quote)
        if kept is not None:
            steps.append(replace(step, quote=kept))
    timeline = tuple(steps) if len(steps) > 1 else ()
    gone = len(entry.timeline) - len(timeline)
    skipped = entry.skipped + gone if timeline else 0
    return replace(entry, headline=headline, summary=summary, timeline=timeline, skipped=skipped)


def as_it_was(quote: Quote) -> Quote:
    """A translation turned back into the quotation."""
    return replace(
        quote,
        text=quote.basis[0],
        language=quote.original_language,
        manner=Manner.QUOTED,
        basis=(),
        original_language="",
    )


def copied(text: str, article: Article) -> int:
    """How many words of a text stand in runs of `RUN` or more that are the article's own."""
    mine = [w.casefold() for w in sentences.words(text)]
    theirs = [w.casefold() for w in sentences.words(f"{article.title} {article.text}")]
    runs = {tuple(theirs[i : i + RUN]) for i in range(len(theirs) - RUN + 1)}
    taken: set[int] = set()
    for i in range(len(mine) - RUN + 1):
        if tuple(mine[i : i + RUN]) in runs:
            taken.update(range(i, i + RUN))
    return len(taken)


def _cut(text: str, words: int) -> str:
    """The beginning of a sentence, with a sign that it goes on; without spaces, half the words in signs."""
    if sentences.length(text) <= words:
        return text
    parts = text.split()
    if sentences.length(text) > len(parts):
        head = text[: max(1, 2 * words - 2)]
        while head and sentences.length(head + "…") > words:
            head = head[:-1]
        return head + "…" if head else ""
    return " ".join(parts[:words]).rstrip(" ,;:–—-") + "…"
