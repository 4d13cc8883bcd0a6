from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from digest.errors import BadInput
from digest.ingest import dates
from digest.model.dates import PartialDate, Precision


@pytest.mark.parametrize(
    ("text", "iso"),
    [
        ("2025", "2025"),
        ("2025-05", "2025-05"),
        (" 2025-05-24 ", "2025-05-24"),
        ("2025-5-4", "2025-05-04"),
        ("2025-05-24T17:00", "2025-05-24T17:00Z"),
        ("2025-05-24 17:00:59", "2025-05-24T17:00Z"),
        ("2025-05-24T17:00+02:00", "2025-05-24T15:00Z"),
        ("2025-05-24T17:00 +0200", "2025-05-24T15:00Z"),
        ("2025-05-24T17:00:00.123456789Z", "2025-05-24T17:00Z"),
        ("20250524T170000Z", "2025-05-24T17:00Z"),
        ("Sat, 24 May 2025 17:00:00 +0200", "2025-05-24T15:00Z"),
        ("Sat, 24 May 2025 17:00:00 GMT", "2025-05-24T17:00Z"),
        ("24 May 2025 17:00 -0000", "2025-05-24T17:00Z"),
        ("24 May 2025", "2025-05-24"),
    ],
)
def test_reads_with_the_precision_that_was_given(text: str, iso: str) -> None:
    assert dates.parse(text).iso() == iso


@pytest.mark.parametrize(
    "text",
    [
        "",
        "May",
        "yesterday",
        "2025-13",
        "2025-02-30",
        "2025-05-24T25:00",
        "1799",
        "0025-05-24",
        "12:00",
        "32 May 2025 10:00:00 GMT",
        "9999-12-31T23:59-05:00",
        "25-05-24",
        "٢٠٢٥-٠٥",
    ],
)
def test_refuses_what_is_no_usable_date_and_says_how_to_write_one(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        dates.parse(text)
    assert "2025-05" in caught.value.mend


@pytest.mark.parametrize(
    ("text", "last"),
    [
        ("2024", datetime(2024, 12, 31, 23, 59, tzinfo=UTC)),
        ("2024-02", datetime(2024, 2, 29, 23, 59, tzinfo=UTC)),
        ("2024-12", datetime(2024, 12, 31, 23, 59, tzinfo=UTC)),
        ("2024-02-28", datetime(2024, 2, 28, 23, 59, tzinfo=UTC)),
        ("2024-02-28T07:00Z", datetime(2024, 2, 28, 7, 0, tzinfo=UTC)),
    ],
)
def test_the_last_instant_that_a_date_can_mean(text: str, last: datetime) -> None:
    assert dates.last_instant(dates.parse(text)) == last


def test_ahead_is_counted_from_now(now: datetime) -> None:
    in_a_week = PartialDate(now + timedelta(days=7), Precision.MINUTE)
    assert dates.too_far_ahead(in_a_week, now, dates.FEED_AHEAD)
    assert not dates.too_far_ahead(in_a_week, now, dates.HAND_AHEAD)
