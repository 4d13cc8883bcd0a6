"""From what is due to deliveries: cut an edition, then plan one delivery a reader. Both can be run again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from digest.audience.windows import catch_up_waiver, owed
from digest.compose.candidates import Sent
from digest.deliver.due import too_soon
from digest.deliver.retry import give_up_at
from digest.deliver.slots import next_slot
from digest.model.delivery import IN_FLIGHT, DeliveryState, Uncertain
from digest.model.edition import Edition, EditionKind, EditionState
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import AddressState, Subscription, SubscriptionState
from digest.pipeline import candidates
from digest.pipeline.compose import Composed, Composer, Group
from digest.pipeline.envelope import Envelope
from digest.pipeline.services import Services
from digest.store import deliveries, editions, leader, publications, subscribers, variants, windows
from digest.store.chunks import chunks
from digest.store.stories import Connection

#: Deliveries planned in one transaction.
BATCH = 200


@dataclass
class PlanReport:
    """What became of the readers of an edition."""

    edition: str = ""
    planned: int = 0
    variants: int = 0
    expired: int = 0  # earlier deliveries that this edition took over
    waiting: int = 0  # readers whose earlier delivery is in a sender's hands just now
    skipped: Counter[str] = field(default_factory=Counter)
    set_aside: list[tuple[int, str]] = field(default_factory=list)  # subscriptions skipped for good, and why


@dataclass(frozen=True, slots=True)
class Owed:
    """One reader and what the reader is owed."""

    subscription: Subscription
    ranges: Ranges
    stale: Ranges  # owed, but beyond the catch-up limit
    settled: int  # below this number all is covered or waived
    topic_waivers: tuple[tuple[str, Ranges], ...]


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
        return [plan(services, edition) for edition in wanted]


def plan(services: Services, edition: Edition) -> PlanReport:
    """Give each reader of the edition a delivery or a reason for none. Holding the lock `plan` is the caller's part."""
    now = services.clock()
    report = PlanReport(edition.name)
    with services.database.read() as connection:
        publication = publications.of_edition(connection, edition.id)
        readers = _readers(connection, publication, edition, report)
        due = what_is_owed(connection, publication, edition, readers, now)
        union = Ranges.of(span for reader in due for span in reader.ranges.spans)
        found = candidates.load(connection, publication, edition, union)
        stories_with_news = {s.id for s in found.stories.values()}
        had = variants.had(connection, [r.subscription.id for r in due], stories_with_news)
        told = variants.told(connection, {v for held in had.values() for v in held})
        groups = groups_of(due, had)
        sent = {held: candidates.sent_before(connection, told, held) for _, held in groups}
    composer = Composer(services, publication, edition, found)
    total, done = len(due), 0
    for (group, held), members in groups.items():
        composed = composer.compose(group, sent.get(held, Sent()))
        report.variants += composed is not None
        for batch in chunks(members, BATCH):
            _plan_batch(services, publication, edition, group, composed, batch, report)
            done += len(batch)
            services.progress(f"planning {edition.name}", done, total)
    _close(services, edition, report)
    return report


def _readers(
    connection: Connection, publication: Publication, edition: Edition, report: PlanReport
) -> list[Subscription]:
    """Active readers of the edition's clock who have not been seen to yet."""
    extra = edition.kind is EditionKind.EXTRA
    clock = () if extra else (edition.cadence, edition.zone)
    seen = editions.seen_to(connection, edition.id)
    found = [s for s in subscribers.readers(connection, publication.id, *clock) if s.id not in seen]
    if extra:
        return found
    # Who came after the slot has no part in it; the next slot is theirs.
    found = [s for s in found if s.activated_at is not None and s.activated_at <= edition.due]
    last = editions.last_due(connection, [s.id for s in found])
    cadence = next((c for c in publication.cadences if c.name == edition.cadence), None)
    kept = []
    for reader in found:
        previous = last.get(reader.id)
        if cadence and too_soon(previous, reader.schedule_changed_at, edition.due, cadence):
            report.set_aside.append((reader.id, "too soon after a change of schedule"))
        elif previous is not None and previous > edition.due:
            report.set_aside.append((reader.id, "a newer edition covers it"))
        else:
            kept.append(reader)
    return kept


def what_is_owed(
    connection: Connection,
    publication: Publication,
    edition: Edition,
    readers: Sequence[Subscription],
    now: datetime,
) -> list[Owed]:
    """What each reader is owed up to the edition's cutoff."""
    ids = [s.id for s in readers]
    covered, waived = windows.covered(connection, ids), windows.waived(connection, ids)
    floors = windows.floors(connection, ids)
    horizon = windows.number_at(connection, now - timedelta(days=publication.catch_up_days))
    found = []
    for reader in readers:
        given_up = waived.get(reader.id, {})
        settled = Ranges.of([(1, floors[reader.id])])
        ranges = owed(edition.cutoff, covered.get(reader.id, Ranges()) | settled, given_up.get("", Ranges()))
        stale = catch_up_waiver(ranges, horizon)
        ranges -= stale
        topic_waivers = tuple(
            (topic, mine) for topic, spans in sorted(given_up.items()) if topic and (mine := spans & ranges)
        )
        found.append(Owed(reader, ranges, stale, max(floors[reader.id], horizon + 1), topic_waivers))
    return found


