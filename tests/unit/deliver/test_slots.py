"""Promise 2: an edition slot is a nominal local date and time, each exactly once, whatever the clocks do."""

from __future__ import annotations

import itertools
import zoneinfo
from datetime import UTC, date, datetime, time, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.slots import day_begins, day_of, latest_slot, next_slot, parse_slot, period, slots
from digest.model.cadence import Cadence, Every, Slot
from tests.support.examples import up_to

# "localtime" is whatever this machine is set to, and not in every list.
ZONES = sorted(zoneinfo.available_timezones() - {"localtime"})
DAY = timedelta(days=1)
HOUR = timedelta(hours=1)
STEPS = [n * timedelta(minutes=5) for n in range(5 * 24 * 12)]  # five days


def local(text: str) -> datetime:
    return datetime.fromisoformat(text)


def utc(text: str) -> datetime:
    return local(text).replace(tzinfo=UTC)


def daily(text: str) -> Cadence:
    return Cadence(Every.DAY, time.fromisoformat(text))


def hourly(minute: int) -> Cadence:
    return Cadence(Every.HOUR, time(9, minute))


def seen(cadence: Cadence, zone: str, start: str, stop: str) -> list[str]:
    """Slots as `local -> instant flags`, short enough to read in a test."""
    found = slots(cadence, zone, utc(start), utc(stop))
    return [
        f"{s.local:%m-%d %H:%M} -> {s.instant:%d %H:%M}{' shifted' * s.shifted}{' folded' * s.folded}" for s in found
    ]


def wall(instant: datetime, zone: str) -> datetime:
    return instant.astimezone(zoneinfo.ZoneInfo(zone)).replace(tzinfo=None, fold=0)


# --- gaps, folds, skipped days ---


def test_a_slot_in_a_gap_fires_at_the_first_valid_instant_after_it() -> None:
    assert seen(daily("02:30"), "Europe/Brussels", "2025-03-29", "2025-04-01") == [
        "03-29 02:30 -> 29 01:30",
        "03-30 02:30 -> 30 01:00 shifted",
        "03-31 02:30 -> 31 00:30",
    ]


def test_a_slot_in_a_fold_fires_once_at_its_first_occurrence() -> None:
    assert seen(daily("02:30"), "Europe/Brussels", "2025-10-25", "2025-10-28") == [
        "10-25 02:30 -> 25 00:30",
        "10-26 02:30 -> 26 00:30 folded",
        "10-27 02:30 -> 27 01:30",
    ]


def test_during_the_second_pass_of_a_fold_its_slots_are_in_the_past() -> None:
    second_pass = utc("2025-10-26T01:15")
    assert next_slot(daily("02:30"), "Europe/Brussels", second_pass).instant == utc("2025-10-27T01:30")
    newest = latest_slot(daily("02:30"), "Europe/Brussels", second_pass, utc("2025-10-25"))
    assert newest is not None
    assert newest.instant == utc("2025-10-26T00:30")


def test_a_gap_at_midnight_moves_the_slot_of_that_day_and_loses_none() -> None:
    assert seen(daily("00:00"), "Africa/Cairo", "2025-04-23T12:00", "2025-04-26") == [
        "04-24 00:00 -> 23 22:00",
        "04-25 00:00 -> 24 22:00 shifted",
        "04-26 00:00 -> 25 21:00",
    ]


def test_a_gap_that_crosses_midnight_does_not_lose_the_day_it_begins_in() -> None:
    # The clock went from 23:00 on the 30th to 00:00 on the 31st.
    assert seen(daily("23:30"), "America/Nuuk", "2024-03-30T12:00", "2024-04-01T12:00") == [
        "03-30 23:30 -> 31 01:00 shifted",
        "03-31 23:30 -> 01 00:30",
    ]


