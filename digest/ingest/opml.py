"""[pure] Subscription lists (OPML, also RDF and iGoogle) to feeds and folders, and back, through listparser.

listparser takes a document by two doors: lxml, which is no dependency of ours, and the standard
library's HTMLParser, which needs minutes for half a megabyte of unclosed tags. So the tags are found
here, in one pass, and handed to listparser's handler. No entity is ever declared or expanded.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from xml.etree import ElementTree as ET

import listparser

from digest.errors import BadInput
from digest.ingest.decode import tolerant
from digest.ingest.plain import one_line

MAX_BYTES = 10_000_000
_MAX_DEPTH = 50
_MAX_FOLDERS = 50  # of one feed
_MAX_SHOWN = 80

Folder = tuple[str, ...]

_HIDDEN = re.compile(r"<!--|<!\[CDATA\[")
# Possessive: whatever stands there, each character is looked at a few times at most.
_TAG = re.compile(r"""<(/?)([A-Za-z][\w:.-]{0,100}+)((?:[^<>"']++|"[^"<]*+"|'[^'<]*+')*+|[^<>]*+)>""")
_ATTRIBUTE = re.compile(r"""([^\s=/"'<>]{1,100}+)\s*+=\s*+("[^"]*+"|'[^']*+'|[^\s"'<>]++)""")
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([\w.:-]{1,40})["']""")
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


@dataclass(frozen=True, slots=True)
class Outline:
    """One feed of a list: where it lies, what it is called, in which folders (outermost first), its language."""

    url: str
    title: str = ""
    folders: tuple[Folder, ...] = ()
    language: str = ""


@dataclass(frozen=True, slots=True)
class Listing:
    """What a list holds. `again`: outlines that name a feed which an earlier one named; their folders are kept."""

    outlines: list[Outline] = field(default_factory=list)
    bad: list[BadInput] = field(default_factory=list)
    again: int = 0


class _Handler(listparser.Handler):  # type: ignore[misc]  # made by a call of type()
    """listparser's, with what it passes over in silence written down."""

    def __init__(self) -> None:
        super().__init__()
        self.harvest.update(feeds=[], lists=[], opportunities=[], meta={}, version="")
        self.open: dict[str, int] = {}
        self.languages: dict[str, str] = {}
        self.folders: dict[str, list[list[str]]] = {}  # where the feed stands; its categories come after them
        self.again = 0
        self.outlines = 0
        self.bad: list[tuple[str, str, str]] = []  # which outline, what is wrong, how to mend it

    def start_opml_outline(self, attrs: dict[str, str]) -> None:
        self.outlines += 1
        url = attrs.get("xmlurl", "").strip()
        named = _short(attrs.get("text", "").strip() or attrs.get("title", "").strip() or url)
        where = f"outline {self.outlines}" + (f" ({named})" if named else "")
        if len(self.hierarchy) >= _MAX_DEPTH:
            if url:
                self.bad.append((where, f"lies deeper than {_MAX_DEPTH} folders", "move it up"))
            self.hierarchy.append("")  # its end takes it off again
            return
        if url in self.found_urls:
            self.again += 1
            if len(self.found_urls[url][1].get("categories", ())) >= _MAX_FOLDERS:
                self.hierarchy.append("")
                return
        if not url and "xmlurl" in attrs and not attrs.get("htmlurl", "").strip():
            self.bad.append((where, "has no address", "add xmlUrl"))
        # listparser looks each category up among all before it.
        kept = ",".join(attrs.get("category", "").split(",", _MAX_FOLDERS)[:_MAX_FOLDERS])
        super().start_opml_outline(attrs | ({"category": kept} if kept else {}))
        if url:
            self.folders.setdefault(url, []).append(self.hierarchy[:-1])
        if language := one_line(attrs.get("language", "")):
            self.languages.setdefault(url, language)

    def end_opml_outline(self) -> None:
        if self.hierarchy:  # an end without its start
            super().end_opml_outline()

    def start(self, tag: str, attrs: dict[str, str]) -> None:
        self.open[tag] = self.open.get(tag, 0) + 1
        super().start(tag, attrs)

    def end(self, tag: str) -> None:
        """listparser closes everything when it meets the end of what was never opened: that one is passed over."""
        if not self.open.get(tag):
            return
        for node in reversed(self.node_stack):
            self.open[node.tag] -= 1
            if node.tag == tag:
                break
        super().end(tag)


def read(data: bytes, origin: str) -> Listing:
    """Every feed of the list; an error for each outline that is none. Raises BadInput where it is no list at all."""
    if len(data) > MAX_BYTES:
        raise BadInput(f"is larger than {MAX_BYTES:,} bytes", where=origin, mend="split it")
    if not data.strip():
        raise BadInput("is empty", where=origin, mend="export it again")
    handler = _Handler()
    _feed(handler, _decode(data))
    found = handler.harvest
    if not found["version"] and not found["feeds"]:
        raise BadInput("is not an OPML list", where=origin, mend="give the file that a feed reader exports as OPML")
    bad = [BadInput(what, where=f"{origin}, {which}", mend=mend) for which, what, mend in handler.bad]
    bad += [_of_list(entry, origin) for entry in found["lists"]]
    bad += [_of_page(entry, origin) for entry in found["opportunities"]]
    outlines = [_outline(entry, handler) for entry in found["feeds"]]
    return Listing(outlines, bad, handler.again)


def _feed(handler: _Handler, text: str) -> None:
    """Start tags, end tags and text to the handler, in one pass over the text."""
    for part, is_text in _quiet(text):
        if is_text:
            handler.data(part)
            continue
        end = 0
        for tag in _TAG.finditer(part):
            if tag.start() > end:
                handler.data(html.unescape(part[end : tag.start()]))
            end = tag.end()
            closing, name, rest = tag.groups()
            name = name.lower()
            if closing:
                handler.end(name)
                continue
            handler.start(name, {key.lower(): _value(value) for key, value in _ATTRIBUTE.findall(rest)})
            if rest.endswith("/"):
                handler.end(name)
        handler.data(html.unescape(part[end:]))


def _quiet(text: str) -> Iterator[tuple[str, bool]]:
    """The text without comments; CDATA sections apart (True: nothing in it is markup)."""
    at = 0
    while opens := _HIDDEN.search(text, at):
        yield text[at : opens.start()], False
        closes = "-->" if opens.group() == "<!--" else "]]>"
        end = text.find(closes, opens.end())
        if end < 0:  # an unclosed one hides the rest
            return
        if closes == "]]>":
            yield text[opens.end() : end], True
        at = end + len(closes)
    yield text[at:], False


def _value(written: str) -> str:
    bare = written[1:-1] if written[0] in "\"'" else written.removesuffix("/")
    return html.unescape(bare)


def _decode(data: bytes) -> str:
    declared = _DECLARED.match(data[:500])
    return tolerant(data, declared.group(1).decode("ascii") if declared else "")


def _outline(entry: dict[str, object], handler: _Handler) -> Outline:
    url = str(entry["url"])
    paths = entry.get("categories") or []
    assert isinstance(paths, list)
    paths = [*handler.folders.get(url, ()), *paths]
    folders = (tuple(name for part in path if (name := one_line(part))) for path in paths)
    unique = tuple(dict.fromkeys(folder for folder in folders if folder))
    return Outline(url, one_line(str(entry.get("title") or "")), unique, handler.languages.get(url, ""))


def _of_list(entry: dict[str, str], origin: str) -> BadInput:
    return BadInput(
        "leads to another list, which is not fetched", where=_place(entry, origin), mend="save and import that one too"
    )


def _of_page(entry: dict[str, str], origin: str) -> BadInput:
    return BadInput(
        "names a page and no feed", where=_place(entry, origin), mend="digest source add looks for its feed"
    )


def _place(entry: dict[str, str], origin: str) -> str:
    return f"{origin}, {_short(one_line(entry['url']))}"


def _short(text: str) -> str:
    text = one_line(text)
    return text if len(text) <= _MAX_SHOWN else text[: _MAX_SHOWN - 1] + "…"


def write(outlines: Sequence[Outline], title: str) -> bytes:
    """OPML 2.0. A feed stands in its first folder; the others are its categories."""
    root = ET.Element("opml", version="2.0")
    ET.SubElement(ET.SubElement(root, "head"), "title").text = _xml(title)
    body = ET.SubElement(root, "body")
    folders: dict[Folder, ET.Element] = {(): body}
    # Folders first, in the order of their names: the same sources always give the same file.
    for outline in sorted(outlines, key=lambda o: (not o.folders, o.folders[:1], o.title.casefold(), o.url)):
        parent = _folder(folders, outline.folders[0] if outline.folders else ())
        given = {"type": "rss", "text": outline.title, "title": outline.title, "xmlUrl": outline.url}
        given |= {"language": outline.language, "category": _categories(outline.folders[1:])}
        ET.SubElement(parent, "outline", {key: _xml(value) for key, value in given.items() if value})
    ET.indent(root)
    written: bytes = ET.tostring(root, encoding="utf-8", xml_declaration=True)
    return written + b"\n"


def _folder(folders: dict[Folder, ET.Element], path: Folder) -> ET.Element:
    if path not in folders:
        folders[path] = ET.SubElement(_folder(folders, path[:-1]), "outline", text=_xml(path[-1]))
    return folders[path]


def _categories(folders: Iterable[Folder]) -> str:
    """A comma parts categories, so a folder that has one in its name cannot be written here."""
    return ",".join("/" + "/".join(path) for path in folders if not any("," in name for name in path))


def _xml(text: str) -> str:
    return _NOT_XML.sub("", text)