def groups_of(due: Iterable[Owed], had: dict[int, frozenset[int]]) -> dict[tuple[Group, frozenset[int]], list[Owed]]:
    """Readers by all that their view depends on."""
    groups: dict[tuple[Group, frozenset[int]], list[Owed]] = {}
    for reader in due:
        s = reader.subscription
        group = Group(s.language, s.zone, s.cadence, s.topics, reader.topic_waivers, reader.ranges)
        groups.setdefault((group, had.get(s.id, frozenset())), []).append(reader)
    return groups


def _plan_batch(
    services: Services,
    publication: Publication,
    edition: Edition,
    group: Group,
    composed: Composed | None,
    batch: Sequence[Owed],
    report: PlanReport,
) -> None:
    """One transaction. Everything that can have changed since the readers were looked up is looked up again."""
    now = services.clock()
    with services.database.write() as connection:
        current = subscribers.by_ids(connection, [r.subscription.id for r in batch])
        open_now = deliveries.open_of(connection, list(current))
        variant_id = 0
        if composed is not None:
            variant_id = _store(connection, publication, edition, group, composed)
        for reader in batch:
            subscription = current[reader.subscription.id]
            if not _still_reads(subscription):
                report.skipped["not active any more"] += 1
                continue
            if composed is None:
                editions.skip(connection, edition.id, subscription.id, "nothing new", now)
                report.skipped["nothing new"] += 1
                continue
            earlier = open_now.get(subscription.id)
            # One that may have arrived already goes out again as it was, before anything newer.
            if earlier is not None and (earlier.state in IN_FLIGHT or earlier.sent_before):
                report.waiting += 1
                continue
            if earlier is not None:
                reason = f"{edition.name} covers it"
                deliveries.move(connection, earlier, DeliveryState.EXPIRED, now, reason=reason)
                report.expired += 1
            _waive_stale(connection, reader, now)
            envelope = Envelope.of(services.home, publication, edition, subscription, now)
            wanted = _plan_of(publication, edition, subscription, variant_id, group, envelope, now)
            deliveries.plan(connection, wanted, now)
            report.planned += 1


def _still_reads(subscription: Subscription) -> bool:
    return subscription.state is SubscriptionState.ACTIVE and subscription.subscriber.address_state is AddressState.OK


def _store(connection: Connection, publication: Publication, edition: Edition, group: Group, composed: Composed) -> int:
    return variants.add(
        connection,
        edition.id,
        composed.key,
        look=publication.look,
        language=group.language,
        zone=group.zone,
        ranges=group.ranges,
        subject=composed.subject,
        message=composed.message,
        more=composed.view.more,
        told=composed.told,
    )


def _waive_stale(connection: Connection, reader: Owed, now: datetime) -> None:
    """What lies beyond the catch-up limit is given up on the record; then the floor may rise."""
    for lo, hi in reader.stale.spans:
        windows.waive(connection, reader.subscription.id, lo, hi, reason="beyond the catch-up limit", now=now)
    windows.settle_below(connection, reader.subscription.id, reader.settled)


def _plan_of(
    publication: Publication,
    edition: Edition,
    subscription: Subscription,
    variant_id: int,
    group: Group,
    envelope: Envelope,
    now: datetime,
) -> deliveries.Plan:
    cadence = next((c for c in publication.cadences if c.name == subscription.cadence), None)
    following = next_slot(cadence, subscription.zone, now).instant if cadence else None
    return deliveries.Plan(
        key=f"edition:{edition.id}:{subscription.id}",
        edition=edition.id,
        subscription=subscription.id,
        subscriber=subscription.subscriber.id,
        variant=variant_id,
        covers_hi=group.ranges.spans[-1][1],
        uncertain=Uncertain(publication.uncertain),
        address=envelope.address,
        message_id=envelope.message_id,
        date=now,
        splice=envelope.splice,
        give_up_at=give_up_at(now, following),
    )


def _close(services: Services, edition: Edition, report: PlanReport) -> None:
    report.skipped.update(reason for _, reason in report.set_aside)
    with services.database.write() as connection:
        for subscription_id, reason in report.set_aside:
            editions.skip(connection, edition.id, subscription_id, reason, services.clock())
        if not report.waiting and editions.by_id(connection, edition.id).state is EditionState.PLANNING:
            editions.set_state(connection, edition.id, EditionState.CLOSED)
