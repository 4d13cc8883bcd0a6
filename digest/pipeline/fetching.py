"""Articles in from sources: those that are due are read side by side, and each is written down in one transaction."""

from __future__ import annotations

import contextlib
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import partial
from itertools import islice
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, Self, TypeVar

from digest.errors import DigestError, NotNow, Unexpected
from digest.ingest.decide import Limits
from digest.ingest.fetch import introduction
from digest.ingest.fetch_connect import check_proxy
from digest.ingest.hosts import host_of, spread
from digest.ingest.kinds import web
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.article import Article
from digest.model.publication import Source
from digest.pipeline import health
from digest.pipeline.faults import unexpected
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.services import Services
from digest.store import leader, sources
from digest.store.sources import Fetch, OnRecord
from digest.store.stories import Connection

if TYPE_CHECKING:
    from digest.pipeline.reading import Readers

#: So many sources for each thread are read before what they gave is written down.
_AHEAD = 2
#: So many sources without news are written down together.
_QUIET = 200
_OF_PAGES = {"page", "sitemap"}

Memory = dict[str, str]
T = TypeVar("T")


@dataclass
class FetchReport:
    """What one round of fetching did."""

    fetched: int = 0
    unchanged: int = 0
    failed: dict[str, DigestError] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)  # what did not go as wished, and cost nothing
    articles: IngestReport = field(default_factory=IngestReport)


@dataclass(frozen=True, slots=True)
class _Reading:
    """What reading a source gave, its articles normalised; or why it gave nothing."""

    source: Source
    polled: bool = False
    batch: Batch = field(default_factory=Batch)
    articles: Sequence[Article] = ()
    notes: Sequence[str] = ()
    left: int = 0  # pages that are to be asked for the next time
    faults: IngestReport = field(default_factory=IngestReport)
    error: DigestError | None = None


def fetch(services: Services, *, names: Sequence[str] = (), everything: bool = False) -> FetchReport:
    """Read every source that is due, or those named. One that fails does not hurt the others."""
    report = FetchReport()
    with leader.lead(services.database, services.home.folder, "fetch", services.clock(), wait_seconds=60):
        with services.database.read() as connection:
            due = sources.due(connection, services.clock(), everything=everything or bool(names))
            wanted = [sources.get(connection, name) for name in names] or due
            wanted = spread((host_of(source.location), source) for source in wanted)
            known = sources.on_record(connection, [source.id for source in wanted])
        settle, threads = _Settling(services, report), services.settings.ingest.fetch_threads
        pages = any(source.full_text or source.kind in _OF_PAGES for source in wanted)
        with _Readers(services, pages=pages) as readers:
            given = [(source, known[source.id].memory) for source in wanted]
            for done, reading in enumerate(_side_by_side(partial(_read, services, readers), given, threads), 1):
                settle.take(reading)
                services.progress("fetching sources", done, len(wanted))
        settle.finish()
    return report


def _side_by_side(
    read: Callable[[Source, Memory], _Reading], wanted: Sequence[tuple[Source, Memory]], threads: int
) -> Iterator[_Reading]:
    """Each as soon as it is there. No more are read ahead than can be written down soon: what is read is held."""
    rest, ready = iter(wanted), SimpleQueue[Future[_Reading]]()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="fetch")

    def start(most: int) -> int:
        given = list(islice(rest, most))
        for one in given:
            pool.submit(read, *one).add_done_callback(ready.put)
        return len(given)

    try:
        under_way = start(_AHEAD * threads)
        while under_way:
            yield ready.get().result()
            under_way += start(1) - 1
    finally:  # where the writing failed, nobody waits for what is still being read
        pool.shutdown(wait=False, cancel_futures=True)


def _read(services: Services, readers: _Readers, source: Source, memory: Memory) -> _Reading:
    """In a thread of its own: nothing is written here."""
    now = services.clock()
    try:
        kind = services.load_source_kind(source.kind)
        options = replace(fetch_options(services), run=readers.run)
        batch = kind.read(source, memory, now=now, options=options)
        articles, faults = readers.read(source, batch, now, polled=kind.polled)
        if kind.polled and faults.errors and not articles:
            raise faults.errors[0]  # a page in a feed's place is a failure of the source
        at = web.Pages(source, memory, options, now)
        reading = _with_pages(services, at, _Reading(source, kind.polled, batch, articles, faults=faults))
        return replace(reading, batch=replace(batch, memory=batch.memory | at.remembered))
    except DigestError as error:
        return _Reading(source, error=error)
    except Exception as error:  # noqa: BLE001 - whatever it is, the other sources are read
        return _Reading(source, error=unexpected(services, error, f"source {source.name}"))


def _with_pages(services: Services, at: web.Pages, reading: _Reading) -> _Reading:
    if not at.source.full_text or not reading.articles:
        return reading
    from digest.pipeline import full_text  # not at the start: few sources want it

    filled = full_text.fill(services, at, reading.articles)
    return replace(reading, articles=filled.articles, notes=filled.notes, left=filled.left)