@pytest.mark.parametrize(
    ("zone", "skipped"), [("Pacific/Apia", date(2011, 12, 30)), ("Pacific/Kwajalein", date(1993, 8, 21))]
)
@pytest.mark.parametrize("at", ["00:00", "02:30", "23:59"])
def test_a_day_that_the_zone_skipped_has_no_slot(zone: str, skipped: date, at: str) -> None:
    middle = datetime.combine(skipped, time(), tzinfo=UTC)
    days = [s.local.date() for s in slots(daily(at), zone, middle - 5 * DAY, middle + 5 * DAY)]
    assert skipped not in days
    assert {skipped - DAY, skipped + DAY} <= set(days)
    assert len(set(days)) == len(days)


def test_a_weekly_or_monthly_slot_on_a_skipped_day_is_not_moved() -> None:
    friday = Cadence(Every.WEEK, time(7), weekday=4)
    assert seen(friday, "Pacific/Apia", "2011-12-20", "2012-01-08") == [
        "12-23 07:00 -> 23 17:00",
        "01-06 07:00 -> 05 17:00",
    ]
    thirtieth = Cadence(Every.MONTH, time(7), day=30)
    months = [s.local.month for s in slots(thirtieth, "Pacific/Apia", utc("2011-11-01"), utc("2012-02-10"))]
    assert months == [11, 1]


def test_a_month_slot_is_cut_to_the_last_day_of_the_month() -> None:
    last = Cadence(Every.MONTH, time(7), day=31)
    days = [s.local.date() for s in slots(last, "UTC", utc("2024-01-01"), utc("2024-05-01"))]
    assert days == [date(2024, 1, 31), date(2024, 2, 29), date(2024, 3, 31), date(2024, 4, 30)]


def test_weekdays_are_monday_to_friday_and_monday_is_zero() -> None:
    found = slots(Cadence(Every.WEEKDAY, time(7)), "Asia/Tokyo", utc("2025-06-01"), utc("2025-06-15"))
    assert [s.local.weekday() for s in found] == [0, 1, 2, 3, 4] * 2
    monday = Cadence(Every.WEEK, time(7), weekday=0)
    assert next_slot(monday, "UTC", utc("2025-06-04")).local == local("2025-06-09T07:00")


# --- by the hour ---


def test_an_hour_that_the_zone_skipped_has_no_slot() -> None:
    for minute in (0, 30):
        hours = [x[6:8] for x in seen(hourly(minute), "Europe/Brussels", "2025-03-30T00:00", "2025-03-30T03:00")]
        assert hours == ["01", "03", "04"]


def test_in_a_fold_the_nominal_hour_has_one_slot() -> None:
    assert seen(hourly(30), "Europe/Brussels", "2025-10-26T00:00", "2025-10-26T03:00") == [
        "10-26 02:30 -> 26 00:30 folded",
        "10-26 03:30 -> 26 02:30",
    ]


def test_half_an_hour_of_lord_howe() -> None:
    assert seen(hourly(15), "Australia/Lord_Howe", "2025-10-04T14:00", "2025-10-04T17:00") == [
        "10-05 01:15 -> 04 14:45",
        "10-05 02:15 -> 04 15:30 shifted",
        "10-05 03:15 -> 04 16:15",
    ]
    assert seen(hourly(45), "Australia/Lord_Howe", "2025-04-05T14:00", "2025-04-05T17:00") == [
        "04-06 01:45 -> 05 14:45 folded",
        "04-06 02:45 -> 05 16:15",
    ]


def test_an_hourly_slot_that_falls_on_the_next_ones_instant_is_dropped() -> None:
    # St. John's went from 00:01 to 01:01: 00:01 would be shifted onto 01:01.
    hours = [x[6:11] for x in seen(hourly(1), "America/St_Johns", "2011-03-13T02:00", "2011-03-13T05:00")]
    assert hours == ["23:01", "01:01", "02:01"]
    hours = [x[6:11] for x in seen(hourly(2), "America/St_Johns", "2011-03-13T02:00", "2011-03-13T05:00")]
    assert hours == ["23:02", "00:02", "01:02", "02:02"]


