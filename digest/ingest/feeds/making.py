"""[pure] Elements of a feed's tree to what they say; an entry is made of them one after another.

Whatever feedparser might take in another way raises `Unsure`.
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Callable, Mapping
from xml.etree.ElementTree import Element

from digest.ingest.feeds.entry import DATES, HTML, PLAIN, Entry, Part, date_of
from digest.ingest.picture import Offer, number, offer
from digest.model.dates import PartialDate

_XML = "{http://www.w3.org/XML/1998/namespace}"
_RDF_ABOUT = "{http://www.w3.org/1999/02/22-rdf-syntax-ns#}about"
_KINDS = {"text": PLAIN, "plain": PLAIN, "html": HTML, PLAIN: PLAIN, HTML: HTML}
_PAGES = {"text/html", "html", "application/xhtml+xml", "xhtml"}
_ADDRESS = ("url", "uri", "href")
_SLASHES = re.compile(r"^([A-Za-z][A-Za-z0-9+-.]*://)/+")
# What no base address changes in any way.
_ABSOLUTE = re.compile(r"(?:(?:https?://(?!/)|urn:|tag:)(?!.*\?#)[!-:<-~]*[!\"$-:<->@-~])?")
_AMPERSAND = re.compile(r"&(\w+);", re.ASCII)
# Texts that were UTF-8 taken for Latin-1, and Windows-1252 that says it is Latin-1: feedparser mends both.
_WINDOWS = {n: c for n in range(0x80, 0xA0) if (c := bytes([n]).decode("cp1252", "ignore"))}
_MAY_BE_WINDOWS = re.compile("[\x80-\x9f]")

_DATES = {
    **dict.fromkeys(("pubdate", "published", "issued", "dcterms:issued"), "published"),
    **dict.fromkeys(("created", "dcterms:created"), "created"),
    **dict.fromkeys(("updated", "modified", "lastbuilddate", "dc:date", "dcterms:modified"), "updated"),
}
#: What a text is where its element does not say so.
SUMMARIES = {
    **dict.fromkeys(("description", "dc:description", "media:description"), HTML),
    **dict.fromkeys(("summary", "itunes:summary"), PLAIN),
}
_CONTENTS = {"content": PLAIN, "content:encoded": HTML}
TITLES = frozenset(("title", "dc:title"))
LINKS = frozenset(("link", "guid", "id"))
LANGUAGES = frozenset(("language", "dc:language"))
_TOPICS = frozenset(("category", "dc:subject"))
#: What names a picture, and what it may stand in.
PICTURES = frozenset(("media:content", "media:thumbnail", "enclosure"))
_AROUND = frozenset(("media:content", "media:group"))
_KEYWORDS = {"media:keywords": None, "itunes:keywords": "http://www.itunes.com/"}


class Unsure(Exception):
    """Somebody who knows more must read this."""


class Link:
    """The last link to a page counts; an id stands in where there is none before it."""

    def __init__(self, *, based: bool) -> None:
        self.based = based  # there is a base address somewhere, and feedparser's holds on beyond its element
        self.value: str | None = None
        self.id: str | None = None
        self.enclosed: list[Offer | None] = []

    def take(self, name: str, element: Element) -> None:
        attributes = _attributes(element)
        if name != "link":
            self.id = text_of(element)
            if attributes.get("ispermalink", "true") == "true":
                self.id = self._whole(self.id)
                self.value = self.id if self.value is None else self.value
        elif attributes.keys().isdisjoint(_ADDRESS):
            text = self._whole(text_of(element)).replace("&amp;", "&")
            self.value = _AMPERSAND.sub(r"&\1", text) if "&" in text else text
        else:
            self._refer(element, attributes)

    def _refer(self, element: Element, attributes: dict[str, str]) -> None:
        address = next(attributes[key] for key in _ADDRESS if key in attributes)
        if not address or len(element):
            raise Unsure
        if attributes.get("rel", "").lower() == "enclosure":
            self.enclosed.append(_offer(self._whole(address), attributes))
        to_page = attributes.get("type", "text/html").lower() in _PAGES
        if to_page and attributes.get("rel", "alternate").lower() == "alternate":
            self.value = self._whole(address)

    def _whole(self, address: str) -> str:
        if self.based and not _ABSOLUTE.fullmatch(address):
            raise Unsure
        return _SLASHES.sub(r"\1", address) if ":///" in address else address


class Making:
    """An entry in the making: what its elements mean depends on those before them."""

    def __init__(self, item: Element, language: str | None, *, atom: bool, based: bool) -> None:
        no_channel_of_cdf(item)
        self.inherited = language_of(item, language)
        self.atom = atom
        self.entry = Entry(id=item.get(_RDF_ABOUT) or "")
        self.links = Link(based=based)
        self.dates: dict[str, PartialDate | None] = {}
        self.detail: Part | None = None
        self.has_summary = self.has_content = False
        self.tags: list[list[str | None]] = []
        self.media: list[Offer | None] = []
        self.thumbnails: list[Offer] = []

    def take(self, name: str, element: Element) -> bool:
        """Whether this element says something that we want to know."""
        action = _ACTIONS.get(name)
        if action:
            action(self, name, element)
        return action is not None

    def finished(self) -> Entry:
        entry = self.entry
        entry.link = self.links.value or ""
        entry.id = entry.id if self.links.id is None else self.links.id
        if self.detail:
            entry.parts.append(self.detail)
        entry.parts = [part for part in entry.parts if part.value]
        entry.dates = [date for key in DATES if (date := self.dates.get(key))]
        entry.topics = [label or term or "" for term, _, label in self.tags]
        if self.media or self.thumbnails or self.links.enclosed:
            entry.offers = [*filter(None, (*self.media, *self.links.enclosed)), *self.thumbnails]
        return entry

    def picture(self, name: str, element: Element, names: Mapping[str, str]) -> None:
        """An element that names one, or has some in it; `names` is what tags are called."""
        if name == "enclosure":
            attributes = _attributes(element)
            if address := next((attributes[key] for key in _ADDRESS if key in attributes), ""):
                self.links.enclosed.append(_offer(address, attributes))
            elif not attributes.keys().isdisjoint(_ADDRESS):
                raise Unsure
        elif name == "media:thumbnail":
            self._thumbnail(element)
        elif name == "media:content":
            attributes = _attributes(element)
            self.media.append(_offer(attributes.get("url", ""), attributes))
        for child in element:
            inner = names[child.tag]
            if inner in PICTURES or inner in _AROUND:
                if name not in _AROUND:
                    raise Unsure
                self.picture(inner, child, names)
            elif any(names[deeper.tag] in PICTURES for deeper in child.iter()):
                raise Unsure

    def _thumbnail(self, element: Element) -> None:
        attributes = _attributes(element)
        if "url" not in attributes and (len(element) or (element.text or "").strip()):
            raise Unsure  # the text is the address then
        if url := attributes.get("url"):
            width, height = (number(attributes.get(key, "")) for key in ("width", "height"))
            self.thumbnails.append(Offer(url, width, height, small=True))

    def _title(self, _: str, element: Element) -> None:
        if self.entry.title:
            raise Unsure
        self.entry.title = title_of(element)

    def _link(self, name: str, element: Element) -> None:
        if name != "link" and self.links.id is not None:
            raise Unsure
        self.links.take(name, element)

    def _date(self, name: str, element: Element) -> None:
        written = text_of(element)
        date = date_of(written)
        if written and date is None:  # feedparser knows forms that nobody should write
            raise Unsure
        self.dates[_DATES[name]] = date

    def _summary(self, name: str, element: Element) -> None:
        if self.has_summary and not self.has_content:  # the second of two: the fuller one, supposes feedparser
            self._add_content(element, PLAIN)
            return
        self.detail = self._part(element, SUMMARIES[name])
        self.has_summary = True

    def _content(self, name: str, element: Element) -> None:
        self._add_content(element, _CONTENTS[name])

    def _add_content(self, element: Element, kind: str) -> None:
        self.has_content = self.has_summary = True
        self.entry.parts.append(self._part(element, kind))

    def _part(self, element: Element, default: str) -> Part:
        part = Part(text_of(element), _kind(element, default), plainly(language_of(element, self.inherited)))
        if part.kind == PLAIN and not self.atom and ("<" in part.value or "&" in part.value):
            raise Unsure  # is it HTML?
        return part

    def _category(self, _: str, element: Element) -> None:
        if not element.attrib:
            self._term(text_of(element))
            return
        attributes = _attributes(element)
        scheme = attributes.get("scheme", attributes.get("domain"))
        self._tag(attributes.get("term"), scheme, attributes.get("label"))
        self._term(text_of(element))

    def _term(self, value: str) -> None:
        if value and self.tags and not self.tags[-1][0]:
            self.tags[-1][0] = value
        elif value:
            self._tag(value, None, None)

    def _keywords(self, name: str, element: Element) -> None:
        if element.attrib:
            raise Unsure
        for word in text_of(element).split(","):
            self._tag(word.strip(), _KEYWORDS[name] if word.strip() else None, None)

    def _tag(self, term: str | None, scheme: str | None, label: str | None) -> None:
        if (term or scheme or label) and [term, scheme, label] not in self.tags:
            self.tags.append([term, scheme, label])

    def _language(self, _: str, element: Element) -> None:
        self.entry.language = text_of(element) or None

    def _source(self, _: str, element: Element) -> None:
        self.entry.source = text_of(element)


_ACTIONS: dict[str, Callable[[Making, str, Element], None]] = {
    **dict.fromkeys(TITLES, Making._title),
    **dict.fromkeys(LINKS, Making._link),
    **dict.fromkeys(_DATES, Making._date),
    **dict.fromkeys(SUMMARIES, Making._summary),
    **dict.fromkeys(_CONTENTS, Making._content),
    **dict.fromkeys(_TOPICS, Making._category),
    **dict.fromkeys(_KEYWORDS, Making._keywords),
    **dict.fromkeys(LANGUAGES, Making._language),
    "source": Making._source,
}


def _offer(url: str, attributes: Mapping[str, str]) -> Offer | None:
    return offer(url, *(attributes.get(key, "") for key in ("type", "medium", "width", "height")))


def text_of(element: Element) -> str:
    if len(element):
        raise Unsure
    text = (element.text or "").strip()
    if text.isascii():
        return text
    with contextlib.suppress(UnicodeError):
        text = text.encode("latin-1").decode()
    return text.translate(_WINDOWS) if _MAY_BE_WINDOWS.search(text) else text


def title_of(element: Element) -> str:
    _kind(element, PLAIN)
    return text_of(element)


def language_of(element: Element, inherited: str | None) -> str | None:
    if not element.attrib:
        return inherited
    given = element.get(f"{_XML}lang", element.get("lang"))
    return inherited if given is None else given or None


def plainly(language: str | None) -> str | None:
    return language and language.replace("_", "-")


def no_channel_of_cdf(element: Element) -> None:
    """That format has in attributes what others have in elements."""
    if any(key.lower().rpartition("}")[2] in ("href", "lastmod") for key in element.attrib):
        raise Unsure


def _attributes(element: Element) -> dict[str, str]:
    if not element.attrib:
        return {}
    found = {key.lower(): value for key, value in element.attrib.items()}
    if len(found) != len(element.attrib) or any(key.startswith("{") for key in found):
        raise Unsure
    return found


def _kind(element: Element, default: str) -> str:
    """Of a text; anything but plain and HTML may be encoded, or elsewhere, or markup of its own."""
    if not element.attrib:
        return default
    given = {key.lower(): value for key, value in element.attrib.items() if not key.startswith(_XML)}
    kind = _KINDS.get(given.get("type", default).lower())
    if kind is None or given.keys() - {"type", "lang"}:
        raise Unsure
    return kind
