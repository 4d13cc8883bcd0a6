"""All zones, 2011 to 2040, daily at 00:00 and 02:30 and hourly, against an oracle of our own.

The oracle asks a zone only which time its wall clock shows at a given instant, never the other way
round: it walks through the time around every change of the clocks, and counts by arithmetic where
the offset stays the same. So it shares with the implementation neither PEP 495 folds nor any search.
"""

from __future__ import annotations

import zoneinfo
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from importlib import resources
from itertools import pairwise
from pathlib import Path

import pytest

from digest.deliver.slots import slots
from digest.model.cadence import Cadence, Every, Slot

pytestmark = pytest.mark.slow

START, STOP = datetime(2011, 1, 1, tzinfo=UTC), datetime(2041, 1, 1, tzinfo=UTC)
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
QUARTER = 15 * MINUTE
#: How far around a change to walk: longer than the longest jump there is (a day, in the Pacific).
REACH = 36 * HOUR
#: The names under which these tests look for what is known; of the others any alias will do.
WELL_KNOWN = {"Pacific/Apia", "Pacific/Fakaofo", "Australia/Lord_Howe", "Asia/Pyongyang"}


@dataclass(frozen=True)
class Clock:
    """A zone's wall clock: the offset from `instant` on, up to the next change; START comes first."""

    zone: str
    changes: tuple[tuple[datetime, timedelta], ...]

    def wall(self, instant: datetime) -> datetime:
        return wall(self.zone, instant)


def naive(moment: datetime) -> datetime:
    """As `replace(tzinfo=None, fold=0)`, in a third of the time: the walks take millions of steps."""
    return datetime.combine(moment.date(), moment.time().replace(fold=0) if moment.fold else moment.time())


def wall(zone: str, instant: datetime) -> datetime:
    return naive(instant.astimezone(zoneinfo.ZoneInfo(zone)))


def offset(zone: str, instant: datetime) -> timedelta:
    return wall(zone, instant) - naive(instant)


def walk(start: datetime, stop: datetime, step: timedelta) -> Iterator[datetime]:
    while start < stop:
        yield start
        start += step


def changes(zone: str, start: datetime, stop: datetime, step: timedelta) -> Iterator[tuple[datetime, timedelta]]:
    """Each instant, to the minute, from which on another offset holds; looked for in ever smaller steps."""
    finer = {DAY: QUARTER, QUARTER: MINUTE}
    tz, known = zoneinfo.ZoneInfo(zone), offset(zone, start)
    for instant in walk(start + step, stop + step, step):
        if naive(instant.astimezone(tz)) - naive(instant) != known:
            found = offset(zone, instant)
            yield from changes(zone, instant - step, instant, finer[step]) if step in finer else [(instant, found)]
            known = found


def content(zone: str) -> bytes:
    """The zone's file, where zoneinfo itself would find it."""
    for folder in map(Path, zoneinfo.TZPATH):
        if (folder / zone).is_file():
            return (folder / zone).read_bytes()
    return resources.files("tzdata").joinpath("zoneinfo", zone).read_bytes()


@cache
def clocks() -> tuple[Clock, ...]:
    """One clock for all zones that show the same time in these years; aliases are told by their files."""
    files: dict[bytes, str] = {}
    for zone in sorted(zoneinfo.available_timezones() - {"localtime"}, key=lambda name: (name not in WELL_KNOWN, name)):
        files.setdefault(content(zone), zone)
    by_time: dict[tuple[tuple[datetime, timedelta], ...], Clock] = {}
    for zone in files.values():
        key = ((START, offset(zone, START)), *changes(zone, START, STOP, DAY))
        by_time.setdefault(key, Clock(zone, key))
    return tuple(by_time.values())


def unit_of(local: datetime, unit: timedelta) -> datetime:
    return datetime.combine(local.date(), time(local.hour) if unit == HOUR else time())


def walked(clock: Clock, change: datetime, cadence: Cadence, unit: timedelta) -> dict[datetime, Slot]:
    """The slot of every local day (or hour) that begins and ends within reach of a change, found by walking."""
    step = QUARTER if change.timestamp() % 900 == 0 else MINUTE
    times = [(clock.wall(t), t) for t in walk(change - REACH, change + REACH, step)]
    units = sorted({unit_of(local, unit) for local, _ in times})
    shown: dict[datetime, list[datetime]] = {}
    for local, instant in times:
        shown.setdefault(local, []).append(instant)
    found = {}
    for begin in units[1:-1]:
        nominal = begin + (timedelta(hours=cadence.at.hour) if unit == DAY else timedelta())
        nominal += timedelta(minutes=cadence.at.minute)
        if nominal in shown:
            found[begin] = Slot(nominal, shown[nominal][0], folded=len(shown[nominal]) > 1)
        else:
            after = next(instant for local, instant in times if local > nominal)
            found[begin] = Slot(nominal, after, shifted=True)
    return found