# --- the range, the next, the latest ---


def test_the_start_is_in_the_range_and_the_stop_is_not() -> None:
    at, step = utc("2025-06-01T07:00"), timedelta(microseconds=1)
    assert [s.instant for s in slots(daily("07:00"), "UTC", at, at + DAY)] == [at]
    assert not list(slots(daily("07:00"), "UTC", at + step, at + DAY))
    assert next_slot(daily("07:00"), "UTC", at).instant == at + DAY
    assert next_slot(daily("07:00"), "UTC", at - step).instant == at


def test_a_shifted_slot_is_found_when_the_range_starts_at_its_instant() -> None:
    gap_end = utc("2025-03-30T01:00")
    assert next_slot(daily("02:30"), "Europe/Brussels", gap_end - timedelta(seconds=1)).shifted
    assert next(slots(daily("02:30"), "Europe/Brussels", gap_end, gap_end + DAY)).instant == gap_end


def test_latest_slot_looks_from_the_end_and_not_beyond_its_bound() -> None:
    at = utc("2025-06-01T07:00")
    long_ago = utc("1990-01-01")
    assert latest_slot(daily("07:00"), "UTC", at, long_ago) == Slot(local("2025-06-01T07:00"), at)
    assert latest_slot(daily("07:00"), "UTC", at, at) is not None
    assert latest_slot(daily("07:00"), "UTC", at + HOUR, at + HOUR) is None
    assert latest_slot(daily("07:00"), "UTC", at, at + HOUR) is None
    friday = Cadence(Every.WEEK, time(7), weekday=4)
    found = latest_slot(friday, "Pacific/Apia", utc("2012-01-04"), long_ago)
    assert found is not None
    assert found.local == local("2011-12-23T07:00")


def test_the_period_of_each_cadence() -> None:
    days = {every: period(Cadence(every)) / DAY for every in Every}
    assert days == {Every.HOUR: 1 / 24, Every.DAY: 1, Every.WEEKDAY: 1, Every.WEEK: 7, Every.MONTH: 30}


# --- in every zone ---


def test_every_zone_has_one_slot_on_each_day_of_a_year() -> None:
    days = [date(2026, 1, 1) + n * DAY for n in range(365)]
    for zone in ZONES:
        # UTC+14 to UTC-12: two days more on both sides, cut off by the local date.
        found = slots(daily("02:30"), zone, utc("2025-12-30"), utc("2027-01-03"))
        assert [s.local.date() for s in found if s.local.year == 2026] == days, zone


def change_of_clocks(zone: str, year: int, which: int) -> datetime:
    """A day on which the zone's offset changes in that year, or the year's start."""
    tz = zoneinfo.ZoneInfo(zone)
    days = [datetime(year, 1, 1, tzinfo=UTC) + n * DAY for n in range(366)]
    offsets = [day.astimezone(tz).utcoffset() for day in days]
    changes = [day for day, a, b in zip(days, offsets, offsets[1:], strict=False) if a != b]
    return changes[which % len(changes)] if changes else days[0]


def check_slot(slot: Slot, zone: str, offsets: set[timedelta]) -> None:
    """Hold a slot against the zone, asked only for the wall clock at given instants (never the other way round)."""
    candidates = [(slot.local - offset).replace(tzinfo=UTC) for offset in offsets]
    valid = [instant for instant in candidates if wall(instant, zone) == slot.local]
    assert slot.shifted == (not valid)
    assert slot.folded == (len(valid) > 1)
    if valid:
        assert slot.instant == min(valid)
    else:
        assert wall(slot.instant - timedelta(seconds=1), zone) < slot.local < wall(slot.instant, zone)


