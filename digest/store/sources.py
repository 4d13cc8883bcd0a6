"""Sources: row <-> noun, and what is due to be fetched."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digest.errors import AlreadyExists, NotFound
from digest.model.publication import Source, SourceState
from digest.store import tables as t
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class SourceHealth:
    """How fetching a source has been going."""

    added_at: datetime
    next_fetch: datetime | None
    last_fetch: datetime | None
    last_ok: datetime | None
    failures: int
    last_error: str
    failing_since: datetime | None = None
    interval: timedelta | None = None  # between fetches, as its news come
    note: str = ""  # what the operator might mend, though it is fetched


def add(connection: sa.Connection, source: Source, now: datetime) -> Source:
    if get_or_none(connection, source.name):
        raise AlreadyExists("source", source.name)
    values = {
        "name": source.name,
        "kind": source.kind,
        "state": source.state,
        "memory": {},
        "added_at": now,
        "next_fetch": now,
        "failures": 0,
        "last_error": "",
    }
    connection.execute(sa.insert(t.source).values(values | _settings(source)))
    return get(connection, source.name)


def ensure_manual(connection: sa.Connection, name: str, now: datetime) -> Source:
    """The source of that name, made as a manual one where there is none; a removed manual one comes back."""
    found = get_or_none(connection, name) or add(connection, Source(name, "manual"), now)
    if found.kind == "manual" and found.state is SourceState.REMOVED:
        set_state(connection, name, SourceState.ACTIVE)
    return found


def get_or_none(connection: sa.Connection, name: str) -> Source | None:
    row = connection.execute(sa.select(t.source).where(t.source.c.name == name)).mappings().first()
    return _source(row) if row else None


def get(connection: sa.Connection, name: str) -> Source:
    found = get_or_none(connection, name)
    if found is None:
        raise NotFound("source", name, [s.name for s, _ in listing(connection)])
    return found


def listing(connection: sa.Connection) -> list[tuple[Source, SourceHealth]]:
    rows = connection.execute(sa.select(t.source).order_by(t.source.c.name)).mappings()
    return [(_source(r), _health(r)) for r in rows]


def health(connection: sa.Connection, source_id: int) -> SourceHealth:
    return _health(connection.execute(sa.select(t.source).where(t.source.c.id == source_id)).mappings().one())


def memories(connection: sa.Connection, source_ids: Sequence[int]) -> dict[int, dict[str, str]]:
    """What each source wanted to be handed the next time."""
    found: dict[int, dict[str, str]] = {}
    for batch in chunks(source_ids, 500):
        query = sa.select(t.source.c.id, t.source.c.memory).where(t.source.c.id.in_(batch))
        found |= {source: dict(memory) for source, memory in connection.execute(query)}
    return found


def due(connection: sa.Connection, now: datetime, *, everything: bool = False) -> list[Source]:
    query = sa.select(t.source).where(t.source.c.state == SourceState.ACTIVE, t.source.c.kind != "manual")
    if not everything:
        query = query.where(sa.or_(t.source.c.next_fetch.is_(None), t.source.c.next_fetch <= now))
    return [_source(r) for r in connection.execute(query.order_by(t.source.c.next_fetch)).mappings()]


def fetched(
    connection: sa.Connection,
    source_id: int,
    *,
    now: datetime,
    next_fetch: datetime,
    memory: dict[str, str],
    interval: timedelta | None = None,
    location: str | None = None,
    note: str = "",
    gone: bool = False,
) -> None:
    values: dict[str, Any] = {
        "last_fetch": now, "last_ok": now, "next_fetch": next_fetch, "failures": 0, "last_error": "", "memory": memory,
        "failing_since": None, "note": note,
    }  # fmt: skip
    if interval is not None:
        values["interval_minutes"] = interval / timedelta(minutes=1)
    if location:
        values["location"] = location
    if gone:
        values |= {"state": SourceState.GONE, "last_error": "the server says this source is gone for good (410)"}
    connection.execute(sa.update(t.source).where(t.source.c.id == source_id).values(values))


def failed(connection: sa.Connection, source_id: int, *, now: datetime, next_fetch: datetime, error: str) -> None:
    connection.execute(
        sa.update(t.source)
        .where(t.source.c.id == source_id)
        .values(
            last_fetch=now,
            next_fetch=next_fetch,
            failures=t.source.c.failures + 1,
            last_error=error,
            failing_since=sa.func.coalesce(t.source.c.failing_since, now),
        )
    )


def postpone(connection: sa.Connection, source_ids: Sequence[int], until: datetime) -> None:
    """Not before then; what is due later stays so."""
    later = sa.or_(t.source.c.next_fetch.is_(None), t.source.c.next_fetch < until)
    for batch in chunks(source_ids, 500):
        connection.execute(sa.update(t.source).where(t.source.c.id.in_(batch), later).values(next_fetch=until))


def change(connection: sa.Connection, source: Source, memory: dict[str, str], due: datetime | None) -> None:
    """Keep the source as it is now; with `due` its next fetch is then, and what was noted of the last one is past."""
    values: dict[str, Any] = _settings(source) | {"state": source.state, "memory": memory}
    if due is not None:
        values |= {"next_fetch": due, "note": ""}
    connection.execute(sa.update(t.source).where(t.source.c.id == source.id).values(values))


def set_state(connection: sa.Connection, name: str, state: SourceState) -> None:
    source = get(connection, name)
    connection.execute(sa.update(t.source).where(t.source.c.id == source.id).values(state=state))


def remove(connection: sa.Connection, name: str) -> bool:
    """Delete a source that gave nothing; one that has articles is retired instead (False)."""
    source = get(connection, name)
    used = connection.execute(sa.select(t.article.c.id).where(t.article.c.source_id == source.id).limit(1)).first()
    if used:
        set_state(connection, name, SourceState.REMOVED)
        return False
    connection.execute(sa.delete(t.source).where(t.source.c.id == source.id))
    return True


def _settings(source: Source) -> dict[str, Any]:
    """What the operator says of it."""
    return {
        "location": source.location,
        "publisher": source.publisher,
        "language": source.language,
        "topics": list(source.topics),
        "login": source.login,
        "proxy": source.proxy,
        "full_text": source.full_text,
    }


def _source(row: Any) -> Source:
    return Source(
        name=row["name"],
        kind=row["kind"],
        location=row["location"],
        state=SourceState(row["state"]),
        publisher=row["publisher"],
        language=row["language"],
        topics=tuple(row["topics"]),
        login=row["login"],
        proxy=row["proxy"],
        full_text=row["full_text"],
        id=row["id"],
    )


def _health(row: Any) -> SourceHealth:
    minutes = row["interval_minutes"]
    return SourceHealth(
        row["added_at"], row["next_fetch"], row["last_fetch"], row["last_ok"], row["failures"], row["last_error"],
        row["failing_since"], timedelta(minutes=minutes) if minutes is not None else None, row["note"],
    )  # fmt: skip
