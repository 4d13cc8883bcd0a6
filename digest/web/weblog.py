"""The log of requests, where `web.log` asks for one: day files that hold no token, and no address unless told to.

A thread of its own writes it. Whatever happens to the disk, no answer waits for it or fails by it.
"""

from __future__ import annotations

import contextlib
import os
import queue
import threading
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from ipaddress import ip_network
from pathlib import Path

from starlette.requests import Request

from digest.model.network import address_of
from digest.web.client import address
from digest.web.parts import Web
from digest.web.watch import Listener, Seen, nobody

FOLDER = "weblog"
_MOST_WAITING = 10_000  # lines; what comes on top while the disk is slow is left out
_PREFIXES = {4: 24, 6: 48}


@contextlib.contextmanager
def kept(web: Web) -> Iterator[Listener]:
    """What is to be told of each request, from here to the end of the block."""
    settings = web.services.settings.web
    if not settings.log:
        yield nobody
        return
    writer = Writer(web.services.home.folder / FOLDER, web.say)

    def tell(seen: Seen) -> None:
        network = network_of_client(address(web, Request(seen.scope))) if settings.log_addresses else ""
        writer.write(web.services.clock(), line(web.services.clock(), seen, network))

    try:
        yield tell
    finally:
        writer.close()


def line(at: datetime, seen: Seen, network: str = "") -> str:
    """Time, method, route, status, milliseconds, bytes, and the network where that is wanted."""
    told = [f"{at.astimezone(UTC):%Y-%m-%dT%H:%M:%SZ}", seen.method, seen.route, str(seen.status)]
    told += [f"{seen.seconds * 1000:.1f}", str(seen.size)]
    return " ".join([*told, network] if network else told)


def network_of_client(text: str) -> str:
    """So much of an address as tells where many are: /24 of IPv4, /48 of IPv6."""
    found = address_of(text)
    return str(ip_network((found, _PREFIXES[found.version]), strict=False)) if found else "-"


class Writer:
    """Lines into `YYYY-MM-DD.log` of a folder, by UTC's days. `say` is told once when that fails, and when it is well
    again."""

    def __init__(self, folder: Path, say: Callable[[str], None], most: int = _MOST_WAITING) -> None:
        self._folder, self._say = folder, say
        self._lines: queue.Queue[tuple[str, str] | None] = queue.Queue(most)
        self._failing = False
        self._thread = threading.Thread(target=self._run, name="digest-weblog", daemon=True)
        self._thread.start()

    def write(self, at: datetime, text: str) -> None:
        """Returns at once."""
        with contextlib.suppress(queue.Full):
            self._lines.put_nowait((f"{at.astimezone(UTC):%Y-%m-%d}", text))

    def close(self, seconds: float = 5.0) -> None:
        """When what waits is written, or after so long."""
        with contextlib.suppress(queue.Full):
            self._lines.put(None, timeout=seconds)
        self._thread.join(seconds)

    def _run(self) -> None:
        while (first := self._lines.get()) is not None:
            waiting, ended = [first], False
            with contextlib.suppress(queue.Empty):
                while len(waiting) < _MOST_WAITING and not ended:
                    more = self._lines.get_nowait()
                    ended = more is None
                    waiting += [more] if more else []
            self._append(waiting)
            if ended:
                return

    def _append(self, waiting: list[tuple[str, str]]) -> None:
        days: dict[str, list[str]] = {}
        for day, text in waiting:
            days.setdefault(day, []).append(text + "\n")
        try:
            self._folder.mkdir(mode=0o700, exist_ok=True)
            for day, lines in days.items():
                self._into(self._folder / f"{day}.log", "".join(lines))
        except OSError as error:
            if not self._failing:
                self._say(f"{self._folder}: {error.strerror or error}: requests are answered, and not logged")
            self._failing = True
        else:
            self._failing = False

    @staticmethod
    def _into(path: Path, text: str) -> None:
        handle = os.open(path, os.O_WRONLY | os.O_APPEND | os.O_CREAT, 0o600)
        try:
            os.write(handle, text.encode())  # in one piece: several processes may log
        finally:
            os.close(handle)
