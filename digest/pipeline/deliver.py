"""Send what is due, through the transport that is configured."""

from __future__ import annotations

import contextlib
import os
import threading
from collections import Counter
from collections.abc import Collection, Iterator, Sequence
from datetime import datetime

from digest.deliver.breaker import Rests
from digest.deliver.relay import Relay, shared
from digest.deliver.retry import give_up_at
from digest.deliver.send import Summary, send_all
from digest.errors import DigestError, UsageError
from digest.model.delivery import Delivery, DeliveryState, Uncertain
from digest.model.edition import Approval, Edition, EditionState
from digest.pipeline import addresses, aftermath
from digest.pipeline.caps import caps_of
from digest.pipeline.messages import Messages
from digest.pipeline.services import Sender, Services
from digest.store import approvals, deliveries, editions, leader, variants, withdrawal
from digest.store.ledger import StoredLedger
from digest.store.stories import Connection


def deliver(services: Services, stop: threading.Event | None = None) -> Summary:
    """Send all that is due, and tell the operator what waits. What dead senders held is taken back first. A relay that
    failed in the last run of this process rests for a while.
    """
    stop = stop or threading.Event()
    summary = _send(services, stop)
    more = aftermath.see_to(services, summary, stop) or _others_can(summary)
    while more:
        last = _send(services, stop)
        more = (aftermath.see_to(services, last, stop) or _others_can(last)) and last.done > 0
        summary.released = 0  # what was given back was due again
        summary.add(last)
    return summary


def _others_can(summary: Summary) -> bool:
    """Whether a relay that failed gave mails back when the others were through with theirs."""
    return bool(summary.relays and summary.released) and not summary.stopped


def share_of(services: Services, stop: threading.Event, share: int) -> Summary:
    """What one of several senders does: its share of the connections, and nothing but sending."""
    return _send(services, stop, share)


def _send(services: Services, stop: threading.Event, share: int = 0) -> Summary:
    """`share`: as one of so many senders; 0: by itself, with others beside it where there is much to send."""
    folder = services.home.folder
    with leader.alive(folder) as owner:
        ledger = StoredLedger(
            services.database, lambda other: other != owner and leader.is_dead(folder, other), caps_of(services)
        )
        ledger.recover(services.clock())
        with services.database.write() as connection:
            addresses.see_to(connection, services.clock())
        rests = services.memory.setdefault(_RESTS, Rests())
        resting = rests.resting(services.clock())
        relays = [relay for relay in services.open_relays() if relay.name not in resting]
        with services.database.read() as connection:
            waiting = deliveries.count_due(connection, services.clock())
        if not waiting or not relays:
            return Summary()
        senders = share or _senders(services, relays, waiting)
        with ledger, _beside(services, senders - 1 if not share else 0, senders, stop) as others:
            summary = send_all(
                ledger,
                [shared(relay, senders) for relay in relays],
                message_for=Messages(services).of,
                clock=services.clock,
                stop=stop,
                owner=owner,
                lease_seconds=services.settings.deliver.lease_seconds,
                batch=services.settings.deliver.batch,
                # The others are as quick as this one.
                on_progress=lambda done: services.progress("sending", min(senders * done, waiting), waiting),
                near_lanes=2 if senders == 1 else 1,
                resting=resting,
            )
            for other in others:
                summary.add(_told(other))
            if summary.uncertain:  # under hold they wait for the operator from now on, not from the next run
                ledger.recover(services.clock())
        rests.learn(summary.relays, {relay.name for relay in relays}, services.clock())
    services.progress("sending", summary.done, summary.done)
    return summary


def _senders(services: Services, relays: Sequence[Relay], waiting: int) -> int:
    """How many processes are to send. Starting one takes a while, and a far relay is itself the limit."""
    if services.sender is None or waiting < _MANY or not all(relay.near for relay in relays):
        return 1
    return services.settings.deliver.processes or min(2, os.cpu_count() or 1)


@contextlib.contextmanager
def _beside(services: Services, number: int, share: int, stop: threading.Event) -> Iterator[list[Sender]]:
    """So many other senders. They end with us, or before where we are asked to stop."""
    others = [services.sender(share) for _ in range(number)] if services.sender is not None else []
    over = threading.Event()

    def watch() -> None:
        while not over.wait(0.1):
            if stop.is_set():
                break
        for other in others:
            other.stop()

    watcher = threading.Thread(target=watch, name="digest-others")
    if others:
        watcher.start()
    try:
        yield others
    finally:
        over.set()
        if others:
            watcher.join()
        for other in others:
            other.end()


