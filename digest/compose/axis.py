"""Where the steps of a timeline stand on an axis of time, so that it shows how far apart they lie. Pure.

The axis is divided into equal parts, which are years, months or days, or several of them each; what a part is called
is for the caller to say. A drawing that would tell nothing is not made.
"""

from __future__ import annotations

import enum
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import MAXYEAR, date
from zoneinfo import ZoneInfo

from digest.model.dates import PartialDate, Precision

LEAST = 3  # different dates: of two, the ends of any line, a drawing tells no more than their dates do
GAP = 4  # percent: nearer than this, two marks could not be told apart
_MOST_MARKS = 100 // GAP
_LAST_DAY = date.max.toordinal() + 1


class Unit(enum.StrEnum):
    YEARS = "years"
    MONTHS = "months"
    DAYS = "days"


#: Of each unit: how many must be touched before it is worth drawing, and into how many parts labels still fit.
_LIMITS = {Unit.YEARS: (3, 6), Unit.MONTHS: (3, 6), Unit.DAYS: (10, 4)}
#: A date that is known to the month has no place on an axis of days.
_FINEST = {Precision.YEAR: (Unit.YEARS,), Precision.MONTH: (Unit.YEARS, Unit.MONTHS)}


@dataclass(frozen=True, slots=True)
class Axis:
    """`parts`: the day with which each of its equal parts begins. `places`: percent from the start, one for each date.

    Places grow from date to date by at least `GAP`, and leave as much behind the last.
    """

    unit: Unit
    parts: tuple[date, ...]
    places: tuple[int, ...]


def axis(dates: Sequence[PartialDate], zone: ZoneInfo) -> Axis | None:
    """`dates` in the order of the timeline; None where a drawing would not help."""
    when = [_day(d, zone) for d in dates]
    if len(set(when)) < LEAST or len(when) > _MOST_MARKS:
        return None
    units = min((_FINEST.get(d.precision, tuple(Unit)) for d in dates), key=len)
    for unit in units:
        low, high = _number(unit, min(when)), _number(unit, max(when))
        least, most = _LIMITS[unit]
        if high - low + 1 >= least:
            size = -(-(high - low + 1) // most)  # as small as goes, so that little of the axis stays empty
            parts = range(low, high + 1, size)
            edges = [_begin(unit, n) for n in (*parts, parts[-1] + size)]
            places = apart([round(100 * _place(day.toordinal(), edges)) for day in when], GAP, 100)
            return Axis(unit, tuple(date.fromordinal(e) for e in edges[:-1]), tuple(places))
    return None


def apart(places: Sequence[int], gap: int, size: int) -> list[int]:
    """The nearest places in the same order that keep `gap` from each other and from the end, which is `size`."""
    moved: list[int] = []
    for place in places:
        moved.append(max(place, moved[-1] + gap) if moved else place)
    end = size
    for index in reversed(range(len(moved))):
        moved[index] = end = min(moved[index], end - gap)
    return moved


def line(found: Axis, signs: Sequence[str], width: int, *, dotted: bool = False) -> str:
    """In one line of text, `signs` for the dates; `dotted`: between the first two there were more."""
    return _drawn(["-"] * width, found, signs, dotted)


def ruler(found: Axis, signs: Sequence[str], labels: Sequence[str], width: int, *, dotted: bool = False) -> list[str]:
    """In two lines of at most `width`: the axis with a tick where each part begins, and the labels below."""
    size = (width - 1) // len(labels)
    drawn = _drawn([*("|" + "-" * (size - 1)) * len(labels), "|"], found, signs, dotted)
    return [drawn, "".join(label[: size - 1].ljust(size) for label in labels).rstrip()]


def _drawn(row: list[str], found: Axis, signs: Sequence[str], dotted: bool) -> str:
    columns = apart([round(place / 100 * (len(row) - 1)) for place in found.places], 1, len(row))
    if dotted:
        between = range(columns[0] + 1, columns[1])
        row = ["." if n in between and sign == "-" else sign for n, sign in enumerate(row)]
    for column, sign in zip(columns, signs, strict=True):
        row[column] = sign
    return "".join(row)


def _day(when: PartialDate, zone: ZoneInfo) -> date:
    """A date that is known to the year or month stands where that begins, as it does in the list of steps."""
    return (when.start.astimezone(zone) if when.precision is Precision.MINUTE else when.start).date()


def _number(unit: Unit, day: date) -> int:
    return {Unit.YEARS: day.year, Unit.MONTHS: day.year * 12 + day.month - 1, Unit.DAYS: day.toordinal()}[unit]


def _begin(unit: Unit, number: int) -> int:
    if unit is Unit.DAYS:
        return min(number, _LAST_DAY)
    year, month = (number, 0) if unit is Unit.YEARS else divmod(number, 12)
    return date(year, month + 1, 1).toordinal() if year <= MAXYEAR else _LAST_DAY


def _place(day: int, edges: Sequence[int]) -> float:
    """From 0 to 1; parts are equally long on the axis, though months are not."""
    part = bisect_right(edges, day) - 1
    return (part + (day - edges[part]) / (edges[part + 1] - edges[part])) / (len(edges) - 1)
