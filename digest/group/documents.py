"""An article, or several together, as a weighted vector in seven spaces; and what two of them share."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta

import numpy as np
import numpy.typing as npt

from digest.group.meanings import Meaning
from digest.model.dates import PartialDate, Precision

Floats = npt.NDArray[np.float64]
#: The arrays that are kept for every article are as small as they can be: 100,000 live articles fit in memory.
Ints = npt.NDArray[np.int32]
Counts = npt.NDArray[np.float16 | np.float32]
Weights = npt.NDArray[np.float32]
Spaces = npt.NDArray[np.int8]
Ties = npt.NDArray[np.uint32]

NAMES, NUMBERS, CONCEPTS, STEMS, ROOTS, SOUNDS, MOMENTS = range(7)
SPACES = 7
#: What articles in two languages can share.
FREE = (NAMES, NUMBERS, CONCEPTS, ROOTS, SOUNDS, MOMENTS)


@dataclass(frozen=True, slots=True)
class Span:
    """A date as the interval of days that it can mean."""

    lo: float
    hi: float

    @classmethod
    def of(cls, date: PartialDate) -> Span:
        start = date.start
        lo = start.toordinal() + start.hour / 24 + start.minute / 1440
        match date.precision:
            case Precision.YEAR:
                hi = start.replace(month=12, day=31).toordinal() + 1.0
            case Precision.MONTH:
                hi = float((start.replace(day=1) + timedelta(days=32)).replace(day=1).toordinal())
            case Precision.DAY:
                hi = lo + 1
            case _:
                hi = lo
        return cls(lo, hi)

    @property
    def middle(self) -> float:
        return (self.lo + self.hi) / 2

    def gap(self, other: Span) -> float:
        """Days between the two intervals; none where they overlap."""
        return max(0.0, self.lo - other.hi, other.lo - self.hi)


@dataclass(frozen=True, slots=True)
class Document:
    """Features as arrays, of one article or of several together; `space` says which kind each feature is of.

    `counts` are damped, 1 + log of how often each stands there; half precision is precise enough for an article's.
    `length` is the number of words, of several articles their mean. `began` is the day by which the first of them
    had appeared for certain: the end of its span. `meaning`: its vector, if a model is set and knows its words.
    `bare`: of one article, whether it is a title alone.
    """

    ids: Ints
    counts: Counts
    space: Spaces
    span: Span
    length: float
    began: float
    meaning: Meaning | None = None
    bare: bool = False


@dataclass(frozen=True, slots=True)
class Shared:
    """`cosines` of each space; `mass`: how rare what is shared is, summed; `both`: whether each side has any.

    `elsewhere`: 1 where both sides name places or bodies and share none, 0 where they share two or one side is silent.
    """

    cosines: Floats
    mass: Floats
    both: npt.NDArray[np.bool_]
    elsewhere: Floats

    def part(self, rows: slice) -> Shared:
        """Some of the rows."""
        return Shared(self.cosines[rows], self.mass[rows], self.both[rows], self.elsewhere[rows])
