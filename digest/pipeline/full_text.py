"""Full text for feeds that carry teasers: what is new is looked up, and its pages are read, before it is stored."""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from dataclasses import replace

from digest.ingest import fulltext, pages
from digest.ingest.fulltext import Filled
from digest.ingest.kinds import web
from digest.ingest.normalise import cleaned
from digest.model.article import Article, Standing
from digest.pipeline.services import Services
from digest.store import arrivals, articles, sources
from digest.store.arrivals import KnownArticle

_NOTES = 3  # of teasers that were kept: a site that is down says the same of each
#: Remembered by a source since the operator wants full text of it, until it was read: its teasers count as new.
_WANTED = "full_text"


def reminded(memory: dict[str, str], *, wanted: bool) -> dict[str, str]:
    """The source's memory after full text was switched on or off."""
    rest = {key: value for key, value in memory.items() if key != _WANTED}
    return rest | {_WANTED: "wanted"} if wanted else rest


def fill(services: Services, at: web.Pages, taken: Sequence[Article]) -> Filled:
    """The articles of one reading, with the text of their pages where the source wants it.

    It waits for servers, so it must be called outside of any transaction. It has one of its own where the operator
    has just switched full text on.
    """
    source = at.source
    if not source.full_text or not taken:
        return Filled(list(taken))
    if not pages.available():
        return Filled(list(taken), [f"source {source.name}: teasers kept: pages need an extra ({pages.MEND})"])
    with services.database.read() as connection:
        known, hashes = arrivals.known(connection, source.id, taken)
    if _WANTED in at.memory:
        known = _forget_teasers(services, taken, known)
    with services.database.read() as connection:
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
    more = len(filled.notes) - _NOTES
    told = [*filled.notes[:_NOTES], *([f"and {more} more teasers kept"] if more > 0 else [])]
    filled.notes = [f"source {source.name}: {note}" for note in told]
    return filled


def _forget_teasers(
    services: Services, taken: Sequence[Article], known: Mapping[str, KnownArticle]
) -> dict[str, KnownArticle]:
    """Those that stand in the feed and were taken in as they are: then what is known of them is not this.

    On record before any page is asked for, so that those that are left for the next reading are asked for then.
    """
    found = {
        a.identity: k
        for a in taken
        if fulltext.wanted(a) and (k := known.get(a.identity)) and k.content_hash == a.content_hash
    }
    with services.database.read() as connection:
        stored = articles.with_text(connection, [k.id for k in found.values() if k.standing is not Standing.REMOVED])
    teasers = {a.identity: len(a.text) for a in taken}
    anew = {
        identity: replace(k, content_hash="")
        for identity, k in found.items()
        if k.id in stored and len(stored[k.id].text) <= teasers[identity]
    }
    with services.database.write() as connection:
        arrivals.restate(connection, {k.revision: "" for k in anew.values()})
    return dict(known) | anew


def _is_new(article: Article, known: Mapping[str, KnownArticle], hashes: Container[str]) -> bool:
    before = known.get(article.identity)
    if before and before.standing is Standing.REMOVED:
        return False
    return before.content_hash != article.content_hash if before else article.content_hash not in hashes


def _with_stored_text(article: Article, stored: Mapping[str, Article]) -> Article:
    """A teaser that changed while its page cannot be read does not take the place of the full text."""
    before = stored.get(article.identity)
    if before is None or len(before.text) <= len(cleaned(article).text):
        return article
    return replace(article, paragraphs=before.paragraphs, signature=before.signature)
