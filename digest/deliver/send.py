"""Send what is due: claim in batches, carry it over several connections, write every step down."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Sequence
from datetime import datetime

from digest.deliver.breaker import Breaker
from digest.deliver.commit import GroupCommitter
from digest.deliver.lane import Lane
from digest.deliver.ledger import Ledger
from digest.deliver.run import Books, Feed, MessageFor, Run, Summary
from digest.deliver.transports.base import Transport
from digest.deliver.unsettled import Flusher

__all__ = ["MessageFor", "Summary", "send_all"]

_PATIENCE = 0.02  # seconds that an answer may wait for company on its way into the ledger


def send_all(
    ledger: Ledger,
    transport: Transport,
    *,
    message_for: MessageFor,
    connections: int,
    clock: Callable[[], datetime],
    stop: threading.Event,
    owner: str,
    lease_seconds: float = 900,
    batch: int = 100,
    on_progress: Callable[[int], None] = lambda _done: None,
    breaker: Breaker | None = None,
    messages_per_connection: int = 1000,
) -> Summary:
    """Send until nothing is due, `stop` is set or the breaker trips.

    On `stop` each lane finishes the message in hand; what was claimed beyond that is given back.
    Raises what the ledger raises; whatever was in flight then is seen to by `Ledger.recover`.
    """
    books = Books(ledger)
    feed = Feed(ledger, clock, owner, lease_seconds, batch)
    try:
        with GroupCommitter(books, clock) as committer:
            run = Run(books, committer, feed, transport, message_for, clock, stop, breaker or Breaker(), on_progress)
            run.messages_per_connection = messages_per_connection
            feed.is_over = run.is_over
            _drive(run, [Lane(run, number) for number in range(connections)], ledger, owner, lease_seconds)
        if run.error is not None:
            raise run.error
    except BaseException:
        # What cannot be given back now is taken back when its lease has run out.
        with contextlib.suppress(Exception):
            feed.release()
        raise
    summary = run.summary
    summary.released = feed.release(run.breaker.reason)
    summary.stopped = run.breaker.reason or ("asked to stop" if stop.is_set() else "")
    return summary


def _drive(run: Run, lanes: Sequence[Lane], ledger: Ledger, owner: str, lease_seconds: float) -> None:
    flusher = Flusher([lane.unsettled for lane in lanes], run.fail, _PATIENCE)
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
