"""Turns at a host: how many requests at a time, and how long between two. For use by several threads."""

from __future__ import annotations

import contextlib
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from itertools import chain, zip_longest
from typing import TypeVar
from urllib.parse import urlsplit

from digest.errors import NotNow

_Thing = TypeVar("_Thing")
_MANY = 1_000  # hosts, before those that nobody needs any more are forgotten


@dataclass(slots=True)
class _Host:
    running: int = 0
    next_start: float = 0.0  # on the monotonic clock
    held_until: float = 0.0  # the host asked for patience (Retry-After)
    queue: deque[object] = field(default_factory=deque)


class Hosts:
    """At most `at_once` requests at a time to one host, and at least `gap` seconds between two that begin."""

    def __init__(self, at_once: int = 2, gap: float = 1.0) -> None:
        self._at_once, self._gap = max(at_once, 1), gap
        self._hosts: dict[str, _Host] = {}
        self._changed = threading.Condition()
        self._mine = threading.local()

    @contextlib.contextmanager
    def turn(self, host: str, deadline: float) -> Iterator[None]:
        """Waits, first come first served, until one more request may go to the host.

        Raises NotNow when that would be after `deadline` (time.monotonic), at once where the host asked us
        to stay away for longer. A thread that has its turn may ask for a further one: only the gap counts.
        """
        held: set[str] = self._mine.__dict__.setdefault("held", set())
        host = host.lower()
        within = host in held
        self._begin(host, deadline, within)
        held.add(host)
        try:
            yield
        finally:
            if not within:
                held.discard(host)
                self._end(host)

    def hold(self, host: str, seconds: float) -> None:
        """The host wants no request for so long; those that run go on."""
        with self._changed:
            known = self._hosts.setdefault(host.lower(), _Host())
            known.held_until = max(known.held_until, time.monotonic() + seconds)
            self._changed.notify_all()

    def wait(self, host: str) -> float:
        """Seconds until a turn could begin, if nobody else takes it; 0 where it could at once.

        For whoever has other things to do meanwhile. A host that is busy counts as one gap.
        """
        with self._changed:
            known = self._hosts.get(host.lower())
            if known is None:
                return 0.0
            busy = self._gap if known.running >= self._at_once or known.queue else 0.0
            return max(known.next_start - time.monotonic(), known.held_until - time.monotonic(), busy, 0.0)

    def _begin(self, host: str, deadline: float, within: bool) -> None:
        ticket = object()
        with self._changed:
            self._forget()
            known = self._hosts.setdefault(host, _Host())
            if not within:
                known.queue.append(ticket)
            try:
                while (left := self._left(known, ticket, within)) > 0:
                    now = time.monotonic()
                    held = known.held_until - now
                    if now >= deadline or held > deadline - now:
                        raise NotNow(host, max(held, left if left != _LONG else 0.0, 0.0))
                    self._changed.wait(min(left, deadline - now))
                known.next_start = time.monotonic() + self._gap
                known.running += not within
            finally:
                if not within:
                    known.queue.remove(ticket)
                self._changed.notify_all()

    def _left(self, known: _Host, ticket: object, within: bool) -> float:
        """Seconds until this ticket may begin; _LONG where another must do something first."""
        if not within and (known.queue[0] is not ticket or known.running >= self._at_once):
            return _LONG
        return max(known.next_start, known.held_until) - time.monotonic()

    def _end(self, host: str) -> None:
        with self._changed:
            self._hosts[host].running -= 1
            self._changed.notify_all()

    def _forget(self) -> None:
        if len(self._hosts) < _MANY:
            return
        now = time.monotonic()
        idle = [
            n for n, h in self._hosts.items() if not h.running and not h.queue and h.next_start < now > h.held_until
        ]
        for name in idle:
            del self._hosts[name]


_LONG = 3600.0


def host_of(location: str) -> str:
    """The host of an address; empty for what is none (a folder)."""
    try:
        return (urlsplit(location).hostname or "") if "://" in location else ""
    except ValueError:
        return ""


def spread(things: Iterable[tuple[str, _Thing]]) -> list[_Thing]:
    """(host, thing) in another order: one of each host in turn, so that nobody waits behind a crowded host."""
    by_host: dict[str, list[_Thing]] = {}
    for number, (host, thing) in enumerate(things):
        by_host.setdefault(host or f"\0{number}", []).append(thing)  # without a host it waits for nobody
    nothing = object()
    return [t for t in chain.from_iterable(zip_longest(*by_host.values(), fillvalue=nothing)) if t is not nothing]  # type: ignore[misc]
