"""What the operator gives is normalised in this process: it may be long, and nobody else suffers."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from digest.errors import BadInput
from digest.ingest.normalise import normalise
from digest.ingest.plain import one_line
from digest.model.article import Article, RawArticle
from digest.model.publication import MANUAL
from digest.pipeline.faults import unexpected
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.services import Services

_LONGEST_NAME = 100  # of a source, as the store keeps it


def normalised(
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
