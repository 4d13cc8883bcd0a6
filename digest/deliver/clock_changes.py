"""The days on which a zone changes its clocks. Pure."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

_MINUTE = timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class ClockChange:
    """On `day` the clocks go forward by `by` (back, where that is negative) when they show `at`."""

    day: date
    at: time
    by: timedelta


def clock_change(zone: str, day: date) -> ClockChange | None:
    """The change of that local day; of several the first. None where the clocks run on."""
    tz = ZoneInfo(zone)
    low = datetime.combine(day, time()).replace(tzinfo=tz).astimezone(UTC)
    high = datetime.combine(day + timedelta(days=1), time()).replace(tzinfo=tz).astimezone(UTC)
    before, after = _offset(low - _MINUTE, tz), _offset(high - _MINUTE, tz)
    if before == after:
        return None
    # zoneinfo does not tell its transitions: they are found by halving. All of them fall on whole minutes by now.
    low -= _MINUTE
    while high - low > _MINUTE:
        middle = low + (high - low) / 2
        middle -= timedelta(seconds=middle.second, microseconds=middle.microsecond)
        if _offset(middle, tz) == before:
            low = middle
        else:
            high = middle
    return ClockChange(day, (high + before).time(), after - before)


def _offset(instant: datetime, tz: ZoneInfo) -> timedelta:
    found = instant.astimezone(tz).utcoffset()
    assert found is not None
    return found
