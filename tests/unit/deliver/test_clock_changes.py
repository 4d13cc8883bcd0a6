"""Days on which clocks change, as people read them in a calendar."""

from __future__ import annotations

from datetime import date, time, timedelta

import pytest

from digest.deliver.clock_changes import ClockChange, clock_change

HOUR = timedelta(hours=1)


@pytest.mark.parametrize(
    ("zone", "day", "at", "by"),
    [
        ("Europe/Brussels", date(2026, 3, 29), time(2), HOUR),
        ("Europe/Brussels", date(2026, 10, 25), time(3), -HOUR),
        ("America/New_York", date(2026, 3, 8), time(2), HOUR),
        ("Australia/Lord_Howe", date(2026, 10, 4), time(2), HOUR / 2),
        ("Africa/Cairo", date(2026, 4, 24), time(0), HOUR),  # at midnight: the day has no midnight
        ("America/Santiago", date(2026, 9, 6), time(0), HOUR),
    ],
)
def test_a_change_is_told_with_its_day_its_hour_and_its_size(zone: str, day: date, at: time, by: timedelta) -> None:
    assert clock_change(zone, day) == ClockChange(day, at, by)
    assert clock_change(zone, day + timedelta(days=1)) is None
    assert clock_change(zone, day - timedelta(days=1)) is None


def test_a_zone_without_changes_has_none() -> None:
    year = (date(2026, 1, 1) + timedelta(days=n) for n in range(365))
    assert not [day for day in year if clock_change("Asia/Tokyo", day)]
