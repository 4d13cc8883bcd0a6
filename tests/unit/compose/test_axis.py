"""A timeline as a drawing: distances on it are distances in time, and where it would tell nothing there is none."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.axis import GAP, Axis, Unit, apart, axis, line, ruler
from digest.compose.drawing import drawing
from digest.compose.words import Words
from digest.model.dates import PartialDate, Precision
from digest.model.edition import Quote, Step
from tests.support.making import TEMPLATES

BRUSSELS = ZoneInfo("Europe/Brussels")


def when(text: str) -> PartialDate:
    """`2022`, `2023-11`, `2025-05-25` or `2025-05-25T15:00`."""
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}.get(len(text), Precision.MINUTE)
    whole = text + "-01-01"[len(text) - 10 :] if len(text) < 10 else text
    return PartialDate(datetime.fromisoformat(whole).replace(tzinfo=UTC), precision)


def of(*dates: str) -> Axis | None:
    return axis([when(d) for d in dates], BRUSSELS)


def steps(*dates: str) -> list[Step]:
    last = len(dates) - 1
    return [Step(when(d), Quote("Ja.", "nl", n, "Blad"), n, fresh=n == last) for n, d in enumerate(dates)]


def drawn(language: str, *dates: str, skipped: bool = False):
    return drawing(steps(*dates), Words([TEMPLATES / "locale"], language, "Europe/Brussels"), skipped=skipped)


def test_years_are_as_long_as_each_other_and_a_step_stands_where_it_was() -> None:
    found = of("2022", "2024-01-01", "2025-07-02")
    assert found is not None
    assert found.unit is Unit.YEARS
    assert found.parts == tuple(date(year, 1, 1) for year in range(2022, 2026))
    assert found.places == (0, 50, 87)


@pytest.mark.parametrize(
    "dates",
    [
        (),
        ("2022",),
        ("2022", "2025"),  # the two ends of any line
        ("2025-05-24", "2025-05-25"),
        ("2025-05-24", "2025-05-25", "2025-05-26"),  # days apart
        ("2025-05-24", "2025-05-24", "2025-05-24", "2025-06-30"),  # two dates only
        ("2024", "2025", "2025-05-24"),  # known to the year: nobody knows where in it
        ("2025-05", "2025-06", "2025-06-20"),
    ],
)
def test_what_would_tell_nothing_is_not_drawn(dates: tuple[str, ...]) -> None:
    assert of(*dates) is None


@pytest.mark.parametrize(
    ("dates", "unit", "parts"),
    [
        (("2010-03-01", "2012-01-01", "2025-12-31"), Unit.YEARS, 6),
        (("2023-12-30", "2024-06-01", "2025-01-02"), Unit.YEARS, 3),
        (("2024-11-05", "2024-12-01", "2025-03-31"), Unit.MONTHS, 5),
        (("2024-01", "2024-12-01", "2025-12-31"), Unit.MONTHS, 6),
        (("2025-05-01", "2025-05-03", "2025-05-20"), Unit.DAYS, 4),
    ],
)
def test_the_parts_are_what_the_time_asks_for(dates: tuple[str, ...], unit: Unit, parts: int) -> None:
    found = of(*dates)
    assert found is not None
    assert (found.unit, len(found.parts)) == (unit, parts)


def test_an_hour_counts_on_the_day_that_it_is_where_the_reader_is() -> None:
    found = of("2025-05-01", "2025-05-03", "2025-05-12T23:30")  # the 13th in Brussels
    assert found is not None
    assert found.places[-1] == round(100 * 12 / 16)


DAYS = st.dates(date(1, 1, 3), date(9999, 12, 29)).map(
    lambda d: PartialDate(datetime(d.year, d.month, d.day, tzinfo=UTC), Precision.DAY)
)
NEAR = st.lists(st.integers(0, 4000), min_size=1, max_size=20).map(
    lambda days: [PartialDate(datetime(2015, 1, 1, tzinfo=UTC) + timedelta(n), Precision.DAY) for n in sorted(days)]
)


@given(st.one_of(NEAR, st.lists(DAYS, max_size=20).map(sorted)))
def test_no_two_marks_touch_and_none_stands_outside(dates: list[PartialDate]) -> None:
    found = axis(dates, BRUSSELS)
    if found is None:
        return
    assert len(found.places) == len(dates)
    assert found.places[0] >= 0
    assert all(after - before >= GAP for before, after in pairwise((*found.places, 100)))
    assert 1 < len(found.parts) <= 6
    assert list(found.parts) == sorted(set(found.parts))
    assert found.parts[0] <= dates[0].start.date()


@given(NEAR)
def test_the_drawing_in_characters_has_each_step_once_and_keeps_its_width(dates: list[PartialDate]) -> None:
    found = axis(dates, BRUSSELS)
    if found is None:
        return
    signs = "o" * len(dates)
    assert line(found, signs, 40).count("o") == len(dates)
    assert len(line(found, signs, 40)) == 40
    top, below = ruler(found, signs, ["2022"] * len(found.parts), 66, dotted=True)
    assert top.count("o") == len(dates)
    assert len(below) <= len(top) <= 66


@given(st.lists(st.integers(0, 100), max_size=25).map(sorted), st.integers(1, 4))
def test_marks_move_only_where_they_must(places: list[int], gap: int) -> None:
    moved = apart(places, gap, 100)
    assert all(b - a >= gap for a, b in pairwise((*moved, 100)))
    assert all(m >= 0 for m in moved)
    if all(b - a >= gap for a, b in pairwise((*places, 100))):
        assert moved == places


def test_in_characters() -> None:
    made = drawn("nl", "2022", "2023-11", "2025-05-25")
    assert made is not None
    assert made.line == "2022 o-----------------o--------------*------ 2025"
    assert made.ruler == (
        "o---------------|------------o--|---------------|-----*---------|",
        "2022            2023            2024            2025",
    )
    assert made.said == "2022, november 2023, 25 mei 2025"


def test_between_steps_that_are_not_shown_it_is_dotted() -> None:
    made = drawn("nl", "2022", "2023-11", "2025-05-25", skipped=True)
    assert made is not None
    assert made.line == "2022 o.................o--------------*------ 2025"
    assert [leg.dotted for leg in made.legs] == [True, False, False]


def test_the_legs_are_the_whole_axis_and_say_where_steps_stand() -> None:
    made = drawn("de", "2022-06-01", "2023-11-01", "2025-05-25")
    assert made is not None
    assert sum(leg.width for leg in made.legs) == 100
    assert [leg.mark for leg in made.legs] == [False, True, True, True]
    assert [leg.fresh for leg in made.legs] == [False, False, False, True]


def test_a_january_says_which_year_begins() -> None:
    made = drawn("en", "2024-11-05", "2024-12-01", "2025-03-31")
    assert made is not None
    assert made.parts == ("Nov", "Dec", "2025", "Feb", "Mar")
    assert (made.first, made.last) == ("Nov 2024", "Mar 2025")


def test_steps_that_are_told_out_of_order_stand_where_they_were() -> None:
    made = drawn("nl", "2025-05-25", "2022-01-01", "2023-11-01")
    assert made is not None
    assert [leg.fresh for leg in made.legs if leg.mark] == [False, True, False]
