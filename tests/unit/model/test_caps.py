"""What a cap leaves, as a function of what is on record."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from digest.model.caps import Allowance, Caps, Left, hour_left, hour_limit

NOW = datetime(2026, 3, 2, 12, tzinfo=UTC)
CAPS = Caps(per_hour=10)
ASKED = Allowance(1, None, 10, NOW - timedelta(days=2), None, None, 0)
ALLOWED = replace(ASKED, allowed_at=NOW, number=3)


def test_without_a_cap_anything_goes() -> None:
    assert hour_left(Caps(), ASKED, 10**9, 10**9, NOW) == Left(None)


@given(cap=st.integers(1, 1000), gone=st.integers(0, 2000), in_hand=st.integers(0, 500))
def test_what_left_and_what_is_in_hand_never_passes_the_cap(cap: int, gone: int, in_hand: int) -> None:
    left = hour_left(Caps(cap), None, gone, in_hand, NOW)
    assert left.number is not None
    assert left.number >= 0
    assert gone + in_hand + left.number <= max(cap, gone + in_hand)
    assert left.reached == (gone >= cap), "what is only in hand may still be refused"


def test_a_question_stops_everything_until_it_is_answered() -> None:
    later = NOW + timedelta(days=30)
    assert hour_left(CAPS, ASKED, 0, 0, later) == Left(0), "an hour that passed is no answer"
    assert hour_left(Caps(11), ASKED, 0, 0, NOW) == Left(11), "a higher cap is one"
    assert hour_left(Caps(9), ASKED, 0, 0, NOW) == Left(0), "a lower one is not"


def test_an_allowance_holds_for_an_hour() -> None:
    assert hour_limit(CAPS, ALLOWED, NOW + timedelta(minutes=59)) == 3
    assert hour_limit(CAPS, ALLOWED, NOW + timedelta(minutes=60)) == 10
    assert hour_limit(CAPS, replace(ALLOWED, number=None), NOW) == 10
    assert hour_left(CAPS, ALLOWED, 3, 0, NOW) == Left(0, reached=True), "then it asks again"
    assert hour_left(CAPS, replace(ALLOWED, number=500), 20, 5, NOW) == Left(475)
