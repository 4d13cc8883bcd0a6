"""A batch of an edition's readers: each gets a delivery, or a reason for none, in one transaction."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.deliver.retry import give_up_at
from digest.deliver.slots import next_slot
from digest.errors import BadInput, DigestError
from digest.model.delivery import IN_FLIGHT, DeliveryState, Uncertain
from digest.model.edition import Edition
from digest.model.publication import Publication
from digest.model.subscription import AddressState, Subscription, SubscriptionState
from digest.pipeline import failing, made_for
from digest.pipeline.compose import Composed, Group
from digest.pipeline.envelope import Envelope, Envelopes
from digest.pipeline.owed import Owed, what_is_owed
from digest.pipeline.services import Services
from digest.store import counters, deliveries, editions, subscribers, variants, windows, withdrawal
from digest.store.stories import Connection


@dataclass
class PlanReport:
    """What became of the readers of an edition."""

    edition: str = ""
    planned: int = 0
    variants: int = 0
    expired: int = 0  # earlier deliveries that this edition took over
    waiting: int = 0  # readers whose earlier delivery is in a sender's hands just now
    changed: int = 0  # readers who changed something, or whose earlier delivery was settled, meanwhile
    skipped: Counter[str] = field(default_factory=Counter)
    failed: int = 0  # readers whose mail could not be made; the next pass tries again
    error: DigestError | None = None  # why it, or some reader's mail, could not be planned; the next pass tries again
    images_missing: int = 0  # lead images that were not there in time, or cannot be shown
    set_aside: list[tuple[int, str]] = field(default_factory=list)  # subscriptions skipped for good, and why


def plan_batch(
    services: Services,
    publication: Publication,
    edition: Edition,
    group: Group,
    held: frozenset[int],
    composed: Composed | None,
    batch: Sequence[Owed],
    report: PlanReport,
    now: datetime,
    removed: int,
) -> None:
    """One transaction. Everything that can have changed since the readers were looked up is looked up again."""
    with services.database.write() as connection:
        if counters.last(connection, counters.REMOVED) != removed:
            report.changed += len(batch)  # what was composed may show an article that is gone by now
            return
        current = subscribers.by_ids(connection, [r.subscription.id for r in batch])
        active = [s for s in current.values() if _still_reads(s)]
        owed = what_is_owed(connection, publication, edition, active, now)
        told = failing.tell_operator(connection, services.settings, owed, now)
        owed_now = {r.subscription.id: r for r in told}
        open_now = deliveries.open_of(connection, list(owed_now))
        variant_id = 0
        if composed is not None:
            variant_id = _store(connection, publication, edition, group, held, composed)
        envelopes = Envelopes.of(services.home, publication, edition, now)
        last_try = _last_try(publication, group, now)
        skipped: dict[str, list[int]] = {}
        planned: list[deliveries.Plan] = []
        settled: dict[int, int] = {}
        for before in batch:
            reader = owed_now.get(before.subscription.id)
            if reader is None:
                report.skipped["not active any more"] += 1
                continue
            # A sender settled an earlier delivery meanwhile, or the reader changed the subscription.
            if not reader.same(before):
                report.changed += 1
                continue
            earlier = open_now.get(reader.subscription.id)
            anew = earlier if earlier is not None and earlier.edition == edition.id else None
            if composed is None:
                if anew is not None:
                    deliveries.move(connection, anew, DeliveryState.CANCELLED, now, reason="nothing is left to tell")
                skipped.setdefault("nothing new", []).append(reader.subscription.id)
                continue
            envelope = _envelope(envelopes, reader.subscription)
            if envelope is None:
                skipped.setdefault("an unusable address", []).append(reader.subscription.id)
                continue
            # One that may have arrived already goes out again as it was, before anything newer.
            if earlier is not None and (earlier.state in IN_FLIGHT or earlier.sent_before):
                report.waiting += 1
                continue
            if earlier is not None and anew is None:
                reason = f"{edition.name} covers it"
                deliveries.move(connection, earlier, DeliveryState.EXPIRED, now, reason=reason)
                report.expired += 1
            _waive_stale(connection, reader, now)
            settled[reader.subscription.id] = reader.settled
            wanted = _plan_of(publication, edition, reader.subscription, variant_id, group, envelope, now, last_try)
            if anew is not None:
                withdrawal.give_anew(connection, anew, wanted, now)
            else:
                planned.append(wanted)
            report.planned += 1
        _skip(connection, edition, skipped, report, now)
        windows.settle_below(connection, settled)
        deliveries.plan_all(connection, planned, now)


def _skip(
    connection: Connection, edition: Edition, skipped: Mapping[str, Sequence[int]], report: PlanReport, now: datetime
) -> None:
    for reason, readers in skipped.items():
        editions.skip(connection, edition.id, readers, reason, now)
        report.skipped[reason] += len(readers)


def _last_try(publication: Publication, group: Group, now: datetime) -> datetime:
    """Until when their mails are tried."""
    cadence = next((c for c in publication.cadences if c.name == group.cadence), None)
    return give_up_at(now, next_slot(cadence, group.zone, now).instant if cadence else None)


def _envelope(envelopes: Envelopes, subscription: Subscription) -> Envelope | None:
    """None for an address that no header can carry: it must not hold up everybody else's mail."""
    try:
        return envelopes.to(subscription)
    except BadInput:
        return None


def _still_reads(subscription: Subscription) -> bool:
    return subscription.state is SubscriptionState.ACTIVE and subscription.subscriber.address_state is AddressState.OK


def _store(
    connection: Connection,
    publication: Publication,
    edition: Edition,
    group: Group,
    held: frozenset[int],
    composed: Composed,
) -> int:
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
        untold=composed.untold,
        failing=failing.told(group.failing) if group.failing else None,
        made_for=made_for.kept(group, held),
        view=composed.stored,
    )


def _waive_stale(connection: Connection, reader: Owed, now: datetime) -> None:
    """What lies beyond the catch-up limit is given up on the record."""
    for lo, hi in reader.stale.spans:
        windows.waive(connection, reader.subscription.id, lo, hi, reason="beyond the catch-up limit", now=now)


def _plan_of(
    publication: Publication,
    edition: Edition,
    subscription: Subscription,
    variant_id: int,
    group: Group,
    envelope: Envelope,
    now: datetime,
    last_try: datetime,
) -> deliveries.Plan:
    return deliveries.Plan(
        key=f"edition:{edition.id}:{subscription.id}",
        edition=edition.id,
        subscription=subscription.id,
        subscriber=subscription.subscriber.id,
        variant=variant_id,
        covers_hi=group.ranges.spans[-1][1] if group.ranges.spans else 0,
        uncertain=Uncertain(publication.uncertain),
        address=envelope.address,
        message_id=envelope.message_id,
        date=now,
        splice=envelope.splice,
        give_up_at=last_try,
    )
