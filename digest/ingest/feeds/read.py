"""[pure] The one door: the bytes of a feed to articles, by whichever way can read them."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import datetime

from digest.errors import BadInput
from digest.ingest.feeds import fast, gate, json_feed
from digest.ingest.feeds.entry import Feed, shared_ids, to_article
from digest.model.article import RawArticle

MOST_ENTRIES = 10_000  # of one body: what holds more is no feed but an attack or an archive

_QUIET = re.compile(rb"<!(?:--|\[cdata\[)")
_DECLARES = re.compile(rb"<!(?:entity|doctype[^<>\[]*\[)")


def read(
    data: bytes, origin: str, *, base: str = "", now: datetime | None = None, gated: bool = True
) -> Iterator[RawArticle | BadInput]:
    """Every entry of a feed. With `now`, dates too far ahead are ignored like unreadable ones.

    `base` is the feed's address, for entries that give their links relative to it. Without `gated` everything goes
    the slow way: that must change nothing but the time.
    """
    try:
        feed = parse(data, gated=gated)
    except BadInput as error:
        error.where = origin
        yield error
        return
    if feed is None:
        yield _no_feed(data, origin, fetched=bool(base))
        return
    yield from _articles(feed, origin, base, now)
    if feed.cut_off:
        yield BadInput("is cut off; what came before the cut was taken", where=origin, mend="fetch or save it again")


def parse(data: bytes, *, gated: bool = True) -> Feed | None:
    """What stands in the bytes; None where it is no feed, BadInput where it must not or cannot be read."""
    if json_feed.looks_like_json(data):
        return json_feed.read(data)
    _refuse_declarations(data)
    feed = fast.read(data) if gated else None
    if feed is None:
        from digest.ingest.feeds import slow  # not at the start: most runs never need feedparser

        feed = slow.read(data)
    return feed


def _refuse_declarations(data: bytes) -> None:
    """Before anything parses them: no feed needs entities, and they are how a small file becomes a large one."""
    for form in map(bytes.lower, gate.readings(data)):
        if _DECLARES.search(form) and _DECLARES.search(_spoken(form)):
            raise BadInput("declares XML entities, which no feed needs", mend="remove the DOCTYPE")


def _spoken(data: bytes) -> bytes:
    """Without comments and CDATA, in one pass: a pattern takes for ever over a million that are never closed."""
    kept: list[bytes] = []
    at = 0
    while found := _QUIET.search(data, at):
        end = data.find(b"-->" if found[0] == b"<!--" else b"]]>", found.end())
        if end < 0:
            break
        kept.append(data[at : found.start()])
        at = end + 3
    return b"".join([*kept, data[at:]])


def _articles(feed: Feed, origin: str, base: str, now: datetime | None) -> Iterator[RawArticle | BadInput]:
    shared = shared_ids(feed.entries)
    empty: list[int] = []
    for number, entry in enumerate(feed.entries[:MOST_ENTRIES], start=1):
        article = to_article(entry, feed, f"{origin}, entry {number}", base, now, shared)
        if article.title or article.text.strip():
            yield article
        else:
            empty.append(number)
    if empty:
        # One line: a feed of a hundred thousand empty entries has one fault, not as many.
        more = f" (and {len(empty) - 1} more like it)" if len(empty) > 1 else ""
        yield BadInput(f"has neither title nor text{more}", where=f"{origin}, entry {empty[0]}")
    if len(feed.entries) > MOST_ENTRIES:
        what = f"holds more than {MOST_ENTRIES:,} entries; only the first of them were taken"
        yield BadInput(what, where=origin, mend="give its parts as feeds of their own")


def _no_feed(data: bytes, origin: str, *, fetched: bool) -> BadInput:
    if not data.replace(b"\0", b"").strip():
        return BadInput("is empty", where=origin, mend="fetch or save it again")
    mend = "give the address of the feed, not of the page" if fetched else "save the feed itself, not the page"
    return BadInput("is not an RSS, Atom or JSON feed", where=origin, mend=mend)
