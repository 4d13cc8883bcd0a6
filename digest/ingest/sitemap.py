"""[pure] Sitemaps: pages with their dates, for news also with title and language; or an index of further sitemaps.

Expat reads them, without depth; one that declares an entity is refused, and none from outside is ever looked for.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from xml.parsers import expat

from digest.errors import BadInput
from digest.ingest import dates
from digest.ingest.canonical import canonical_url
from digest.ingest.plain import one_line
from digest.model.dates import PartialDate

MOST_ENTRIES = 50_000  # as the protocol has it
_MEND = "give the address of a sitemap, or of a feed"
_LONGEST_TEXT = 4000
_NEWS = "news"  # in the namespace's address
_OF_ENTRY = {"loc", "lastmod"}
_OF_NEWS = {"title", "publication_date", "language", "name"}


@dataclass(frozen=True, slots=True)
class Entry:
    """A page, or in an index a sitemap. `stamp` is its lastmod as it was written."""

    url: str
    stamp: str = ""
    title: str = ""
    published: PartialDate | None = None
    changed: PartialDate | None = None
    language: str = ""
    publisher: str = ""

    @property
    def date(self) -> PartialDate | None:
        return self.published or self.changed


@dataclass(slots=True)
class Sitemap:
    """Either `pages` or, of an index, `children`. `broken`: what is wrong with the rest of it, if anything."""

    pages: list[Entry] = field(default_factory=list)
    children: list[Entry] = field(default_factory=list)
    broken: str = ""

    def complaint(self, origin: str) -> list[BadInput]:
        return [BadInput(self.broken, where=origin, mend="what came before was taken")] if self.broken else []


class _Refused(Exception):
    pass


def read(data: bytes, origin: str, *, max_bytes: int, base: str = "") -> Sitemap:
    """What the sitemap lists. Raises BadInput where it is none."""
    data = unpacked(data, origin, max_bytes)
    reader = _Reader(base or origin)
    try:
        reader.parser.Parse(data, True)
    except _Refused as error:
        raise BadInput(str(error), where=origin, mend="a sitemap needs none") from None
    except (expat.ExpatError, ValueError, LookupError) as error:
        if not reader.root:
            raise BadInput(
                "is not a sitemap", where=origin, mend="give the address of a sitemap, or of a feed"
            ) from None
        reader.found.broken = f"is broken: {error}"
    if reader.root not in {"urlset", "sitemapindex"}:
        raise BadInput("is not a sitemap", where=origin, mend=_MEND)
    return reader.found


def unpacked(data: bytes, origin: str, max_bytes: int) -> bytes:
    """Sitemaps are often kept packed. Raises BadInput where it unpacks into too much."""
    if data[:2] != b"\x1f\x8b":
        return data
    unpacker = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        whole = unpacker.decompress(data, max_bytes + 1)
    except zlib.error:
        raise BadInput("is not gzip", where=origin, mend="check the address") from None
    if len(whole) > max_bytes:
        raise BadInput(f"is larger than {max_bytes:,} bytes", where=origin, mend="raise the limit in the settings")
    return whole


class _Reader:
    """Expat's handlers: elements that matter, by their local names."""

    def __init__(self, base: str) -> None:
        self.base, self.found = base, Sitemap()
        self.root = ""
        self.entry: dict[str, str] | None = None
        self.text: list[str] | None = None
        self.size = 0
        self.parser = expat.ParserCreate(namespace_separator=" ")
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._data
        self.parser.EntityDeclHandler = self._declared

    def _declared(self, *_: object) -> None:
        raise _Refused("declares XML entities")

    def _start(self, name: str, _attributes: dict[str, str]) -> None:
        space, _, local = name.rpartition(" ")
        self.root = self.root or local
        if local in {"url", "sitemap"}:
            self.entry = {}
        elif self.entry is not None and (local in _OF_NEWS if _NEWS in space else local in _OF_ENTRY):
            self.text, self.size = [], 0

    def _data(self, data: str) -> None:
        if self.text is not None and self.size < _LONGEST_TEXT:
            self.text.append(data)
            self.size += len(data)

    def _end(self, name: str) -> None:
        local = name.rpartition(" ")[2]
        if self.text is not None and self.entry is not None:
            self.entry.setdefault(local, one_line("".join(self.text)[:_LONGEST_TEXT]))
            self.text = None
        elif local in {"url", "sitemap"} and self.entry is not None:
            self._keep(local, self.entry)
            self.entry = None

    def _keep(self, local: str, given: dict[str, str]) -> None:
        kept = self.found.pages if local == "url" else self.found.children
        where = given.get("loc", "")
        whole = where.startswith(("https://", "http://"))  # nearly always, and to join takes as long as all the rest
        url = canonical_url(where, "" if whole else self.base)
        if not url or len(kept) >= MOST_ENTRIES:
            return
        entry = Entry(
            url=url,
            stamp=given.get("lastmod", ""),
            title=given.get("title", ""),
            published=_date(given.get("publication_date")),
            changed=_date(given.get("lastmod")),
            language=given.get("language", "")[:10],
            publisher=given.get("name", ""),
        )
        kept.append(entry)


def _date(written: str | None) -> PartialDate | None:
    if not written:
        return None
    try:
        return dates.parse(written)
    except BadInput:
        return None


def newest(entries: list[Entry]) -> list[Entry]:
    """Those with a date, the newest first, then the others as they stand; each address once."""
    dated = sorted((e for e in entries if e.date), key=lambda e: dates.last_instant(_dated(e)), reverse=True)
    return list({entry.url: entry for entry in (*dated, *_undated(entries))}.values())


def _undated(entries: list[Entry]) -> Iterator[Entry]:
    urls = {entry.url for entry in entries if entry.date}
    return (entry for entry in entries if not entry.date and entry.url not in urls)


def _dated(entry: Entry) -> PartialDate:
    assert entry.date is not None
    return entry.date


def promising(children: list[Entry]) -> list[Entry]:
    """The sitemaps of an index in the order in which news is likely to stand in them."""
    return sorted(newest(children), key=lambda child: _NEWS not in child.url.lower())
