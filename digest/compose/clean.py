"""Text from outside, made harmless for a mail: titles are written by strangers. Pure."""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from urllib.parse import urlsplit

#: Embeddings, overrides and isolates can turn the rest of a line around; `dir` does this honestly.
_BIDI = frozenset(map(chr, (*range(0x202A, 0x202F), *range(0x2066, 0x206A), 0x061C)))
_LONGEST_URL = 900  # a line of a message holds 998 octets, and links stand on one line


def clean(text: str, markers: Sequence[str] = ()) -> str:
    """One line without control, bidi and private signs, and without the renderer's own markers."""
    # What Python calls printable is neither a control, bidi or private sign, nor a blank but the plain one.
    line = " ".join((text if text.isprintable() else _harmless(text)).split())
    # Taking one marker out may join the halves of another.
    while any(m and m in line for m in markers):
        for marker in markers:
            line = line.replace(marker, "") if marker else line
    return line.strip()


def _harmless(text: str) -> str:
    kept = []
    for sign in text:
        kind = unicodedata.category(sign)
        if sign.isspace() or kind == "Cc":
            kept.append(" ")
        elif sign in _BIDI or kind in ("Cs", "Co", "Cn") or 0xE0000 <= ord(sign) <= 0xE007F or sign == "\ufeff":
            continue
        else:
            kept.append(sign)
    return "".join(kept)


def link(url: str | None, markers: Sequence[str] = ()) -> str | None:
    """The URL if it is one that a mail may link to, else None."""
    if not url or len(url) > _LONGEST_URL or clean(url, markers) != url or any(c in url for c in " <>\"'`\\"):
        return None
    try:
        parts = urlsplit(url)
        named = parts.hostname
    except ValueError:
        return None
    return url if parts.scheme.lower() in ("http", "https") and named else None


def shorten(text: str, width: int) -> str:
    """At most `width` signs, cut between words where there are any."""
    if len(text) <= width:
        return text
    head = text[: max(1, width - 1)]
    cut = head.rfind(" ")
    if text[len(head)] != " " and cut >= width // 2:
        head = head[:cut]
    return head.rstrip(" ,;:.–—-") + "…"
