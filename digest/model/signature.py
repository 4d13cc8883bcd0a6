"""How alike two near-duplicate signatures are: bytes that ingest makes and grouping compares."""

from __future__ import annotations

from operator import eq

#: Two texts that share this much of their shingles are one text, printed twice.
NEAR_DUPLICATE = 0.8


def similarity(one: bytes, other: bytes) -> float:
    """The estimated share of shingles in common, 0 to 1; 0 where either text has no words."""
    if not one or len(one) != len(other):
        return 0.0
    if one == other:
        return 1.0
    lanes = memoryview(one).cast("I"), memoryview(other).cast("I")
    return float(sum(map(eq, *lanes)) / len(lanes[0]))


def near_duplicate(one: bytes, other: bytes) -> bool:
    """Whether two signatures say that the texts are nearly the same."""
    if not one or len(one) != len(other):
        return False
    lanes = memoryview(one).cast("I"), memoryview(other).cast("I")
    # Asked of many texts that have nothing in common: mostly the first lanes settle it.
    first = len(lanes[0]) // 4
    unlike = first - sum(map(eq, lanes[0][:first], lanes[1][:first]))
    return unlike <= (1.0 - NEAR_DUPLICATE) * len(lanes[0]) and similarity(one, other) >= NEAR_DUPLICATE
