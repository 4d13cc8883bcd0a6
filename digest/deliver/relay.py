"""A relay: a way out, with what may be asked of it."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace

from digest.deliver.transports.base import Transport


@dataclass(frozen=True, slots=True)
class Relay:
    """`per_second` 0: as fast as it goes. `idempotency_header`: it knows a second copy by this field; empty: it does
    not. `near`: it is on this machine, and answers at once.
    """

    name: str
    transport: Transport
    connections: int = 1
    per_second: float = 0.0
    idempotency_header: str = ""
    near: bool = False


def shared(relay: Relay, senders: int) -> Relay:
    """One of so many shares of it, so that all together ask no more of it than one sender would."""
    if senders <= 1:
        return relay
    return replace(relay, connections=max(1, relay.connections // senders), per_second=relay.per_second / senders)


class Rate:
    """Messages spread evenly over time, for several lanes; a pause is not made up for afterwards by a burst."""

    def __init__(self, per_second: float, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._gap = 1 / per_second if per_second else 0.0
        self._monotonic = monotonic
        self._next = 0.0
        self._lock = threading.Lock()

    def reserve(self) -> float:
        """Take the next place; how many seconds off it is."""
        if not self._gap:
            return 0.0
        with self._lock:
            now = self._monotonic()
            place = max(self._next, now)
            self._next = place + self._gap
            return place - now
