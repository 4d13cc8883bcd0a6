"""[pure] Expressions that are tried only where they can match at all.

An expression of hundreds of phrases takes tens of microseconds on any paragraph, and nearly all paragraphs have none
of them. One pass finds which fixed words stand in a text (Aho and Corasick 1975); an expression none of whose phrases
has its longest word there is not tried.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache

from ahocorasick_rs import AhoCorasick

_WORD = re.compile(r"[^\s*]+")
_LETTER = re.compile(r"\w")


@dataclass(frozen=True, slots=True)
class _Word:
    """`left`, `right`: whether no letter stands beside it on that side."""

    text: str
    left: bool
    right: bool

    def fits(self, text: str, begin: int, end: int) -> bool:
        before, after = text[begin - 1 : begin], text[end : end + 1]
        return not (self.left and _LETTER.match(before)) and not (self.right and _LETTER.match(after))


class Fixed:
    """The longest fixed words of several lists of phrases, and which lists they stand for."""

    def __init__(self, lists: Mapping[str, Iterable[str]]) -> None:
        self._bit = {name: 1 << i for i, name in enumerate(lists)}
        masks: dict[_Word, int] = {}
        for name, phrases in lists.items():
            for phrase in phrases:
                word = _longest_word(phrase)
                masks[word] = masks.get(word, 0) | self._bit[name]
        self._words = list(masks.items())
        self._automaton = AhoCorasick([word.text for word in masks])
        self.stand_in = lru_cache(maxsize=64)(self._stand_in)

    def _stand_in(self, text: str) -> int:
        found = 0
        for number, begin, end in self._automaton.find_matches_as_indexes(text, overlapping=True):
            word, mask = self._words[number]
            if mask & ~found and word.fits(text, begin, end):
                found |= mask
        return found

    def any_of(self, *names: str) -> Callable[[str], bool]:
        """Whether a text may have a phrase of any of these lists."""
        bits = sum(self._bit[name] for name in names)
        return lambda text: bool(self.stand_in(text) & bits)

    def guard(self, name: str, pattern: re.Pattern[str]) -> Guarded:
        """`pattern` matches nothing without a phrase of the list `name`."""
        return Guarded(self, self._bit[name], pattern)


class Guarded:
    """An expression behind its guard. Each method is given the text that the fixed words are looked for in: what is
    searched, or what that was made from by leaving something out."""

    def __init__(self, fixed: Fixed, bit: int, pattern: re.Pattern[str]) -> None:
        self._fixed, self._bit, self._pattern = fixed, bit, pattern

    def search(self, text: str, within: str | None = None) -> re.Match[str] | None:
        return self._pattern.search(text) if self._may(text, within) else None

    def match(self, text: str) -> re.Match[str] | None:
        return self._pattern.match(text) if self._may(text, None) else None

    def count(self, text: str, within: str | None = None) -> int:
        """How many matches there are."""
        return sum(1 for _ in self._pattern.finditer(text)) if self._may(text, within) else 0

    def _may(self, text: str, within: str | None) -> bool:
        return bool(self._fixed.stand_in(text if within is None else within) & self._bit)


def _longest_word(phrase: str) -> _Word:
    words = [
        _Word(
            match.group(),
            left=match.group()[0].isalnum() and phrase[: match.start()][-1:] != "*",
            right=match.group()[-1].isalnum() and phrase[match.end() :][:1] != "*",
        )
        for match in _WORD.finditer(phrase)
        if match.group() != "..."
    ]
    return max(words, key=lambda word: (len(word.text), word.left, word.right))
