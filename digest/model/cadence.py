"""How often an edition is due, in the local time of its reader."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime, time


class Every(enum.StrEnum):
    HOUR = "hour"
    DAY = "day"
    WEEKDAY = "weekday"  # Monday to Friday
    WEEK = "week"
    MONTH = "month"


class Lateness(enum.StrEnum):
    """What becomes of a slot that was missed (the machine was down)."""

    LATE = "late"  # the newest missed slot is sent late, up to a limit; older ones merge into it
    MERGE = "merge"  # nothing is sent late; the next edition covers it
    DISCARD = "discard"  # what fell due is waived, and the next edition says so


WEEKDAYS = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")


@dataclass(frozen=True, slots=True)
class Cadence:
    """A rule for nominal local slots.

    `at` is a local time of day (for `hour` only its minute counts). `weekday` is 0 = Monday for
    `week`; `day` 1..31 for `month`, the last day of the month where the month is shorter.
    """

    every: Every
    at: time = time(7, 0)
    weekday: int = 0
    day: int = 1

    @property
    def name(self) -> str:
        """What people say when they choose it: hour, day, weekday, week, month."""
        return str(self.every)


@dataclass(frozen=True, slots=True, order=True)
class Slot:
    """One nominal local date and time, and the instant (UTC) at which it falls.

    `shifted` is set where the local time lies in a DST gap and the first valid instant after the
    gap stands in for it; `folded` where the local time occurs twice and the first is taken.
    """

    local: datetime  # naive
    instant: datetime  # aware, UTC
    shifted: bool = False
    folded: bool = False
