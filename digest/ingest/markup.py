"""[pure] A feed's HTML to plain paragraphs. What comes out is text: nothing in it is markup any more."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Sequence
from html import unescape
from itertools import chain

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
# What the short way reads: tags that are whole, with plain attributes, and references that mean the same everywhere.
_PLAIN_TAG = re.compile(
    r"""<(/?)(p|br|a|b|i|u|s|em|strong|span|small|img|div|blockquote|ul|ol|li|figure|figcaption|h[1-6])"""
    r"""((?:\s+[a-z][a-z0-9:-]*(?:=(?:"[^"<>]*"|'[^'<>]*'))?)*\s*/?)>""",
    re.IGNORECASE,
)
_INLINE = frozenset(("a", "b", "i", "u", "s", "em", "strong", "span", "small", "img"))
# By number: no control character, and no half of a pair.
_NUMBER = r"3[2-9]|[4-9]\d|1[01]\d|12[0-6]|1[6-9]\d|[2-9]\d\d|[1-9]\d{3}|[1-4]\d{4}"
_OTHER_REFERENCE = re.compile(rf"&(?!(?:[A-Za-z]{{2,8}}|#(?:{_NUMBER}));)")
_ANY_TAG = re.compile(r"<[^<>]*>")
# The parser's time grows with the square of the depth: 50,000 open elements took it 5 seconds.
_MAX_OPEN = 5000
_LINES = re.compile(f"{_LINE}\\s*{_LINE}[\\s{_LINE}]*")


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
    tidied = plain.tidy(html)
    text = _read_simply(tidied)
    text = _read(tidied) if text is None else text
    if _LINE in text:
        text = _LINES.sub(_BREAK, text).replace(_LINE, " ")
    parts = text.split(_BREAK)
    # What was written as a reference may be anything, and what stood apart may join.
    untidy = "&" in tidied or not unicodedata.is_normalized("NFC", text)
    lines = map(plain.one_line, parts) if untidy else (" ".join(part.split()) for part in parts)
    return [line for line in lines if line]


def _read_simply(html: str) -> str | None:
    """What the parser would find in the markup that most feeds send; None where there is any other."""
    pieces = _PLAIN_TAG.split(html)
    if any("<" in text for text in pieces[::4]):
        return None
    marks = _marks(pieces)
    if marks is None:
        return None
    text = "".join(chain.from_iterable(zip(pieces[::4], [*marks, ""], strict=True)))
    if "&" not in text:
        return text
    return None if _OTHER_REFERENCE.search(text) else unescape(text)


def _marks(pieces: Sequence[str]) -> list[str] | None:
    """What stands for each tag. A block that is not closed where it should be is for those who know what it means."""
    marks: list[str] = []
    open_blocks: list[str] = []
    for slash, given in zip(pieces[1::4], pieces[2::4], strict=True):
        name = given.lower()
        if name in _INLINE:
            marks.append("")
        elif name == "br":
            marks.append(_LINE)
        else:
            marks.append(_BREAK)
            if name == "p":
                continue
            if not slash:
                open_blocks.append(name)
            elif not open_blocks or open_blocks.pop() != name:
                return None
    return marks


def _read(html: str) -> str:
    try:
        tree = LexborHTMLParser(flattened(html))
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
    return body.text(deep=True) if body else ""
