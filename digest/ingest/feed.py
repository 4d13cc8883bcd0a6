"""[pure] RSS and Atom bytes to articles, through feedparser.

Entity declarations are refused before anything parses them: no feed needs them, and they are how
a small file becomes a large one (or another file).
"""

from __future__ import annotations

import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import feedparser

from digest.errors import BadInput
from digest.ingest import dates
from digest.ingest.canonical import canonical_url
from digest.ingest.markup import to_line
from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision

_QUIET = re.compile(rb"<!--.*?-->|<!\[CDATA\[.*?\]\]>", re.DOTALL)
_DECLARES = re.compile(rb"<!ENTITY|<!DOCTYPE[^>\[]*\[", re.IGNORECASE)
_CLOSED = re.compile(
    rb"</(?:[\w-]+:)?(?:rss|feed|rdf|channel|cdf)\s*>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL
)


def read(data: bytes, origin: str, *, base: str = "", now: datetime | None = None) -> Iterator[RawArticle | BadInput]:
    """Every entry of a feed. With `now`, dates too far ahead are ignored like unreadable ones.

    `base` is the feed's address, for entries that give their links relative to it.
    """
    bare = data.replace(b"\0", b"")  # UTF-16 and UTF-32 must not hide a declaration
    if _DECLARES.search(_QUIET.sub(b"", bare)):
        yield BadInput("declares XML entities, which no feed needs", where=origin, mend="remove the DOCTYPE")
        return
    # Never hand feedparser a string: it would take it for an address or a file name and open it.
    parsed: Any = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    if not parsed.get("version") and not parsed.entries:
        yield _no_feed(bare, origin, fetched=bool(base))
        return
    shared = _shared_ids(parsed.entries)
    for number, entry in enumerate(parsed.entries, start=1):
        try:
            yield _article(entry, parsed.feed, f"{origin}, entry {number}", base, now, shared)
        except BadInput as error:
            yield error
    if parsed.bozo and not _CLOSED.search(bare):
        yield BadInput("is cut off; what came before the cut was taken", where=origin, mend="fetch or save it again")


def _no_feed(data: bytes, origin: str, *, fetched: bool) -> BadInput:
    if not data.strip():
        return BadInput("is empty", where=origin, mend="fetch or save it again")
    mend = "give the address of the feed, not of the page" if fetched else "save the feed itself, not the page"
    return BadInput("is not an RSS or Atom feed", where=origin, mend=mend)


def _shared_ids(entries: list[Any]) -> frozenset[str]:
    """Ids that several entries with different links claim: some feeds write a constant there."""
    links = {(entry.get("id", ""), entry.get("link", "")) for entry in entries}
    return frozenset(name for name, count in Counter(name for name, _ in links).items() if count > 1)


def _article(entry: Any, feed: Any, where: str, base: str, now: datetime | None, shared: frozenset[str]) -> RawArticle:
    text, markup, language = _body(entry)
    title = to_line(str(entry.get("title") or "")) or None
    if not text.strip() and not title:
        raise BadInput("has neither title nor text", where=where)
    url = canonical_url(entry.get("link"), base or str(feed.get("link") or ""))
    given = str(entry.get("id") or "").strip()
    external = given if given and given not in shared else None
    return RawArticle(
        text=text,
        origin=where,
        identity=f"id:{external}" if external else f"url:{url}" if url else "",
        external_id=external,
        title=title,
        language=language or entry.get("language") or feed.get("language") or None,
        date=_date(entry, now),
        url=url,
        publisher=to_line(str((entry.get("source") or {}).get("title") or feed.get("title") or "")) or None,
        topics=_topics(entry),
        markup=markup,
    )


def _body(entry: Any) -> tuple[str, bool, str | None]:
    """Text, whether it is HTML, its language. The full content is preferred over the summary."""
    parts = [part for part in entry.get("content") or [] if str(part.get("type", "")) != "application/octet-stream"]
    detail = entry.get("summary_detail")
    parts = [part for part in [*parts, detail] if part and str(part.get("value") or "").strip()]
    if not parts:
        return "", True, None
    # The longest wins, content before summary: some feeds repeat a stub as content.
    best = max(parts, key=lambda part: len(str(part["value"])))
    return str(best["value"]), best.get("type") != "text/plain", best.get("language")


def _date(entry: Any, now: datetime | None) -> PartialDate | None:
    for key in ("published", "created", "updated"):
        # dict.get: feedparser's own get warns, and hands out one date under another's name.
        date = _read_date(dict.get(entry, key), dict.get(entry, f"{key}_parsed"))
        if date and not (now and dates.too_far_ahead(date, now, dates.FEED_AHEAD)):
            return date
    return None


def _read_date(written: Any, parsed: Any) -> PartialDate | None:
    try:
        return dates.parse(str(written or ""))
    except BadInput:
        pass
    if not parsed or not dates.FIRST_YEAR <= parsed[0] <= 9998:
        return None
    # feedparser knows forms that nobody should write (localised month names, ASCII-time).
    return PartialDate(datetime(parsed[0], parsed[1], parsed[2], parsed[3], parsed[4], tzinfo=UTC), Precision.MINUTE)


def _topics(entry: Any) -> tuple[str, ...]:
    names = (to_line(str(tag.get("label") or tag.get("term") or "")) for tag in entry.get("tags") or [])
    return tuple(dict.fromkeys(name for name in names if name))
