"""What sources gave, read and normalised: bytes of others in processes with limits, what is at hand in this one."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator
from datetime import datetime
from types import TracebackType
from typing import Self

from digest.errors import BadInput
from digest.ingest import arriving
from digest.ingest.arriving import Wanted
from digest.ingest.kinds.base import Batch, Unread
from digest.ingest.workers import Workers
from digest.model.article import Article, RawArticle
from digest.model.publication import Source
from digest.pipeline import intake
from digest.pipeline.intake import IngestReport
from digest.pipeline.services import Services

#: A body of more bytes is read first and normalised in parts, so that a long one is not taken for a hostile one.
_LONG = 400_000
_PART = 200


class Readers:
    """For one round of fetching; its processes start with the first body. Used by many threads."""

    def __init__(self, services: Services) -> None:
        self._services = services
        self._workers = Workers(len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else 2)

    def read(self, source: Source, batch: Batch, now: datetime) -> tuple[list[Article], IngestReport]:
        """The articles, and what failed. Raises ChildFault where a reader has a fault that nobody foresaw."""
        report = IngestReport()
        articles = list(intake.normalised(self._services, batch.articles, source.name, source.publisher, now, report))
        if batch.unread:
            wanted = Wanted(source, tuple(self._services.settings.ingest.languages), now)
            for found in self._unread(batch.unread, wanted):
                if isinstance(found, BadInput):
                    report.fail(found)
                else:
                    articles.append(found)
        return articles, report

    def _unread(self, unread: Unread, wanted: Wanted) -> Iterator[Article | BadInput]:
        where = wanted.source.location
        if unread.size <= _LONG:
            done = self._workers.submit(arriving.read, unread.reader, unread.arguments, wanted, where=where)
            yield from _normal(done.result())
            return
        found = self._workers.submit(unread.reader, *unread.arguments, where=where).result()
        raw = [item for item in found if not isinstance(item, Article)]
        for start in range(0, len(raw), _PART):
            part = self._workers.submit(arriving.normalised, raw[start : start + _PART], wanted, where=where)
            yield from _normal(part.result())

    def __enter__(self) -> Self:
        self._workers.__enter__()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._workers.__exit__(kind, error, trace)


def _normal(found: Iterable[RawArticle | Article | BadInput]) -> Iterator[Article | BadInput]:
    return (item for item in found if not isinstance(item, RawArticle))
