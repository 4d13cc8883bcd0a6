"""[pure] What stands behind a web address: a feed, a sitemap, a page that names its feeds. `find` asks through `get`.

Polite: the address itself is asked for once, then at most as many further ones as `MOST_ASKED`.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from urllib.parse import urljoin, urlsplit

from selectolax.lexbor import LexborHTMLParser

from digest.errors import FetchError, UsageError
from digest.ingest import markup
from digest.ingest.decode import tolerant
from digest.ingest.fetch import Fetched
from digest.ingest.kinds.web import refusal
from digest.ingest.plain import one_line

FEED, SITEMAP, PAGE, LIST = "feed", "sitemap", "page", "list"
MOST_ASKED = 6
_COMMON_PATHS = ("/feed", "/rss.xml", "/atom.xml", "/index.xml")
_MOST_LINKS = 50
_READ = 1_000_000  # bytes of a page: enough to find what it names, and to see that there is text
_LEAST_TEXT = 200  # characters of paragraphs: less is a page made by scripts, or a login

_ROOTS = {
    "rss": FEED, "feed": FEED, "rdf": FEED, "channel": FEED,
    "urlset": SITEMAP, "sitemapindex": SITEMAP, "opml": LIST, "html": PAGE,
}  # fmt: skip
_HEAD_ENDS = re.compile(r"</head\b|<body\b", re.IGNORECASE)
_BEFORE_ROOT = re.compile(
    r"\s+|<\?[^>]*>|<!--.*?-->|<!DOCTYPE[^>\[]*+(?:\[[^\]]*+\])?+[^>]*+>", re.DOTALL | re.IGNORECASE
)
_CHARSET = re.compile(rb"charset=[\"']?([\w-]{1,30})", re.IGNORECASE)
_ROOT = re.compile(r"<(?:[\w.-]{1,50}:)?([A-Za-z][\w-]{0,50})")
_LATE_ROOT = re.compile(r"<(?:rss|feed|rdf:RDF)\s[^<>]*?(?:version|xmlns)[^<>]*>")
_MARKUP = re.compile(r"<(?:html|head|body|title|meta|p|div|link)\b", re.IGNORECASE)
_TYPES = re.compile(r"application/(?:rss|atom|rdf|feed)\+(?:xml|json)|application/json|text/xml|application/xml", re.I)
_COMMENTS = re.compile(
    r"comment|kommentar|reactie|commentaire|comentario|comentário|commenti|komentar|комментар", re.IGNORECASE
)
_FEED_PATH = re.compile(r"/(?:feed|rss|atom)/?$|(?:\.rss|\.atom|(?:feed|rss|atom)\.xml|feed\.json)$", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class FeedLink:
    """A feed as a page names it."""

    url: str
    title: str = ""

    @property
    def comments(self) -> bool:
        return bool(_COMMENTS.search(self.title) or _COMMENTS.search(urlsplit(self.url).path))


@dataclass(frozen=True, slots=True)
class Found:
    """The kind and the address that a source should have; `named` are all feeds that the page names, if it is one."""

    kind: str
    location: str
    named: tuple[FeedLink, ...] = ()
    page: str = ""  # the page that led to it


def find(url: str, get: Callable[[str], Fetched]) -> Found:
    """Fetches `url` and, where it is a page, looks for its feed. Raises FetchError, UsageError."""
    got = get(url)
    if got.status != 200:
        raise refusal(url, got)
    kind, at = sniff(got.body), got.permanent_redirect_to or url
    if kind == LIST:
        mend = "save it, then: digest source import FILE"
        raise UsageError("is a list of feeds, not a feed", where=url, mend=mend)
    if kind in {FEED, SITEMAP}:
        return Found(kind, at)
    if kind != PAGE:
        raise UsageError("is neither a feed nor a sitemap nor a page", where=url, mend="check the address")
    named = links(got.body, got.url)
    for link in candidates(named, got):
        if moved := _feed_at(link, get):
            return Found(FEED, moved, named, page=url)
    if not reads_as_page(got.body):
        mend = "give the address of its feed"
        raise UsageError("is a page without a feed, and without text that could be read", where=url, mend=mend)
    return Found(PAGE, at, page=url)


def candidates(named: Sequence[FeedLink], got: Fetched) -> list[str]:
    """Where to look for the page's feed, the best first: those it names, those it links to, the usual places."""
    ranked = [link.url for link in sorted(named, key=lambda link: link.comments)]
    linked = [link.url for link in _anchors(got.body, got.url) if not link.comments]
    usual = [urljoin(got.url, path) for path in _COMMON_PATHS]
    # A page that names feeds which are none is broken: two more guesses are enough.
    tried = ranked[:3] + linked[:2] + usual
    return [url for url in dict.fromkeys(tried) if url != got.url][:MOST_ASKED]


