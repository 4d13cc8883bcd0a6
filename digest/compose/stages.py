"""How things stand, by the words of a sentence: planned, postponed, denied, convicted …; and for which day. Pure."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from digest.compose.clauses import ANY, COMING, DENIAL, DOUBTFUL, NO, asserted
from digest.compose.figures import Day, calendar
from digest.compose.phrasing import Sentence, doubtful, first_stages, phrases_in
from digest.compose.stated import Statement

_COUNTED = 4  # words before a stage's own in which a number makes it another thing
_DENIED = "claim.denied"
_TO_DAY = 3  # words between "postponed to" and the day: the weekday, mostly
_PASSED = 60  # days before the article: a day without a year is one that comes


def stages(s: Sentence, order: int) -> Iterator[Statement]:
    """Of each axis the stage that is told; none where there are two, but for the one with which it begins."""
    by_axis: dict[str, set[str]] = {}
    for name, at, end in _outermost(s):
        axis, stage = name.split(".")
        counted = any(s.is_number(i) for i in range(max(0, at - _COUNTED), at))
        former = any(s.lexicon.at("former", s.tokens, i) for i in range(max(0, at - _COUNTED), at))
        if not (former or (counted and axis == "claim")) and _is_so(s, name, (at, end)):
            by_axis.setdefault(axis, set()).add(stage)
    for axis, told in by_axis.items():
        later = told - {first_stages()[axis]} or told
        if len(later) == 1:
            yield Statement("status", axis, later.pop(), "", "", s.text, order)


def _is_so(s: Sentence, name: str, words: tuple[int, int]) -> bool:
    """Whether a stage is told as so. Who denies something possible denies it all the same."""
    despite = DOUBTFUL if name in doubtful() else DENIAL if name == _DENIED else frozenset()
    behind = NO if name.startswith("claim.") else ANY
    return asserted(s, None, words, despite=despite, behind=behind, late=True)


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
    for day, (start, stop) in zip(told.days, told.day_spans, strict=True):
        at = next((i for i, begin in enumerate(s.starts) if begin >= start), 0)
        behind = next((i for i, begin in enumerate(s.starts) if begin >= stop), len(s.tokens))
        named = {
            name
            for name, first, end in phrases_in(s, s.lexicon.day)
            if 0 <= at - end <= _TO_DAY and asserted(s, (at, behind), (first, end), despite=COMING, late=True)
        }
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
