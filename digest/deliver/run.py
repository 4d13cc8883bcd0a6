"""What the lanes of one run share: the rows they take, the ledger they write, the count of what came of it."""

from __future__ import annotations

import threading
import time
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from digest.deliver.breaker import Breaker
from digest.deliver.commit import GroupCommitter
from digest.deliver.ledger import Claimed, Commits, Committed, Ledger, Row
from digest.deliver.transports.base import Transport
from digest.model.delivery import Delivery, DeliveryState, Outcome

MessageFor = Callable[[Delivery], tuple[str, bytes]]
"""Envelope sender and message of a delivery: the same bytes every time."""

_RETRIES = (0.2, 1.0, 3.0)  # seconds between tries to write: what a relay has answered must not be forgotten


@dataclass
class Summary:
    """What became of a run. Only what is durable is counted; `stopped` says why it ended early."""

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

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Row], now: datetime) -> Committed:
        """A try whose answer was lost only makes a later one refuse: nothing is sent then."""
        done = self._commit(settled, marking, now)
        self.refused.update(done.refused)
        self.suppressed |= done.suppressed
        self.stale |= done.stale
        return done

    def _commit(self, settled: Sequence[Outcome], marking: Sequence[Row], now: datetime) -> Committed:
        for pause in _RETRIES:
            try:
                return self._ledger.commit(settled, marking, now)
            except Exception:  # noqa: BLE001 - the store's own errors are not known in this room
                time.sleep(pause)
        return self._ledger.commit(settled, marking, now)


class Feed:
    """Claimed deliveries for the lanes, fetched a batch at a time."""

    def __init__(
        self, ledger: Ledger, clock: Callable[[], datetime], owner: str, lease_seconds: float, batch: int
    ) -> None:
        self._ledger, self._clock, self._owner = ledger, clock, owner
        self._lease_seconds, self._batch = lease_seconds, batch
        self._waiting: deque[Claimed] = deque()
        self._lock = threading.Lock()
        self.is_over: Callable[[], bool] = lambda: False

    def next(self) -> Claimed | None:
        with self._lock:
            if self.is_over():
                return None
            if not self._waiting:
                self._waiting.extend(self._ledger.claim(self._clock(), self._batch, self._owner, self._lease_seconds))
            return self._waiting.popleft() if self._waiting else None

    def put_back(self, claimed: Claimed) -> None:
        with self._lock:
            self._waiting.appendleft(claimed)

    def release(self, why: str = "") -> int:
        with self._lock:
            rows = [claimed.row for claimed in self._waiting]
            self._waiting.clear()
            return self._ledger.release(rows, self._clock(), why) if rows else 0


@dataclass
class Run:
    """What the lanes of one run share."""

    books: Books
    committer: GroupCommitter
    feed: Feed
    transport: Transport
    message_for: MessageFor
    clock: Callable[[], datetime]
    stop: threading.Event
    breaker: Breaker
    on_progress: Callable[[int], None]
    messages_per_connection: int = 1000
    summary: Summary = field(default_factory=Summary)
    error: BaseException | None = None
    halt: threading.Event = field(default_factory=threading.Event)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def is_over(self) -> bool:
        return self.halt.is_set() or self.stop.is_set() or self.breaker.tripped

    def fail(self, error: BaseException) -> None:
        with self.lock:
            self.error = self.error or error
        self.halt.set()

    def pause(self, seconds: float) -> bool:
        """Wait; True where the run is over."""
        end = time.monotonic() + seconds
        while not self.is_over() and (left := end - time.monotonic()) > 0:
            self.stop.wait(min(left, 0.1))
        return self.is_over()

    def settle(self, outcome: Outcome) -> None:
        self.committer.submit(outcome, None)
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