@settings(deadline=None, max_examples=up_to(100))
@given(
    zone=st.sampled_from(ZONES),
    year=st.integers(1970, 2040),
    which=st.integers(0, 3),
    at=st.times().map(lambda t: t.replace(second=0, microsecond=0)),
    by_hour=st.booleans(),
)
def test_exactly_one_slot_per_existing_local_day_or_hour(
    zone: str, year: int, which: int, at: time, by_hour: bool
) -> None:
    middle = change_of_clocks(zone, year, which)
    start, stop = middle - 2 * DAY, middle + 3 * DAY
    walk = [start + step for step in STEPS]
    walls = [wall(t, zone) for t in walk]
    offsets = {w - t.replace(tzinfo=None) for w, t in zip(walls, walk, strict=True)}

    def unit(moment: datetime) -> datetime:
        return moment.replace(hour=moment.hour if by_hour else 0, minute=0, second=0, microsecond=0)

    existing = {unit(w) for w in walls} - {unit(walls[0]), unit(walls[-1])}
    found = list(slots(Cadence(Every.HOUR if by_hour else Every.DAY, at), zone, start, stop))
    for slot in found:
        check_slot(slot, zone, offsets)
    units = [unit(slot.local) for slot in found]
    instants = [slot.instant for slot in found]
    assert len(set(units)) == len(units)
    assert instants == sorted(set(instants))
    missing = existing - set(units)
    # By the hour, a slot may be dropped only for one that stands at the same instant.
    for hour in missing if by_hour else ():
        gap_end = next(slot for slot in found if slot.local > hour).instant
        assert wall(gap_end - timedelta(seconds=1), zone) < hour.replace(minute=at.minute) < wall(gap_end, zone)
    assert by_hour or not missing


@settings(deadline=None, max_examples=up_to(60))
@given(
    zone=st.sampled_from(ZONES),
    every=st.sampled_from(list(Every)),
    day=st.integers(1, 31),
    start=st.datetimes(local("2005-01-01"), local("2035-01-01"), timezones=st.just(UTC)),
)
def test_the_three_ways_to_ask_agree(zone: str, every: Every, day: int, start: datetime) -> None:
    cadence = Cadence(every, time(2, 30), weekday=day % 7, day=day)
    stop = start + 4 * period(cadence) + 2 * DAY
    found = list(slots(cadence, zone, start, stop))
    assert found[0] == next_slot(cadence, zone, start - timedelta(microseconds=1))
    assert found[-1] == latest_slot(cadence, zone, stop - timedelta(microseconds=1), start)
    for one, following in itertools.pairwise(found):
        assert next_slot(cadence, zone, one.instant) == following
        assert latest_slot(cadence, zone, following.instant - timedelta(seconds=1), start) == one
        assert parse_slot(cadence, zone, one.local.isoformat()) == one


# --- local days ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("day", "zone", "begins"),
    [
        ("2026-03-29", "Europe/Brussels", "2026-03-28T23:00"),
        ("2026-03-30", "Europe/Brussels", "2026-03-29T22:00"),
        ("2018-11-04", "America/Sao_Paulo", "2018-11-04T03:00"),  # midnight was skipped: the day begins at 01:00
        ("2011-12-30", "Pacific/Apia", "2011-12-30T10:00"),  # a day that there was not: with the next one
        ("2011-12-31", "Pacific/Apia", "2011-12-30T10:00"),
        ("2025-11-02", "America/Havana", "2025-11-02T04:00"),  # midnight came twice: at the first
    ],
)
def test_where_a_day_begins(day: str, zone: str, begins: str) -> None:
    assert day_begins(date.fromisoformat(day), zone) == utc(begins)


@given(st.dates(date(1990, 1, 1), date(2037, 12, 31)), st.sampled_from(ZONES))
def test_a_day_holds_from_its_first_instant_on(day: date, zone: str) -> None:
    begins = day_begins(day, zone)
    assert day_of(begins, zone) == day or day_begins(day + DAY, zone) == begins, "the zone skipped it"
    assert day_of(begins - timedelta(microseconds=1), zone) < day
    assert begins < day_begins(day + 2 * DAY, zone)
