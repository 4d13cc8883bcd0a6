"""Slow down for a mail domain that asks for it, while the others go on.

A domain that says "too many" is left alone for a while, longer each time it says so again, and what is
for it waits unseen. Greylisting and other temporary refusals do not count: they are about one recipient,
who is tried again by itself.
"""

from __future__ import annotations

import re
import threading
from collections.abc import Callable
from dataclasses import dataclass

FIRST_REST, LONGEST_REST = 30.0, 900.0  # seconds
_TOO_MANY = re.compile(
    r"too (many|much|fast)|rate.?limit|throttl|slow(ing)? down|(rate|limit|quota) (is |was )?exceed|exceed\w* .{0,40}"
    r"(rate|limit|quota)|over (the )?quota for|unusual (rate|volume)|temporarily (deferred|rate)|try .{0,30}slower",
    re.IGNORECASE,
)
#: Enhanced codes that mean the sender as a whole, not this recipient: RFC 3463, and as large providers use them.
_CODES = frozenset({"4.3.2", "4.4.5", "4.7.0", "4.7.28", "4.7.500", "4.7.650", "4.7.651"})


def asks_to_slow_down(code: int, enhanced: str, text: str) -> bool:
    """Whether a temporary refusal is about how much comes from us. 421 is the relay's own word, not its domain's."""
    if code == 421 or not 400 <= code < 500 or re.search(r"gr[ea]y.?list", text, re.IGNORECASE):
        return False
    return enhanced in _CODES or bool(_TOO_MANY.search(text))


@dataclass(slots=True)
class _Rest:
    until: float
    length: float


class Pace:
    """For all lanes of a run; times in seconds of the clock that it was given."""

    def __init__(self, monotonic: Callable[[], float]) -> None:
        self._monotonic = monotonic
        self._rests: dict[str, _Rest] = {}
        self._lock = threading.Lock()

    def wait(self, domain: str) -> float:
        """Seconds until this domain may be tried again; 0: now."""
        if not self._rests:
            return 0.0
        with self._lock:
            rest = self._rests.get(domain)
            return max(0.0, rest.until - self._monotonic()) if rest else 0.0

    def slow(self, domain: str) -> None:
        """It asked for it. Several lanes that were told at the same time count once."""
        with self._lock:
            now, rest = self._monotonic(), self._rests.get(domain)
            if rest is None:
                self._rests[domain] = _Rest(now + FIRST_REST, FIRST_REST)
            elif rest.until <= now:
                rest.length = min(2 * rest.length, LONGEST_REST)
                rest.until = now + rest.length

    def accepted(self, domain: str) -> None:
        """It takes mail again: half the rest next time, and none once that is short."""
        if not self._rests:
            return
        with self._lock:
            rest = self._rests.get(domain)
            if rest is not None and rest.until <= self._monotonic():
                rest.length /= 2
                if rest.length < FIRST_REST / 2:
                    del self._rests[domain]
