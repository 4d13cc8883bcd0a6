"""One entry: its headline, its sources, where it ranks, and what there is to tell of it. Pure."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.compose.candidates import Sent
from digest.compose.novelty import News, beside, pare
from digest.compose.summarise import best_language
from digest.compose.verdict import Material
from digest.compose.voices import Voices, voices
from digest.model.article import Article
from digest.model.edition import Entry, EntryKind, SourceLink
from digest.model.story import Story

_LONG_HEADLINE = 120


@dataclass(frozen=True, slots=True)
class Fold:
    """The stories of one storyline that have news for the reader, oldest first: one entry."""

    news: tuple[News, ...]

    @property
    def lead(self) -> News:
        return self.news[-1]

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(n.candidate.story for n in self.news)


def fold(news: Iterable[News]) -> tuple[Fold, ...]:
    """Gather by storyline; a story without one (0) stands alone."""
    lines: dict[tuple[int, int], list[News]] = {}
    for item in news:
        story = item.candidate.story
        lines.setdefault((story.storyline, 0) if story.storyline else (0, story.id), []).append(item)
    return tuple(Fold(tuple(sorted(items, key=lambda n: age(n.candidate.story)))) for items in lines.values())


def age(story: Story) -> tuple[datetime, int, int, int]:
    # Of two dates that begin together the finer one says more; a month is known better than its year.
    return (story.last.start, story.last.precision.rank, story.last_seq, story.id)


@dataclass(frozen=True, slots=True)
class Outline:
    """An entry that is ranked and placed, and not told yet: many are never shown. `titled` heads it."""

    fold: Fold
    titled: Article
    entry: Entry


def outline(fold_: Fold, language: str, now: datetime) -> Outline:
    lead = fold_.lead
    story = lead.candidate.story
    titled = _headline_article(lead.articles, language)
    sources = _sources(fold_, titled, language)
    heard = voices(a for n in fold_.news for a in n.articles)
    score, reason = _rank(fold_, sources, heard, now)
    entry = Entry(
        kind=EntryKind.NEW if any(n.kind is EntryKind.NEW for n in fold_.news) else EntryKind.UPDATED,
        story=story.id,
        storyline=story.storyline,
        headline=" ".join(titled.title.split()),
        headline_language=titled.language,
        date=titled.published,
        summary=(),
        sources=sources,
        stories=tuple((n.candidate.story.id, _reach(n)) for n in fold_.news),
        publishers=heard.publishers,
        texts=heard.texts,
        reason=reason,
        score=score,
    )
    return Outline(fold_, titled, entry)


def material(found: Outline, sent: Sent) -> Material:
    """What is left to tell below the headline that this reader has not had."""
    lead, headline = found.fold.lead, found.entry.headline
    told = (sent.of(s.id) for s in found.fold.stories)
    mailed = frozenset().union(*(t.sentences for t in told if t is not None))
    own, rest = pare(found.titled, headline, lead.known, mailed)
    others = [a for a in lead.articles if a.id != found.titled.id]
    # The article that gives the headline comes first, so that a continuation follows its beginning.
    pared = (own, *(beside(a, headline, rest, lead.known, mailed) for a in others))
    originals = {a.id: a for a in lead.articles}
    return Material(pared, originals, headline, found.titled, lead.known, mailed, {own.id: rest} if rest else {})


def _reach(news: News) -> int:
    return max((a.seq for a in news.candidate.articles), default=news.candidate.story.last_seq)


def _headline_article(articles: Sequence[Article], language: str) -> Article:
    """Whose title heads the entry: the reader's language first, then a title that an editor wrote."""
    chosen = best_language(articles, language)

    def fitness(article: Article) -> tuple[bool, bool, bool, bool, datetime]:
        return (
            bool(article.title.strip()),
            article.language == chosen,
            article.title_given,
            len(article.title) <= _LONG_HEADLINE,
            article.published.start,
        )

    return max(articles, key=fitness)


def _sources(fold_: Fold, titled: Article, language: str) -> tuple[SourceLink, ...]:
    """The articles behind the entry, the headline's first; of an update only those that are new.

    Only an editor's title is an article's name. One taken from the text would quote it once more, and
    often say what stands in the summary already: such a source goes by its publisher and date.
    """
    articles = [a for n in reversed(fold_.news) for a in n.articles]
    articles.sort(key=lambda a: (a.id != titled.id, a.language != language))
    links: dict[tuple[str, str], SourceLink] = {}
    for a in articles:
        title = " ".join(a.title.split())
        link = SourceLink(a.publisher, title if a.title_given else "", a.language, a.url, a.published)
        # By nobody and from nowhere, two articles of one title are two.
        name = a.url or (title if a.publisher else f"{title} {a.published}")
        links.setdefault((link.publisher, name), link)
    return tuple(links.values())


def _rank(fold_: Fold, sources: Sequence[SourceLink], heard: Voices, now: datetime) -> tuple[float, str]:
    """How many voices and how fresh, and the same in words."""
    languages = len({s.language for s in sources})
    fresh = sum(len(n.candidate.fresh) for n in fold_.news)
    days = max(0.0, (now - fold_.lead.candidate.story.last.start).total_seconds() / 86400)
    freshness = math.exp(-days / 3)
    score = round(2 * math.log2(1 + heard.independent) + math.log2(languages) + math.log2(1 + fresh) / 2 + freshness, 4)
    reason = f"{heard.told()}, {languages} language{'s' * (languages != 1)}, {fresh} new article{'s' * (fresh != 1)}"
    return score, f"{reason}, {days:.0f} days old" if days >= 1 else f"{reason}, today"
