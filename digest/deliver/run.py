"""What the lanes of one run share: the rows they take, the ledger they write, the count of what came of it."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from digest.deliver.breaker import Breaker
from digest.deliver.commit import GroupCommitter
from digest.deliver.feed import Feed
from digest.deliver.ledger import Claimed, Commits, Committed
from digest.deliver.pace import Pace
from digest.model.delivery import Delivery, DeliveryState, Mark, Outcome


class Ready(NamedTuple):
    """A delivery made ready for the wire: envelope sender, message, and with which key it was signed."""

    sender: str
    message: bytes
    signed_with: str = ""


MessageFor = Callable[[Delivery], Ready]
"""The same bytes every time for what may have left before."""

_RETRIES = (0.2, 1.0, 3.0)  # seconds between tries to write: what a relay has answered must not be forgotten


_COUNTS = ("sent", "deferred", "failed", "uncertain", "held", "suppressed", "lost", "released")


@dataclass
class Summary:
    """What became of a run. Only what is durable is counted; `stopped` says why it ended early, `relays` which relays
    were given up on the way and why."""

    sent: int = 0
    deferred: int = 0
    failed: int = 0
    uncertain: int = 0
    held: int = 0
    suppressed: int = 0
    lost: int = 0  # rows that another sender had taken over meanwhile
    released: int = 0  # given back untouched
    reasons: Counter[str] = field(default_factory=Counter)
    stopped: str = ""
    relays: dict[str, str] = field(default_factory=dict)

    def add(self, other: Summary) -> None:
        """What another sender did beside this one, or a later run after it."""
        for name in _COUNTS:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        self.reasons += other.reasons
        self.relays |= other.relays
        self.stopped = self.stopped or other.stopped

    @property
    def done(self) -> int:
        return self.sent + self.deferred + self.failed + self.uncertain + self.held + self.suppressed


class Books:
    """The ledger's commit, tried again where it fails, with what the lanes want to know of its answers."""

    def __init__(self, ledger: Commits) -> None:
        self._ledger = ledger
        self.refused: dict[int, str] = {}
        self.suppressed: set[int] = set()
        self.stale: set[int] = set()

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Mark], now: datetime) -> Committed:
        """A try whose answer was lost only makes a later one refuse: nothing is sent then."""
        done = self._commit(settled, marking, now)
        self.refused.update(done.refused)
        self.suppressed |= done.suppressed
        self.stale |= done.stale
        return done

    def _commit(self, settled: Sequence[Outcome], marking: Sequence[Mark], now: datetime) -> Committed:
        for pause in _RETRIES:
            try:
                return self._ledger.commit(settled, marking, now)
            except Exception:  # noqa: BLE001 - the store's own errors are not known in this room
                time.sleep(pause)
        return self._ledger.commit(settled, marking, now)


@dataclass
class Run:
    """What the lanes of one run share; a breaker for each relay, by its name."""

    books: Books
    committer: GroupCommitter
    feed: Feed
    message_for: MessageFor
    clock: Callable[[], datetime]
    stop: threading.Event
    breakers: dict[str, Breaker]
    on_progress: Callable[[int], None]
    messages_per_connection: int = 1000
    pace: Pace = field(default_factory=lambda: Pace(time.monotonic))
    summary: Summary = field(default_factory=Summary)
    error: BaseException | None = None
    halt: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self) -> bool:
        return self.halt.is_set() or self.stop.is_set()

    def fail(self, error: BaseException) -> None:
        with self.lock:
            self.error = self.error or error
        self.halt.set()

    def pause(self, seconds: float, over: Callable[[], bool] | None = None) -> bool:
        """Wait; True where the run is over, or whatever else would end the wait."""
        over = over or self.is_over
        end = time.monotonic() + seconds
        while not over() and (left := end - time.monotonic()) > 0:
            self.stop.wait(min(left, 0.1))
        return over()

    def settle(self, outcome: Outcome) -> None:
        self.committer.submit([outcome], [])
        self.book(outcome)

    def book(self, outcome: Outcome) -> None:
        """Count an outcome that is durable."""
        with self.lock:
            if outcome.delivery in self.books.stale:
                self.books.stale.discard(outcome.delivery)
                self.summary.lost += 1
            else:
                self._count(outcome.state, outcome.reason)
            self.on_progress(self.summary.done)

    def book_refusal(self, claimed: Claimed) -> None:
        number = claimed.delivery.id
        with self.lock:
            reason = self.books.refused.pop(number, "not marked")
            if number in self.books.suppressed:
                self.books.suppressed.discard(number)
                self._count(DeliveryState.SUPPRESSED, reason)
            else:
                self.summary.lost += 1
                self.summary.reasons[reason] += 1
            self.on_progress(self.summary.done)

    def _count(self, state: DeliveryState, reason: str) -> None:
        setattr(self.summary, state.value, getattr(self.summary, state.value) + 1)
        if state is not DeliveryState.SENT:
            self.summary.reasons[reason] += 1
