"""Articles in: by hand from files, or fetched from sources. One transaction for each batch or source."""

from __future__ import annotations

import itertools
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from digest.errors import BadInput, DigestError, Unexpected
from digest.ingest.decide import Arrival, Change, Known, Limits, decide, standing
from digest.ingest.kinds.base import Batch, FetchOptions, SourceKind
from digest.ingest.normalise import normalise
from digest.ingest.plain import one_line
from digest.model.article import Article, RawArticle, Standing
from digest.model.publication import MANUAL, Source
from digest.pipeline.faults import unexpected
from digest.pipeline.repeated import Repeats, name_of
from digest.pipeline.services import Services
from digest.store import arrivals, articles, leader, sources
from digest.store.arrivals import KnownArticle
from digest.store.stories import Connection

BATCH = 500
_LONGEST_NAME = 100  # of a source, as the store keeps it
_LONGEST_WAIT = timedelta(days=1)


@dataclass
class IngestReport:
    """Counts as scripts read them, and one line for each thing that failed."""

    new: int = 0
    updated: int = 0
    known: int = 0
    held: int = 0
    failed: int = 0
    errors: list[DigestError] = field(default_factory=list)
    elsewhere: Counter[str] = field(default_factory=Counter)  # source -> new texts that it had already

    def fail(self, error: DigestError) -> None:
        self.failed += 1
        self.errors.append(error)

    def add(self, other: IngestReport) -> None:
        for name in ("new", "updated", "known", "held", "failed"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.errors += other.errors
        self.elsewhere += other.elsewhere


def ingest(services: Services, found: Iterable[RawArticle | BadInput], *, source: str = "") -> IngestReport:
    """Take articles in by hand: all of them are news. Each goes to `source`, else to the one it names itself."""
    report = IngestReport()
    stream = iter(found)
    done = 0
    while batch := list(itertools.islice(stream, BATCH)):
        _ingest_batch(services, batch, source, report)
        done += len(batch)
        services.progress("reading articles", done, 0)
    services.progress("reading articles", done, done)
    return report


def _ingest_batch(
    services: Services, batch: Sequence[RawArticle | BadInput], source: str, report: IngestReport
) -> None:
    now = services.clock()
    _store_by_hand(services, list(_normalised(services, batch, source, "", now, report)), now, report)


def _store_by_hand(services: Services, batch: Sequence[Article], now: datetime, report: IngestReport) -> None:
    """One transaction. A batch that has a fault is halved, until the article that it is due to stands alone."""
    by_source: dict[str, list[Article]] = {}
    for article in batch:
        by_source.setdefault(article.source, []).append(article)
    found = IngestReport()
    try:
        with services.database.write() as connection:
            for name, mine in by_source.items():
                target = sources.ensure_manual(connection, name, now)
                repeats = _repeats(services, connection, target)
                _store(connection, target, mine, repeats, found, now, polled=False, first_fetch=False, limits=Limits())
    except DigestError:
        raise
    except Exception as error:  # noqa: BLE001 - whatever it is, the other articles go through
        if len(batch) == 1:
            report.fail(unexpected(services, error, f"article {batch[0].external_id or batch[0].title!r}"))
            return
        middle = len(batch) // 2
        for half in (batch[:middle], batch[middle:]):
            _store_by_hand(services, half, now, report)
        return
    report.add(found)


def _repeats(services: Services, connection: Connection, source: Source) -> Repeats:
    settings = services.settings.ingest
    return Repeats(connection, source.id, settings.languages, settings.repeated)


def _normalised(
    services: Services,
    batch: Iterable[RawArticle | BadInput],
    source: str,
    publisher: str,
    now: datetime,
    report: IngestReport,
) -> Iterator[Article]:
    languages = tuple(services.settings.ingest.languages)
    for raw in batch:
        if isinstance(raw, BadInput):
            report.fail(raw)
            continue
        try:
            name = source or one_line(raw.publisher or "")[:_LONGEST_NAME] or MANUAL
            yield normalise(raw, source=name, publisher=publisher, now=now, languages=languages)
        except BadInput as error:
            report.fail(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the other articles go through
            report.fail(unexpected(services, error, raw.origin))


def _store(
    connection: Connection,
    source: Source,
    batch: Sequence[Article],
    repeats: Repeats,
    report: IngestReport,
    now: datetime,
    *,
    polled: bool,
    first_fetch: bool,
    limits: Limits,
) -> None:
    by_identity, hashes = arrivals.known(connection, source.id, batch)
    ids = {identity: known.id for identity, known in by_identity.items()}
    batch = repeats.clean(batch, ids)
    found: list[Arrival] = []
    again: list[Article] = []
    seen: dict[str, str] = {}
    for article in batch:
        known = by_identity.get(article.identity)
        name = article.identity or article.content_hash
        if name in seen:
            # Twice in one batch. A feed lists the newest first; what is given by hand, the update last.
            if polled or seen[name] == article.content_hash:
                report.known += 1
            else:
                again.append(article)
            continue
        seen[name] = article.content_hash
        change = _change(article, known, article.content_hash in hashes, polled)
        if change is Change.UPDATED and _tells_the_same(connection, article, known, repeats):
            change = Change.KNOWN
        if change is Change.KNOWN or _is_an_older_one(article, known, polled):
            report.known += 1
            continue
        hashes.add(article.content_hash)
        found.append(Arrival(article, change, known.standing if known else None))
    if not polled:  # feeds of several papers may well carry the same agency copy
        fresh = [arrival.article for arrival in found if arrival.change is Change.NEW]
        report.elsewhere += arrivals.elsewhere(connection, source.id, fresh)
    standings = standing(found, polled=polled, first_fetch=first_fetch, now=now, limits=limits)
    arrived = [
        (by_identity.get(arrival.article.identity), replace(arrival.article, standing=stands))
        for arrival, stands in zip(found, standings, strict=True)
    ]
    written = arrivals.write(connection, source.id, arrived, now)
    ids |= {name_of(article): i for (known, article), i in zip(arrived, written, strict=True) if known is None}
    for arrival, stands in zip(found, standings, strict=True):
        _count(report, arrival.change, stands)
    repeats.remember(ids, now)
    if again:
        _store(connection, source, again, repeats, report, now, polled=polled, first_fetch=first_fetch, limits=limits)


def _tells_the_same(connection: Connection, article: Article, known: KnownArticle | None, repeats: Repeats) -> bool:
    """A site that changes its footer has not changed its articles."""
    stored = articles.with_text(connection, [known.id]).get(known.id) if known else None
    return stored is not None and repeats.same_text(article, stored)


def _is_an_older_one(article: Article, known: KnownArticle | None, polled: bool) -> bool:
    """By hand the same files are given again and again: what an article said before is no news of it."""
    return not polled and known is not None and article.content_hash in known.earlier


def _change(article: Article, known: KnownArticle | None, same_hash: bool, polled: bool) -> Change:
    before = Known(known.key, known.content_hash, known.standing) if known else None
    return decide(article, before, same_hash_in_source=same_hash, polled=polled).change


def _count(report: IngestReport, change: Change, stands: Standing) -> None:
    if stands is Standing.QUARANTINED:
        report.held += 1
    elif change is Change.NEW:
        report.new += 1
    else:
        report.updated += 1


@dataclass
class FetchReport:
    """What one round of fetching did."""

    fetched: int = 0
    unchanged: int = 0
    failed: dict[str, DigestError] = field(default_factory=dict)
    articles: IngestReport = field(default_factory=IngestReport)


def fetch(services: Services, *, names: Sequence[str] = (), everything: bool = False) -> FetchReport:
    """Read every source that is due, or those named. One that fails does not hurt the others."""
    report = FetchReport()
    with leader.lead(services.database, services.home.folder, "fetch", services.clock(), wait_seconds=60):
        with services.database.read() as connection:
            due = sources.due(connection, services.clock(), everything=everything or bool(names))
            wanted = [sources.get(connection, name) for name in names] or due
        for done, source in enumerate(wanted, 1):
            _fetch_one(services, source, report)
            services.progress("fetching sources", done, len(wanted))
    return report


def _fetch_one(services: Services, source: Source, report: FetchReport) -> None:
    now = services.clock()
    try:
        kind = services.load_source_kind(source.kind)
        with services.database.read() as connection:
            memory = sources.memory(connection, source.id)
        batch: Batch = kind.read(source, memory, now=now, options=_options(services))
    except DigestError as error:
        _failed(services, source, report, error)
        return
    except Exception as error:  # noqa: BLE001 - whatever it is, the other sources are read
        _failed(services, source, report, unexpected(services, error, f"source {source.name}"))
        return
    try:
        _take_in(services, source, kind, batch, report)
    except DigestError:
        raise
    except Exception as error:  # noqa: BLE001 - as above
        _failed(services, source, report, unexpected(services, error, f"source {source.name}"))


def _failed(services: Services, source: Source, report: FetchReport, error: DigestError) -> None:
    now = services.clock()
    report.failed[source.name] = error
    with services.database.write() as connection:
        if sources.get_or_none(connection, source.name) is None:
            return
        again = now + _after_failure(services, connection, source)
        sources.failed(connection, source.id, now=now, next_fetch=again, error=str(error))


def _take_in(services: Services, source: Source, kind: SourceKind, batch: Batch, report: FetchReport) -> None:
    """What was read, and what the source wants to remember of it, in one transaction."""
    now = services.clock()
    found = IngestReport()
    taken = list(_normalised(services, batch.articles, source.name, source.publisher, now, found))
    # What failed for a fault of ours is wanted again, so the source must not say that nothing has changed.
    again = any(isinstance(error, Unexpected) for error in found.errors)
    settings = services.settings.ingest
    limits = Limits(settings.first_news, settings.flood, settings.old_days)
    with services.database.write() as connection:
        if sources.get_or_none(connection, source.name) is not None:  # else it was removed while it was read
            first = sources.health(connection, source.id).last_ok is None
            repeats = _repeats(services, connection, source)
            _store(connection, source, taken, repeats, found, now, polled=kind.polled, first_fetch=first, limits=limits)
            soonest = now + timedelta(minutes=settings.fetch_minutes)
            sources.fetched(
                connection,
                source.id,
                now=now,
                next_fetch=max(soonest, batch.retry_after or soonest),
                memory={} if again else batch.memory,
                location=batch.location,
                gone=batch.gone,
            )
    report.fetched += 1
    report.unchanged += batch.unchanged
    report.articles.add(found)


def _after_failure(services: Services, connection: Connection, source: Source) -> timedelta:
    """Twice as long after each failure, up to a day."""
    failures = min(sources.health(connection, source.id).failures, 10)
    wait = timedelta(minutes=services.settings.ingest.fetch_minutes * 2.0**failures)
    return min(wait, _LONGEST_WAIT)


def _options(services: Services) -> FetchOptions:
    settings = services.settings.ingest
    return FetchOptions(
        timeout=settings.timeout_seconds,
        max_bytes=settings.max_megabytes * 1_000_000,
        allow_private=settings.allow_private,
        user_agent=settings.user_agent,
    )
