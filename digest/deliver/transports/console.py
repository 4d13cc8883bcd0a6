"""Console: the readable text of a message, on standard output."""

from __future__ import annotations

import email
import email.policy
import sys
from typing import ClassVar, TextIO

from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings


class ConsoleTransport:
    """Entry point `console`."""

    name: ClassVar[str] = "console"

    def __init__(self, _settings: TransportSettings, out: TextIO | None = None) -> None:
        self._out = out

    def open(self) -> ConsoleConnection:
        return ConsoleConnection(self._out or sys.stdout)


class ConsoleConnection:
    def __init__(self, out: TextIO) -> None:
        self._out = out
        self._announced = False

    def begin(self, sender: str, recipient: str) -> Reply:
        self._announced = True
        return Reply(250, f"{sender} to {recipient}", Stage.RCPT)

    def send(self, message: bytes) -> Reply:
        if not self._announced:
            return Reply(503, "no message was announced", Stage.DATA, "5.5.1")
        self._announced = False
        parsed = email.message_from_bytes(message, policy=email.policy.default)
        head = "\n".join(f"{name}: {parsed[name]}" for name in ("From", "To", "Subject", "Date"))
        body = parsed.get_body(("plain",))
        text = body.get_content() if body else ""
        # One write, so that the messages of two connections do not run into each other.
        shown = f"{'=' * 78}\n{head}\n{'-' * 78}\n{text}\n"
        encoding = getattr(self._out, "encoding", None) or "utf-8"
        try:
            self._out.write(shown.encode(encoding, "replace").decode(encoding))
            self._out.flush()
        except (OSError, ValueError) as error:  # ValueError: it is closed
            return Reply(451, str(error), Stage.DOT, "4.3.0")
        return Reply(250, "printed", Stage.DOT)

    def reset(self) -> bool:
        self._announced = False
        return True

    def close(self) -> None:
        pass
