"""One entry: its headline, its sources, where it ranks, and what there is to tell of it. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.compose.candidates import Sent
from digest.compose.folding import Fold
from digest.compose.novelty import News, beside, pare
from digest.compose.rank import rank
from digest.compose.summarise import best_language
from digest.compose.verdict import Material
from digest.compose.voices import voices
from digest.model.article import Article
from digest.model.edition import Entry, EntryKind, SourceLink
from digest.model.image import LeadImage
from digest.model.ranking import EVEN, Ranking

_LONG_HEADLINE = 120
_IMAGES = 3  # to try, one after another


@dataclass(frozen=True, slots=True)
class Outline:
    """An entry that is ranked and placed, and not told yet: many are never shown. `titled` heads it."""

    fold: Fold
    titled: Article
    entry: Entry


def outline(fold_: Fold, language: str, now: datetime, wanted: Sequence[str] = (), weights: Ranking = EVEN) -> Outline:
    """`wanted` are the reader's topics; none where all are."""
    lead = fold_.lead
    story = lead.candidate.story
    titled = _headline_article(lead.articles, language)
    sources = _sources(fold_, titled, language)
    heard = voices(a for n in fold_.news for a in n.articles)
    score, reason = rank(fold_, sources, heard, now, wanted, weights)
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
        images=_images(fold_, titled),
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


def _images(fold_: Fold, titled: Article) -> tuple[LeadImage, ...]:
    """The pictures of the articles behind the entry, the headline's first and then the newest story's."""
    articles = [titled, *(a for n in reversed(fold_.news) for a in n.articles)]
    found: dict[str, LeadImage] = {}
    for a in articles:
        if a.image_url:
            found.setdefault(a.image_url, LeadImage(a.image_url, a.image_alt, a.language))
    return tuple(found.values())[:_IMAGES]
