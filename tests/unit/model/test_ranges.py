"""Ranges against Python's sets: what a reader is owed is counted with these."""

from __future__ import annotations

from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from digest.model.ranges import Ranges

NUMBERS = st.integers(-5, 40)
SPANS = st.lists(st.tuples(NUMBERS, NUMBERS), max_size=8)
RANGES = SPANS.map(Ranges.of)


def is_normal(ranges: Ranges) -> bool:
    """Sorted, not empty, and with at least one number missing between two."""
    return all(lo < hi for lo, hi in ranges.spans) and all(a[1] < b[0] for a, b in pairwise(ranges.spans))


@given(SPANS)
def test_of_is_the_union_of_its_spans(spans: list[tuple[int, int]]) -> None:
    made = Ranges.of(spans)
    assert is_normal(made)
    assert list(made) == sorted({n for lo, hi in spans for n in range(lo, hi)})


@given(RANGES, RANGES)
def test_the_algebra_of_sets(one: Ranges, other: Ranges) -> None:
    a, b = set(one), set(other)
    for made, expected in [(one | other, a | b), (one - other, a - b), (one & other, a & b)]:
        assert is_normal(made)
        assert set(made) == expected
        assert len(made) == len(expected)
        assert bool(made) == bool(expected)


@given(RANGES, NUMBERS)
def test_membership(ranges: Ranges, number: int) -> None:
    assert (number in ranges) == (number in set(ranges))


@given(RANGES, RANGES)
def test_equal_sets_are_equal_values(one: Ranges, other: Ranges) -> None:
    assert (one == other) == (set(one) == set(other))
    assert (one | other) == (other | one)
    assert (one - other) | (one & other) == one


def test_touching_ranges_join_and_empty_ones_vanish() -> None:
    assert Ranges.of([(5, 9), (1, 5), (3, 3), (9, 2)]) == Ranges(((1, 9),))
    assert not Ranges.of([])


def test_a_million_numbers_are_one_range() -> None:
    assert len(Ranges.of([(1, 500_001), (500_001, 1_000_001)]).spans) == 1
    assert len(Ranges.of([(1, 1_000_001)])) == 1_000_000
