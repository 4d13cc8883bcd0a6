"""Fair quotation: how much of one article an entry repeats, and that it is never more than the limit. Pure.

Counted are the words of an article's text that a reader finds in the whole entry, summary and story so
far together: sentences quoted or translated, the headline where it was taken from the text, and in a
model's sentences every run of words that is the article's own. A headline that an editor wrote is not
counted: it is the article's name.
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


class Quota:
    """What may still be taken of each article of one entry."""

    def __init__(self, limit: int, articles: Iterable[Article]) -> None:
        self._limit = limit
        self._articles: Mapping[int, Article] = {a.id: a for a in articles}
        self._taken: Counter[int] = Counter()

    def left(self, article: int) -> int:
        return self._limit - self._taken[article]

    def headline(self, headline: str, article: Article | None) -> None:
        """A headline taken from the text is a quotation of it. It is never shortened here."""
        if article is not None and not article.title_given:
            self._taken[article.id] += sentences.length(headline)

    def take(self, quote: Quote) -> Quote | None:
        """The quotation as it may be shown; None where there is no room. A first one is cut to fit.

        A translation that has grown too long gives way to what it translates.
        """
        costs = self._costs(quote)
        if all(cost <= self.left(article) for article, cost in costs.items()):
            self._taken.update(costs)
            return quote
        if quote.manner is Manner.TRANSLATED and quote.basis:
            return self.take(as_it_was(quote))
        left = self.left(quote.article)
        if quote.manner is not Manner.QUOTED or self._taken[quote.article] or left < 1:
            return None
        cut = _cut(quote.text, left)
        self._taken[quote.article] += sentences.length(cut)
        return replace(quote, text=cut) if cut else None

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
    quota.headline(entry.original_headline or entry.headline, headed)
    summary = tuple(kept for quote in entry.summary if (kept := quota.take(quote)) is not None)
    steps: list[Step] = []
    for step in entry.timeline:
        kept = quota.take(step.quote)
        if kept is not None:
            steps.append(replace(step, quote=kept))
    timeline = tuple(steps) if len(steps) > 1 else ()
    gone = len(entry.timeline) - len(timeline)
    return replace(entry, summary=summary, timeline=timeline, skipped=entry.skipped + gone if timeline else 0)


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
