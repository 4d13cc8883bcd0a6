"""Sources that have been failing for days, articles that are held back, and when the operator hears of them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from digest.audience.address import address_key, normalise
from digest.model.publication import MANUAL, Failing, SourceState
from digest.pipeline.owed import Owed
from digest.settings import IngestSettings, Settings
from digest.store import articles, sources, variants
from digest.store.stories import Connection

_HELD = "held"  # beside the numbers of sources, in what is remembered


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
    """The operator's copy carries what fails and what is held back, once for each change of it; nobody else's does."""
    readers = list(due)
    if not settings.mail.operator or not settings.mail.operator_footer:
        return readers
    operator = address_key(normalise(settings.mail.operator))
    mine = [n for n, r in enumerate(readers) if address_key(r.subscription.subscriber.email) == operator]
    if not mine:
        return readers
    found = failing(connection, settings.ingest, now)
    for n in mine:
        subscription = readers[n].subscription
        last = variants.last_failing(connection, subscription.subscriber.id, subscription.id)
        held, mark = articles.held_since(connection, next((known for kind, known in last if kind == _HELD), 0))
        news = found.sources and _of_sources(found) != [each for each in last if each[0] != _HELD]
        if news or held:
            readers[n] = replace(readers[n], failing=replace(found, held=tuple(sorted(held.items())), mark=mark))
    return readers


def told(found: Failing) -> list[list[object]]:
    """What is remembered of having told it: a source that fails anew is another matter than the last time."""
    return [*_of_sources(found), *([[_HELD, found.mark]] if found.mark else [])]


def _of_sources(found: Failing) -> list[list[object]]:
    return [[number, since.isoformat()] for number, _, since in found.sources]
