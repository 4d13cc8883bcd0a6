"""A small Internet on this machine: names that a test answers for, a public address that leads here, a raw server."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable
from typing import Any

import pytest
from urllib3.util import connection as urllib3_connection

PUBLIC = "93.184.216.34"


class Net:
    """`names` gives the answers of each name, one after the other, the last one for ever."""

    def __init__(self, port: int) -> None:
        self.port = port
        self.names: dict[str, list[str]] = {}
        self.asked: list[str] = []
        self.connected: list[str] = []

    def install(self, monkeypatch: pytest.MonkeyPatch) -> None:
        real_lookup, real_connect = socket.getaddrinfo, urllib3_connection.create_connection

        def look_up(host: Any, port: Any, *rest: Any, **options: Any) -> Any:
            name = host.decode() if isinstance(host, bytes) else host
            if name not in self.names:
                return real_lookup(host, port, *rest, **options)  # literals, and what only this machine knows
            self.asked.append(name)
            answers = self.names[name]
            address = answers.pop(0) if len(answers) > 1 else answers[0]
            family = socket.AF_INET6 if ":" in address else socket.AF_INET
            place = (address, port, 0, 0) if ":" in address else (address, port)
            return [(family, socket.SOCK_STREAM, 6, "", place)]

        def connect(address: tuple[str, int], *rest: Any, **options: Any) -> socket.socket:
            self.connected.append(address[0])
            return real_connect(("127.0.0.1", self.port) if address[0] == PUBLIC else address, *rest, **options)

        monkeypatch.setattr(socket, "getaddrinfo", look_up)
        monkeypatch.setattr(urllib3_connection, "create_connection", connect)


class RawServer:
    """Answers each connection by `answer(request, socket)`, byte for byte as a test wants it."""

    def __init__(self, answer: Callable[[bytes, socket.socket], None]) -> None:
        self._answer = answer
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.port: int = self._listener.getsockname()[1]
        self.url = f"http://127.0.0.1:{self.port}/"
        self.requests: list[bytes] = []
        self.stop = threading.Event()
        self._connections: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._serve)]

    def __enter__(self) -> RawServer:
        self._threads[0].start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop.set()
        for end in (self._listener, *self._connections):
            with contextlib.suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for thread in self._threads:
            thread.join()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            self._connections.append(connection)
            thread = threading.Thread(target=self._one, args=(connection,))
            self._threads.append(thread)
            thread.start()

    def _one(self, connection: socket.socket) -> None:
        with connection, contextlib.suppress(OSError):
            connection.settimeout(10)
            request = b""
            while b"\r\n\r\n" not in request:
                if not (more := connection.recv(65_536)):
                    return
                request += more
            self.requests.append(request)
            self._answer(request, connection)
