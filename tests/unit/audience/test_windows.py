"""Promise 1: every number falls in exactly one window, is waived, or is still owed."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from digest.audience.windows import catch_up_waiver, first_waiver, owed
from digest.model.ranges import Ranges

NUMBERS = st.integers(0, 60)
RANGES = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=6).map(Ranges.of)
NONE = Ranges()


def test_all_is_owed_up_to_the_cutoff() -> None:
    assert owed(3, NONE, NONE) == Ranges(((1, 4),))
    assert owed(0, NONE, NONE) == NONE


@given(cutoff=NUMBERS, covered=RANGES, waived=RANGES)
def test_owed_is_what_is_neither_covered_nor_waived(cutoff: int, covered: Ranges, waived: Ranges) -> None:
    assert set(owed(cutoff, covered, waived)) == set(range(1, cutoff + 1)) - set(covered) - set(waived)


@given(last=NUMBERS, cutoff=NUMBERS)
def test_a_first_window_starts_after_the_first_waiver(last: int, cutoff: int) -> None:
    assert set(owed(cutoff, NONE, first_waiver(last))) == set(range(last + 1, cutoff + 1))


@given(due=RANGES, last=NUMBERS)
def test_a_waiver_gives_up_only_what_is_owed_and_old(due: Ranges, last: int) -> None:
    waiver = catch_up_waiver(due, last)
    assert set(waiver) == {n for n in due if 1 <= n <= last}


@given(
    first=st.integers(0, 20),
    editions=st.lists(st.tuples(st.integers(0, 9), st.booleans(), st.integers(0, 30)), max_size=12),
)
def test_every_number_is_sent_once_or_waived_once_and_none_is_lost(
    first: int, editions: list[tuple[int, bool, int]]
) -> None:
    """Editions with rising cutoffs; some bounce (and give their window back), some waive what is old."""
    covered, waived = NONE, first_waiver(first)
    sent: list[int] = []
    given_up = list(waived)
    cutoff = 0
    for step, arrives, age in editions:
        cutoff += step
        window = owed(cutoff, covered, waived)
        waiver = catch_up_waiver(window, cutoff - age)
        given_up += waiver
        waived |= waiver
        if arrives:
            sent += window - waiver
            covered |= window - waiver
    last = owed(cutoff, covered, waived)
    assert sorted([*sent, *given_up, *last]) == list(range(1, max(cutoff, first) + 1))
