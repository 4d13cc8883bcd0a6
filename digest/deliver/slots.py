"""Nominal local slots: when an edition falls, in any zone, over every change of the clocks.

A slot is a nominal local date and time. Its instant is the first moment at which the zone's wall
clock shows that time or a later one. All the rules follow from this one definition:

- in a DST gap, the first valid instant after the gap (`shifted`);
- in a fold, the first occurrence, once (`folded`);
- slots in local order are in order of their instants too.

What the zone skipped as a whole has no slot: a local day (Pacific/Apia 2011-12-30) for every
cadence but `hour`, a local hour for `hour`. A weekly or monthly slot on such a day is not moved to
a neighbouring one: what it would have told stays owed and comes with the next edition. The same
holds for a `month` slot whose day, cut to the month's last day, was skipped.

An hour that exists only in part has its slot like any other, with one exception: where a gap
begins inside an hour (America/St_Johns, 00:01 until 2011), a shifted slot can fall on the very
instant of the next one, and then only the next one stands.
"""

from __future__ import annotations

import calendar
import collections
import difflib
import itertools
import zoneinfo
from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta

from digest.errors import UsageError
from digest.model.cadence import Cadence, Every, Slot

_TICK = timedelta(microseconds=1)
_HOUR = timedelta(hours=1)
_DAY = timedelta(days=1)
# Adding to an epoch takes a fifth of the time of `replace(tzinfo=UTC)`, and sweeps place millions.
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_LOCAL_EPOCH = _EPOCH.replace(tzinfo=None)
_PERIODS = {
    Every.HOUR: _HOUR,
    Every.DAY: _DAY,
    Every.WEEKDAY: _DAY,
    Every.WEEK: 7 * _DAY,
    Every.MONTH: 30 * _DAY,
}


def period(cadence: Cadence) -> timedelta:
    """The nominal length of a cadence; a month counts as 30 days."""
    return _PERIODS[cadence.every]


def slots(cadence: Cadence, zone: str, start: datetime, stop: datetime) -> Iterator[Slot]:
    """All slots with an instant in [start, stop), oldest first; both are aware.

    Raises UsageError where the zone is unknown.
    """
    found = _from(cadence, zone, start)
    return itertools.takewhile(lambda slot: slot.instant < stop, found)


def next_slot(cadence: Cadence, zone: str, after: datetime) -> Slot:
    """The first slot later than `after`, an aware instant."""
    return next(_from(cadence, zone, after + _TICK))


def latest_slot(cadence: Cadence, zone: str, at_or_before: datetime, not_before: datetime) -> Slot | None:
    """The newest slot in [not_before, at_or_before], or None; both are aware instants."""
    reach = 2 * period(cadence)
    stop = at_or_before + _TICK
    while stop > not_before:
        start = max(stop - reach, not_before)
        newest = collections.deque(slots(cadence, zone, start, stop), maxlen=1)
        if newest:
            return newest[0]
        stop, reach = start, 2 * reach
    return None


def parse_slot(cadence: Cadence, zone: str, text: str) -> Slot:
    """The slot that `text` names: an ISO 8601 local date and time, without an offset.

    A date alone will do where the cadence has at most one slot a day; for `hour` it means midnight.
    Raises UsageError, with the nearest slots before and after, where the text names no slot.
    """
    wanted, whole_day = read_local(text, zone)
    near = wanted.replace(tzinfo=UTC)
    reach = 2 * period(cadence) + 3 * _DAY  # covers every offset from UTC as well
    around = list(slots(cadence, zone, near - reach, near + reach))
    by_day = whole_day and cadence.every is not Every.HOUR
    for slot in around:
        if slot.local == wanted or (by_day and slot.local.date() == wanted.date()):
            return slot
    before = [slot for slot in around if slot.local < wanted][-1:]
    after = [slot for slot in around if slot.local > wanted][:1]
    names = " or ".join(slot.local.isoformat("T", "minutes") for slot in before + after)
    raise UsageError(f"{text!r} is no slot of the {cadence.name} cadence in {zone}", mend=f"nearest: {names}")


def read_local(text: str, zone: str) -> tuple[datetime, bool]:
    """An ISO 8601 local date and time, and whether it is a date alone. Raises UsageError."""
    try:
        wanted = datetime.fromisoformat(text.strip())
    except ValueError:
        raise UsageError(f"{text!r} is not a date and time", mend="write it like 2025-05-24T07:00") from None
    if wanted.tzinfo is not None:
        raise UsageError(f"{text!r} has an offset", mend=f"give the local time in {zone}, like 2025-05-24T07:00")
    return wanted, len(text.strip()) <= len("2025-05-24")


