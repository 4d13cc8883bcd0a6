"""[pure] Which picture leads an article: its address, and what it shows in words.

Nothing is fetched here. What a feed offers as the article's picture comes first, then the first one in the text that
is no icon and no tracking pixel, then a thumbnail.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from html import unescape
from urllib.parse import urljoin, urlsplit

from digest.ingest import plain

LEAST_WIDTH, LEAST_HEIGHT = 200, 100  # pixels: what is smaller is an icon, or looks like one beside a headline
_LONGEST_ADDRESS, _LONGEST_ALT = 2000, 200
_UNTOLD = 600  # what an offer counts that does not tell its width
_LOOKED_AT = 20  # pictures of one text; further down is nothing that leads it
_HEAD = 200_000  # characters of a page in which it says what it shows elsewhere

_IMG = re.compile(r"<[iI][mM][gG]\b([^<>]{0,4000})>")  # a pattern that ignores case takes far longer
_META = re.compile(r"<meta\b([^<>]{0,4000})>", re.IGNORECASE)
_ATTRIBUTE = re.compile(r"""([A-Za-z][A-Za-z0-9:_-]{0,40})\s*=\s*(?:"([^"]*)"|'([^']*)'|([^\s"'<>=]+))""")
_SOURCES = ("src", "data-src", "data-lazy-src", "data-original")  # while it waits, `src` holds a blank one
_NUMBER = re.compile(r"\s*(\d{1,6})(?:\.\d+)?\s*(?:px)?\s*\Z")
_ENDING = re.compile(r"\.(?:jpe?g|png|webp|gif|avif)\Z", re.IGNORECASE)
_HIDDEN = re.compile(r"display\s*:\s*none|(?:width|height)\s*:\s*[0-9]px", re.IGNORECASE)
_A_FILE = re.compile(r"\S+\.(?:jpe?g|png|webp|gif|avif)|(?:IMG|DSC|image)[-_ ]?\d+", re.IGNORECASE)
# Who counts readers, and what decorates a page.
_NO_NEWS = (
    "pixel.", "/pixel", "tracker", "tracking", "1x1", "spacer", "blank.gif", "blank.png", "transparent.gif",
    "transparent.png", "gravatar.com", "/avatar", "emoji", "smilies", "smiley", "feedburner.com/~", "doubleclick",
    "scorecardresearch", "google-analytics", "facebook.com/tr", "stats.wordpress", "/b.gif", "/counter", "favicon",
    ".svg", "share-button", "share_button", "share-icon", "share_icon",
)  # fmt: skip
# What taking it apart and putting it together would leave as it is.
_WHOLE = re.compile(r"https?://[a-z0-9][a-z0-9.-]*/[A-Za-z0-9_~./?=%+,:;!()*$'-]*")
_ROOTED = re.compile(r"/[A-Za-z0-9_~]")
_OF_PAGE = ("og:image:secure_url", "og:image", "og:image:url", "twitter:image", "twitter:image:src")
_ALT_OF_PAGE = ("og:image:alt", "twitter:image:alt")


@dataclass(frozen=True, slots=True)
class Offer:
    """What an entry says of itself, as it is written there; 0 where a size is not told."""

    url: str
    width: int = 0
    height: int = 0
    small: bool = False  # a thumbnail


@dataclass(frozen=True, slots=True)
class Found:
    url: str
    alt: str = ""


def offer(url: str, kind: str, medium: str, width: str, height: str) -> Offer | None:
    """What media of an entry are, by their attributes: None where they are no picture."""
    if not url:
        return None
    told = medium.strip().lower() or kind.strip().lower().partition("/")[0]
    if told != "image" and (told or not _ENDING.search(url.partition("?")[0])):
        return None
    return Offer(url, number(width), number(height))


def number(written: str) -> int:
    found = _NUMBER.match(written)
    return int(found[1]) if found else 0


