"""Takes a topic's rule apart into words, quotations and signs."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from digest.errors import UsageError
from digest.group.topic_rules import KEYWORDS, SPECIAL

WORD, QUOTED, END = "word", "quoted", "end"
_CHUNK = re.compile(rf"[^\s{re.escape(SPECIAL)}]+")
_CLOSING = {'"': '"', "“": '”"', "„": '“”"', "«": "»", "”": '”"'}
_SHOWN = 24


class RuleError(UsageError):
    """A rule cannot be read. `at` counts the characters before the place."""

    def __init__(self, what: str, text: str, at: int, mend: str) -> None:
        rest = " ".join(text[at:].split())
        shown = rest if len(rest) <= _SHOWN else f"{rest[:_SHOWN]}…"
        where = f"rule, character {at + 1}, at “{shown}”" if rest else "rule, at its end"
        super().__init__(what, where=where, mend=mend)
        self.at = at


class Token(NamedTuple):
    kind: str  # word, quoted, end, or the character itself
    text: str
    at: int
    glued: bool  # no space stands before it
    keyword: str = ""  # and, or, not


def lex(text: str) -> Iterator[Token]:
    at = 0
    while True:
        start = at
        while at < len(text) and text[at].isspace():
            at += 1
        glued = at == start
        if at == len(text):
            yield Token(END, "", at, glued)
            return
        if text[at] in _CLOSING:
            end = next((i for i in range(at + 1, len(text)) if text[i] in _CLOSING[text[at]]), -1)
            if end < 0:
                raise RuleError("this quotation mark has no partner", text, at, 'put " after the phrase')
            yield Token(QUOTED, " ".join(text[at + 1 : end].replace('"', " ").split()), at, glued)
            at = end + 1
        elif found := _CHUNK.match(text, at):
            # `or*` is the beginning of a word.
            word = found.group().lower() if text[found.end() : found.end() + 1] != "*" else ""
            yield Token(WORD, found.group(), at, glued, word if word in KEYWORDS else "")
            at = found.end()
        else:
            yield Token(text[at], text[at], at, glued)
            at += 1
