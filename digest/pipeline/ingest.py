"""Articles in by hand, from files. One transaction for each batch."""

from __future__ import annotations

import itertools
from collections.abc import Iterable, Sequence
from datetime import datetime

from digest.errors import BadInput, DigestError
from digest.model.article import Article, RawArticle
from digest.pipeline import intake
from digest.pipeline.by_hand import normalised
from digest.pipeline.faults import unexpected
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.intake import Rules
from digest.pipeline.services import Services
from digest.store import sources

BATCH = 500


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
    _store_by_hand(services, list(normalised(services, batch, source, "", now, report)), now, report)


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
                repeats = intake.repeats_of(services, connection, target)
                intake.store(connection, target, mine, repeats, found, now, Rules())
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
