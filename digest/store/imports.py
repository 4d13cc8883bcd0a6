"""People who come in by files: what is known of them, many new rows at once, and how far a file has been read."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.cause import Cause
from digest.model.subscription import Subscriber, Subscription
from digest.store import bulk, subscribers
from digest.store import tables as t
from digest.store.changes import Step
from digest.store.chunks import chunks

_R = t.import_run.c


@dataclass(frozen=True, slots=True)
class Run:
    """An import: `line` lines of it are done. `ended_at` is None while it goes on, or was interrupted."""

    id: int
    line: int
    added: int
    known: int
    failed: int
    ended_at: datetime | None


def people(connection: sa.Connection, keys: Sequence[str]) -> dict[str, Subscriber]:
    """By the key of their address."""
    found: dict[str, Subscriber] = {}
    for batch in chunks(keys, 500):
        query = sa.select(t.subscriber).where(t.subscriber.c.email_key.in_(batch))
        found |= {row["email_key"]: subscribers.person(row) for row in connection.execute(query).mappings()}
    return found


def add_people(connection: sa.Connection, people: Sequence[tuple[Subscriber, str]], now: datetime) -> Sequence[int]:
    """New subscribers, with the keys of their addresses; their ids."""
    ids = bulk.ids(connection, t.subscriber, len(people))
    rows = [
        {
            "id": i,
            "email": person.email,
            "email_key": key,
            "name": person.name,
            "address_state": str(person.address_state),
            "address_reason": person.address_reason,
            "created_at": now,
        }
        for i, (person, key) in zip(ids, people, strict=True)
    ]
    bulk.insert(connection, t.subscriber, rows)
    return ids


def add_subscriptions(
    connection: sa.Connection, wanted: Sequence[tuple[Subscription, Cause, int]], now: datetime
) -> Sequence[int]:
    """New subscriptions, each with its cause and the first number that its reader may be owed; their ids."""
    ids = bulk.ids(connection, t.subscription, len(wanted))
    rows = [
        {
            "id": i,
            "subscriber_id": s.subscriber.id,
            "publication_id": s.publication_id,
            "cadence": s.cadence,
            "language": s.language,
            "zone": s.zone,
            "topics": list(s.topics),
            "state": str(s.state),
            "reason": cause.reason,
            "changed_at": now,
            "activated_at": s.activated_at,
            "paused_until": s.paused_until,
            "settled_below": first,
        }
        for i, (s, cause, first) in zip(ids, wanted, strict=True)
    ]
    bulk.insert(connection, t.subscription, rows)
    record(connection, [(i, Step("subscribe", "", s.state), c) for i, (s, c, _) in zip(ids, wanted, strict=True)], now)
    return ids


def record(connection: sa.Connection, changed: Iterable[tuple[int, Step, Cause]], now: datetime) -> None:
    """Changes of subscriptions that have no text of consent, many at once."""
    rows = [
        {
            "subscription_id": i,
            "at": now,
            "action": step.action,
            "before": str(step.before),
            "after": str(step.after),
            "reason": cause.reason,
            "by": str(cause.by),
            "via": str(cause.via),
            "origin": cause.origin,
            "basis": cause.basis,
        }
        for i, step, cause in changed
    ]
    bulk.insert(connection, t.subscription_event, rows)


def waive_before(connection: sa.Connection, firsts: Iterable[tuple[int, int]], reason: str, now: datetime) -> None:
    """What came before the first number of each of these subscriptions."""
    rows: list[dict[str, Any]] = [
        {"subscription_id": i, "topic": "", "lo": 1, "hi": first, "reason": reason, "at": now}
        for i, first in firsts
        if first > 1
    ]
    bulk.insert(connection, t.waiver, rows)


def begin(connection: sa.Connection, key: str, origin: str, now: datetime, *, again: bool) -> Run:
    """The run of this file; one that was interrupted, or a new one. `again`: a new one in any case."""
    found = connection.execute(
        sa.select(_R.id, _R.line, _R.added, _R.known, _R.failed, _R.ended_at).where(_R.key == key)
    ).first()
    if found is not None and found.ended_at is None and not again:
        return Run(*found)
    values = {"origin": origin, "line": 0, "added": 0, "known": 0, "failed": 0, "begun_at": now, "ended_at": None}
    if found is not None:
        connection.execute(sa.update(t.import_run).where(_R.id == found.id).values(values))
        return Run(found.id, 0, 0, 0, 0, None)
    made = connection.execute(sa.insert(t.import_run).values(key=key, **values)).inserted_primary_key
    assert made is not None
    return Run(made[0], 0, 0, 0, 0, None)


def advance(connection: sa.Connection, run_id: int, *, line: int, added: int, known: int, failed: int) -> None:
    """In the transaction that does these lines: they are done if it is."""
    values = {"line": line, "added": added, "known": known, "failed": failed}
    connection.execute(sa.update(t.import_run).where(_R.id == run_id).values(values))


def end(connection: sa.Connection, run_id: int, now: datetime) -> None:
    connection.execute(sa.update(t.import_run).where(_R.id == run_id).values(ended_at=now))