def _told(other: Sender) -> Summary:
    try:
        found = other.result()
    except DigestError as error:
        return Summary(stopped=str(error))
    return Summary(**{**found, "reasons": Counter(found["reasons"])})


_MANY = 2000
_RESTS = "relays that rest"

_CHANGES = {
    "retry": ((DeliveryState.FAILED, DeliveryState.DEFERRED, DeliveryState.HELD), DeliveryState.PLANNED),
    # A sender that holds one asks once more before the message itself: until then it can be taken away.
    "pause": ((DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.DEFERRED), DeliveryState.HELD),
    "resume": ((DeliveryState.HELD,), DeliveryState.PLANNED),
    "cancel": (
        (DeliveryState.PLANNED, DeliveryState.CLAIMED, DeliveryState.DEFERRED, DeliveryState.HELD),
        DeliveryState.CANCELLED,
    ),
}
_PAST = {"retry": "retried", "pause": "paused", "resume": "resumed", "cancel": "cancelled"}
#: Of a whole edition, where not all that can be done to one delivery is meant.
_OF_EDITION = {"retry": (DeliveryState.FAILED, DeliveryState.DEFERRED)}
_EDITION_STATES = {
    "pause": ((EditionState.PLANNING, EditionState.CLOSED), EditionState.PAUSED),
    "resume": ((EditionState.PAUSED,), EditionState.PLANNING),
    "cancel": ((EditionState.PLANNING, EditionState.CLOSED, EditionState.PAUSED), EditionState.CANCELLED),
}


def _steer_edition(connection: Connection, action: str, edition: Edition, now: datetime) -> None:
    """Raises UsageError for what is cancelled: it cannot come back."""
    if edition.state is EditionState.CANCELLED and action != "cancel":
        mend = "its news goes into the next edition"
        raise UsageError(f"cannot {action} an edition that is cancelled", where=edition.name, mend=mend)
    from_states, after = _EDITION_STATES.get(action, ((), edition.state))
    if edition.state in from_states:
        editions.set_state(connection, edition.id, after)
    if action == "cancel":
        approvals.answer(connection, edition.id, Approval.REJECTED, now, "cancelled by the operator")


def _risks_a_repeat(found: Delivery) -> bool:
    """Under the policy hold the operator decides on each one that may have arrived, never on all at once."""
    return found.uncertain is Uncertain.HOLD and found.sent_before


def steer(
    services: Services,
    action: str,
    *,
    delivery: str = "",
    edition: Edition | None = None,
    only: Collection[DeliveryState] = (),
) -> int:
    """Retry, pause, resume or cancel one delivery, or all of an edition that this can be done to, or `only` those in
    these states. What is held waits for a decision of its own: the retry of an edition leaves it.

    Returns how many were changed. Raises UsageError for one delivery that cannot be.
    """
    from_states, after = _CHANGES[action]
    now = services.clock()
    with services.database.write() as connection:
        if delivery:
            chosen = [deliveries.get(connection, delivery)]
        else:
            assert edition is not None
            wanted = [s for s in from_states if s in (only or _OF_EDITION.get(action, from_states))]
            chosen = deliveries.listing(connection, edition=edition.id, states=wanted)
            now_is = editions.by_id(connection, edition.id)
            if chosen or now_is.state is not EditionState.CLOSED or action == "cancel":
                _steer_edition(connection, action, now_is, now)
        changed = 0
        for found in chosen:
            if found.state not in from_states:
                raise UsageError(f"cannot {action} a delivery that is {found.state}", where=f"delivery {found.id}")
            if edition is not None and action in ("retry", "resume") and _risks_a_repeat(found):
                continue
            try:
                if after is DeliveryState.PLANNED:
                    variants.require_text(connection, found)
                if after is DeliveryState.PLANNED and withdrawal.is_withdrawn(connection, found.variant):
                    changed += withdrawal.resume(connection, found)
                    continue
                reason = f"{_PAST[action]} by the operator"
                changed += deliveries.steer(
                    connection, found, after, now, reason=reason, give_up_at=give_up_at(now, None)
                )
            except UsageError:
                if delivery:
                    raise
        return changed
