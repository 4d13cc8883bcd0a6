"""Numbers that only ever grow, handed out inside the transaction that uses them."""

from __future__ import annotations

import sqlalchemy as sa

from digest.store import tables as t

SEQUENCE = "sequence"  # of article revisions
STORY = "story"
STORYLINE = "storyline"
CORRECTED = "corrected"  # how often the operator corrected the grouping, or took a correction back
REMOVED = "removed"  # how often articles were taken down
MERGED = "merged"  # the sequence number up to which stories were looked at for merging

PRUNED = "pruned"  # the day, by its ordinal, on which all that was too old had been deleted

REFUSED = "refused"  # the event of a delivery up to which refusals were counted as bounces


def last(connection: sa.Connection, name: str) -> int:
    """The last number handed out, 0 before the first."""
    found = connection.execute(sa.select(t.counter.c.value).where(t.counter.c.name == name)).scalar()
    return found or 0


def advance(connection: sa.Connection, name: str, value: int) -> None:
    done = connection.execute(sa.update(t.counter).where(t.counter.c.name == name).values(value=value))
    if not done.rowcount:
        connection.execute(sa.insert(t.counter).values(name=name, value=value))
