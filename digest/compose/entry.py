"""One entry: headline, quoted summary, sources, and the story so far. Pure."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.compose import sentences
from digest.compose.candidates import PastStory, Sent
from digest.compose.novelty import News, latest, pare
from digest.compose.summarise import WORDS, Summariser, best_language, central, named, quote
from digest.model.article import Article
from digest.model.edition import Entry, EntryKind, Quote, SourceLink, Step
from digest.model.story import Story

MAX_STEPS = 8
_LONG_HEADLINE = 120
_LONG_STEP = 45  # words
_FIRST, _SCENE_FIRST = 5, 10  # sentences that a step may be told by; more where the lead tells nothing


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
    return tuple(Fold(tuple(sorted(items, key=lambda n: _age(n.candidate.story)))) for items in lines.values())


def _age(story: Story) -> tuple[datetime, int, int, int]:
    # Of two dates that begin together the finer one says more; a month is known better than its year.
    return (story.last.start, story.last.precision.rank, story.last_seq, story.id)


def build(
    fold_: Fold, past: Sequence[PastStory], language: str, sent: Sent, summariser: Summariser, now: datetime
) -> Entry:
    lead = fold_.lead
    story = lead.candidate.story
    titled = _headline_article(lead.articles, language)
    headline = " ".join(titled.title.split())
    summary = _summary(fold_, headline, titled, language, sent, summariser)
    timeline, skipped = _timeline(fold_, past, language, summary)
    sources = _sources(fold_, titled, language)
    publishers = len({s.publisher for s in sources})
    score, reason = _rank(fold_, sources, publishers, now)
    return Entry(
        kind=EntryKind.NEW if any(n.kind is EntryKind.NEW for n in fold_.news) else EntryKind.UPDATED,
        story=story.id,
        storyline=story.storyline,
        headline=headline,
        headline_language=titled.language,
        date=titled.published,
        summary=summary,
        sources=sources,
        timeline=timeline,
        stories=tuple((n.candidate.story.id, _reach(n)) for n in fold_.news),
        publishers=publishers,
        reason=reason,
        score=score,
        skipped=skipped,
    )


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


def _summary(
    fold_: Fold, headline: str, titled: Article, language: str, sent: Sent, summariser: Summariser
) -> tuple[Quote, ...]:
    lead = fold_.lead
    told = (sent.of(s.id) for s in fold_.stories)
    mailed = frozenset().union(*(t.sentences for t in told if t is not None))
    # The article that gives the headline comes first, so that a continuation follows its beginning.
    ordered = sorted(lead.articles, key=lambda a: a.id != titled.id)
    pared, rests = [], {}
    for article in ordered:
        less, rest = pare(article, headline, lead.known, mailed)
        pared.append(less)
        rests[article.id] = rest if article.id == titled.id else ""
    originals = {a.id: a for a in lead.articles}
    quotes = []
    for found in summariser.summarise(pared, language, WORDS):
        original = originals.get(found.article)
        if original is None or not _stands_in(found.text, original):
            continue  # whatever the summariser is: what is not in the article is not quoted
        rest = rests[original.id]
        quotes.append(quote(original, found.text, continues=bool(rest) and found.text == rest))
    # A continuation only makes sense right below the headline that it continues.
    return tuple(q for place, q in enumerate(quotes) if place == 0 or not q.continues)


def _stands_in(text: str, article: Article) -> bool:
    plain = " ".join(text.split())
    return bool(plain) and (plain in " ".join(article.text.split()) or plain in " ".join(article.title.split()))


def _sources(fold_: Fold, titled: Article, language: str) -> tuple[SourceLink, ...]:
    """The articles behind the entry, the headline's first; of an update only those that are new."""
    articles = [a for n in reversed(fold_.news) for a in n.articles]
    articles.sort(key=lambda a: (a.id != titled.id, a.language != language))
    links: dict[tuple[str, str], SourceLink] = {}
    for a in articles:
        link = SourceLink(named(a), " ".join(a.title.split()), a.language, a.url, a.published)
        links.setdefault((link.publisher, a.url or link.title), link)
    return tuple(links.values())


def _timeline(
    fold_: Fold, past: Sequence[PastStory], language: str, summary: Sequence[Quote]
) -> tuple[tuple[Step, ...], int]:
    """Dated steps, oldest first: the first and the newest ones where there are too many."""
    fresh = {s.id for s in fold_.stories}
    stories = {p.story.id: (p.story, latest(p.articles)) for p in past if p.story.id not in fresh}
    stories.update({n.candidate.story.id: (n.candidate.story, latest(n.candidate.articles)) for n in fold_.news})
    ordered = sorted(stories.values(), key=lambda pair: _age(pair[0]))
    if len(ordered) < 2:
        return (), 0
    kept = ordered if len(ordered) <= MAX_STEPS else [ordered[0], *ordered[1 - MAX_STEPS :]]
    shown = [q.text for q in summary]
    steps = []
    for story, articles in kept:
        if (told := _step_quote(articles, language, shown)) is not None:
            # The date is that of what is quoted: a story's own first day may be another article's.
            date = next(a.published for a in articles if a.id == told.article)
            steps.append(Step(date, told, story.id, fresh=story.id in fresh))
            shown.append(told.text)
    return (tuple(steps), len(ordered) - len(kept)) if len(steps) > 1 else ((), 0)


def _step_quote(articles: Sequence[Article], language: str, shown: Sequence[str]) -> Quote | None:
    """One sentence that can stand alone: a lead, not too long, and not shown just above."""
    chosen = best_language(articles, language)
    told = [a for a in articles if a.language == chosen]
    if not told:
        return None
    ranked = []
    for order, article in enumerate(sorted(told, key=lambda a: (a.published.start, a.id))):
        texts = sentences.of(article)
        scene = len(texts) > 1 and _sets_the_scene(texts[0], article)
        centrality = central(texts, article.language) if scene else []
        for place, text in enumerate(texts[: _SCENE_FIRST if scene else _FIRST]):
            standing = -centrality[place] if scene and place else place + scene
            repeated = any(sentences.repeats(text, s) or s in text for s in shown)
            speech = text[0] in "“„«\"‘'–—" or text.endswith("?")
            long = sentences.length(text) > _LONG_STEP
            ranked.append(((repeated, long, speech, standing, order), article, text))
    if not ranked:
        return None
    _, article, text = min(ranked, key=lambda r: r[0])
    return quote(article, text)


def _sets_the_scene(lead: str, article: Article) -> bool:
    """Whether a lead opens with an earlier year ("Since 2021 …"): it tells how things were, not the news."""
    years = re.findall(r"\b(?:19|20)\d\d\b", " ".join(lead.split()[:3]))
    return any(int(year) < article.published.start.year for year in years)


def _rank(fold_: Fold, sources: Sequence[SourceLink], publishers: int, now: datetime) -> tuple[float, str]:
    """How much coverage and how fresh, and the same in words."""
    languages = len({s.language for s in sources})
    fresh = sum(len(n.candidate.fresh) for n in fold_.news)
    days = max(0.0, (now - fold_.lead.candidate.story.last.start).total_seconds() / 86400)
    freshness = math.exp(-days / 3)
    score = round(2 * math.log2(1 + publishers) + math.log2(languages) + math.log2(1 + fresh) / 2 + freshness, 4)
    reason = (
        f"{publishers} publisher{'s' * (publishers != 1)}, {languages} language{'s' * (languages != 1)}, "
        f"{fresh} new article{'s' * (fresh != 1)}"
    )
    return score, f"{reason}, {days:.0f} days old" if days >= 1 else f"{reason}, today"
