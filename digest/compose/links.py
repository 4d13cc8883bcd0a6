"""The links of both parts, held against each other. Pure."""

from __future__ import annotations

import functools
import re

_LINK = re.compile(
    r'<a\b(?P<before>[^>]*?)\s+href="(?P<url>https?://[^"]+)"(?P<after>[^>]*)>(?P<inner>.*?)</a>', re.DOTALL
)
_HREF = re.compile(r' href="(?P<url>https?://[^"]+)"')
_HTTP = ' href="http'
_WWW = ("ww.", "WW.")  # in capitals or not
_FOOTER = 'role="contentinfo"'
_TAG = re.compile(r"<[^>]*>")
#: What is taken for a link where it stands in running text.
_URL = re.compile(r"https?://\w|(?<![\w/.@-])www\.\w", re.IGNORECASE)


def even(html: str, text: str) -> str:
    """The HTML part, with one repeated link less where both parts hold an odd number of them together.

    Filters compare the two (rspamd's URI_COUNT_ODD): in an honest pair every link stands twice. Ours have
    more in the HTML, where a headline and its sources lead to the same page, so a reader loses nothing.
    """
    number = html.count(' href="https://') + html.count(' href="http://')
    if html.count("://") == number and not any(
        www in html for www in _WWW
    ):  # as nearly always: no link stands in running text
        running = 0
    else:
        running = len(_URL.findall(_TAG.sub(" ", _LINK.sub(" ", html))))
    if (number + running + _addresses(text)) % 2 == 0:
        return html
    spare = _spare(html)
    if spare is None:
        return html
    plain = f"<span{spare['before']}{spare['after']}>{spare['inner']}</span>"
    return html[: spare.start()] + plain + html[spare.end() :]


def _addresses(text: str) -> int:
    """How many stand in a plain text; none spans two lines."""
    return sum(map(_in_line, text.split("\n")))


@functools.lru_cache(maxsize=32768)  # the variants of an edition have most lines in common
def _in_line(line: str) -> int:
    return len(_URL.findall(line))


def _spare(html: str) -> re.Match[str] | None:
    """The last link to where another one leads already, with words for its text; each of the footer's stays."""
    footer = html.find(_FOOTER)
    end = at = len(html) if footer < 0 else footer
    while (at := html.rfind(_HTTP, 0, at)) >= 0:
        link = _HREF.match(html, at, end)
        if link is None or html.rfind(link[0], 0, at) < 0:
            continue
        found = _LINK.match(html, html.rfind("<a", 0, at))
        if found and not _URL.search(found["inner"]):
            return found
    return None
