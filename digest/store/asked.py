"""What a language model cost, and its answers: both outlive the process, so that a restart resets no limit."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.store import tables as t
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class Use:
    """What was spent. `cost` is in the operator's currency."""

    requests: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    cost: float = 0.0

    @property
    def tokens(self) -> int:
        return self.tokens_in + self.tokens_out


def spent(connection: sa.Connection, *, day: str = "", occasion: str = "") -> Use:
    """In a day, for an occasion, or both."""
    c = t.model_use.c
    sums = [sa.func.coalesce(sa.func.sum(x), 0) for x in (c.requests, c.tokens_in, c.tokens_out, c.cost)]
    where = ([c.day == day] if day else []) + ([c.occasion == occasion] if occasion else [])
    row = connection.execute(sa.select(*sums).where(*where)).one()
    return Use(int(row[0]), int(row[1]), int(row[2]), float(row[3]))


def book(connection: sa.Connection, day: str, occasion: str, use: Use) -> None:
    """Add to what was spent; a correction has negative numbers."""
    c = t.model_use.c
    done = connection.execute(
        sa.update(t.model_use)
        .where(c.day == day, c.occasion == occasion)
        .values(
            requests=c.requests + use.requests,
            tokens_in=c.tokens_in + use.tokens_in,
            tokens_out=c.tokens_out + use.tokens_out,
            cost=c.cost + use.cost,
        )
    )
    if not done.rowcount:
        values: dict[str, Any] = {"day": day, "occasion": occasion, "requests": use.requests, "cost": use.cost}
        values |= {"tokens_in": use.tokens_in, "tokens_out": use.tokens_out}
        connection.execute(sa.insert(t.model_use).values(values))


def uses(connection: sa.Connection, limit: int) -> list[tuple[str, str, Use]]:
    """(day, occasion, what was spent), the newest day first."""
    c = t.model_use.c
    query = sa.select(c.day, c.occasion, c.requests, c.tokens_in, c.tokens_out, c.cost)
    rows = connection.execute(query.order_by(c.day.desc(), c.occasion).limit(limit))
    return [(row[0], row[1], Use(*row[2:])) for row in rows]


def answers(connection: sa.Connection, keys: Iterable[str]) -> dict[str, str]:
    c = t.model_answer.c
    found: dict[str, str] = {}
    for batch in chunks(sorted(set(keys)), 500):
        found |= {k: text for k, text in connection.execute(sa.select(c.key, c.text).where(c.key.in_(batch)))}
    return found


def remember(connection: sa.Connection, key: str, text: str, now: datetime) -> None:
    """Keep an answer, in the place of an earlier one."""
    connection.execute(sa.delete(t.model_answer).where(t.model_answer.c.key == key))
    connection.execute(sa.insert(t.model_answer).values(key=key, text=text, at=now))
