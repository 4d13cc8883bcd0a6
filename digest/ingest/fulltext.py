"""[pure] The page behind a teaser: whether to ask for it, and whether its text may stand in the teaser's place.

An article whose text came from its page keeps the content hash of its teaser: as long as the feed
says the same, it is known, and its page is never asked for again.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial

from digest.errors import DigestError, FetchError
from digest.ingest import language, normalise, plain
from digest.ingest.canonical import names_a_page
from digest.ingest.kinds.base import Run, in_process
from digest.ingest.pages import Page
from digest.model.article import Article, RawArticle

AT_ONCE = 30  # pages in one reading of a source
LONGEST_TEASER = 2500  # characters; a feed that sends more sends its articles whole
_BEGINNING = 8  # words of the teaser that must stand in the page in their order
_CJK_BEGINNING = 10  # characters
_TITLE_SHARE = 2 / 3
_LEAST_WORDS, _LEAST_LETTERS = 2, 4
_WORD = re.compile(r"\w+")


@dataclass(slots=True)
class Filled:
    """The articles, in their order, some with the text of their page.

    `left`: how many were left out for the next reading, since their pages would be too many at
    once. Then the source must be read again even if it has not changed.
    """

    articles: list[Article] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: int = 0
    left: int = 0


def fill(
    articles: Iterable[Article],
    *,
    unknown: Callable[[Article], bool],
    get: Callable[[str], Page],
    first: bool,
    now: datetime,
    languages: tuple[str, ...] = language.LANGUAGES,
    most: int = AT_ONCE,
    run: Run = in_process,
) -> Filled:
    """Ask for the page of each teaser that is new; whatever goes wrong, the teaser stays.

    `unknown` says whether the source has no such revision yet, `get` gives a page or raises a
    DigestError; `run` does what reads its text. On a source's `first` reading the entries beyond
    `most` are background, and stay teasers.
    """
    filled = Filled()
    stopped = ""
    for article in articles:
        if not wanted(article) or not unknown(article):
            filled.articles.append(article)
            continue
        if filled.pages >= most and not stopped:
            filled.left += not first
            if first:
                filled.articles.append(article)
            continue
        if stopped:
            filled.articles.append(article)
            continue
        filled.pages += 1
        found, note, stopped = _one(article, get, run, partial(with_page, now=now, languages=languages))
        filled.articles.append(found)
        filled.notes += [note] if note else []
    return filled


def _one(
    article: Article, get: Callable[[str], Page], run: Run, with_page: Callable[[Article, Page], Article | None]
) -> tuple[Article, str, str]:
    """The article, what is to be said of it, and why no further page is asked for."""
    assert article.url is not None
    try:
        page = get(article.url)
        fuller = run(with_page, article, page, where=article.url)
    except DigestError as error:
        busy = isinstance(error, FetchError) and error.busy
        end = "; the other teasers stay too" if busy else ""
        return article, f"teaser kept: {error}{end}", str(error) if busy else ""
    if fuller is None:
        return article, f"teaser kept: {article.url}: its page tells something else, or no more", ""
    return fuller, "", ""


def wanted(article: Article) -> bool:
    """Whether it can be a teaser, and names a page."""
    return bool(article.url and names_a_page(article.url)) and len(article.text) < LONGEST_TEASER


def with_page(
    article: Article, page: Page, *, now: datetime, languages: tuple[str, ...] = language.LANGUAGES
) -> Article | None:
    """The article with its page's text; None where that is no longer, or plainly another text."""
    teaser = normalise.cleaned(article, languages)
    if len(page.text) <= len(teaser.text) or not belongs(teaser, page.text):
        return None
    lead = article if article.image_url else page
    raw = RawArticle(
        text=page.text,
        origin=article.url or article.title,
        identity=article.identity,
        external_id=article.external_id,
        title=article.title if article.title_given else page.title or None,
        language=article.language if article.language != "und" else page.language or None,
        date=article.published,
        url=article.url,
        publisher=article.publisher,
        topics=article.topic_hints,
        image_url=lead.image_url,
        image_alt=lead.image_alt,
    )
    try:
        fuller = normalise.normalise(
            raw, source=article.source, publisher=article.publisher, now=now, languages=languages
        )
    except DigestError:
        return None
    if len(fuller.text) <= len(teaser.text):
        return None
    return replace(fuller, content_hash=article.content_hash)


def belongs(article: Article, text: str) -> bool:
    """Whether the page tells the article: it has the teaser's first words, or most words of the title.

    A wall of cookies, a login and a page that is gone have neither.
    """
    teaser = article.paragraphs[0] if article.paragraphs else ""
    if plain.is_cjk(teaser or article.title):
        start = "".join((teaser or article.title).split())[:_CJK_BEGINNING]
        return bool(start) and start in "".join(text.split())
    words = _WORD.findall(plain.fold(text))
    beginning = _WORD.findall(plain.fold(teaser))[:_BEGINNING]
    # A teaser that breaks off breaks off in a word.
    beginning = beginning[:-1] if 1 < len(beginning) < _BEGINNING else beginning
    if len(beginning) >= _LEAST_WORDS and f" {' '.join(beginning)} " in f" {' '.join(words)} ":
        return True
    title = {word for word in _WORD.findall(plain.fold(article.title)) if len(word) >= _LEAST_LETTERS}
    return len(title) >= _LEAST_WORDS and len(title & set(words)) >= _TITLE_SHARE * len(title)