class _Readers:
    """Those who read what others wrote, made when there is something to read: most rounds find that nothing is new."""

    def __init__(self, services: Services, *, pages: bool) -> None:
        self._services, self._pages = services, pages
        self._made: Readers | None = None
        self._closed = False
        self._lock = threading.Lock()
        self._until = contextlib.ExitStack()

    def run(self, function: Callable[..., T], *arguments: Any, where: str) -> T:
        return self._there().run(function, *arguments, where=where)

    def read(self, source: Source, batch: Batch, now: datetime, *, polled: bool) -> tuple[list[Article], IngestReport]:
        if not batch.articles and batch.unread is None:
            return [], IngestReport()
        return self._there().read(source, batch, now, polled=polled)

    def _there(self) -> Readers:
        with self._lock:
            if self._closed:  # the round was given up while a thread was still reading
                raise RuntimeError("the readers are closed")
            if self._made is None:
                from digest.pipeline.reading import Readers

                self._made = self._until.enter_context(Readers(self._services, pages=self._pages))
            return self._made

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: Any) -> None:
        with self._lock:
            self._closed = True
        self._until.__exit__(*error)


class _Settling:
    """Writes down what was read, in the thread that has the database: a source with articles by itself, those that
    have nothing new together, as each transaction waits for the disk."""

    def __init__(self, services: Services, report: FetchReport) -> None:
        self._services, self._report = services, report
        self._quiet: list[_Reading] = []

    def take(self, reading: _Reading) -> None:
        if reading.error is not None:
            _failed(self._services, reading.source, self._report, reading.error)
        elif reading.batch.unchanged and not reading.faults.failed:
            self._quiet.append(reading)
            if len(self._quiet) >= _QUIET:
                self.finish()
        else:
            self._with_articles(reading)

    def finish(self) -> None:
        """Those without news."""
        if self._quiet:
            with self._services.database.write() as connection:
                known = sources.on_record(connection, [reading.source.id for reading in self._quiet])
                there = [(reading, known[reading.source.id]) for reading in self._quiet if reading.source.id in known]
                _fetched(self._services, connection, there)
            self._report.fetched += len(self._quiet)
            self._report.unchanged += len(self._quiet)
        self._quiet = []

    def _with_articles(self, reading: _Reading) -> None:
        source = reading.source
        try:
            _take_in(self._services, reading, self._report)
        except DigestError:
            raise
        except Exception as error:  # noqa: BLE001 - as in _read
            _failed(self._services, source, self._report, unexpected(self._services, error, f"source {source.name}"))


def _failed(services: Services, source: Source, report: FetchReport, error: DigestError) -> None:
    now = services.clock()
    if not isinstance(error, NotNow):
        report.failed[source.name] = error
    with services.database.write() as connection:
        before = sources.on_record(connection, [source.id]).get(source.id)
        if before is None:
            return
        if isinstance(error, NotNow):
            health.postponed(connection, source, error, now)
        else:
            health.failed(connection, services.settings.ingest, before, source, error, now)


def _take_in(services: Services, reading: _Reading, report: FetchReport) -> None:
    """What was read, and what the source wants to remember of it, in one transaction."""
    from digest.pipeline import intake  # not at the start: most rounds find that nothing is new

    now, source = services.clock(), reading.source
    settings = services.settings.ingest
    limits = Limits(settings.first_news, settings.flood, settings.old_days)
    found = IngestReport()
    found.add(reading.faults)
    with services.database.write() as connection:
        if before := sources.on_record(connection, [source.id]).get(source.id):  # else it was removed meanwhile
            last = before.health.last_ok
            repeats = intake.repeats_of(services, connection, source)
            rules = intake.Rules(reading.polled, last is None, limits, last)
            intake.store(connection, source, reading.articles, repeats, found, now, rules)
            _fetched(services, connection, [(reading, before)], news=bool(found.new or found.updated))
    report.fetched += 1
    report.notes += reading.notes
    report.articles.add(found)


def _fetched(
    services: Services, connection: Connection, done: Sequence[tuple[_Reading, OnRecord]], *, news: bool = False
) -> None:
    settings, now = services.settings.ingest, services.clock()
    fetches: list[Fetch] = []
    for reading, before in done:
        made = health.succeeded(
            connection, settings, before, reading.source, reading.batch,
            now=now, polled=reading.polled, news=news, again=_is_wanted_again(reading),
        )  # fmt: skip
        fetches.append(made)
        if made.source.location != reading.source.location:  # the next one must see that this place is taken
            sources.fetched(connection, fetches, now)
            fetches = []
    sources.fetched(connection, fetches, now)


def _is_wanted_again(reading: _Reading) -> bool:
    """What is broken, or failed for a fault of ours: the source must not say then that nothing has changed."""
    broken = reading.batch.unread is not None and reading.faults.failed > 0
    return broken or reading.left > 0 or any(isinstance(error, Unexpected) for error in reading.faults.errors)


def fetch_options(services: Services) -> FetchOptions:
    settings = services.settings.ingest
    return FetchOptions(
        timeout=settings.timeout_seconds,
        max_bytes=settings.max_megabytes * 1_000_000,
        allow_private=settings.allow_private,
        user_agent=introduction(settings.user_agent, settings.contact),
        proxy=check_proxy(settings.proxy) if settings.proxy else "",
        hosts=health.hosts(services),
    )
