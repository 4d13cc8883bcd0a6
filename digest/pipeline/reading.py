"""What sources gave, read and normalised: bytes of others in processes with limits, what is at hand in this one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Sequence
from datetime import datetime
from types import TracebackType
from typing import Any, Self, TypeVar

from digest.errors import BadInput
from digest.ingest import arriving
from digest.ingest.arriving import Mishap, Wanted
from digest.ingest.kinds.base import Batch, Unread
from digest.ingest.workers import ChildFault, Limits, Workers
from digest.model.article import Article, RawArticle
from digest.model.publication import Source
from digest.pipeline.faults import LOG, unexpected
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.services import Services

#: A body of more bytes is read first and normalised in parts, so that a long one is not taken for a hostile one.
_LONG = 400_000
_PART = 200

T = TypeVar("T")
_Normal = Article | BadInput | Mishap


class Readers:
    """For one round of fetching; its processes start with the first body. Used by many threads."""

    def __init__(self, services: Services, *, pages: bool = False, limits: Limits | None = None) -> None:
        self._services = services
        size = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2
        self._workers = Workers(size, limits, pages=pages)

    def run(self, function: Callable[..., T], *arguments: Any, where: str) -> T:
        """For FetchOptions: one function that reads what others wrote, in a process with limits.

        What nobody foresaw is said of the one page or mail that it happened to.
        """
        try:
            return self._workers.run(function, *arguments, where=where)
        except ChildFault as error:
            fault = unexpected(self._services, error, where)
            mend = f"it is passed over; the traceback is in {self._services.home.folder / LOG}"
            raise BadInput(fault.what, where=where, mend=mend) from None

    def read(
        self, source: Source, batch: Batch, now: datetime, *, polled: bool = True
    ) -> tuple[list[Article], IngestReport]:
        """The articles, and what failed. Raises ChildFault where a reader has a fault that nobody foresaw.

        What the operator wrote (not `polled`) is normalised here: it may be long, and nobody else suffers.
        """
        report = IngestReport()
        wanted = Wanted(source, tuple(self._services.settings.ingest.languages), now)
        articles: list[Article] = []
        at_hand = batch.articles
        if not polled:
            from digest.pipeline import by_hand  # not at the start: it takes all that cleaning takes

            name, publisher = source.name, source.publisher
            mine = [arriving.as_set(a, source) if isinstance(a, RawArticle) else a for a in at_hand]
            articles += by_hand.normalised(self._services, mine, name, publisher, now, report)
            at_hand = []
        for found in (*self._at_hand(at_hand, wanted), *(self._unread(batch.unread, wanted) if batch.unread else ())):
            if isinstance(found, Mishap):
                fault = ChildFault(found.told, found.traceback)
                report.fail(unexpected(self._services, fault, found.where))
            elif isinstance(found, BadInput):
                report.fail(found)
            else:
                articles.append(found)
        return articles, report

    def _at_hand(self, raw: Sequence[RawArticle | BadInput], wanted: Wanted) -> Iterator[_Normal]:
        """Each of these is somebody else's: one that takes too much costs the others nothing but time."""
        for start in range(0, len(raw), _PART):
            part = raw[start : start + _PART]
            found = self._normalised(part, wanted, wanted.source.location)
            if len(found) == len(part):
                yield from found
                continue
            for one in part:
                yield from self._normalised([one], wanted, one.where if isinstance(one, BadInput) else one.origin)

    def _normalised(self, part: Sequence[RawArticle | BadInput], wanted: Wanted, where: str) -> list[_Normal]:
        return list(_normal(self._workers.submit(arriving.taken_in, part, wanted, where=where).result()))

    def _unread(self, unread: Unread, wanted: Wanted) -> Iterator[_Normal]:
        where = wanted.source.location
        if unread.size <= _LONG:
            done = self._workers.submit(arriving.read, unread.reader, unread.arguments, wanted, where=where)
            yield from _normal(done.result())
            return
        found = self._workers.submit(unread.reader, *unread.arguments, where=where).result()
        yield from self._at_hand([item for item in found if isinstance(item, (RawArticle, BadInput))], wanted)

    def __enter__(self) -> Self:
        self._workers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.__exit__(kind, error, trace)


def _normal(found: Iterable[object]) -> Iterator[_Normal]:
    return (item for item in found if isinstance(item, _Normal))
