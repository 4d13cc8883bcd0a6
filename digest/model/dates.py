"""A date that knows how much of itself is known."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import UTC, datetime
from zoneinfo import ZoneInfo


class Precision(enum.StrEnum):
    """How much of a date is known; ordered from coarse to fine by `rank`."""

    YEAR = "year"
    MONTH = "month"
    DAY = "day"
    MINUTE = "minute"

    @property
    def rank(self) -> int:
        return list(Precision).index(self)


@dataclass(frozen=True, slots=True, order=True)
class PartialDate:
    """An instant and how much of it is known.

    `start` is aware, in UTC: the first instant that the date can mean. Below minute precision the
    date is nominal (no zone was given), so its day is read from `start` in UTC and never converted.
    """

    start: datetime
    precision: Precision

    def __post_init__(self) -> None:
        if self.start.tzinfo is None:
            raise ValueError("PartialDate needs an aware datetime")
        object.__setattr__(self, "start", self.start.astimezone(UTC))

    def iso(self) -> str:
        """`2025`, `2025-05`, `2025-05-24` or `2025-05-24T17:00Z`: just what is known."""
        formats = {
            Precision.YEAR: "%Y",
            Precision.MONTH: "%Y-%m",
            Precision.DAY: "%Y-%m-%d",
            Precision.MINUTE: "%Y-%m-%dT%H:%MZ",
        }
        # strftime does not pad years below 1000 on every platform.
        year = f"{self.start.year:04d}"
        return year + self.start.strftime(formats[self.precision][2:])


def day_of(date: PartialDate, zone: ZoneInfo) -> PartialDate:
    """The local day of a date that has a time; a coarser date as it is."""
    if date.precision is not Precision.MINUTE:
        return date
    local = date.start.astimezone(zone)
    return PartialDate(datetime(local.year, local.month, local.day, tzinfo=UTC), Precision.DAY)
