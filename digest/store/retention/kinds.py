"""What every kind of record that is kept for a time has in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple, Protocol

import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Amount:
    """`bytes`: of texts and of what else a row is made of, without the indexes."""

    rows: int = 0
    bytes: int = 0

    def __add__(self, other: Amount) -> Amount:
        return Amount(self.rows + other.rows, self.bytes + other.bytes)


class Found(NamedTuple):
    """What may go, of a stretch of the table that was looked at; `after`: where it ended, None at the end of all."""

    names: Sequence[Any]
    after: Any = None


@dataclass(frozen=True, slots=True)
class Old:
    """What was there `before` an instant, seen from `now`."""

    before: datetime
    now: datetime


class Kind(Protocol):
    """Records that go when they are old enough. What is found without a lock is looked at again before it goes."""

    def found(self, connection: sa.Connection, after: Any, most: int) -> Found:
        """The next ones; `after` is None at the beginning."""

    def measure(self, connection: sa.Connection, names: Sequence[Any]) -> Amount:
        """What they come to."""

    def delete(self, connection: sa.Connection, names: Sequence[Any]) -> Amount:
        """In one transaction of the caller's; what went."""


def stretch(connection: sa.Connection, column: sa.Column[int], after: int | None, most: int) -> tuple[int, int | None]:
    """The next rows by their ids, as (lower bound without itself, upper bound with itself); no upper bound: no rows."""
    lower = after or 0
    near = sa.select(column).where(column > lower).order_by(column).limit(most).subquery()
    return lower, connection.execute(sa.select(sa.func.max(near.c[column.name]))).scalar()


def length(*columns: sa.ColumnElement[Any]) -> sa.ColumnElement[int]:
    """Bytes of texts, nearly: characters of them as they are stored."""
    total: sa.ColumnElement[int] = sa.literal(0)
    for column in columns:
        total = total + sa.func.coalesce(sa.func.length(sa.type_coerce(column, sa.Text)), 0)
    return total


def counted(row: Any) -> Amount:
    """Of a row with a number and a sum, which is none where there is nothing."""
    return Amount(int(row[0] or 0), int(row[1] or 0))