def without_doubles(found: Iterable[Slot]) -> list[Slot]:
    """Of slots at one instant the last."""
    return list({slot.instant: slot for slot in sorted(found, key=lambda slot: slot.local)}.values())


def expected(clock: Clock, cadence: Cadence, unit: timedelta) -> list[Slot]:
    """The slots of all local days or hours from 2011-01-02 to 2040-12-30."""
    first, last = date(2011, 1, 2), date(2040, 12, 30)
    by_unit: dict[datetime, Slot] = {}
    ends = [instant for instant, _ in clock.changes[1:]] + [STOP + 2 * DAY]
    for (begin, shift), end in zip(clock.changes, ends, strict=True):
        local = unit_of((begin + shift).replace(tzinfo=None), unit) + unit
        at = timedelta(hours=cadence.at.hour * (unit == DAY), minutes=cadence.at.minute)
        stop = (end + shift).replace(tzinfo=None) - unit
        while local < stop:
            by_unit[local] = Slot(local + at, START + (local + at - shift - naive(START)))
            local += unit
    for change, _ in clock.changes[1:]:
        near = walked(clock, change, cadence, unit)
        for begin in list(walk(min(near), max(near), unit)):
            by_unit.pop(begin, None)  # by arithmetic from one side only
        by_unit.update(near)
    return without_doubles(slot for slot in by_unit.values() if first <= slot.local.date() <= last)


def found_slots(clock: Clock, cadence: Cadence) -> list[Slot]:
    first, last = date(2011, 1, 2), date(2040, 12, 30)
    found = slots(cadence, clock.zone, START - DAY, STOP + DAY)
    return [slot for slot in found if first <= slot.local.date() <= last]


def test_the_oracle_knows_the_changes_that_everybody_knows() -> None:
    every = {clock.zone: clock for clock in clocks()}
    assert len(every) > 100
    jumps = {
        (clock.zone, at.date(), new - old) for clock in clocks() for (_, old), (at, new) in pairwise(clock.changes)
    }
    assert {(zone, jump) for zone, _, jump in jumps if abs(jump) >= DAY} == {
        ("Pacific/Apia", DAY),
        ("Pacific/Fakaofo", DAY),
    }
    assert ("Australia/Lord_Howe", date(2025, 10, 4), 30 * MINUTE) in jumps
    assert ("Asia/Pyongyang", date(2018, 5, 4), 30 * MINUTE) in jumps
    assert sum(abs(jump) == HOUR for _, _, jump in jumps) > 1000


@pytest.mark.parametrize("at", [time(0, 0), time(2, 30)])
def test_every_existing_local_day_has_exactly_one_slot(at: time) -> None:
    all_days = {date(2011, 1, 2) + n * DAY for n in range((date(2040, 12, 30) - date(2011, 1, 2)).days + 1)}
    skipped = set()
    for clock in clocks():
        cadence = Cadence(Every.DAY, at)
        found = found_slots(clock, cadence)
        assert found == expected(clock, cadence, DAY), clock.zone
        days = [slot.local.date() for slot in found]
        assert len(set(days)) == len(days), clock.zone
        skipped |= {(clock.zone, day) for day in all_days.difference(days)}
    assert skipped == {("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Fakaofo", date(2011, 12, 30))}


@pytest.mark.parametrize("minute", [0, 30])
def test_around_every_change_every_existing_local_hour_has_exactly_one_slot(minute: int) -> None:
    cadence = Cadence(Every.HOUR, time(0, minute))
    for clock in clocks():
        for change, _ in clock.changes[1:]:
            near = without_doubles(walked(clock, change, cadence, HOUR).values())
            found = list(slots(cadence, clock.zone, near[0].instant, near[-1].instant + MINUTE))
            assert found == near, (clock.zone, change)


def test_far_from_any_change_every_local_hour_has_exactly_one_slot() -> None:
    cadence = Cadence(Every.HOUR, time(0, 0))
    for clock in clocks():
        ends = [instant for instant, _ in clock.changes[1:]] + [STOP]
        for (begin, shift), end in zip(clock.changes, ends, strict=True):
            middle = begin + (end - begin) / 2
            if end - begin < 2 * DAY:
                continue
            found = list(slots(cadence, clock.zone, middle, middle + DAY))
            assert len(found) == 24, clock.zone
            assert {slot.local - slot.instant.replace(tzinfo=None) for slot in found} == {shift}, clock.zone
            assert {b.local - a.local for a, b in pairwise(found)} == {HOUR}, clock.zone


@pytest.mark.parametrize("zone", ["Europe/Brussels", "Pacific/Apia", "Australia/Lord_Howe"])
def test_thirty_years_of_hours(zone: str) -> None:
    clock = Clock(zone, ((START, offset(zone, START)), *changes(zone, START, STOP, DAY)))
    cadence = Cadence(Every.HOUR, time(0, 0))
    assert found_slots(clock, cadence) == expected(clock, cadence, HOUR)
