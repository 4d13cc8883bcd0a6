"""Sets of sequence numbers as half-open ranges: what a reader is owed, and what covers it."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranges:
    """A set of whole numbers kept as sorted, disjoint, non-touching half-open ranges [lo, hi).

    Build it with `Ranges.of`; every operation returns a new value in the same normal form, so two
    equal sets compare equal.
    """

    spans: tuple[tuple[int, int], ...] = ()

    @classmethod
    def of(cls, spans: Iterable[tuple[int, int]]) -> Ranges:
        """Normalise any spans; empty and reversed ones are dropped."""
        merged: list[tuple[int, int]] = []
        for lo, hi in sorted((lo, hi) for lo, hi in spans if lo < hi):
            if merged and lo <= merged[-1][1]:
                merged[-1] = (merged[-1][0], max(merged[-1][1], hi))
            else:
                merged.append((lo, hi))
        return cls(tuple(merged))

    def __or__(self, other: Ranges) -> Ranges:
        return Ranges.of((*self.spans, *other.spans))

    def __sub__(self, other: Ranges) -> Ranges:
        left: list[tuple[int, int]] = []
        for start, stop in self.spans:
            lo = start
            for a, b in other.spans:
                if b <= lo:
                    continue
                if a >= stop:
                    break
                if a > lo:
                    left.append((lo, a))
                lo = max(lo, b)
            if lo < stop:
                left.append((lo, stop))
        return Ranges.of(left)

    def __and__(self, other: Ranges) -> Ranges:
        return self - (self - other)

    def __contains__(self, number: int) -> bool:
        return any(lo <= number < hi for lo, hi in self.spans)

    def __bool__(self) -> bool:
        return bool(self.spans)

    def __len__(self) -> int:
        return sum(hi - lo for lo, hi in self.spans)

    def __iter__(self) -> Iterator[int]:
        for lo, hi in self.spans:
            yield from range(lo, hi)
