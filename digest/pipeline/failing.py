"""Sources that have been failing for days, and when the operator hears of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from digest.audience.address import address_key, normalise
from digest.model.publication import MANUAL, Failing, SourceState
from digest.pipeline.owed import Owed
from digest.settings import IngestSettings, Settings
from digest.store import sources, variants
from digest.store.stories import Connection


def failing(connection: Connection, settings: IngestSettings, now: datetime) -> Failing:
    """The sources that have been failing for longer than a blip."""
    fetched = [
        (source, health)
        for source, health in sources.listing(connection)
        if source.state is SourceState.ACTIVE and source.kind != MANUAL
    ]
    latest = now - timedelta(days=settings.failing_days)
    found = [(s.id, s.name, h.failing_since) for s, h in fetched if h.failing_since and h.failing_since <= latest]
    return Failing(tuple(sorted(found)), len(fetched))


def tell_operator(connection: Connection, settings: Settings, due: Iterable[Owed], now: datetime) -> list[Owed]:
    """The operator's copy carries what fails, once for each change of it; nobody else's does."""
    readers = list(due)
    if not settings.mail.operator:
        return readers
    operator = address_key(normalise(settings.mail.operator))
    mine = [n for n, r in enumerate(readers) if address_key(r.subscription.subscriber.email) == operator]
    if not mine:
        return readers
    found = failing(connection, settings.ingest, now)
    for n in mine if found.sources else ():
        subscription = readers[n].subscription
        if told(found) != variants.last_failing(connection, subscription.subscriber.id, subscription.id):
            readers[n] = replace(readers[n], failing=found)
    return readers


def told(found: Failing) -> list[list[object]]:
    """What is remembered of having told it: a source that fails anew is another matter than the last time."""
    return [[number, since.isoformat()] for number, _, since in found.sources]
