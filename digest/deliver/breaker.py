"""The circuit breaker: a run that fails across the board stops, before it has failed a whole list."""

from __future__ import annotations

import threading

RELAY_LIMIT = 10  # failures in a row that any delivery would have met
REFUSAL_LIMIT = 50  # readers in a row refused for good: more likely our fault than theirs


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

    def trouble(self, why: str) -> int:
        """The relay or the way to it failed; how often in a row by now."""
        with self._lock:
            self._count("relay", f"the relay failed {self._limits['relay']} times in a row, the last time: {why}")
            return self._counts["relay"]

    def _count(self, kind: str, reason: str) -> None:
        self._counts[kind] += 1
        if self._counts[kind] >= self._limits[kind] and not self.reason:
            self.reason = reason
