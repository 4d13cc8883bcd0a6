"""Send what is due: claim in batches, carry it over several connections, write every step down."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Collection, Sequence
from datetime import datetime

from digest.deliver.berth import Berth
from digest.deliver.breaker import Breaker
from digest.deliver.commit import GroupCommitter
from digest.deliver.feed import Feed
from digest.deliver.lane import Lane
from digest.deliver.ledger import Ledger
from digest.deliver.relay import Rate, Relay
from digest.deliver.run import Books, MessageFor, Ready, Run, Summary
from digest.deliver.unsettled import Flusher

__all__ = ["MessageFor", "Ready", "Summary", "send_all"]

_PATIENCE = 0.02  # seconds that an answer may wait for company on its way into the ledger


def send_all(
    ledger: Ledger,
    relays: Sequence[Relay],
    *,
    message_for: MessageFor,
    clock: Callable[[], datetime],
    stop: threading.Event,
    owner: str,
    lease_seconds: float = 900,
    batch: int = 100,
    on_progress: Callable[[int], None] = lambda _done: None,
    new_breaker: Callable[[], Breaker] = Breaker,
    messages_per_connection: int = 1000,
    near_lanes: int = 2,
    resting: Collection[str] = (),
) -> Summary:
    """Send until nothing is due, `stop` is set or the breakers of all relays have tripped.

    On `stop` each lane finishes the message in hand; what was claimed beyond that is given back.
    `resting` relays are not to be tried now, and keep what is theirs.
    `near_lanes` threads share the connections to a relay on this machine: while one waits for the disk or signs, the
    other goes on. Raises what the ledger raises; whatever was in flight then is seen to by `Ledger.recover`.
    """
    books = Books(ledger)
    feed = Feed(ledger, clock, owner, lease_seconds, batch)
    breakers = {relay.name: new_breaker() for relay in relays}
    try:
        run = Run(books, GroupCommitter(books, clock), feed, message_for, clock, stop, breakers, on_progress)
        run.messages_per_connection = messages_per_connection
        feed.is_over = run.is_over
        feed.relays = {*breakers, *resting}
        _drive(run, _lanes(run, relays, near_lanes), ledger, owner, lease_seconds)
        if run.error is not None:
            raise run.error
    except BaseException:
        # What cannot be given back now is taken back when its lease has run out.
        with contextlib.suppress(Exception):
            feed.release()
        raise
    summary = run.summary
    summary.relays = {name: breaker.reason for name, breaker in breakers.items() if breaker.tripped}
    tripped = "; ".join(_told(name, why, relays) for name, why in summary.relays.items())
    summary.released = feed.release(tripped)
    if len(summary.relays) == len(relays):
        summary.stopped = tripped
    elif stop.is_set():
        summary.stopped = "asked to stop"
    return summary


def _told(name: str, why: str, relays: Sequence[Relay]) -> str:
    return f"{name}: {why}" if len(relays) > 1 else why


def _lanes(run: Run, relays: Sequence[Relay], near_lanes: int) -> list[Lane]:
    """The threads, with the connections that each drives."""
    rates = {relay.name: Rate(relay.per_second) for relay in relays}
    lanes: list[Lane] = []
    for relay in relays:
        berths = [Berth(run, relay, rates[relay.name]) for _ in range(relay.connections)]
        # A far relay's answers take their time, and none should wait for another's; nor for another's place in a rate.
        together = relay.near and not relay.per_second
        threads = min(near_lanes, len(berths)) if together else len(berths)
        lanes += [Lane(run, berths[n::threads], f"{relay.name}-{n}") for n in range(threads)]
    return lanes


def _drive(run: Run, lanes: Sequence[Lane], ledger: Ledger, owner: str, lease_seconds: float) -> None:
    flusher = Flusher([berth.unsettled for lane in lanes for berth in lane.berths], run.fail, _PATIENCE)
    leases = _Leases(ledger, run.clock, owner, lease_seconds, run.fail)
    flusher.start()
    leases.start()
    for lane in lanes:
        lane.start()
    try:
        for lane in lanes:
            lane.join()
    except BaseException:
        run.halt.set()  # Ctrl-C: the messages in hand are finished all the same
        for lane in lanes:
            lane.join()
        raise
    finally:
        flusher.end()
        leases.end()


class _Leases(threading.Thread):
    """Renews the leases three times over their length. Where that fails until they run out, the run ends."""

    def __init__(
        self,
        ledger: Ledger,
        clock: Callable[[], datetime],
        owner: str,
        lease_seconds: float,
        on_error: Callable[[BaseException], None],
    ) -> None:
        super().__init__(name="digest-leases", daemon=True)
        self._ledger, self._clock, self._owner = ledger, clock, owner
        self._lease_seconds, self._on_error = lease_seconds, on_error
        self._over = threading.Event()

    def run(self) -> None:
        renewed = time.monotonic()
        while not self._over.wait(self._lease_seconds / 3):
            try:
                self._ledger.renew(self._owner, self._clock(), self._lease_seconds)
                renewed = time.monotonic()
            except Exception as error:  # noqa: BLE001 - the next try may succeed, and the epoch fences in any case
                if time.monotonic() - renewed >= self._lease_seconds:
                    self._on_error(error)
                    return

    def end(self) -> None:
        self._over.set()
        self.join()
