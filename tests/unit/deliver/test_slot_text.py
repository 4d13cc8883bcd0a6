"""Slots as people type them: what is none is refused in one line that names the nearest."""

from __future__ import annotations

from datetime import UTC, datetime, time

import pytest

from digest.deliver.slots import next_slot, parse_slot
from digest.errors import UsageError
from digest.model.cadence import Cadence, Every


def utc(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def daily(text: str) -> Cadence:
    return Cadence(Every.DAY, time.fromisoformat(text))


def test_parse_slot_takes_a_local_time_or_a_date() -> None:
    slot = next_slot(daily("07:00"), "Europe/Brussels", utc("2025-05-24"))
    for text in ("2025-05-24T07:00", "2025-05-24 07:00", " 2025-05-24 ", "20250524"):
        assert parse_slot(daily("07:00"), "Europe/Brussels", text) == slot
    assert parse_slot(daily("02:30"), "Europe/Brussels", "2025-03-30T02:30").shifted


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("2025-05-24T08:00", "nearest: 2025-05-24T07:00 or 2025-05-25T07:00"),
        ("tomorrow", "not a date and time"),
        ("2025-05-24T07:00+02:00", "has an offset"),
    ],
)
def test_parse_slot_says_what_would_be_one(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        parse_slot(daily("07:00"), "Europe/Brussels", text)


def test_parse_slot_refuses_a_skipped_day_and_names_its_neighbours() -> None:
    with pytest.raises(UsageError, match="nearest: 2011-12-29T07:00 or 2011-12-31T07:00"):
        parse_slot(daily("07:00"), "Pacific/Apia", "2011-12-30")


@pytest.mark.parametrize("zone", ["Europe/Brussel", "", "Europe", "../etc/passwd"])
def test_an_unknown_zone_is_one_clear_line(zone: str) -> None:
    with pytest.raises(UsageError, match="there is no time zone"):
        next_slot(daily("07:00"), zone, utc("2025-01-01"))


def test_an_unknown_zone_names_the_nearest() -> None:
    with pytest.raises(UsageError, match="did you mean 'Europe/Brussels'"):
        next_slot(daily("07:00"), "Europe/Brussel", utc("2025-01-01"))