def _feed_at(url: str, get: Callable[[str], Fetched]) -> str | None:
    """The address to keep, where there is a feed."""
    try:
        got = get(url)
    except FetchError:
        return None
    if got.status != 200 or sniff(got.body) != FEED:
        return None
    return got.permanent_redirect_to or url


def sniff(body: bytes) -> str:
    """FEED, SITEMAP, LIST, PAGE, or nothing, by the beginning of what was sent."""
    if body[:2] == b"\x1f\x8b":
        return SITEMAP  # nothing else is kept packed on a server
    start = body[:20_000].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n").decode("utf-8", errors="replace")
    if start[:1] == "{":
        return FEED if _is_json_feed(body) else ""
    at = 0
    while skipped := _BEFORE_ROOT.match(start, at):
        at = skipped.end()
    root = _ROOT.match(start, at)
    known = _ROOTS.get(root.group(1).lower(), "") if root else ""
    if not known and _LATE_ROOT.search(start):  # behind a warning that the server's program printed
        return FEED
    return known or (PAGE if _MARKUP.search(start) else "")


def _is_json_feed(body: bytes) -> bool:
    try:
        version = json.loads(body).get("version", "")
    except (ValueError, RecursionError):
        return False
    return isinstance(version, str) and "jsonfeed.org/version/" in version


def links(body: bytes, base: str) -> tuple[FeedLink, ...]:
    """The feeds that the page names in its head (or anywhere, if it has none), in its order."""
    text = text_of(body[:_READ])
    end = _HEAD_ENDS.search(text)
    tree = LexborHTMLParser(markup.flattened(text[: end.start()] if end else text))
    base = _base(tree, base)
    found: dict[str, FeedLink] = {}
    for node in tree.css("link[href]"):
        given = node.attributes
        relations = (given.get("rel") or "").lower().split()
        if "alternate" not in relations and "feed" not in relations:
            continue
        if not _TYPES.fullmatch((given.get("type") or "").partition(";")[0].strip()) and "feed" not in relations:
            continue
        # WordPress and others name their API in the same way.
        if (given.get("type") or "").startswith("application/json") and "/wp-json/" in (given.get("href") or ""):
            continue
        if url := _absolute(base, given.get("href")):
            found.setdefault(url, FeedLink(url, one_line(given.get("title") or "")))
    return tuple(found.values())[:_MOST_LINKS]


def _anchors(body: bytes, base: str) -> Iterator[FeedLink]:
    """Links in the page's text that look like its feed."""
    tree = LexborHTMLParser(markup.flattened(text_of(body[:_READ])))
    base = _base(tree, base)
    for node in tree.css("a[href]"):
        url = _absolute(base, node.attributes.get("href"))
        if url and _FEED_PATH.search(urlsplit(url).path) and urlsplit(url).hostname == urlsplit(base).hostname:
            yield FeedLink(url, one_line(node.text())[:200])


def reads_as_page(body: bytes) -> bool:
    """Whether there is text to be read, of an article or of a list of them."""
    paragraphs = markup.to_paragraphs(text_of(body[:_READ]))
    return sum(len(paragraph) for paragraph in paragraphs if len(paragraph) >= 20) >= _LEAST_TEXT


def text_of(body: bytes) -> str:
    """A page's bytes as it declares them."""
    declared = _CHARSET.search(body[:4000])
    return tolerant(body, declared.group(1).decode("ascii") if declared else "")


def _base(tree: LexborHTMLParser, base: str) -> str:
    node = tree.css_first("base[href]")
    return _absolute(base, node.attributes.get("href") if node else None) or base


def _absolute(base: str, href: str | None) -> str | None:
    try:
        url = urljoin(base, (href or "").strip())
        parts = urlsplit(url)
    except ValueError:
        return None
    usable = href and parts.scheme in {"http", "https"} and parts.hostname and not parts.username
    return parts._replace(fragment="").geturl() if usable else None
