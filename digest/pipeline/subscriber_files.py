"""Subscribers from files, and back into them."""

from __future__ import annotations

import hashlib
import itertools
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, field
from datetime import UTC
from pathlib import Path
from typing import BinaryIO

import msgspec

from digest.audience.formats import BadLine, SubscriberRow
from digest.audience.formats_foreign import SUPPRESSED
from digest.audience.formats_read import Note, Reading
from digest.audience.importing import Outcome, Person, needs_basis
from digest.errors import DigestError, UsageError
from digest.model.subscription import AddressState, Subscription, SubscriptionState
from digest.pipeline import import_report
from digest.pipeline.import_batch import Batch, How, Result
from digest.pipeline.import_source import Source, source
from digest.pipeline.services import Services
from digest.store import grounds, imports, publications, subscriber_lists, tags
from digest.store.subscriber_lists import Filter

#: Rows of one transaction: a durable commit costs more than many rows.
BATCH = 500
#: So many of the lines that failed are told at once.
SHOWN = 20
_WHAT = "importing subscribers"


@dataclass(frozen=True, slots=True)
class Import:
    """What is to be imported, and how. `try_only` changes nothing; `again` does what is done already once more;
    `report` is a file for what became of each line."""

    file: str
    how: How = field(default_factory=How)
    reading: Reading = field(default_factory=Reading)
    try_only: bool = False
    again: bool = False
    report: Path | None = None


@dataclass(slots=True)
class ImportReport:
    """`failed` are the first of the lines that failed; `before` is how far an interrupted run had come; `asked` counts
    the mails that ask for a confirmation."""

    counts: Counter[Outcome] = field(default_factory=Counter)
    failed: list[DigestError] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    before: imports.Run | None = None
    asked: int = 0

    def count(self, results: Sequence[Result]) -> None:
        self.counts.update(result.outcome for result in results)
        room = SHOWN - len(self.failed)
        self.failed += itertools.islice((r.error for r in results if r.error is not None), room)

    @property
    def known(self) -> int:
        """All that were there already, whatever became of them."""
        return self.counts.total() - self.counts[Outcome.ADDED] - self.counts[Outcome.FAILED]


def import_file(services: Services, wanted: Import, standard_input: BinaryIO) -> ImportReport:
    """Take in everybody in a file; a bad line is reported and the rest go through. Interrupted, it can be run again.

    Raises UsageError, and does nothing, where somebody would be mailed on no ground; BadInput for a broken file.
    """
    with services.database.read() as connection:
        if wanted.how.publication:
            publications.get(connection, wanted.how.publication)
    with source(wanted.file, standard_input) as found:
        if not wanted.how.basis and not wanted.how.ask:
            _check_basis(found, wanted.reading)
        report = ImportReport()
        if wanted.try_only:
            with import_report.report(wanted.report, 0) as told:
                _try(services, wanted, found, report, told)
            return report
        with services.database.write() as connection:
            run = imports.begin(connection, _key(wanted, found), found.name, services.clock(), again=wanted.again)
        report.before = run if run.line else None
        with import_report.report(wanted.report, run.line) as told:
            _import(services, wanted, found, report, told, run)
    return report


def _check_basis(found: Source, reading: Reading) -> None:
    """Raises UsageError."""
    for row in found.read(reading):
        if isinstance(row, SubscriberRow) and needs_basis(row):
            what = f"on what ground {row.email} may be mailed is not said; nothing was imported"
            mend = "say it of all of them: --basis TEXT; or ask each of them first: --confirm"
            raise UsageError(what, where=row.where, mend=mend)


def _key(wanted: Import, found: Source) -> str:
    """By the same file under the same options an interrupted run is known again."""
    said = msgspec.json.encode([found.digest, asdict(wanted.how), asdict(wanted.reading)])
    return hashlib.sha256(said).hexdigest()


