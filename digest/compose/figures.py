"""Numbers and dates in running text, comparable across languages and ways of writing them. Pure.

A figure may be read in several ways (`1.000` is a thousand here and one there): it has all the values
that it can stand for, and two figures agree where they share one.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal
from functools import lru_cache

from babel import UnknownLocaleError

from digest.compose.numerals import MAGNITUDES, UNITS, numerals
from digest.model import locales
from digest.model.dates import PartialDate, Precision

_NUMBER = re.compile(
    r"(?<![\w.,:])\d{1,3}(?:[ \u00a0\u202f'’]\d{3})+(?:[.,]\d+)?(?!\d)"  # 12 500,5
    r"|(?<![^\W_])\d+(?:[.,:h]\d+)*"  # but not in G7
)
_WORD = re.compile(r"[^\W\d_]+(?:[-‑][^\W\d_]+)*")
_SIGNS = {"%": "%", "٪": "%", "€": "EUR", "$": "USD", "£": "GBP", "¥": "JPY", "₽": "RUB", "₺": "TRY", "₴": "UAH"}
#: Between the two ends of a range the unit stands once: "5 to 7 percent".
_RANGE = re.compile(
    r"\s*(?:[-–—/]|to|and|or|en|of|tot|bis|und|oder|à|a|et|ou|e|o|y|do|i|till|og|och)\s*", re.IGNORECASE
)
_SHORTENED = frozenset({"mrd", "mio", "mln", "mld", "bn", "tys"})
_DIGITS = str.maketrans("٠١٢٣٤٥٦٧٨٩۰۱۲۳۴۵۶۷۸۹", "01234567890123456789")


@dataclass(frozen=True, slots=True)
class Figure:
    """A number as it stands in a text: where, what it may mean, and of what (`%`, `EUR`; mostly empty)."""

    start: int
    end: int
    values: frozenset[str]
    unit: str = ""

    def agrees(self, other: Figure) -> bool:
        return self.unit == other.unit and bool(self.values & other.values)


def figures(text: str, language: str) -> list[Figure]:
    """All numbers of a text, in digits or in words, in its order."""
    plain = text.translate(_DIGITS)
    found = [Figure(m.start(), m.end(), _readings(m.group())) for m in _NUMBER.finditer(plain)]
    covered = {i for f in found for i in range(f.start, f.end)}
    known = numerals(language)
    for match in _WORD.finditer(plain):
        value = known.get(match.group().casefold().replace("‑", "-"))
        if value is not None and match.start() not in covered:
            found.append(Figure(match.start(), match.end(), frozenset({_spell(Decimal(value))})))
    kept: list[Figure] = []
    for figure in sorted(found, key=lambda f: f.start):
        if not kept or figure.start >= kept[-1].end:  # not the million of "two million"
            kept.append(_measured(figure, plain, language))
    return _ranged(kept, plain)


def _readings(text: str) -> frozenset[str]:
    """Every value that the digits may stand for, each in one spelling."""
    bare = re.sub(r"[ \u00a0\u202f'’]", "", text)
    clock = re.fullmatch(r"(\d{1,2})[.:h](\d{2})", bare)
    found = {f"{int(clock[1])}:{clock[2]}"} if clock else set()
    signs = [c for c in bare if c in ".,:h"]
    if not signs:
        found.add(_spell(Decimal(bare)))
    elif set(signs) <= {".", ","}:
        *whole, last = re.split(r"[.,]", bare)
        grouped = 1 <= len(whole[0]) <= 3 and all(len(part) == 3 for part in whole[1:])
        if grouped and len(last) == 3 and len(set(signs)) == 1:
            found.add(_spell(Decimal("".join((*whole, last)))))
        if len(signs) == 1 or (grouped and len(set(signs[:-1])) == 1 and signs[-1] != signs[0]):
            found.add(_spell(Decimal("".join(whole) + "." + last)))
    return frozenset(found or {bare})  # a version, a date: only the same signs will do


def _spell(value: Decimal) -> str:
    return format(value.normalize(), "f")


def _measured(figure: Figure, text: str, language: str) -> Figure:
    """With the magnitude and the unit that stand beside it."""
    end, values, unit = figure.end, figure.values, ""
    before = text[: figure.start].rstrip()
    if before and before[-1] in _SIGNS:
        unit = _SIGNS[before[-1]]
    elif code := re.search(r"\b(EUR|USD|GBP|CHF|JPY)$", before):
        unit = code[1]
    following = _next_word(text, end)
    if following and (power := MAGNITUDES.get(language, {}).get(following[0])):
        values = frozenset(_spell(Decimal(v) * power) for v in values if ":" not in v and _is_decimal(v))
        end = following[1] + (text[following[1] :].startswith(". ") and following[0] in _SHORTENED)
        # "3 milioni di euro", "2 millones de dólares"
        end = linked.end() if (linked := re.compile(r"\s+(?:di|de|d['’])(?=\s)").match(text, end)) else end
        following = _next_word(text, end)
    rest = text[end:].lstrip(" \u00a0\u202f")
    if rest and rest[0] in _SIGNS:
        unit = _SIGNS[rest[0]]
    elif following:
        two = " ".join(text[end:].split()[:2]).casefold().rstrip(".,;:!?)")
        unit = UNITS.get(two) or UNITS.get(following[0]) or unit
    return Figure(figure.start, end, values or figure.values, unit)


def _is_decimal(text: str) -> bool:
    return re.fullmatch(r"\d+(?:\.\d+)?", text) is not None


def _next_word(text: str, at: int) -> tuple[str, int] | None:
    match = re.compile(r"[\s\u00a0\u202f-]?([^\W\d_]+\.?)").match(text, at)
    if match is None:
        return None
    word = match[1].casefold()
    return (word.rstrip("."), match.end() - word.endswith("."))


def _ranged(found: list[Figure], text: str) -> list[Figure]:
    for i in range(len(found) - 2, -1, -1):
        one, other = found[i], found[i + 1]
        if not one.unit and other.unit and _RANGE.fullmatch(text[one.end : other.start]):
            found[i] = Figure(one.start, one.end, one.values, other.unit)
    return found


# Dates


@dataclass(frozen=True, slots=True)
class Day:
    """A day and month named together; the year where it is said."""

    day: int
    month: int
    year: int | None = None

    def agrees(self, other: Day) -> bool:
        same = (self.day, self.month) == (other.day, other.month)
        return same and (None in (self.year, other.year) or self.year == other.year)


@dataclass(frozen=True, slots=True)
class Calendar:
    """What a text says of time: days, months, weekdays (Monday is 0), and where those words stand."""

    days: tuple[Day, ...]
    months: frozenset[int]
    weekdays: frozenset[int]
    spans: tuple[tuple[int, int], ...]  # of the words, which are no names
    day_spans: tuple[tuple[int, int], ...]  # of whole days, whose numbers need no further proof


@lru_cache(maxsize=64)
def _names(language: str) -> tuple[dict[str, int], dict[str, int]]:
    """Word -> month, word -> weekday; full names and the abbreviations that are longer than two letters."""
    try:
        locale = locales.parse(language.replace("-", "_"))
    except (UnknownLocaleError, ValueError):
        locale = locales.parse("en")
    found: list[dict[str, int]] = []
    for table in (locale.months, locale.days):
        words: dict[str, int] = {}
        for context in ("format", "stand-alone"):
            for width in ("wide", "abbreviated"):
                for number, name in table[context][width].items():
                    word = str(name).casefold().rstrip(".")
                    if len(word) > (2 if width == "wide" else 3 if language == "en" else 2):
                        words[word] = int(number)
        found.append(words)
    return found[0], found[1]


_NUMERIC = (
    (re.compile(r"\b(\d{4})-(\d{1,2})-(\d{1,2})\b"), (3, 2, 1)),
    (re.compile(r"\b(\d{1,2})[./-](\d{1,2})[./-](\d{4}|\d{2})\b"), (1, 2, 3)),
)


@lru_cache(maxsize=2048)
def calendar(text: str, language: str) -> Calendar:
    months, weekdays = _names(language)
    days: list[Day] = []
    day_spans: list[tuple[int, int]] = []
    spans: list[tuple[int, int]] = []
    seen: set[int] = set()
    week: set[int] = set()
    for pattern, (d, m, y) in _NUMERIC:
        for match in pattern.finditer(text):
            day, month, year = int(match[d]), int(match[m]), int(match[y])
            if 1 <= month <= 12 and 1 <= day <= 31:
                days.append(Day(day, month, year if year > 99 else 2000 + year))
                seen.add(month)
                day_spans.append(match.span())
    for match in re.finditer(r"[^\W\d_]+", text):
        word = match.group().casefold()
        if word in weekdays:
            week.add(weekdays[word])
            spans.append(match.span())
        elif word in months and _is_month(match.group(), word, language):
            seen.add(months[word])
            spans.append(match.span())
            if named := _day_beside(text, match, months[word]):
                days.append(named[0])
                day_spans.append(named[1])
    return Calendar(tuple(days), frozenset(seen), frozenset(week), tuple(spans), tuple(day_spans))


def _is_month(written: str, word: str, language: str) -> bool:
    """English "may" and "march" are verbs unless they have a capital."""
    return not (language == "en" and word in ("may", "march") and written[0].islower())


def _day_beside(text: str, month: re.Match[str], number: int) -> tuple[Day, tuple[int, int]] | None:
    year = re.compile(r",?\s+(?:(?:de|del|of)\s+)?(\d{4})\b").match(text, month.end())
    before = re.search(r"\b(\d{1,2})(?:\.|st|nd|rd|th|er|º|o|e)?\s+(?:(?:of|de|di|d['’])\s*)?$", text[: month.start()])
    if before and 1 <= int(before[1]) <= 31:
        end = year.end() if year else month.end()
        return Day(int(before[1]), number, int(year[1]) if year else None), (before.start(), end)
    after = re.compile(r"\.?\s+(\d{1,2})(?:st|nd|rd|th)?(?!\d|[.,:]\d)(?:,?\s+(\d{4})\b)?").match(text, month.end())
    if after and 1 <= int(after[1]) <= 31:
        return Day(int(after[1]), number, int(after[2]) if after[2] else None), (month.start(), after.end())
    return None


def known_dates(published: Sequence[PartialDate]) -> Calendar:
    """What the dates of articles say, each as far as it is known."""
    days, months, week = [], set(), set()
    for date in published:
        if date.precision.rank >= Precision.MONTH.rank:
            months.add(date.start.month)
        if date.precision.rank >= Precision.DAY.rank:
            days.append(Day(date.start.day, date.start.month, date.start.year))
            # An article of the morning tells of the evening before, by the name of that day.
            week |= {date.start.weekday(), (date.start - timedelta(days=1)).weekday()}
    return Calendar(tuple(days), frozenset(months), frozenset(week), (), ())
