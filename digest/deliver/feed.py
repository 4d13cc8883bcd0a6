"""Claimed deliveries for the lanes, a batch at a time."""

from __future__ import annotations

import threading
from collections import defaultdict, deque
from collections.abc import Callable, Collection
from datetime import datetime

from digest.deliver.ledger import Claimed, Ledger
from digest.model.delivery import Uncertain


class Feed:
    """Whoever takes one while few are left fetches the next batch; the other lanes go on meanwhile."""

    def __init__(
        self, ledger: Ledger, clock: Callable[[], datetime], owner: str, lease_seconds: float, batch: int
    ) -> None:
        self._ledger, self._clock, self._owner = ledger, clock, owner
        self._lease_seconds, self._batch = lease_seconds, batch
        self._few = max(1, batch // 2)
        self._waiting: deque[Claimed] = deque()
        self._bound: defaultdict[str, deque[Claimed]] = defaultdict(deque)  # each for one relay alone
        self.relays: Collection[str] = ()  # all that there are: what is bound to another one is for whoever comes
        self._dry = False
        self._lock = threading.Lock()
        self._fetching = threading.Lock()
        self.is_over: Callable[[], bool] = lambda: False

    def next(self, relay: str = "") -> Claimed | None:
        """The next one that this relay may carry; None where there is none or the run is over."""
        while not self.is_over():
            with self._lock:
                found = self._take(relay)
                enough = self._dry or len(self._waiting) >= self._few
            if found is not None and (enough or not self._fetching.acquire(blocking=False)):
                return found
            if found is None and enough:
                return None
            if found is None:
                self._fetching.acquire()
            try:
                self._fetch()
            except BaseException:
                if found is not None:
                    self.put_back(found)
                raise
            finally:
                self._fetching.release()
            if found is not None:
                return found
        return None

    def _take(self, relay: str) -> Claimed | None:
        for place in (self._bound.get(relay), self._waiting):
            if place:
                return place.popleft()
        return None

    def _place(self, claimed: Claimed) -> deque[Claimed]:
        relay = bound_to(claimed)
        return self._bound[relay] if relay in self.relays else self._waiting

    def _fetch(self) -> None:
        with self._lock:
            if self._dry or len(self._waiting) >= self._few:
                return
        found = self._ledger.claim(self._clock(), self._batch, self._owner, self._lease_seconds)
        with self._lock:
            for claimed in found:
                self._place(claimed).append(claimed)
            self._dry = not found

    def put_back(self, claimed: Claimed) -> None:
        with self._lock:
            self._place(claimed).appendleft(claimed)

    def release(self, why: str = "") -> int:
        with self._lock:
            rows = [claimed.row for place in (self._waiting, *self._bound.values()) for claimed in place]
            self._waiting.clear()
            self._bound.clear()
            return self._ledger.release(rows, self._clock(), why) if rows else 0


def bound_to(claimed: Claimed) -> str:
    """Only the relay that may have had it already knows its idempotency header again. Empty: any may have it."""
    delivery = claimed.delivery
    return delivery.relay if delivery.sent_before and delivery.uncertain is Uncertain.IDEMPOTENT else ""
