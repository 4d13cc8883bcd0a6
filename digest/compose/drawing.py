"""A timeline as templates draw it: an axis with its labels in the reader's words. Pure but for the catalogues."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date
from itertools import pairwise

from digest.compose import bidi
from digest.compose.axis import Axis, Unit, axis, line, ruler
from digest.compose.page import AxisBlock, Leg
from digest.compose.words import Words
from digest.model.dates import PartialDate, day_of
from digest.model.edition import Step

_LINE, _RULER = 40, 66  # columns


def drawing(steps: Sequence[Step], words: Words, *, skipped: bool) -> AxisBlock | None:
    """`skipped`: between the first two steps there are others. None where a drawing would not help."""
    ordered = sorted(steps, key=lambda step: step.date.start)
    found = axis([step.date for step in ordered], words.zone)
    if found is None:
        return None
    # A Latin letter would draw the years beside it to its own side.
    ring = "○" if words.dir == bidi.RTL else "o"
    signs = ["*" if step.fresh else ring for step in ordered]
    parts = [_part(found.unit, day, words) for day in found.parts]
    first, last = (_end(found.unit, day_of(step.date, words.zone), words) for step in (ordered[0], ordered[-1]))
    drawn = line(found, signs, _LINE, dotted=skipped)
    ruled = ruler(found, signs, parts, _RULER, dotted=skipped)
    return AxisBlock(
        legs=tuple(_legs(found, ordered, skipped)),
        parts=tuple(parts),
        first=first,
        last=last,
        said=words.comma.join(words.day(step.date) for step in ordered),
        line=f"{first} {drawn} {last}",
        ruler=tuple(ruled),
    )


def _legs(found: Axis, steps: Sequence[Step], skipped: bool) -> Iterator[Leg]:
    if found.places[0]:
        yield Leg(found.places[0], mark=False, fresh=False, dotted=False)
    for number, ((place, after), step) in enumerate(zip(pairwise((*found.places, 100)), steps, strict=True)):
        yield Leg(after - place, mark=True, fresh=step.fresh, dotted=skipped and number == 0)


def _part(unit: Unit, day: date, words: Words) -> str:
    """As axes are labelled: a January says which year begins."""
    if unit is Unit.DAYS:
        return words.short(day)
    return str(day.year) if unit is Unit.YEARS or day.month == 1 else words.month(day)


def _end(unit: Unit, when: PartialDate, words: Words) -> str:
    day = when.start.date()
    if unit is Unit.DAYS:
        return words.short(day)
    return str(day.year) if unit is Unit.YEARS else words.month(day, year=True)
