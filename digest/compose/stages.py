"""How things stand, by the words of a sentence: planned, postponed, denied, convicted …; and for which day. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from digest.compose.figures import Day, calendar
from digest.compose.phrasing import Sentence, first_stages, phrases_in
from digest.compose.stated import Statement

_BEFORE, _BEHIND = 3, 2  # words around a stage's own in which it may be taken back
_COUNTED = 4
_TO_DAY = 3  # words between "postponed to" and the day: the weekday, mostly
_PASSED = 60  # days before the article: a day without a year is one that comes


def stages(s: Sentence, order: int) -> Iterator[Statement]:
    """Of each axis the stage that is told; none where there are two, but for the one with which it begins."""
    by_axis: dict[str, set[str]] = {}
    for name, at, end in _outermost(s):
        axis, stage = name.split(".")
        around = [*range(max(0, at - _BEFORE), at), *range(end, min(len(s.tokens), end + _BEHIND))]
        negated = any(s.lexicon.at("negation", s.tokens, i) for i in around)
        counted = any(s.is_number(i) for i in range(max(0, at - _COUNTED), at))
        former = any(s.lexicon.at("former", s.tokens, i) for i in range(max(0, at - _COUNTED), at))
        if not (negated or former or (counted and axis == "claim")):
            by_axis.setdefault(axis, set()).add(stage)
    for axis, told in by_axis.items():
        later = told - {first_stages()[axis]} or told
        if len(later) == 1:
            yield Statement("status", axis, later.pop(), "", "", s.text, order)


def _outermost(s: Sentence) -> list[tuple[str, int, int]]:
    """Phrases that lie in no longer one of their axis: "cause unknown" is no known cause."""
    found = list(phrases_in(s, s.lexicon.status))
    return [
        (name, at, end)
        for name, at, end in found
        if not any(
            a <= at and end <= b and b - a > end - at and other.split(".")[0] == name.split(".")[0]
            for other, a, b in found
        )
    ]


def days(s: Sentence, order: int, language: str, published: date) -> Iterator[Statement]:
    """The day for which something is set, or to which it was moved."""
    told = calendar(s.text, language)
    for day, (start, _) in zip(told.days, told.day_spans, strict=True):
        at = next((i for i, begin in enumerate(s.starts) if begin >= start), 0)
        named = {n for n, _, end in phrases_in(s, s.lexicon.day) if 0 <= at - end <= _TO_DAY}
        when = _date(day, published)
        if named and when is not None:
            yield Statement("day", "day", when.isoformat(), "", "moved" if "moved" in named else "", s.text, order)


def _date(day: Day, published: date) -> date | None:
    for year in (day.year,) if day.year else (published.year, published.year + 1):
        try:
            found = date(year, day.month, day.day)
        except ValueError:
            continue
        if day.year or (found - published).days >= -_PASSED:
            return found
    return None
