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


@dataclass(frozen=True, slots=True)
class OnRecord:
    """A source as the store has it, how it has been going, and what it wanted to be handed the next time."""

    source: Source
    health: SourceHealth
    memory: dict[str, str]


@dataclass(frozen=True, slots=True)
class Fetch:
    """A fetch that went well: the source as it is from now on, and when it is looked at again."""

    source: Source
    next_fetch: datetime
    memory: dict[str, str]
    interval: timedelta | None
    note: str = ""
    gone: bool = False


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


def on_record(connection: sa.Connection, source_ids: Sequence[int]) -> dict[int, OnRecord]:
    """Each source as it is now, by id; without those that are not there any more."""
    found: dict[int, OnRecord] = {}
    for batch in chunks(source_ids, 500):
        # One by one they are asked for by the hundred: a list to look in would be written into the statement each time.
        which = t.source.c.id == batch[0] if len(batch) == 1 else t.source.c.id.in_(batch)
        for row in connection.execute(sa.select(t.source).where(which)).mappings():
            found[row["id"]] = OnRecord(_source(row), _health(row), dict(row["memory"]))
    return found


def due(connection: sa.Connection, now: datetime, *, everything: bool = False) -> list[Source]:
    query = sa.select(t.source).where(t.source.c.state == SourceState.ACTIVE, t.source.c.kind != "manual")
    if not everything:
        query = query.where(sa.or_(t.source.c.next_fetch.is_(None), t.source.c.next_fetch <= now))
    return [_source(r) for r in connection.execute(query.order_by(t.source.c.next_fetch)).mappings()]


def fetched(connection: sa.Connection, fetches: Sequence[Fetch], now: datetime) -> None:
    """Put fetches on record that went well."""
    if not fetches:
        return
    rows = [
        {
            "_id": fetch.source.id,
            "_next": fetch.next_fetch,
            "_memory": fetch.memory,
            "_minutes": fetch.interval / timedelta(minutes=1) if fetch.interval is not None else None,
            "_location": fetch.source.location,
            "_note": fetch.note,
            "_state": fetch.source.state,
            "_error": "the server says this source is gone for good (410)" if fetch.gone else "",
        }
        for fetch in fetches
    ]
    connection.execute(_FETCHED, [row | {"_now": now} for row in rows])


_FETCHED = (
    sa.update(t.source)
    .where(t.source.c.id == sa.bindparam("_id"))
    .values(
        last_fetch=sa.bindparam("_now"),
        last_ok=sa.bindparam("_now"),
        next_fetch=sa.bindparam("_next"),
        memory=sa.bindparam("_memory"),
        interval_minutes=sa.bindparam("_minutes"),
        location=sa.bindparam("_location"),
        note=sa.bindparam("_note"),
        state=sa.bindparam("_state"),
        last_error=sa.bindparam("_error"),
        failures=0,
        failing_since=None,
    )
)


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