def day_begins(day: date, zone: str) -> datetime:
    """The first instant (UTC) of a local day; of one that the zone skipped, of the next. Raises UsageError."""
    near = datetime(day.year, day.month, day.day, tzinfo=UTC)
    around = slots(Cadence(Every.DAY, time(0)), zone, near - 2 * _DAY, near + 3 * _DAY)
    return next(slot.instant for slot in around if slot.local.date() >= day)


def day_of(instant: datetime, zone: str) -> date:
    """The local day in which an instant lies. Raises UsageError."""
    return instant.astimezone(_zone(zone)).date()


def _zone(name: str) -> zoneinfo.ZoneInfo:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):  # OSError: a folder of zones, like "Europe"
        near = difflib.get_close_matches(name, sorted(zoneinfo.available_timezones()), n=1)
        mend = f"did you mean {near[0]!r}?" if near else "use an IANA name like Europe/Brussels"
        raise UsageError(f"there is no time zone {name!r}", mend=mend) from None


def _from(cadence: Cadence, zone: str, start: datetime) -> Iterator[Slot]:
    """All slots at or after `start`, without an end."""
    tz = _zone(zone)
    # A slot at or after `start` has a local time later than the wall clock just before `start`.
    # (Just before, not at: the times in a gap fall on the instant at which the gap is over.)
    wall = (start.astimezone(UTC) - _TICK).astimezone(tz).replace(tzinfo=None, fold=0)
    unit = _HOUR if cadence.every is Every.HOUR else _DAY
    placed = (_place(local, tz, unit) for local in _nominals(cadence, wall))
    return (slot for slot in _distinct(placed) if slot.instant >= start)


def _nominals(cadence: Cadence, after: datetime) -> Iterator[datetime]:
    """The nominal local times of a cadence later than `after`, whatever the zone makes of them."""
    at = cadence.at.replace(tzinfo=None, fold=0)
    if cadence.every is Every.HOUR:
        first = after.replace(minute=at.minute, second=0, microsecond=0)
        hours = (first + n * _HOUR for n in itertools.count())
        return (local for local in hours if local > after)
    days = _month_days(cadence.day, after.date()) if cadence.every is Every.MONTH else _days(cadence, after.date())
    return (local for local in (datetime.combine(day, at) for day in days) if local > after)


def _days(cadence: Cadence, start: date) -> Iterator[date]:
    if cadence.every is Every.WEEK:
        first = start.toordinal() + (cadence.weekday - start.weekday()) % 7
        return map(date.fromordinal, itertools.count(first, 7))
    every_day = map(date.fromordinal, itertools.count(start.toordinal()))
    if cadence.every is Every.WEEKDAY:
        return (day for day in every_day if day.weekday() < 5)
    return every_day


def _month_days(wanted: int, start: date) -> Iterator[date]:
    for n in itertools.count(start.year * 12 + start.month - 1):
        year, month = divmod(n, 12)
        yield date(year, month + 1, min(wanted, calendar.monthrange(year, month + 1)[1]))


def _place(local: datetime, tz: zoneinfo.ZoneInfo, unit: timedelta) -> Slot | None:
    """The slot of a nominal local time, or None if the zone skipped its whole hour or day (`unit`)."""
    early, later = tz.utcoffset(local), tz.utcoffset(local.replace(fold=1))
    assert early is not None
    assert later is not None
    instant = _EPOCH + (local - _LOCAL_EPOCH - early)
    if early == later:
        return Slot(local, instant)
    if early > later:  # PEP 495: a fold; the larger offset is the first occurrence
        return Slot(local, instant, folded=True)
    return _place_in_gap(local, tz, unit, instant + (early - later), instant)


def _place_in_gap(
    local: datetime, tz: zoneinfo.ZoneInfo, unit: timedelta, low: datetime, high: datetime
) -> Slot | None:
    """Find where the gap ends: low < end <= high, by halving, since zoneinfo does not tell its transitions."""
    while high - low > _TICK:
        middle = low + (high - low) / 2
        if middle.astimezone(tz).replace(tzinfo=None) > local:
            high = middle
        else:
            low = middle
    opens = low.astimezone(tz).replace(tzinfo=None) + _TICK
    closes = high.astimezone(tz).replace(tzinfo=None)
    begin = local.replace(minute=0, second=0, microsecond=0)
    if unit == _DAY:
        begin = begin.replace(hour=0)
    if opens <= begin and begin + unit <= closes:
        return None
    return Slot(local, high, shifted=True)


def _distinct(placed: Iterator[Slot | None]) -> Iterator[Slot]:
    """Of slots that share one instant only the last stands; the skipped ones are left out."""
    held: Slot | None = None
    for slot in placed:
        if slot is None:
            continue
        if held is not None and held.instant != slot.instant:
            yield held
        held = slot
