"""[pure] Feeds of editions: Atom (RFC 4287) and JSON Feed 1.1."""

from __future__ import annotations

import json
import re
import xml.etree.ElementTree as ET
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

ATOM = "application/atom+xml; charset=utf-8"
JSON = "application/feed+json; charset=utf-8"

_NAMESPACE = "http://www.w3.org/2005/Atom"
_LANG = "{http://www.w3.org/XML/1998/namespace}lang"
#: What XML 1.0 (2.2) cannot hold, not even as a reference.
_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Item:
    """One edition. `id` is the same for ever; `html` is whole."""

    id: str
    url: str
    title: str
    summary: str
    html: str
    language: str
    at: datetime  # UTC


@dataclass(frozen=True, slots=True)
class Feed:
    """`page` is the archive; `url` the feed itself."""

    id: str
    title: str
    about: str
    author: str
    language: str
    page: str
    url: str
    updated: datetime
    items: Sequence[Item]


def atom(feed: Feed) -> bytes:
    root = ET.Element(_tag("feed"), {_LANG: feed.language})
    _text(root, "id", feed.id)
    _text(root, "title", feed.title)
    if feed.about:
        _text(root, "subtitle", feed.about)
    _text(root, "updated", _moment(feed.updated))
    _text(ET.SubElement(root, _tag("author")), "name", feed.author)
    ET.SubElement(root, _tag("link"), rel="self", type="application/atom+xml", href=feed.url)
    ET.SubElement(root, _tag("link"), rel="alternate", type="text/html", href=feed.page)
    for item in feed.items:
        root.append(_entry(item))
    ET.register_namespace("", _NAMESPACE)
    return bytes(ET.tostring(root, encoding="utf-8", xml_declaration=True))


def _entry(item: Item) -> ET.Element:
    made = ET.Element(_tag("entry"), {_LANG: item.language})
    _text(made, "id", item.id)
    _text(made, "title", item.title)
    _text(made, "published", _moment(item.at))
    _text(made, "updated", _moment(item.at))
    ET.SubElement(made, _tag("link"), rel="alternate", type="text/html", href=item.url)
    _text(made, "summary", item.summary)
    _text(made, "content", item.html, type="html")
    return made


def _text(parent: ET.Element, name: str, text: str, **attributes: str) -> None:
    ET.SubElement(parent, _tag(name), attributes).text = _NOT_XML.sub("", text)


def _tag(name: str) -> str:
    return f"{{{_NAMESPACE}}}{name}"


def json_feed(feed: Feed) -> bytes:
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": feed.title,
        "home_page_url": feed.page,
        "feed_url": feed.url,
        **({"description": feed.about} if feed.about else {}),
        "authors": [{"name": feed.author}],
        "language": feed.language,
        "items": [
            {
                "id": item.id,
                "url": item.url,
                "title": item.title,
                "summary": item.summary,
                "content_html": item.html,
                "date_published": _moment(item.at),
                "language": item.language,
            }
            for item in feed.items
        ],
    }
    return json.dumps(told, ensure_ascii=False).encode("utf-8", "replace")


def _moment(when: datetime) -> str:
    """RFC 3339."""
    return when.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
