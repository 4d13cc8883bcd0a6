"""One article's word on one matter, found in one sentence."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Statement:
    """One article's word on one matter. `value`: a number, the name of a stage, a day, or the votes on both sides.

    `kind` is count, sum, measure, year, day, vote, status, or noun for what has no list of words; then `matter` is
    the word behind the number, and `unit` the language. `rough`: about or over, of a number; moved, of a day.
    `order`: where in the article, counted in sentences. `strangers`: names in the sentence that the article's
    beginning does not know: unless the story does, it is told of something else.
    """

    kind: str
    matter: str
    value: Decimal | str
    unit: str
    rough: str
    sentence: str
    order: int
    strangers: frozenset[str] = frozenset()


#: "about 100" and 106 are one; "more than 200" and 214 are.
_ABOUT, _OVER = Decimal("0.1"), Decimal("0.25")


def same(one: Statement, other: Statement) -> bool:
    """Whether two statements on one matter agree; a rough number agrees with exact ones near it."""
    if isinstance(one.value, str) or isinstance(other.value, str):
        return one.value == other.value
    if one.value == other.value:
        return True
    return _agrees(one.value, one.rough, other.value) or _agrees(other.value, other.rough, one.value)


def _agrees(rough: Decimal, how: str, exact: Decimal) -> bool:
    if how == "about":
        return abs(exact - rough) <= _ABOUT * max(exact, rough)
    return how == "over" and rough <= exact <= rough * (1 + _OVER)
