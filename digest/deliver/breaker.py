"""The circuit breaker: a run that fails across the board stops, before it has failed a whole list."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta

RELAY_LIMIT = 10  # failures in a row that any delivery would have met
REFUSAL_LIMIT = 50  # readers in a row refused for good: more likely our fault than theirs


FIRST_REST, LONGEST_REST = timedelta(minutes=1), timedelta(minutes=15)


@dataclass
class Rests:
    """Relays that failed are left alone between runs too, longer each time: what one process keeps of them."""

    _until: dict[str, tuple[datetime, timedelta]] = field(default_factory=dict)

    def resting(self, now: datetime) -> set[str]:
        return {name for name, (until, _) in self._until.items() if now < until}

    def learn(self, tripped: Mapping[str, str], tried: set[str], now: datetime) -> None:
        """`tripped`: why, of those that were given up in a run that had tried these."""
        for name in tried:
            if name not in tripped:
                self._until.pop(name, None)
                continue
            _, last = self._until.get(name, (now, timedelta()))
            length = min(max(2 * last, FIRST_REST), LONGEST_REST)
            self._until[name] = (now + length, length)


class Breaker:
    """Told every result by every lane. Once it has tripped it stays so for the run."""

    def __init__(self, relay_limit: int = RELAY_LIMIT, refusal_limit: int = REFUSAL_LIMIT) -> None:
        self._limits = {"relay": relay_limit, "refusal": refusal_limit}
        self._counts = {"relay": 0, "refusal": 0}
        self._lock = threading.Lock()
        self.reason = ""

    @property
    def tripped(self) -> bool:
        return bool(self.reason)

    @property
    def troubles(self) -> int:
        """How often in a row the relay failed by now."""
        return self._counts["relay"]

    def accepted(self) -> None:
        with self._lock:
            self._counts = {"relay": 0, "refusal": 0}

    def answered(self) -> None:
        """The relay works, though it did not take this one now (greylisting, a full mailbox)."""
        with self._lock:
            self._counts["relay"] = 0

    def refused(self, why: str) -> None:
        with self._lock:
            self._counts["relay"] = 0
            self._count("refusal", f"refused {self._limits['refusal']} times in a row, the last time: {why}")

    def trip(self, why: str) -> None:
        """At once: to try again would only make it worse."""
        with self._lock:
            self.reason = self.reason or why

    def trouble(self, why: str) -> int:
        """The relay or the way to it failed; how often in a row by now."""
        with self._lock:
            self._count("relay", f"the relay failed {self._limits['relay']} times in a row, the last time: {why}")
            return self._counts["relay"]

    def _count(self, kind: str, reason: str) -> None:
        self._counts[kind] += 1
        if self._counts[kind] >= self._limits[kind] and not self.reason:
            self.reason = reason
