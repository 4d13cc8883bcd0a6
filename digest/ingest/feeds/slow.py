"""[pure] Any RSS, Atom or RDF through feedparser, however broken it is."""

from __future__ import annotations

import io
import re
from typing import Any

import feedparser

from digest.errors import BadInput
from digest.ingest.feeds.entry import DATES, Entry, Feed, Part, date_of
from digest.ingest.picture import Offer, number, offer
from digest.model.dates import PartialDate

_CLOSED = re.compile(
    rb"</(?:[\w-]+:)?(?:rss|feed|rdf|channel|cdf)\s*>\s*(?:<!--.*?-->\s*)*$", re.IGNORECASE | re.DOTALL
)
_REFERENCE = re.compile(rb"&#([0-9]{1,40}|[xX][0-9a-fA-F]{1,40});?")
_TAIL = 10_000  # bytes at the end in which the feed must be closed; a pattern over all of it may take for ever


def read(data: bytes) -> Feed | None:
    """The feed, or None where it is none. BadInput where feedparser fails over it."""
    parsed = _parsed(data)
    if not parsed.get("version") and not parsed.entries:
        return None
    feed = parsed.feed
    return Feed(
        title=_text(feed.get("title")),
        link=_text(feed.get("link")),
        language=_text(feed.get("language")) or None,
        entries=[_entry(entry) for entry in parsed.entries],
        cut_off=bool(parsed.bozo) and not _CLOSED.search(data.replace(b"\0", b"")[-_TAIL:]),
    )


def _parsed(data: bytes) -> Any:
    try:
        return _feedparser(data)
    except MemoryError:
        raise
    except Exception:  # noqa: BLE001 - it has many ways to fail on what nobody foresaw; of one the way out is known
        try:
            return _feedparser(_REFERENCE.sub(_character, data))
        except MemoryError:
            raise
        except Exception as error:  # noqa: BLE001
            raise BadInput(f"cannot be read as a feed: {type(error).__name__}") from None


def _feedparser(data: bytes) -> Any:
    # Never hand feedparser a string: it would take it for an address or a file name and open it.
    return feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)


def _character(reference: re.Match[bytes]) -> bytes:
    """The reference, or one to the replacement character where it names what is none."""
    digits = reference[1].lower()
    number = int(digits[1:], 16) if digits.startswith(b"x") else int(digits)
    known = 0 < number <= 0x10FFFF and not 0xD800 <= number <= 0xDFFF
    return reference[0] if known else b"&#xFFFD;"


def _entry(entry: Any) -> Entry:
    source = entry.get("source")
    return Entry(
        title=_text(entry.get("title")),
        link=_text(entry.get("link")),
        id=_text(entry.get("id")),
        parts=_parts(entry),
        dates=[date for key in DATES if (date := _date(entry, key))],
        topics=[_text(tag.get("label") or tag.get("term")) for tag in entry.get("tags") or []],
        language=_text(entry.get("language")) or None,
        source=_text(source.get("title")) if isinstance(source, dict) else "",
        offers=_offers(entry),
    )


def _offers(entry: Any) -> list[Offer]:
    """Media in their order, then what is enclosed, then thumbnails."""
    media = [(_of(one, "url"), one) for one in dict.get(entry, "media_content") or []]
    links = dict.get(entry, "links") or []
    media += [(_of(one, "href"), one) for one in links if dict.get(one, "rel") == "enclosure"]
    found = [
        offer(url, _of(one, "type"), _of(one, "medium"), _of(one, "width"), _of(one, "height")) for url, one in media
    ]
    small = dict.get(entry, "media_thumbnail") or []
    thumbnails = [
        Offer(_of(one, "url"), number(_of(one, "width")), number(_of(one, "height")), small=True) for one in small
    ]
    return [*filter(None, found), *(one for one in thumbnails if one.url)]


def _of(attributes: Any, name: str) -> str:
    return _text(dict.get(attributes, name))


def _parts(entry: Any) -> list[Part]:
    given = [part for part in entry.get("content") or [] if part.get("type") != "application/octet-stream"]
    given.append(entry.get("summary_detail"))
    found = [
        Part(_text(part.get("value")), _text(part.get("type")), _text(part.get("language")) or None)
        for part in given
        if part
    ]
    return [part for part in found if part.value.strip()]


def _date(entry: Any, key: str) -> PartialDate | None:
    # dict.get: feedparser's own get warns, and hands out one date under another's name.
    return date_of(_text(dict.get(entry, key)), dict.get(entry, f"{key}_parsed"))


def _text(value: Any) -> str:
    """A text that can be stored: a reference to a lone surrogate would stop every encoder behind us."""
    text = str(value or "")
    return text if text.isascii() else text.encode("utf-8", "replace").decode()
