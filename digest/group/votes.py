"""How an article's nearest neighbours are spread over stories."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np

from digest.group.documents import Floats

#: So many of the nearest articles vote for their stories (k nearest neighbours; Fix and Hodges 1951).
_VOTERS = 12
#: As if so much had been voted for no story at all: a few distant neighbours agree on nothing.
_NOBODY = 3.0


@dataclass(slots=True)
class Votes:
    """Fed with the neighbours, the nearest first."""

    _best: dict[int, float] = field(default_factory=dict)
    _share: dict[int, float] = field(default_factory=dict)
    _seen: int = 0

    def add(self, story: int, shared: float) -> None:
        """The next nearest article stands in this story; `shared`: which part of the weight, 0 to 1."""
        self._best.setdefault(story, shared)
        if self._seen < _VOTERS:
            self._share[story] = self._share.get(story, 0.0) + shared
        self._seen += 1

    @property
    def full(self) -> bool:
        """Whether all have voted that may."""
        return self._seen >= _VOTERS

    def of(self, stories: Sequence[int]) -> Floats:
        """One row per story: what its nearest article shares, and its share of the votes; each 0 to 1."""
        whole = _NOBODY + sum(self._share.values())
        rows = [(self._best.get(s, 0.0), self._share.get(s, 0.0) / whole) for s in stories]
        return np.array(rows, dtype=np.float64).reshape(-1, 2)
