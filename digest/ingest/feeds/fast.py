"""[pure] The common feed, read from the element tree of the standard library; None where it is not so common.

It must give just what feedparser gives. So it takes only elements whose effect there is known, and gives up at the
first that could mean more: markup in a title, a second title, a base address, a date that needs guessing.
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from xml.etree.ElementTree import Element, ParseError, iterparse

from digest.ingest.feeds import gate, names
from digest.ingest.feeds.entry import Entry, Feed
from digest.ingest.feeds.making import (
    LANGUAGES,
    LINKS,
    PICTURES,
    SUMMARIES,
    TITLES,
    Link,
    Making,
    Unsure,
    language_of,
    no_channel_of_cdf,
    plainly,
    text_of,
    title_of,
)

_IN_IMAGE = frozenset(("title", "link", "url", "description", "width", "height"))
_IN_INPUT = frozenset(("title", "link", "description", "name"))


def read(data: bytes) -> Feed | None:
    document = gate.as_utf8(data)
    if document is None:
        return None
    try:
        events = iterparse(io.BytesIO(document), events=("start-ns",))  # noqa: S314 - no entity gets this far
        bindings: list[tuple[str, str]] = [pair for _, pair in events]
        root: Element = events.root  # type: ignore[attr-defined]
        return _Reader(bindings, based=gate.may_have_base(document)).feed(root) if gate.usual(bindings) else None
    except (ParseError, Unsure):
        return None


class _Names(dict[str, str]):
    """What each tag of this document is called."""

    def __missing__(self, tag: str) -> str:
        name = self[tag] = names.name_of(tag)
        return name


class _Reader:
    def __init__(self, bindings: Sequence[tuple[str, str]], *, based: bool) -> None:
        self.based = based
        self.names = _Names()
        self.bindings = bindings
        self.atom = False

    def feed(self, root: Element) -> Feed:
        name = self.names[root.tag]
        if name == "rss":
            return self._rss(root)
        if name == "rdf:rdf":
            return self._rdf(root)
        if name == "feed":
            return self._atom(root)
        raise Unsure

    def _rss(self, root: Element) -> Feed:
        if len(root) != 1:
            raise Unsure
        language = language_of(root, None)
        return self._head(self._channel(root), plainly(language), language, entry="item")

    def _rdf(self, root: Element) -> Feed:
        """The items stand beside the channel."""
        language = language_of(root, None)
        feed = self._head(self._channel(root), None, language, entry="")
        for element in root[1:]:
            name = self.names[element.tag]
            if name == "item":
                feed.entries.append(self._entry(element, language))
            elif name in ("image", "textinput"):
                self._only(element, name)
            else:
                raise Unsure
        return feed

    def _atom(self, root: Element) -> Feed:
        # The version goes by what is bound first; in any other, texts would be guessed at.
        own = [uri.lower() for _, uri in self.bindings if uri and not names.space_of(uri)]
        if own[:1] != [names.ATOM]:
            raise Unsure
        self.atom = True
        language = language_of(root, None)
        return self._head(root, plainly(language), language, entry="entry")

    def _channel(self, root: Element) -> Element:
        if not len(root) or self.names[root[0].tag] != "channel":
            raise Unsure
        return root[0]

    def _head(self, head: Element, told: str | None, language: str | None, *, entry: str) -> Feed:
        no_channel_of_cdf(head)
        feed = Feed(language=told)
        language = language_of(head, language)
        link = Link(based=self.based)
        seen: set[str] = set()
        for child in head:
            name = self.names[child.tag]
            if name == entry:
                feed.entries.append(self._entry(child, language))
            elif name in TITLES:
                if feed.entries:
                    raise Unsure
                _once("title", seen)
                feed.title = title_of(child)
            elif name in LINKS:
                link.take(name, child)
            elif name in LANGUAGES:
                feed.language = text_of(child) or None
            elif name in SUMMARIES:
                _once("summary", seen)  # a second one would change how the first entry is read
                text_of(child)
            elif name in ("image", "textinput"):
                self._only(child, name)
            else:
                self._pass_over(child, names.IDLE_IN_FEED)
        feed.link = link.value or ""
        return feed

    def _entry(self, item: Element, language: str | None) -> Entry:
        making = Making(item, language, atom=self.atom, based=self.based)
        pictured = False
        for child in item:
            name = self.names[child.tag]
            if not making.take(name, child):
                pictured = self._pass_over(child, names.IDLE_IN_ENTRY) or pictured
                if name in PICTURES or len(child):
                    self._pictures(making, name, child)
        if pictured and not making.entry.title:  # then the picture's title is the article's
            raise Unsure
        return making.finished()

    def _pictures(self, making: Making, name: str, child: Element) -> None:
        if any(self.names[inner.tag] in PICTURES for inner in child.iter()):
            making.picture(name, child, self.names)

    def _pass_over(self, element: Element, idle: frozenset[str]) -> bool:
        """Whether there was a picture's title in it. feedparser minds what stands inside of what it does not know."""
        pictured = False
        for inner in element.iter():
            name = self.names[inner.tag]
            if not names.is_idle(name, idle):
                raise Unsure
            pictured = pictured or name == "media:title"
        return pictured

    def _only(self, element: Element, name: str) -> None:
        """Anything else inside would end it, for feedparser, and what follows be the feed's own."""
        allowed = _IN_IMAGE if name == "image" else _IN_INPUT
        for child in element:
            if self.names[child.tag] not in allowed or len(child):
                raise Unsure


def _once(name: str, seen: set[str]) -> None:
    if name in seen:
        raise Unsure
    seen.add(name)