def choose(offers: Sequence[Offer], texts: Iterable[str], *, page: str, base: str) -> Found | None:
    """Of one entry: `texts` are its markup, at the address `page`; offers are relative to `base`."""
    shown = (found for text in texts if "<img" in text or "<IMG" in text for found in _in_text(text, page or base))
    large = _best([one for one in offers if not one.small], base) if offers else None
    if large is not None:
        # The feed says where it is, the text what it shows.
        path = large.url.partition("?")[0].rpartition("/")[2]
        alt = next((found.alt for found in shown if found.url.partition("?")[0].rpartition("/")[2] == path), "")
        return Found(large.url, alt)
    return next(shown, None) or (_best([one for one in offers if one.small], base) if offers else None)


def _best(offers: Sequence[Offer], base: str) -> Found | None:
    fit = [(one, url) for one in offers if _is_large(one.width, one.height) and (url := address(one.url, base))]
    if not fit:
        return None
    _, url = max(fit, key=lambda pair: pair[0].width or _UNTOLD)
    return Found(url)


def _in_text(text: str, base: str) -> Iterator[Found]:
    for number_, tag in enumerate(_IMG.finditer(text)):
        if number_ >= _LOOKED_AT:
            return
        given = _attributes(tag[1])
        if not _is_large(number(given.get("width", "")), number(given.get("height", ""))):
            continue
        if _HIDDEN.search(given.get("style", "")):
            continue
        url = next((url for name in _SOURCES if (url := address(given.get(name, ""), base))), "")
        if url:
            yield Found(url, said(given.get("alt", "")))


def of_page(html: str, page: str) -> Found | None:
    """What a web page names as its picture for whoever links to it."""
    told: dict[str, str] = {}
    for tag in _META.finditer(html[:_HEAD]):
        given = _attributes(tag[1])
        name = (given.get("property") or given.get("name") or "").lower()
        if name in _OF_PAGE or name in _ALT_OF_PAGE:
            told.setdefault(name, given.get("content", ""))
    url = next((url for name in _OF_PAGE if (url := address(told.get(name, ""), page))), "")
    return Found(url, said(next(filter(None, map(told.get, _ALT_OF_PAGE)), "") or "")) if url else None


def address(written: str, base: str = "") -> str:
    """The web address; empty where it is none, as `data:` is, or plainly no picture of news."""
    if not written:
        return ""
    text = unescape(written).strip() if "&" in written else written.strip()
    lower = text.lower()
    if any(word in lower for word in _NO_NEWS):
        return ""
    quick = base[: base.find("/", 8)] + text if _ROOTED.match(text) and base.find("/", 8) > 0 else text
    if len(quick) <= _LONGEST_ADDRESS and _WHOLE.fullmatch(quick):
        return quick
    text = "".join(c for c in text if c.isprintable())
    if not text or len(text) > _LONGEST_ADDRESS:
        return ""
    try:
        whole = urljoin(base, text) if base else text
        parts = urlsplit(whole)
        usable = parts.scheme.lower() in ("http", "https") and parts.hostname and not (parts.username or parts.password)
    except ValueError:
        return ""
    if not usable:
        return ""
    return parts._replace(fragment="").geturl().replace(" ", "%20")[: _LONGEST_ADDRESS + 1]


def said(alt: str) -> str:
    """What a picture shows, on one line; a file's name says nothing."""
    text = plain.one_line(unescape(alt))
    if _A_FILE.fullmatch(text):
        return ""
    return text if len(text) <= _LONGEST_ALT else text[: _LONGEST_ALT - 1].rsplit(" ", 1)[0] + "…"


def _attributes(tag: str) -> dict[str, str]:
    found: dict[str, str] = {}
    for name, double, single, bare in _ATTRIBUTE.findall(tag):
        found.setdefault(name.lower(), double or single or bare)
    return found


def _is_large(width: int, height: int) -> bool:
    """As far as it is told."""
    return not (0 < width < LEAST_WIDTH or 0 < height < LEAST_HEIGHT)
