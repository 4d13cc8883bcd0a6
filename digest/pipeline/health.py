"""How sources fare: when each is fetched next, and whether it moves."""

from __future__ import annotations

import shlex
from dataclasses import replace
from datetime import datetime, timedelta

from digest.errors import DigestError, FetchError, NotNow
from digest.ingest import rhythm
from digest.ingest.fetch_connect import target
from digest.ingest.hosts import Hosts, host_of
from digest.ingest.kinds.base import Batch
from digest.model.publication import Source, SourceState
from digest.pipeline.services import Services
from digest.settings import IngestSettings
from digest.store import sources
from digest.store.sources import Fetch, OnRecord
from digest.store.stories import Connection

_BUSY = {429, 503}


def hosts(services: Services) -> Hosts:
    """Whose turns every request of this process waits for."""
    settings = services.settings.ingest
    made = Hosts(settings.host_connections, settings.host_seconds)
    found: Hosts = services.memory.setdefault("hosts", made)
    return found


def succeeded(
    connection: Connection,
    settings: IngestSettings,
    before: OnRecord,
    source: Source,
    batch: Batch,
    *,
    now: datetime,
    polled: bool,
    news: bool,
    again: bool = False,
) -> Fetch:
    """What is to be put on record of a fetch. `before`: what the store has of the source, `source`: as it was fetched.

    `news`: it brought something. `again`: what came is wanted once more.
    """
    limits, health = _limits(settings), before.health
    interval = health.interval
    if polled:
        found = rhythm.after_success(
            source.name,
            now,
            limits,
            interval=health.interval,
            since=now - health.last_fetch if health.last_fetch else None,
            news=news,
            hint=batch.hint,
            not_before=batch.retry_after,
        )
        due, interval = found.at, found.interval
    else:  # the operator's own folder: looked at as often as the settings say
        due = max(now + limits.floor, batch.retry_after or now)
    if _set_meanwhile(before.source, source):  # then it was read as it no longer is
        return Fetch(before.source, now, before.memory, interval)
    location, note = _moved(connection, source, batch.location)
    memory = dict(batch.memory)
    if batch.location and not location and "location" in memory:
        memory["location"] = source.location  # its validators came by the old address, and go by it again
    after = replace(before.source, location=location or source.location)
    if batch.gone:
        after = replace(after, state=SourceState.GONE)
    return Fetch(after, due, {} if again else memory, interval, note, batch.gone)


def _set_meanwhile(now: Source, source: Source) -> bool:
    """Whether the operator changed how it is fetched while it was."""
    return (now.location, now.login, now.proxy, now.full_text) != (
        source.location,
        source.login,
        source.proxy,
        source.full_text,
    )


def _moved(connection: Connection, source: Source, to: str | None) -> tuple[str | None, str]:
    """Where the source is from now on, if that is elsewhere; or why it stays, in words for the operator."""
    if not to or to == source.location:
        return None, ""
    if source.login and target(to).origin != target(source.location).origin:
        return None, f"has moved to {to}, where its login is not sent: if you trust it there: {_move(source, to)}"
    for other, _ in sources.listing(connection):
        if other.id != source.id and (other.kind, other.location) == (source.kind, to):
            if other.state is not SourceState.REMOVED:
                return None, f"has moved to the address of source {other.name!r}: remove one of the two"
            break
    return to, ""


def _move(source: Source, to: str) -> str:
    name, place, login = map(shlex.quote, (source.name, to, source.login))
    return f"digest source edit {name} --location {place} --login {login}"


def failed(
    connection: Connection,
    settings: IngestSettings,
    before: OnRecord,
    source: Source,
    error: DigestError,
    now: datetime,
) -> None:
    """Put a failure on record. What the server said of its patience holds for all sources of the host."""
    if _set_meanwhile(before.source, source):
        return
    until = error.retry_after if isinstance(error, FetchError) else None
    again = rhythm.after_failure(source.name, now, _limits(settings), failures=before.health.failures, not_before=until)
    sources.failed(connection, source.id, now=now, next_fetch=again, error=str(error))
    host = host_of(source.location)
    if until and host and isinstance(error, FetchError) and error.status in _BUSY:
        near = [other.id for other, _ in sources.listing(connection) if host_of(other.location) == host]
        sources.postpone(connection, near, until)


def postponed(connection: Connection, source: Source, error: NotNow, now: datetime) -> None:
    """Its host was not to be asked: no failure of the source, which is due again when the host is."""
    sources.postpone(connection, [source.id], now + timedelta(seconds=max(error.seconds, 1)))


def _limits(settings: IngestSettings) -> rhythm.Limits:
    floor = timedelta(minutes=settings.fetch_minutes)
    return rhythm.Limits(floor, max(floor, timedelta(minutes=settings.quiet_minutes)))
