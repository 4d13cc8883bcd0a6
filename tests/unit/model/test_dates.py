"""A date shows just what is known of it, and is never made more exact than it is."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.model.dates import PartialDate, Precision

MOMENT = datetime(2025, 5, 24, 17, 3, 9, tzinfo=UTC)


@pytest.mark.parametrize(
    ("precision", "shown"),
    [
        (Precision.YEAR, "2025"),
        (Precision.MONTH, "2025-05"),
        (Precision.DAY, "2025-05-24"),
        (Precision.MINUTE, "2025-05-24T17:03Z"),
    ],
)
def test_iso_shows_what_is_known(precision: Precision, shown: str) -> None:
    assert PartialDate(MOMENT, precision).iso() == shown


def test_precisions_are_ranked_from_coarse_to_fine() -> None:
    ranked = sorted(Precision, key=lambda precision: precision.rank)
    assert ranked == [Precision.YEAR, Precision.MONTH, Precision.DAY, Precision.MINUTE]


def test_a_time_with_an_offset_is_kept_in_utc() -> None:
    east = timezone(timedelta(hours=5, minutes=45))
    date = PartialDate(datetime(2025, 5, 25, 0, 30, tzinfo=east), Precision.MINUTE)
    assert date.start.tzinfo is UTC
    assert date.iso() == "2025-05-24T18:45Z"


def test_a_time_without_a_zone_is_refused() -> None:
    with pytest.raises(ValueError, match="aware"):
        PartialDate(MOMENT.replace(tzinfo=None), Precision.DAY)


def test_years_before_1000_have_four_digits() -> None:
    assert PartialDate(MOMENT.replace(year=79), Precision.DAY).iso() == "0079-05-24"


MOMENTS = st.datetimes(timezones=st.just(UTC))


@given(MOMENTS, MOMENTS, st.sampled_from(list(Precision)), st.sampled_from(list(Precision)))
def test_dates_stand_in_the_order_of_their_starts(a: datetime, b: datetime, p: Precision, q: Precision) -> None:
    if a < b:
        assert PartialDate(a, p) < PartialDate(b, q)


@given(MOMENTS, st.sampled_from(list(Precision)))
def test_a_finer_date_begins_with_the_coarser(moment: datetime, precision: Precision) -> None:
    shown = PartialDate(moment, precision).iso()
    assert PartialDate(moment, Precision.MINUTE).iso().startswith(shown)
    assert len(shown) == {"year": 4, "month": 7, "day": 10, "minute": 17}[precision]
