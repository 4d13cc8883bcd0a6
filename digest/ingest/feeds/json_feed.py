"""[pure] JSON Feed 1.0 and 1.1 (https://jsonfeed.org/version/1.1)."""

from __future__ import annotations

from typing import Any

import msgspec

from digest.errors import BadInput
from digest.ingest.feeds.entry import HTML, PLAIN, Entry, Feed, Part, date_of
from digest.ingest.picture import Offer

_VERSIONS = ("https://jsonfeed.org/version/", "http://jsonfeed.org/version/")
_MEND = "give a JSON Feed as https://jsonfeed.org/version/1.1 has it"


class _Item(msgspec.Struct):
    """Anything may stand anywhere: what is no text where one belongs counts as absent."""

    id: Any = None
    url: Any = None
    external_url: Any = None
    title: Any = None
    content_html: Any = None
    content_text: Any = None
    summary: Any = None
    date_published: Any = None
    date_modified: Any = None
    tags: Any = None
    language: Any = None
    image: Any = None
    banner_image: Any = None


class _Document(msgspec.Struct):
    version: str = ""
    title: Any = None
    home_page_url: Any = None
    language: Any = None
    items: list[msgspec.Raw] | None = None


def looks_like_json(data: bytes) -> bool:
    return data[:200].removeprefix(b"\xef\xbb\xbf").lstrip()[:1] == b"{"


def is_feed(data: bytes) -> bool:
    """Whether a JSON document says of itself that it is a feed."""
    if not looks_like_json(data):
        return False
    try:
        return _document(data).version.startswith(_VERSIONS)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return False


def read(data: bytes) -> Feed | None:
    """The feed, or None where it is some other JSON. BadInput where it is broken."""
    try:
        document = _document(data)
    except RecursionError:
        raise BadInput("is nested too deeply for a feed", mend=_MEND) from None
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise BadInput(f"is not JSON that can be read: {error}", mend=_MEND) from None
    if not document.version.startswith(_VERSIONS):
        return None
    if document.items is None:
        raise BadInput("is a JSON Feed without items", mend=_MEND)
    return Feed(
        title=_text(document.title),
        link=_text(document.home_page_url),
        language=_text(document.language) or None,
        entries=[_entry(item) for item in document.items],
    )


def _document(data: bytes) -> _Document:
    return msgspec.json.decode(data.removeprefix(b"\xef\xbb\xbf"), type=_Document)


def _entry(raw: msgspec.Raw) -> Entry:
    try:
        item = msgspec.json.decode(raw, type=_Item)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):  # no object, or text that is none
        return Entry()
    texts = ((item.content_html, HTML), (item.content_text, PLAIN), (item.summary, PLAIN))
    moments = (date_of(_text(date)) for date in (item.date_published, item.date_modified))
    return Entry(
        title=_text(item.title),
        link=_text(item.url) or _text(item.external_url),
        id=_text(item.id),
        parts=[Part(value, kind) for given, kind in texts if (value := _text(given)).strip()],
        dates=[date for date in moments if date],
        topics=[_text(tag) for tag in item.tags] if isinstance(item.tags, list) else [],
        language=_text(item.language) or None,
        offers=[Offer(url) for given in (item.image, item.banner_image) if (url := _text(given))],
    )


def _text(value: Any) -> str:
    """Ids may be numbers, says the specification; nothing else may."""
    if isinstance(value, str):
        return value
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else ""
