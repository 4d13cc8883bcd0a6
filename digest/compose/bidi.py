"""Text that runs the other way than the text around it: kept together, and every line begun on its own side. Pure.

By Unicode's rules (UAX 9) a Latin name turns the figures and signs beside it around in an Arabic
sentence, and a line runs the way of its first letter. So what runs the other way stands between isolates,
and a line that would run the wrong way begins with a mark. `clean` takes such signs out of all that
strangers send: those that a mail holds are these.
"""

from __future__ import annotations

import functools
import re
import unicodedata
from collections.abc import Container, Iterable

LTR, RTL = "ltr", "rtl"
_OPEN = {LTR: "\u2066", RTL: "\u2067"}
_CLOSE = "\u2069"
_MARK = {LTR: "\u200e", RTL: "\u200f"}
_ISOLATES = frozenset((*_OPEN.values(), _CLOSE))
_SIGN = re.compile(f"[{''.join(_ISOLATES)}]")
_STRONG = {"L": LTR, "R": RTL, "AL": RTL}
#: The scripts that run from right to left stand together.
_RTL = re.compile("[\u0590-\u08ff\u200f\ufb1d-\ufdff\ufe70-\ufeff\U00010800-\U00010fff\U0001e800-\U0001efff]")
#: What stays in order in either direction; "+31 15 260" does not.
_PLAIN_NUMBER = re.compile(r"[\d.,:%]*|\D*")
_LINK = re.compile(r"\s*(?:[a-z]+://|mailto:)\S*$", re.IGNORECASE)
#: Where an isolate stays a sign: no markup may stand there, or an inbox shows it without.
_KEPT = re.compile(r'(<title\b.*?</title>|<div class="preheader".*?</div>|<!--.*?-->|<[^>]*>)', re.DOTALL)
_ITS_OWN = re.compile(r'\sdir="(?:auto|ltr|rtl)"')


def way(text: str) -> str:
    """ltr or rtl, by the first letter; empty where there is none."""
    return next((found for c in text if (found := _STRONG.get(unicodedata.bidirectional(c)))), "")


def isolate(text: str, base: str, runs: str = "") -> str:
    """`text` as it can stand in text that runs as `base`; `runs`: which way it runs itself where that is known.

    What runs the same way throughout is left as it is, and so is what was isolated before.
    """
    if not text or not _mixes(text, base) or _SIGN.search(text):
        return text
    known = runs if runs in _OPEN else way(text) or LTR
    return f"{_OPEN[known]}{text}{_CLOSE}"


def _mixes(text: str, base: str) -> bool:
    if base == LTR:
        return not text.isascii() and _RTL.search(text) is not None
    if any(unicodedata.bidirectional(c) == "L" for c in text):
        return True
    return not way(text) and _PLAIN_NUMBER.fullmatch(text) is None


def led(text: str, sign: str) -> str:
    """`sign` before a text, inside what isolates it: it stands on the side where the text begins."""
    at = len(text) - len(text.lstrip("".join(_OPEN.values())))
    return text[:at] + sign + text[at:]


def joined(texts: Iterable[str]) -> str:
    """Sentences in a row as one text: each by itself, those of a Latin source would stand from right to left."""
    text = " ".join(texts)
    for sign in _OPEN.values():
        if f"{_CLOSE} {sign}" in text and text.count(sign) == text.count(_CLOSE):
            text = text.replace(f"{_CLOSE} {sign}", " ")
    return text


def closed(text: str) -> str:
    """What was cut short, with the isolates closed that lost their end."""
    return "\n".join(rows_closed([text]))


def rows_closed(rows: Iterable[str]) -> list[str]:
    """Lines of one text: an isolate ends with its line, so each is closed there and opened again on the next."""
    done, opened = [], ""
    for row in rows:
        line, opened = opened + row, _left_open(opened + row)
        done.append(line + _CLOSE * len(opened))
    return done


def _left_open(text: str) -> str:
    opened: list[str] = []
    for sign in text:
        if sign == _CLOSE:
            del opened[-1:]
        elif sign in _ISOLATES:
            opened.append(sign)
    return "".join(opened)


def lines_begun(text: str, base: str, bare: Container[str] = ()) -> str:
    """A plain text of which each line runs as `base`, whatever it begins with.

    Links and the lines in `bare` are copied by readers and programs: they stay as they are.
    """
    if base == LTR:  # what has no letter of the other direction is right as it is
        lines = text.split("\n")
        return "\n".join([n if n.isascii() or not _turns(n) else _begun(n, base, bare) for n in lines])
    return "\n".join([_begun(line, base, bare) for line in text.split("\n")])


def _begun(line: str, base: str, bare: Container[str]) -> str:
    if not line.strip() or line.strip() in bare or _LINK.match(line):
        return line
    return line if _ways(line) == {base} else _MARK[base] + line


@functools.lru_cache(maxsize=32768)  # the variants of an edition have most lines in common
def _turns(line: str) -> bool:
    return _RTL.search(line) is not None


@functools.lru_cache(maxsize=32768)
def _ways(line: str) -> frozenset[str]:
    """How mail programs may let it run."""
    if not _RTL.search(line):
        return frozenset({LTR})
    # Some programs look into isolates for the first letter, and some take a line without one for their own way.
    return frozenset({way(line) or LTR, way(_outside(line)) or LTR})


def _outside(line: str) -> str:
    """What stands in no isolate."""
    kept, depth = [], 0
    for sign in line:
        if sign == _CLOSE:
            depth = max(0, depth - 1)
        elif sign in _ISOLATES:
            depth += 1
        elif not depth:
            kept.append(sign)
    return "".join(kept)


def unsigned(text: str) -> str:
    """Without isolates: for programs that show each text by itself."""
    return _SIGN.sub("", text)


def marked_up(html: str) -> str:
    """Isolates as elements, which mail programs know better than the signs."""
    if not _SIGN.search(html):
        return html
    parts = _KEPT.split(html)
    for at in range(0, len(parts), 2):  # text; the odd ones are kept
        if _SIGN.search(parts[at]):
            parts[at] = _elements(parts[at], parts[at - 1] if at else "")
    return "".join(parts)


def _elements(text: str, before: str) -> str:
    """`before`: the tag in front of it, which may say the direction already."""
    if _left_open(text) or _left_open(text[::-1].translate(_MIRRORED)):
        return text  # half of one, since a template cut it: an element would swallow what follows
    whole = text[0] in _ISOLATES and text[-1] == _CLOSE and sum(c in _ISOLATES for c in text) == 2
    if whole and _ITS_OWN.search(before):
        return text[1:-1]
    for runs, sign in _OPEN.items():
        text = text.replace(sign, f'<span dir="{runs}">')
    return text.replace(_CLOSE, "</span>")


_MIRRORED = str.maketrans({_CLOSE: _OPEN[LTR], **dict.fromkeys(_OPEN.values(), _CLOSE)})
