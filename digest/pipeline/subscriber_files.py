"""Subscribers from files, and back into them."""

from __future__ import annotations

import itertools
from collections.abc import Iterable
from dataclasses import dataclass

from digest.audience.formats import SubscriberRow
from digest.errors import BadInput, DigestError, UsageError
from digest.model.cause import Cause, Via
from digest.model.subscription import Subscription
from digest.pipeline.services import Services
from digest.pipeline.subscriptions import Wanted, subscribe_in
from digest.store.stories import Connection

IMPORTED = Cause("imported by the operator", via=Via.FILE)
#: Rows of one transaction: a durable commit costs more than many rows.
BATCH = 500


@dataclass(frozen=True, slots=True)
class ImportReport:
    added: int
    known: int
    failed: tuple[DigestError, ...]


def import_rows(
    services: Services, rows: Iterable[SubscriberRow | BadInput], *, publication: str, origin: str
) -> ImportReport:
    """Subscribe each row; a bad one is reported and the rest go through. Interrupted, it can be run again."""
    added = known = 0
    failed: list[DigestError] = []
    stream = iter(rows)
    while batch := list(itertools.islice(stream, BATCH)):
        with services.database.write() as connection:
            for row in batch:
                if isinstance(row, BadInput):
                    failed.append(row)
                    continue
                try:
                    with connection.begin_nested():
                        new = _import_row(services, connection, row, publication)
                except (DigestError, ValueError) as error:
                    failed.append(BadInput(str(error), where=f"{origin}:{row.line}"))
                    continue
                added, known = added + new, known + (not new)
        services.progress("importing subscribers", added + known + len(failed), 0)
    total = added + known + len(failed)
    services.progress("importing subscribers", total, total)
    return ImportReport(added, known, tuple(failed))


def _import_row(services: Services, connection: Connection, row: SubscriberRow, publication: str) -> bool:
    name = row.publication or publication
    if not name:
        raise UsageError("the row names no publication", mend="give --publication NAME")
    wanted = Wanted(row.email, name, row.cadence, row.language, row.zone, row.topics, row.name, row.state)
    return subscribe_in(connection, wanted, services.clock(), cause=IMPORTED)[1]


def rows(found: Iterable[Subscription]) -> list[SubscriberRow]:
    """For export: the inverse of the import."""
    return [
        SubscriberRow(
            email=s.subscriber.email,
            name=s.subscriber.name,
            publication=s.publication,
            cadence=s.cadence,
            language=s.language,
            zone=s.zone,
            topics=s.topics,
            state=s.state,
        )
        for s in found
    ]
