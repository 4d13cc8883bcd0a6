"""An end to a conversation over HTTP.

A socket's timeout counts from byte to byte: a server that trickles holds its client for ever. Here the
connection is shut at the deadline, whatever still comes in.
"""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections.abc import Iterator

from urllib3.connection import HTTPConnection


@contextlib.contextmanager
def connected(connection: HTTPConnection, deadline: float) -> Iterator[HTTPConnection]:
    """Connects, and closes in the end; until connected, the connection's own timeout counts too.

    An answer that was cut off can look complete: whoever reads one asks for the time afterwards.
    """
    held: list[socket.socket] = []
    watchdog = threading.Timer(max(left(deadline), 0.001), _hang_up, (connection, held))
    watchdog.daemon = True
    watchdog.start()
    try:
        connection.connect()
        if left(deadline) <= 0:
            raise TimeoutError
        # The connection lets go of its socket where the answer is to end with it: we must not.
        held.append(connection.sock)
        connection.sock.settimeout(max(left(deadline), 0.001))
        yield connection
    finally:
        watchdog.cancel()
        connection.close()


def left(deadline: float) -> float:
    """Seconds from now, on the monotonic clock; below 0 when it is past."""
    return deadline - time.monotonic()


def _hang_up(connection: HTTPConnection, held: list[socket.socket]) -> None:
    with contextlib.suppress(OSError, AttributeError):  # closed meanwhile, or not open yet
        (held[0] if held else connection.sock).shutdown(socket.SHUT_RDWR)
