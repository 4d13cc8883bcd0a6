"""Plain text, laid out: wrapped by columns, links whole. Pure."""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Iterable

from digest.compose import bidi

WIDTH = 72  # leaves room for a reply's quotation marks within 78
_SHORTEST_RULE = 3
_BLANK = re.compile(r"[^\S\u00a0]+")


def columns(text: str) -> int:
    """How wide a text stands: ideographs take two columns, combining and unseen signs none."""
    if text.isascii():
        return len(text)
    seen = (c for c in text if not (unicodedata.combining(c) or unicodedata.category(c) == "Cf"))
    return sum(1 + (unicodedata.east_asian_width(c) in "WF") for c in seen)


def _pieces(word: str, width: int) -> list[str]:
    """A word that no line can hold, in parts; a link stays whole, since half of it leads nowhere."""
    if columns(word) <= width or word.lower().startswith(("http://", "https://", "mailto:")):
        return [word]
    parts, part, wide = [], "", 0
    for sign in word:
        size = columns(sign)
        if part and wide + size > width:
            parts.append(part)
            part, wide = "", 0
        part += sign
        wide += size
    return [*parts, part]


def fill(text: object, margin: str = "", first: str | None = None, width: int = WIDTH) -> str:
    """Wrap into lines of at most `width` columns, each after `margin`; the first after `first`.

    A no-break space holds two words together, and leaves as a plain one.
    """
    return _filled(str(text), margin, first, width)


@functools.lru_cache(maxsize=4096)  # the variants of an edition have their headings and footers in common
def _filled(text: str, margin: str, first: str | None, width: int) -> str:
    margins = [margin if first is None else first]
    rows, row, wide = [], "", columns(margins[0])
    for word in filter(None, _BLANK.split(text)):
        for part in _pieces(word, width - columns(margin)):
            if row and wide + 1 + columns(part) > width:
                rows.append(row)
                margins.append(margin)
                row, wide = "", columns(margin)
            wide += columns(part) + bool(row)
            row += f" {part}" if row else part
    rows.append(row)
    lines = map("".join, zip(margins, bidi.rows_closed(rows), strict=True))
    return "\n".join(lines).replace("\u00a0", " ")


def rule(sign: str = "-", width: int = WIDTH) -> str:
    return sign * width


def centre(text: object, width: int = WIDTH) -> str:
    """Each line in the middle; what is too long for one is wrapped first."""
    rows = fill(text, width=width).split("\n")
    return "\n".join(" " * ((width - columns(row)) // 2) + row for row in rows)


def leader(left: object, right: object = "", sign: str = "-", width: int = WIDTH) -> str:
    """Two texts at the ends of a line with a rule between them; one below the other where there is no room for it."""
    start, end = str(left), str(right)
    room = width - columns(start) - columns(end) - (start != "") - (end != "")
    if room >= _SHORTEST_RULE:
        return " ".join(filter(None, (start, sign * room, end)))
    return "\n".join([rule(sign, width), *(fill(text, width=width) for text in (start, end) if text)])


def hang(text: object, label: object, column: int, margin: str = "", width: int = WIDTH) -> str:
    """Wrapped beside a label that stands right in a column of its own, or above it where it is too wide for that."""
    head = str(label)
    body = margin + " " * (column + 2)
    if columns(head) > column:
        return f"{fill(head, margin, width=width)}\n{fill(text, body, width=width)}"
    return fill(text, body, margin + " " * (column - columns(head)) + head + "  ", width)


def widest(texts: Iterable[object], most: int = WIDTH) -> int:
    """How many columns the widest takes, up to `most`."""
    return max((wide for wide in (columns(str(text)) for text in texts) if wide <= most), default=0)


def tidy(text: str) -> str:
    """No trailing blanks, never two empty lines in a row, one newline at the end."""
    tidied = "\n".join([line.rstrip() for line in text.replace("\r\n", "\n").split("\n")])
    while "\n\n\n" in tidied:
        tidied = tidied.replace("\n\n\n", "\n\n")
    return tidied.strip("\n") + "\n"
