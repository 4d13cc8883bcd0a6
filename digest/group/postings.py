"""The inverted index: for each feature the articles that have it, by date."""

from __future__ import annotations

from array import array
from bisect import bisect_left, insort
from collections.abc import Iterable, Sequence


class Postings:
    """Feature numbers go from 0 upwards. The order within a feature is by day, then by article."""

    def __init__(self) -> None:
        # Most features stand in a single article: those take no list.
        self._held: list[array[int] | int | None] = []
        self._day: dict[int, float] = {}

    def __len__(self) -> int:
        return len(self._held)

    def new(self) -> int:
        """The number of a feature that was not seen before."""
        self._held.append(None)
        return len(self._held) - 1

    def add(self, article: int, day: float, features: Iterable[int]) -> None:
        days, held = self._day, self._held
        days[article] = day
        for feature in features:
            there = held[feature]
            if there is None:
                held[feature] = article
                continue
            if isinstance(there, int):
                there = held[feature] = array("I", (there,))
            # Most articles come in the order of their dates.
            last = there[-1]
            if days[last] < day or (days[last] == day and last < article):
                there.append(article)
            else:
                insort(there, article, key=self._place)

    def remove(self, article: int, features: Iterable[int]) -> None:
        for feature in features:
            there = self._held[feature]
            if isinstance(there, array):
                del there[bisect_left(there, self._place(article), key=self._place)]
            if isinstance(there, int) or not there:
                self._held[feature] = None
        del self._day[article]

    def of(self, feature: int) -> Sequence[int]:
        there = self._held[feature]
        if there is None:
            return ()
        return (there,) if isinstance(there, int) else there

    def around(self, feature: int, day: float, most: int) -> Sequence[int]:
        """The articles whose dates are nearest to the day, as many before as after it where there are enough."""
        there = self.of(feature)
        if len(there) <= most:
            return there
        at = bisect_left(there, (day, 0), key=self._place)
        lo = min(max(0, at - most // 2), len(there) - most)
        return there[lo : lo + most]

    def _place(self, article: int) -> tuple[float, int]:
        return self._day[article], article
