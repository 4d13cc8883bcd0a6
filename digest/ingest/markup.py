"""[pure] A feed's HTML to plain paragraphs. What comes out is text: nothing in it is markup any more."""

from __future__ import annotations

import re
from html import unescape

from selectolax.lexbor import LexborHTMLParser, SelectolaxError

from digest.ingest import plain

_DROPPED = "script,style,noscript,template,iframe,object,embed,svg,math,form,button,select,nav,head,audio,video"
_BLOCKS = (
    "p,div,section,article,main,header,footer,aside,blockquote,pre,ul,ol,li,dl,dt,dd,table,tr,figure,figcaption,"
    "h1,h2,h3,h4,h5,h6,hr,address,details,summary"
)
# Marks that cannot come from outside: tidy() takes every control character off first.
_BREAK, _LINE = "\x1e", "\x1f"
_TAGS = re.compile(
    r"</?(?:p|div|a|b|i|em|strong|span|h[1-6]|li|ul|ol|br|blockquote|img|figure)\b[^<>]*>", re.IGNORECASE
)
_ANY_TAG = re.compile(r"<[^<>]*>")
# The parser's time grows with the square of the depth: 50,000 open elements took it 5 seconds.
_MAX_OPEN = 5000
_BREAKS = re.compile(f"{_BREAK}+|{_LINE}\\s*{_LINE}[\\s{_LINE}]*")


def to_paragraphs(html: str) -> list[str]:
    """The paragraphs of the text, entities decoded, blocks apart from each other."""
    found = _parse(html)
    if _TAGS.search("\n".join(found)):  # escaped twice, as some feed writers do: the tags came out as text
        found = _parse("".join(f"<p>{paragraph}</p>" for paragraph in found))
    return found


def to_line(html: str) -> str:
    """A title: entities decoded and tags dropped, on one line."""
    if "<" in html:
        return " ".join(_parse(html))
    return plain.one_line(unescape(plain.tidy(html)) if "&" in html else html)


def flattened(html: str) -> str:
    """The same, or without its tags where so many are open that to parse it would take seconds."""
    return _ANY_TAG.sub("<br><br>", html) if html.count("<") - 2 * html.count("</") > _MAX_OPEN else html


def _parse(html: str) -> list[str]:
    try:
        tree = LexborHTMLParser(flattened(plain.tidy(html)))
    except SelectolaxError:  # any text is HTML to it: it gives up only where it gets no memory
        raise MemoryError from None
    for node in tree.css(_DROPPED):
        node.decompose()
    for node in tree.css("br"):
        node.insert_before(_LINE)
    for node in tree.css("td,th"):
        node.insert_after(" ")
    for node in tree.css(_BLOCKS):
        node.insert_before(_BREAK)
        node.insert_after(_BREAK)
    body = tree.body
    text = body.text(deep=True) if body else ""
    return [line for part in _BREAKS.split(text) if (line := plain.one_line(part.replace(_LINE, " ")))]
