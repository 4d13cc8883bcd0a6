"""An SMTP server that remembers all that it took, and answers as it is told."""

from __future__ import annotations

import contextlib
import socket
import threading
import time
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, replace
from types import TracebackType
from typing import BinaryIO

#: Instead of an answer: hang up. At the dot: after the message was taken.
DROP = "drop"


@dataclass(frozen=True, slots=True)
class Taken:
    sender: str
    recipient: str
    message: bytes
    connection: int
    known: bool = False  # a copy that the relay has seen before, and that goes no further


class Relay:
    """Use as a context manager. What was taken stands in `taken` before the answer goes out."""

    def __init__(self, *, pipelining: bool = True, idempotency: str = "") -> None:
        self._idempotency = idempotency.encode()  # the header by which it knows a second copy; none
        self.taken: list[Taken] = []
        self.script: dict[tuple[str, str], list[str]] = defaultdict(
            list
        )  # (verb, recipient) -> answers, the first next
        self.on_dot: Callable[[Taken], None] = lambda _taken: None  # before the answer; may wait
        self._extensions = ["8BITMIME", "SMTPUTF8", *(["PIPELINING"] if pipelining else [])]
        self._server = socket.create_server(("127.0.0.1", 0), backlog=128)
        self.port = int(self._server.getsockname()[1])
        self._changed = threading.Condition()
        self._accepted = self._ended = 0
        self._open: set[socket.socket] = set()
        self._thread = threading.Thread(target=self._accept, daemon=True)

    def __enter__(self) -> Relay:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._server.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._server.close()
        for client in list(self._open):
            with contextlib.suppress(OSError):
                client.shutdown(socket.SHUT_RDWR)
        self.drain()

    @property
    def environ(self) -> dict[str, str]:
        """Settings that lead here. A name to greet with spares each sender the question for its own."""
        header = {"DIGEST_SMTP_IDEMPOTENCY_HEADER": self._idempotency.decode()} if self._idempotency else {}
        return {
            **header,
            "DIGEST_MAIL_TRANSPORT": "smtp",
            "DIGEST_SMTP_HOST": "127.0.0.1",
            "DIGEST_SMTP_PORT": str(self.port),
            "DIGEST_SMTP_HELO": "client.example.org",
        }

    @property
    def connected(self) -> int:
        """How many connections there have been."""
        return self._accepted

    def copies(self) -> dict[str, list[Taken]]:
        """All that was taken, by recipient."""
        found: dict[str, list[Taken]] = {}
        for taken in self.taken:
            found.setdefault(taken.recipient, []).append(taken)
        return found

    def settled(self) -> int:
        """How much it had taken once all connections that senders had made were at their end."""
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)) as ours:
            # Connections are accepted in their order: when ours has been, all earlier ones have.
            ours.sendall(b"QUIT\r\n")
            while ours.recv(1000):
                pass
        self.drain()
        return len(self.taken)

    def drain(self) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self._accepted == self._ended, timeout=30)

    def _accept(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                client, _ = self._server.accept()
                client.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                with self._changed:
                    self._accepted += 1
                    self._open.add(client)
                    number = self._accepted
                threading.Thread(target=self._serve, args=(client, number), daemon=True).start()

    def _serve(self, client: socket.socket, number: int) -> None:
        try:
            with contextlib.suppress(OSError), client, client.makefile("rwb") as file:
                self._talk(file, number)
        finally:
            with self._changed:
                self._ended += 1
                self._open.discard(client)
                self._changed.notify_all()

    def _talk(self, file: BinaryIO, number: int) -> None:
        sender = recipient = ""
        _say(file, "220 recording")
        while line := file.readline():
            verb = line[:4].decode("ascii", "replace").upper().strip()
            recipient = _address(line) if verb == "RCPT" else recipient
            scripted = self._scripted(verb, recipient if verb in ("RCPT", "DATA") else sender)
            if scripted == DROP:
                return
            if verb == "EHLO":
                _say(file, *(f"250-{name}" for name in self._extensions), "250 recording.example.org")
            elif verb == "MAIL":
                sender, recipient = _address(line), ""
                _say(file, scripted or "250 2.1.0 fine")
            elif verb == "RCPT":
                recipient = recipient if not scripted or scripted.startswith("2") else ""
                _say(file, scripted or "250 2.1.5 fine")
            elif verb == "DATA":
                if not recipient or scripted:
                    _say(file, scripted or "503 5.5.1 need RCPT")
                elif not self._message(file, sender, recipient, number):
                    return
                sender = recipient = ""
            elif verb == "QUIT":
                _say(file, "221 bye")
                return
            else:
                sender = recipient = ""
                _say(file, "250 fine")

    def _message(self, file: BinaryIO, sender: str, recipient: str, number: int) -> bool:
        """Take one; False where the connection is at its end."""
        _say(file, "354 go on")
        lines = []
        while (line := file.readline()) != b".\r\n":
            if not line.endswith(b"\n"):
                return False  # the sender is gone, and with it what it had not finished
            lines.append(line.removeprefix(b".") if line.startswith(b"..") else line)
        answer = self._scripted("DOT", recipient)
        taken = Taken(sender, recipient, b"".join(lines), number)
        if answer is None or answer == DROP or answer.startswith("2"):
            with self._changed:
                taken = replace(taken, known=self._knows(taken.message))
                self.taken.append(taken)
        self.on_dot(taken)
        if answer == DROP:
            return False
        _say(file, answer or "250 2.0.0 kept")
        return True

    def _knows(self, message: bytes) -> bool:
        if not self._idempotency:
            return False
        key = _field(message, self._idempotency)
        return bool(key) and any(_field(earlier.message, self._idempotency) == key for earlier in self.taken)

    def _scripted(self, verb: str, recipient: str) -> str | None:
        answers = self.script.get((verb, recipient))
        return answers.pop(0) if answers else None


def _say(file: BinaryIO, *lines: str) -> None:
    file.write("".join(f"{line}\r\n" for line in lines).encode())
    file.flush()


def _field(message: bytes, name: bytes) -> list[bytes]:
    head = message.partition(b"\r\n\r\n")[0].split(b"\r\n")
    return [line for line in head if line.lower().startswith(name.lower() + b":")]


def _address(line: bytes) -> str:
    return line.decode("utf-8", "replace").partition("<")[2].partition(">")[0]


def wait_until(happened: Callable[[], object], seconds: float = 20) -> None:
    give_up = time.monotonic() + seconds
    while not happened():
        assert time.monotonic() < give_up, "it did not happen"
        time.sleep(0.005)