def _import(
    services: Services,
    wanted: Import,
    found: Source,
    report: ImportReport,
    told: import_report.Report,
    run: imports.Run,
) -> None:
    for batch in _batches(found, wanted.reading, report, run.line):
        with services.database.write() as connection:
            doing = Batch(services, connection, wanted.how, services.clock())
            results = doing.take_in(batch)
            report.count(results)
            told.write(results)
            added, failed = report.counts[Outcome.ADDED], report.counts[Outcome.FAILED]
            imports.advance(
                connection,
                run.id,
                line=run.line + report.counts.total(),
                added=run.added + added,
                known=run.known + report.known,
                failed=run.failed + failed,
            )
        report.asked += doing.asked
        services.progress(_WHAT, run.line + report.counts.total(), found.lines)
    with services.database.write() as connection:
        imports.end(connection, run.id, services.clock())
    _done(services, run.line + report.counts.total())


def _try(services: Services, wanted: Import, found: Source, report: ImportReport, told: import_report.Report) -> None:
    """The same decisions, of which nothing is written: each person in the file is remembered instead."""
    seen: dict[str, Person] = {}
    for batch in _batches(found, wanted.reading, report, 0):
        with services.database.read() as connection:
            results = Batch(services, connection, wanted.how, services.clock(), seen).take_in(batch)
        report.count(results)
        told.write(results)
        services.progress(_WHAT, report.counts.total(), found.lines)
    if wanted.how.ask:
        mailable = (p for p in seen.values() if p.address == AddressState.OK)
        new = (s for p in mailable for s in p.subscriptions.values() if not s.id)
        report.asked = sum(s.state == SubscriptionState.PENDING for s in new)
    _done(services, report.counts.total())


def _done(services: Services, total: int) -> None:
    services.progress(_WHAT, total, total)


def _batches(
    found: Source, reading: Reading, report: ImportReport, done: int
) -> Iterator[list[SubscriberRow | BadLine]]:
    """Lines that are not done yet; what is to be known of the whole file is put into the report."""
    lines = itertools.islice(_lines(found, reading, report), done, None)
    while batch := list(itertools.islice(lines, BATCH)):
        yield batch


def _lines(found: Source, reading: Reading, report: ImportReport) -> Iterator[SubscriberRow | BadLine]:
    for each in found.read(reading):
        if isinstance(each, Note):
            report.notes.append(each.text)
        else:
            yield each


def export(services: Services, wanted: Filter) -> Iterator[SubscriberRow]:
    """The inverse of the import: everybody but the erased, as they would have to come back."""
    with services.database.read() as connection:
        for batch in subscriber_lists.batches(connection, wanted):
            tagged = tags.of(connection, [s.subscriber.id for s in batch])
            told = grounds.of(connection, [s.id for s in batch])
            for s in batch:
                if s.subscriber.address_state is not AddressState.ERASED:
                    yield _row(s, tuple(tagged.get(s.subscriber.id, ())), told.get(s.id))


def _row(s: Subscription, tagged: tuple[str, ...], ground: grounds.Ground | None) -> SubscriberRow:
    suppressed = s.subscriber.address_state is AddressState.SUPPRESSED
    left = s.state is SubscriptionState.UNSUBSCRIBED
    return SubscriberRow(
        email=s.subscriber.email,
        name=s.subscriber.name,
        publication=s.publication,
        cadence=s.cadence,
        language=s.language,
        zone=s.zone,
        topics=s.topics,
        state=s.state,
        tags=tagged,
        basis=_told(ground) if ground and s.state in (SubscriptionState.ACTIVE, SubscriptionState.PAUSED) else "",
        address=SUPPRESSED if suppressed else "",
        reason=s.subscriber.address_reason if suppressed else s.reason if left else "",
        paused_until=s.paused_until.isoformat() if s.paused_until else "",
    )


def _told(ground: grounds.Ground) -> str:
    """On what ground somebody is mailed: what the operator said, or what the reader did, and when."""
    return ground.basis or f"{ground.reason}, {ground.at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
