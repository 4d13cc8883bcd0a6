"""Plain text, laid out: wrapped by columns, links whole. Pure."""

from __future__ import annotations

import unicodedata

from digest.compose import bidi

WIDTH = 72  # leaves room for a reply's quotation marks within 78


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
    """Wrap into lines of at most `width` columns, each after `margin`; the first after `first`."""
    margins = [margin if first is None else first]
    rows, row, wide = [], "", columns(margins[0])
    for word in str(text).split():
        for part in _pieces(word, width - columns(margin)):
            if row and wide + 1 + columns(part) > width:
                rows.append(row)
                margins.append(margin)
                row, wide = "", columns(margin)
            wide += columns(part) + bool(row)
            row += f" {part}" if row else part
    rows.append(row)
    return "\n".join(map("".join, zip(margins, bidi.rows_closed(rows), strict=True)))


def rule(sign: str = "-", width: int = WIDTH) -> str:
    return sign * width


def tidy(text: str) -> str:
    """No trailing blanks, never two empty lines in a row, one newline at the end."""
    lines: list[str] = []
    for line in text.replace("\r\n", "\n").split("\n"):
        bare = line.rstrip()
        if bare or (lines and lines[-1]):
            lines.append(bare)
    return "\n".join(lines).strip("\n") + "\n"
