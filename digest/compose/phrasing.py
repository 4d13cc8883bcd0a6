"""Sentences as the search for statements sees them: words, phrases of the lists, numbers among them. Pure."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation
from functools import cache, lru_cache
from importlib.resources import files
from typing import Any

from digest.compose.figures import figures
from digest.compose.spelling import semitic, skeleton

_TOKEN = re.compile(r"[^\W_]+(?:[-‑][^\W_]+)*|[^\w\s]")
_NAME = re.compile(r"(?<![^\W_])[^\W\d_]{4,}")
_MATTERS = frozenset({"count", "toll", "single", "nth", "sum", "year", "status", "measure", "day", "unit", "order"})
_BEFORE = 8  # words between "originally" and the number
_GAP = 6  # words that "*" alone may stand for
_BONES, _LONG_BONES = 3, 4  # consonants of a name that tell it from others
_SHORT_NAME = 4
_CASES = re.compile(r"(?:ovi|ami|ach|ego|emu|ов|ом|ой|ем|em|om|[aeiouyаеиоуыюя])$")
_ROUND = frozenset(map(Decimal, (12, 100, 1000, 1_000_000)))  # as a word


@dataclass(frozen=True, slots=True)
class Phrase:
    words: tuple[str, ...]

    def end(self, tokens: Sequence[str], start: int) -> int | None:
        """Behind the phrase if it stands at `start`; "*" alone skips a few words."""
        at = start
        for place, word in enumerate(self.words):
            if word == "*":
                return self._behind_gap(tokens, at, place)
            if at >= len(tokens) or not _is(tokens[at], word):
                return None
            at += 1
        return at

    def _behind_gap(self, tokens: Sequence[str], at: int, place: int) -> int | None:
        rest = Phrase(self.words[place + 1 :])
        for skipped in range(1, _GAP + 1):
            if at + skipped > len(tokens) or tokens[at + skipped - 1] in ".;:":
                return None
            if (end := rest.end(tokens, at + skipped)) is not None:
                return end
        return None


def _is(token: str, word: str) -> bool:
    return token.startswith(word[:-1]) if len(word) > 1 and word.endswith("*") else token == word


class Index:
    """Named phrases, found by their first word; the longest first."""

    def __init__(self, phrases: Iterable[tuple[str, Phrase]]) -> None:
        self._by_word: dict[str, list[tuple[str, Phrase]]] = {}
        self._by_beginning: list[tuple[str, Phrase]] = []
        for name, phrase in sorted(phrases, key=lambda pair: -len(pair[1].words)):
            if phrase.words[0].endswith("*"):
                self._by_beginning.append((name, phrase))
            else:
                self._by_word.setdefault(phrase.words[0], []).append((name, phrase))

    def at(self, tokens: Sequence[str], start: int) -> Iterator[tuple[str, int]]:
        """(name, end) of every phrase that stands at `start`."""
        for name, phrase in (*self._by_word.get(tokens[start], ()), *self._by_beginning):
            if (end := phrase.end(tokens, start)) is not None:
                yield name, end


class Lexicon:
    """The words of one language."""

    def __init__(self, data: Mapping[str, Any], language: str) -> None:
        self._language = language
        self._small = {name: Index((name, p) for p in self._of(data[name])) for name in data if name not in _MATTERS}
        self.count = self._index(data["count"])
        self.toll = self._index(data["toll"])
        self.single = self._index(data["single"])
        self.nth = self._index(data["nth"])
        self.sum = self._index(data["sum"])
        self.year = self._index(data["year"])
        self.measure = self._index(data["measure"])
        self.day = self._index(data["day"])
        ordered = enumerate((p.words[0] for p in self._of(data["order"])), start=2)
        self.order = {word: place for place, word in ordered}
        stages = {f"{axis}.{stage}": table for axis, by in data["status"].items() for stage, table in by.items()}
        self.status = self._index(stages)

    def _of(self, table: Mapping[str, str]) -> list[Phrase]:
        return listed(table.get(self._language, ""))

    def _index(self, tables: Mapping[str, Any]) -> Index:
        return Index((name, phrase) for name, table in tables.items() for phrase in self._of(table))

    def has(self, name: str, token: str) -> bool:
        """Whether a word by itself is on one of the lists of small words."""
        return self.at(name, (token,), 0) is not None

    def at(self, name: str, tokens: Sequence[str], start: int) -> int | None:
        """Behind the longest phrase of a list that stands at `start`."""
        return next((end for _, end in self._small[name].at(tokens, start)), None)


def listed(text: str) -> list[Phrase]:
    entries = [entry.strip().casefold() for entry in text.split(",")]
    return [Phrase(tuple(re.findall(r"\*|[^\W_]+(?:[-‑][^\W_]+)*\*?|[^\w\s]", entry))) for entry in entries if entry]


@cache
def _data() -> dict[str, Any]:
    path = files("digest.compose").joinpath("data", "developments.toml")
    return tomllib.loads(path.read_text(encoding="utf-8"))


@cache
def _lexicon(language: str) -> Lexicon:
    return Lexicon(_data(), language)


@cache
def first_stages() -> Mapping[str, str]:
    """Axis -> the stage with which it begins."""
    return {axis: next(iter(by)) for axis, by in _data()["status"].items()}


@cache
def doubtful() -> frozenset[str]:
    """Stages that tell by themselves of something doubtful: a rumour, a suspected cause."""
    axes = _data()["status"].items()
    return frozenset(f"{axis}.{stage}" for axis, by in axes for stage, table in by.items() if table.get("doubtful"))


@cache
def units() -> Mapping[str, tuple[str, Decimal]]:
    """Word behind a number -> what it measures, and what it is in the first unit of that."""
    return {
        phrase.words[0]: (matter, Decimal(factor))
        for matter, by_factor in _data()["unit"].items()
        for factor, entries in by_factor.items()
        for phrase in listed(entries)
    }


@cache
def rising() -> frozenset[str]:
    """Matters that are told as totals which do not fall."""
    return frozenset(name for name, table in _data()["count"].items() if table.get("rises"))


@dataclass(frozen=True, slots=True)
class Number:
    first: int  # token
    end: int
    value: Decimal
    unit: str


class Sentence:
    """A sentence as tokens in small letters, and the numbers among them."""

    def __init__(self, text: str, language: str) -> None:
        self.text = text
        self.language = language
        self.lexicon = _lexicon(language)
        matches = list(_TOKEN.finditer(text))
        self.tokens = [m.group().casefold().replace("’", "'") for m in matches]
        self.starts = [m.start() for m in matches]
        self.numbers: list[Number] = []
        for found in figures(text, language):
            inside = [i for i, m in enumerate(matches) if m.start() < found.end and m.end() > found.start]
            value = _value(found.values, text[found.start : found.end], language)
            if not inside or (self.starts[inside[0]] < found.start and self.tokens[inside[0]][0].isalpha()):
                continue  # Covid-19
            if value is not None and not self._tells_no_number(self.tokens[inside[0]], value):
                self.numbers.append(Number(inside[0], inside[-1] + 1, value, found.unit))
        self._counted = {i for n in self.numbers for i in range(n.first, n.end)}

    def _tells_no_number(self, token: str, value: Decimal) -> bool:
        """Third; several hundred."""
        return self.lexicon.has("ordinal", token) or (token[0].isalpha() and value in _ROUND)

    def is_number(self, at: int) -> bool:
        return at in self._counted

    def rough(self, number: Number) -> str:
        """about, over, or empty: what stands right before the number."""
        for name in ("over", "about"):
            for start in range(max(0, number.first - 4), number.first):
                # The currency's sign may stand between.
                if self.lexicon.at(name, self.tokens, start) in (number.first, number.first - 1):
                    return name
        return ""

    def is_former(self, number: Number) -> bool:
        """Whether the same part of the sentence says before it that this was so before."""
        for start in range(number.first - 1, max(-1, number.first - _BEFORE - 1), -1):
            if self.tokens[start] in ",;:" and not self.is_number(start):
                return False
            if self.lexicon.at("former", self.tokens, start) is not None:
                return True
        return self.is_left(number)

    def is_left(self, number: Number) -> bool:
        """Whether it is the first of two: "raised from 3 to 5"."""
        start = any(self.lexicon.at("from", self.tokens, i) == number.first for i in self._before(number, 2))
        ends = {n.first for n in self.numbers if n.unit == number.unit} if start else set()
        unit = range(number.end, min(len(self.tokens), number.end + 3))
        return any(self.lexicon.at("until", self.tokens, i) in ends for i in unit)

    def _before(self, number: Number, words: int) -> range:
        return range(max(0, number.first - words), number.first)

    def is_addition(self, number: Number) -> bool:
        places = [number.first - 1, number.end, number.end + 1]
        return any(0 <= i < len(self.tokens) and self.lexicon.at("more", self.tokens, i) for i in places)

    def segments(self) -> list[tuple[int, int]]:
        """Parts between commas and the like, and between thoughts."""
        cuts = [-1, *(i for i, t in enumerate(self.tokens) if t in ",;:()–—" and i not in self._counted)]
        return [(a + 1, b) for a, b in zip(cuts, [*cuts[1:], len(self.tokens)], strict=True) if a + 1 < b]


def _value(values: frozenset[str], written: str, language: str) -> Decimal | None:
    """The one number that is meant; English writes a point where most others write a comma."""
    found: list[Decimal] = []
    for value in values:
        try:
            found.append(Decimal(value))
        except InvalidOperation:
            return None
    if len(found) == 1:
        return found[0]
    if len(found) != 2:
        return None
    point = "." in written
    return min(found) if point == (language == "en") else max(found)


@lru_cache(maxsize=4096)
def names(text: str) -> frozenset[str]:
    """Words with a capital, without case and accents; only their beginnings, since languages bend them."""
    inside = text[1:]  # the first capital proves nothing
    found = (m.group() for m in _NAME.finditer(inside) if m.group()[0].isupper())
    return frozenset(folded(word)[:7] for word in found)


@lru_cache(maxsize=4096)
def stems(text: str) -> frozenset[str]:
    """Names without the endings that Slavic languages give them."""
    return frozenset(_bent(name) for name in names(text))


@lru_cache(maxsize=4096)
def bones(text: str) -> frozenset[str]:
    """Names by their consonants, as other scripts spell them; Arabic has no capitals, so there only long ones count."""
    found = set()
    for match in _NAME.finditer(text[1:]):
        word = match.group()
        if semitic(word):
            found.add(bone if len(bone := skeleton(word)) >= _LONG_BONES else "")
        elif word[0].isupper():
            found.add(bone if len(bone := skeleton(_bent(word.casefold()))) >= _BONES else "")
    return frozenset(found - {""})


def _bent(word: str) -> str:
    return _CASES.sub("", word) if len(word) > _SHORT_NAME else word


def folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c))


def phrases_in(s: Sentence, index: Index) -> Iterator[tuple[str, int, int]]:
    """(name, first token, end) of the phrases in a sentence."""
    for start in range(len(s.tokens)):
        for name, end in index.at(s.tokens, start):
            yield name, start, end
