"""A site's sitemap: new pages, by their title where it is one for news, with their text where pages can be read."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from datetime import datetime
from functools import partial

from digest.errors import BadInput, DigestError, FetchError
from digest.ingest import dates, fetch, pages, sitemap
from digest.ingest.kinds import web
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.ingest.sitemap import Entry
from digest.model.article import RawArticle
from digest.model.publication import Source

FIRST = 10  # pages of a new source: the newest; what else is listed then is the past
AT_ONCE = 10  # pages fetched in one reading
_CHILDREN = 5  # sitemaps of an index
_NEWEST = 200  # pages among which new ones are looked for
_REVISITED = 50  # pages among which changes are looked for: a site that is built anew touches every page
_REMEMBERED = 5000

_KEY, _STAMP = 8, 4  # characters of a page's address and of its lastmod
_FAILED = "----"  # no stamp: the page comes last next time, so that it does not keep the others waiting


@dataclass(slots=True)
class _Reading:
    """What one reading gave, and which pages need not be looked at again."""

    articles: list[RawArticle | BadInput] = field(default_factory=list)
    done: dict[str, str] = field(default_factory=dict)
    retry_after: datetime | None = None


class SitemapSource:
    """Polled: others write it."""

    kind = "sitemap"
    polled = True

    def check(self, location: str) -> str:
        return web.check_address(location)

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        got = web.ask(source, memory, options)
        if isinstance(got, Batch):
            return got
        at = web.Pages(source, memory, options, now)
        entries, errors = _listed(got.body, got.url, at)
        listed = sitemap.newest([_believable(entry, now) for entry in entries])
        seen = _split(memory.get("seen", ""))
        wanted = _wanted(listed, seen) if "seen" in memory else listed[:FIRST]
        reading = _take(wanted, at)
        reading.articles[:0] = errors
        done = seen if "seen" in memory else {_key(e): _stamp(e) for e in listed if e not in wanted}
        done = done | reading.done
        kept = {_key(e): done[_key(e)] for e in listed[:_REMEMBERED] if _key(e) in done}
        left = errors or len(reading.done) < len(wanted) or _FAILED in kept.values()
        # A server that says "unchanged" would hide the pages that are still to be read.
        memory = at.remembered | ({} if left else web.remembered(got))
        return Batch(
            articles=reading.articles,
            memory=memory | {"seen": "".join(key + stamp for key, stamp in kept.items())},
            location=got.permanent_redirect_to,
            unchanged=not reading.articles,
            retry_after=reading.retry_after or got.retry_after,
        )


def _listed(body: bytes, base: str, at: web.Pages) -> tuple[list[Entry], list[BadInput]]:
    """The pages of a sitemap or of the most promising ones of an index. Raises BadInput for the first one."""
    where, most = at.source.location, at.options.max_bytes
    run = at.options.run
    top = run(partial(sitemap.read, max_bytes=most, base=base), body, where, where=where)
    entries, errors = list(top.pages), top.complaint(where)
    for child in sitemap.promising(top.children)[:_CHILDREN]:
        try:
            got = fetch.ask(at.source, at.options, url=child.url)  # published to be read by programs
            if got.status != 200:
                raise web.refusal(child.url, got)
            read = partial(sitemap.read, max_bytes=most, base=got.url)
            inner = run(read, got.body, child.url, where=child.url)
        except (FetchError, BadInput) as error:
            errors.append(BadInput(error.what, where=child.url, mend=error.mend))
            continue
        entries += inner.pages  # what an index inside an index lists is left alone
        errors += inner.complaint(child.url)
        if child.url.lower().count("news") and inner.pages:
            break  # a news sitemap has all that is new: the others are the archive
    return entries[: sitemap.MOST_ENTRIES], errors


def _believable(entry: Entry, now: datetime) -> Entry:
    """A date far ahead would keep a page the newest for ever."""
    if entry.date is None or not dates.too_far_ahead(entry.date, now, dates.FEED_AHEAD):
        return entry
    return Entry(entry.url, entry.stamp, entry.title, None, None, entry.language, entry.publisher)


def _wanted(listed: list[Entry], seen: dict[str, str]) -> list[Entry]:
    """Pages that are new; then those of the newest that were changed since they were read."""
    dated = [entry for entry in listed if entry.date]
    undated = [entry for entry in listed[:_REMEMBERED] if not entry.date]
    new = [entry for entry in (*dated[:_NEWEST], *undated) if _key(entry) not in seen][:_NEWEST]
    looked = (*dated[:_REVISITED], *undated[:_REVISITED])
    changed = [entry for entry in looked if seen.get(_key(entry), _stamp(entry)) != _stamp(entry)]
    return new + changed


def _take(wanted: list[Entry], at: web.Pages) -> _Reading:
    reading = _Reading()
    if not pages.available():
        return _titles(wanted, at.source, reading)
    for entry in wanted[:AT_ONCE]:
        try:
            page = pages.fetch(entry.url, at.get, at.options.run)
        except (FetchError, BadInput) as error:
            if isinstance(error, FetchError) and error.busy:
                reading.retry_after = error.retry_after
                reading.articles.append(BadInput(error.what, where=entry.url, mend="it will be tried again"))
                reading.done[_key(entry)] = _FAILED
                break
            if not entry.title:
                reading.articles.append(BadInput(error.what, where=entry.url, mend=error.mend))
            page = pages.Page("")
        reading.done[_key(entry)] = _stamp(entry)
        if page.text or entry.title:
            reading.articles.append(_article(entry, page))
    return reading


def _titles(wanted: list[Entry], source: Source, reading: _Reading) -> _Reading:
    """Without the extra: what the sitemap itself says, which is enough of an article if it is a title."""
    titled = [entry for entry in wanted if entry.title]
    if wanted and not titled:
        what = "lists pages without titles, and to read pages takes trafilatura, which is not installed"
        raise DigestError(what, where=source.location, mend=pages.MEND)
    reading.articles += [_article(entry, pages.Page("")) for entry in titled]
    reading.done |= {_key(entry): _stamp(entry) for entry in wanted}
    return reading


def _article(entry: Entry, page: pages.Page) -> RawArticle:
    return RawArticle(
        text=page.text,
        origin=entry.url,
        identity=f"url:{entry.url}",
        title=entry.title or page.title or None,
        language=entry.language or page.language or None,
        date=entry.published or page.date or entry.changed,
        url=entry.url,
        publisher=entry.publisher or page.publisher or None,
        image_url=page.image_url,
        image_alt=page.image_alt,
    )


def _key(entry: Entry) -> str:
    return hashlib.blake2b(entry.url.encode(), digest_size=_KEY // 2).hexdigest()


def _stamp(entry: Entry) -> str:
    return hashlib.blake2b(entry.stamp.encode(), digest_size=_STAMP // 2).hexdigest()


def _split(seen: str) -> dict[str, str]:
    step = _KEY + _STAMP
    return {seen[at : at + _KEY]: seen[at + _KEY : at + step] for at in range(0, len(seen), step)}
