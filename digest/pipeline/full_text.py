"""Full text for feeds that carry teasers: what is new is looked up, and its pages are read, before it is stored."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from digest.ingest import fulltext, pages
from digest.ingest.fulltext import Filled
from digest.ingest.kinds import web
from digest.model.article import Article, Standing
from digest.pipeline.services import Services
from digest.store import arrivals, articles, sources
from digest.store.arrivals import KnownArticle


def fill(services: Services, at: web.Pages, taken: Sequence[Article]) -> Filled:
    """The articles of one reading, with the text of their pages where the source wants it.

    It waits for servers, so it must be called outside of any transaction.
    """
    source = at.source
    if not source.full_text or not taken:
        return Filled(list(taken))
    if not pages.available():
        return Filled(list(taken), [f"source {source.name}: teasers kept: pages need an extra ({pages.MEND})"])
    with services.database.read() as connection:
        known, hashes = arrivals.known(connection, source.id, taken)
        first = sources.health(connection, source.id).last_ok is None
        ids = {a.identity: known[a.identity].id for a in taken if a.identity in known and _is_new(a, known, hashes)}
        texts = articles.with_text(connection, list(ids.values()))
    stored = {identity: texts[number] for identity, number in ids.items() if number in texts}
    filled = fulltext.fill(
        taken,
        unknown=lambda article: _is_new(article, known, hashes),
        get=lambda url: pages.fetch(url, at.get, at.options.run),
        run=at.options.run,
        first=first,
        now=at.now,
        languages=tuple(services.settings.ingest.languages),
    )
    teasers = {id(article) for article in taken if fulltext.wanted(article)}
    filled.articles = [_with_stored_text(a, stored) if id(a) in teasers else a for a in filled.articles]
    filled.notes = [f"source {source.name}: {note}" for note in filled.notes]
    return filled


def _is_new(article: Article, known: Mapping[str, KnownArticle], hashes: Container[str]) -> bool:
    before = known.get(article.identity)
    if before and before.standing is Standing.REMOVED:
        return False
    return before.content_hash != article.content_hash if before else article.content_hash not in hashes


def _with_stored_text(article: Article, stored: Mapping[str, Article]) -> Article:
    """A teaser that changed while its page cannot be read does not take the place of the full text."""
    before = stored.get(article.identity)
    if before is None or len(before.text) <= len(article.text):
        return article
    return replace(article, paragraphs=before.paragraphs, signature=before.signature)
