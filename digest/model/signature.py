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
