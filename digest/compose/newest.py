"""The newest of what is new: an entry tells it, in whatever language there is of it. Pure.

Headline and summary are from articles in the reader's language where there are any, and these may end days before
the story does: three people are missing in English, and only a German article knows that two are dead.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import timedelta

from digest.compose import sentences
from digest.compose.entry import Outline
from digest.compose.fair import Quota
from digest.compose.matters import interval
from digest.compose.novelty import News, beside
from digest.compose.summarise import PER_ARTICLE, half_of
from digest.compose.timeline import standing_alone
from digest.compose.verdict import Material
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.edition import Quote, Step

#: What is told within so many hours is the same news in other papers.
_SOON = timedelta(hours=6)


def untold(
    found: Outline, given: Material, summary: Sequence[Quote], steps: Sequence[Step], articles: Mapping[int, Article],
    language: str, quota: Quota,
) -> Quote | None:  # fmt: skip
    """A sentence of the newest article that is new to the reader, where all that the entry tells is older.

    Of several as new as each other, one in the reader's language. No more of it than a summary would quote; `quota`,
    that of the whole entry, is drawn on.
    """
    quoted = [*summary, *(step.quote for step in steps)]
    told_by = {found.titled.id, *(q.article for q in quoted), *(c.article for q in quoted for c in q.also)}
    told = [a for a in articles.values() if a.id in told_by]
    texts = [q.text for q in quoted]
    fresh = [(a, n.known) for n in found.fold.news for a in _fresh(n)]
    new = [_left(a, known, given, texts) for a, known in fresh]
    later = [a for a in new if a.paragraphs and all(_is_later(a.published, t.published) for t in told)]
    if not later:
        return None
    newest = max(later, key=lambda a: (a.published.start, -a.id))
    equal = [a for a in later if not _is_later(newest.published, a.published)]
    chosen = max(equal, key=lambda a: (a.language == language, a.published.start, -a.id))
    most = min(PER_ARTICLE, half_of(articles[chosen.id]))
    if sentences.length(chosen.paragraphs[0]) > most:  # a long lead is cut, and no closing line told instead
        chosen = replace(chosen, paragraphs=chosen.paragraphs[:1])
    picked = standing_alone([chosen], language, texts, Quota(most, [chosen]))
    return picked and quota.take(picked)


def _fresh(news: News) -> list[Article]:
    owed = news.candidate.fresh
    return [a for a in news.articles if a.id in owed]


def _left(article: Article, known: Sequence[str], given: Material, quoted: Sequence[str]) -> Article:
    """The article without what the reader had, or reads in this entry."""
    rest = next(iter(given.rests.values()), "")
    return beside(article, given.headline, rest, (*known, *given.known, *quoted), given.mailed)


def _is_later(one: PartialDate, other: PartialDate) -> bool:
    """By hours where both are known, else by the first day that each can mean."""
    if one.precision is other.precision is Precision.MINUTE:
        return one.start - other.start >= _SOON
    return interval(one)[0] > interval(other)[0]
