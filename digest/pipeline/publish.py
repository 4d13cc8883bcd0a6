"""From what is due to deliveries: cut an edition, then plan one delivery a reader. Both can be run again."""

from __future__ import annotations

from collections.abc import Sequence

from digest.compose.candidates import Sent
from digest.deliver.due import too_soon
from digest.errors import DigestError
from digest.model.edition import Edition, EditionKind, EditionState
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscription
from digest.pipeline import approval_notice, candidates, caps, failing
from digest.pipeline.compose import Composer
from digest.pipeline.faults import describe, unexpected
from digest.pipeline.owed import groups_of, what_is_owed
from digest.pipeline.plan_batch import PlanReport, plan_batch
from digest.pipeline.services import Services
from digest.store import counters, editions, leader, publications, subscribers, variants
from digest.store.chunks import chunks
from digest.store.stories import Connection

#: Deliveries planned in one transaction.
BATCH = 500
#: How often readers are looked up anew where something changed while their view was composed.
_ROUNDS = 3


def plan_open_editions(services: Services) -> list[PlanReport]:
    """See to every edition that still has readers to plan for."""
    with services.database.read() as connection:
        waiting = editions.planning(connection)
    return plan_editions(services, waiting)


def plan_editions(services: Services, wanted: Sequence[Edition]) -> list[PlanReport]:
    """See to the readers of these editions. Only one process plans at a time."""
    if not wanted:
        return []
    with leader.lead(services.database, services.home.folder, "plan", services.clock(), wait_seconds=60):
        reports = [_plan_one(services, edition) for edition in wanted]
        if (error := approval_notice.tell(services)) is not None and reports[-1].error is None:
            reports[-1].error = error
        return reports


def _plan_one(services: Services, edition: Edition) -> PlanReport:
    """One edition that cannot be made (a broken template, a wrong address, a fault) does not hold up the others."""
    report = PlanReport(edition.name)
    try:
        _plan(services, edition, report)
    except DigestError as error:
        report.error = error
    except Exception as error:  # noqa: BLE001 - whatever it is, it must not stop the other editions
        report.error = unexpected(services, error, f"edition {edition.name}")
    return report


def _plan(services: Services, edition: Edition, report: PlanReport) -> None:
    """Give each reader of the edition a delivery or a reason for none."""
    try:
        for _ in range(_ROUNDS):
            report.waiting = report.changed = report.failed = 0
            report.error = None
            report.set_aside.clear()
            _plan_round(services, edition, report)
            if not report.changed:
                break
    finally:
        caps.settle(services, edition)
    _close(services, edition, report)


def _plan_round(services: Services, edition: Edition, report: PlanReport) -> None:
    """Look up, compose, plan. What changes between the first and the last is left for another round."""
    now = services.clock()
    with services.database.read() as connection:
        publication = publications.of_edition(connection, edition.id)
        readers = _readers(connection, publication, edition, report)
        owed = what_is_owed(connection, publication, edition, readers, now)
        due = failing.tell_operator(connection, services.settings, owed, now)
        union = Ranges.of(span for ranges in {reader.ranges for reader in due} for span in ranges.spans)
        found = candidates.load(connection, publication, edition, union)
        removed = counters.last(connection, counters.REMOVED)
        had = variants.had(connection, [r.subscription.id for r in due], found.stories)
        told = variants.told(connection, {v for held in had.values() for v in held})
        groups = groups_of(due, had)
        sent = {held: candidates.sent_before(connection, told, held) for _, held in groups}
    caps.expect(services, edition, len(due))
    composer = Composer(services, publication, edition, found)
    total, done, faults = len(due), 0, set[str]()
    # By language and zone: what is told and rendered of a story serves all who share them.
    for (group, held), members in sorted(groups.items(), key=lambda each: (each[0][0].language, each[0][0].zone)):
        left = len(members)
        try:
            composed = composer.compose(group, sent.get(held, Sent()))
            report.variants += composed is not None
            report.images_missing = composer.images_missing
            for batch in chunks(members, BATCH):
                plan_batch(services, publication, edition, group, held, composed, batch, report, now, removed)
                left -= len(batch)
                services.progress(f"planning {edition.name}", done + len(members) - left, total)
        except DigestError:
            # A broken template or the like: nobody's mail can be made until it is mended.
            report.failed += left + total - done - len(members)
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, other readers get their mail
            report.failed += left
            if describe(error) not in faults:  # the same fault in a hundred groups is put on record once
                faults.add(describe(error))
                told_of = unexpected(services, error, f"edition {edition.name} in {group.language}")
                report.error = report.error or told_of
        done += len(members)


def _readers(
    connection: Connection, publication: Publication, edition: Edition, report: PlanReport
) -> list[Subscription]:
    """Active readers of the edition's clock, when it fell due, who have not been seen to yet."""
    extra = edition.kind is EditionKind.EXTRA
    clock = () if extra else (edition.cadence, edition.zone)
    seen = editions.seen_to(connection, edition.id)
    found = [s for s in subscribers.readers(connection, publication.id, *clock) if s.id not in seen]
    found = [s for s in found if _is_for(edition, s)]
    newer = editions.newer(connection, publication.id, edition.id)
    # Whatever became of that one's mail: what it did not tell, the one after it does.
    had = frozenset[int]().union(*(editions.seen_to(connection, other.id) for other in newer))
    late = {s.id for s in found if s.id in had or any(_is_for(other, s) for other in newer)}
    report.set_aside += [(reader, "a newer edition covers it") for reader in sorted(late)]
    found = [s for s in found if s.id not in late]
    if extra:
        return found
    last = editions.last_due(connection, [s.id for s in found], edition.id)
    cadence = next((c for c in publication.cadences if c.name == edition.cadence), None)
    kept = []
    for reader in found:
        if cadence and too_soon(last.get(reader.id), reader.schedule_changed_at, edition.due, cadence):
            report.set_aside.append((reader.id, "too soon after a change of schedule"))
        else:
            kept.append(reader)
    return kept


def _is_for(edition: Edition, reader: Subscription) -> bool:
    """Whether the reader has a part in it: who came after it fell due has not, the next one is theirs."""
    mine = edition.kind is EditionKind.EXTRA or (edition.cadence, edition.zone) == (reader.cadence, reader.zone)
    return mine and reader.changed_at is not None and reader.changed_at <= edition.due


def _close(services: Services, edition: Edition, report: PlanReport) -> None:
    report.skipped.update(reason for _, reason in report.set_aside)
    for batch in chunks(list(dict(report.set_aside).items()), BATCH):
        _set_aside(services, edition, batch)
    with services.database.write() as connection:
        unfinished = report.waiting or report.changed or report.failed
        if not unfinished and editions.by_id(connection, edition.id).state is EditionState.PLANNING:
            editions.set_state(connection, edition.id, EditionState.CLOSED)


def _set_aside(services: Services, edition: Edition, readers: Sequence[tuple[int, str]]) -> None:
    """Put on record why these get no mail."""
    with services.database.write() as connection:
        there = subscribers.by_ids(connection, [reader for reader, _ in readers])
        for reason in sorted({reason for _, reason in readers}):
            mine = [reader for reader, why in readers if why == reason and reader in there]
            editions.skip(connection, edition.id, mine, reason, services.clock())
