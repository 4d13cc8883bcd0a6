"""An end to a conversation over HTTP.

A socket's timeout counts from byte to byte: a server that trickles holds its client for ever. Here the
connection is shut at the deadline, whatever still comes in.
"""

from __future__ import annotations

import contextlib
import itertools
import os
import socket
import threading
import time
from collections.abc import Callable, Iterator

from urllib3.connection import HTTPConnection

_IDLE = 10.0  # seconds


@contextlib.contextmanager
def connected(connection: HTTPConnection, deadline: float) -> Iterator[HTTPConnection]:
    """Connects, and closes in the end; until connected, the connection's own timeout counts too.

    An answer that was cut off can look complete: whoever reads one asks for the time afterwards.
    """
    held: list[socket.socket] = []
    watched = _WATCHDOG.watch(deadline, lambda: _hang_up(connection, held))
    try:
        connection.connect()
        if left(deadline) <= 0:
            raise TimeoutError
        # The connection lets go of its socket where the answer is to end with it: we must not.
        held.append(connection.sock)
        connection.sock.settimeout(max(left(deadline), 0.001))
        yield connection
    finally:
        _WATCHDOG.let_go(watched)
        connection.close()


def left(deadline: float) -> float:
    """Seconds from now, on the monotonic clock; below 0 when it is past."""
    return deadline - time.monotonic()


def _hang_up(connection: HTTPConnection, held: list[socket.socket]) -> None:
    with contextlib.suppress(OSError, AttributeError):  # closed meanwhile, or not open yet
        (held[0] if held else connection.sock).shutdown(socket.SHUT_RDWR)


class _Watchdog:
    """One thread for all deadlines of a process, while there are any: one for each would cost more than a request."""

    def __init__(self) -> None:
        self._watched: dict[int, tuple[float, Callable[[], None]]] = {}
        self._numbers = itertools.count()
        self._changed = threading.Condition()
        self._runs = False
        self._wakes = 0.0

    def watch(self, deadline: float, action: Callable[[], None]) -> int:
        """Does it at the deadline, unless it is let go of before."""
        with self._changed:
            number = next(self._numbers)
            self._watched[number] = deadline, action
            if not self._runs:
                try:
                    threading.Thread(target=self._run, name="digest-deadlines", daemon=True).start()
                except RuntimeError:  # no thread is to be had now; whoever comes next asks again
                    del self._watched[number]
                    raise
                self._runs = True
            elif deadline < self._wakes:
                self._changed.notify()
        return number

    def let_go(self, number: int) -> None:
        with self._changed:
            self._watched.pop(number, None)

    def _run(self) -> None:
        idle = False
        while True:
            with self._changed:
                if idle and not self._watched:
                    self._runs = False
                    return
                idle = not self._watched
                now = time.monotonic()
                due = [number for number, (deadline, _) in self._watched.items() if deadline <= now]
                actions = [self._watched.pop(number)[1] for number in due]
                if not actions:
                    self._wakes = min((deadline for deadline, _ in self._watched.values()), default=now + _IDLE)
                    self._changed.wait(self._wakes - now)
            for action in actions:
                with contextlib.suppress(Exception):  # without this thread nobody's deadline would be kept any more
                    action()


_WATCHDOG = _Watchdog()


def _anew() -> None:
    """A process that was forked has none of the threads of the one before."""
    global _WATCHDOG
    _WATCHDOG = _Watchdog()


os.register_at_fork(after_in_child=_anew)
