"""What a transport is: it opens connections, and a connection carries messages one at a time."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Protocol, cast

from digest.deliver.retry import Stage


@dataclass(frozen=True, slots=True)
class Reply:
    """A server's answer. `code` is 0 where the connection broke before there was one.

    `ambiguous`: it broke after the final dot may have been on its way, so nobody can know. `last`: the
    connection ended with it.
    """

    code: int
    text: str
    stage: Stage
    enhanced: str = ""
    ambiguous: bool = False
    last: bool = False

    @property
    def ok(self) -> bool:
        return 200 <= self.code < 400

    def __str__(self) -> str:
        head = str(self.code) if self.code else f"no answer to {self.stage}"
        return " ".join(part for part in (head, self.enhanced, self.text) if part)


class Wire(bytes):
    """A message that can go out as it is: every line ends with CRLF, none begins with a dot."""


class Connection(Protocol):
    """Carries one message after another. Not for use by two threads at once."""

    def begin(self, sender: str, recipient: str) -> Reply:
        """Announce a message, up to the point where only its text is missing: for SMTP, MAIL, RCPT and DATA."""

    def send(self, message: bytes) -> Reply:
        """The message itself, up to the reply to its final dot."""

    def reset(self) -> bool:
        """Forget the message that was announced. False where the connection is of no use for another one."""

    def close(self) -> None:
        """End the connection politely if it still stands. Never raises."""


class Overlapping(Protocol):
    """A connection that does not wait where it need not: what `begin` and `send` do, each in two halves.

    The second halves wait until `deadline`, by the monotonic clock, and not at all where `is_ready`.
    """

    deadline: float

    def is_ready(self) -> bool:
        """Whether there is an answer without waiting, as far as can be told without asking the system."""

    def fileno(self) -> int:
        """What to watch for one; negative: nothing, call the second half."""

    def ask(self, sender: str, recipient: str) -> None: ...

    def agreed(self) -> Reply: ...

    def hand_over(self, message: bytes) -> None: ...

    def answered(self) -> Reply: ...

    def reset(self) -> bool: ...

    def close(self) -> None: ...


class _InTwoHalves:
    """Any connection: the second half does it all."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._asked = ("", "")
        self._message = b""
        self.deadline = 0.0

    def is_ready(self) -> bool:
        return True

    def fileno(self) -> int:
        return -1

    def ask(self, sender: str, recipient: str) -> None:
        self._asked = (sender, recipient)

    def agreed(self) -> Reply:
        return self._connection.begin(*self._asked)

    def hand_over(self, message: bytes) -> None:
        self._message = message

    def answered(self) -> Reply:
        message, self._message = self._message, b""
        return self._connection.send(message)

    def reset(self) -> bool:
        return self._connection.reset()

    def close(self) -> None:
        self._connection.close()


def overlapping(connection: Connection) -> Overlapping:
    """The connection itself where it can; else one that waits in the second halves."""
    return cast(Overlapping, connection) if hasattr(connection, "ask") else _InTwoHalves(connection)


class Transport(Protocol):
    name: str

    def open(self) -> Connection:
        """Raises TransportError where no connection can be had."""


@dataclass(frozen=True, slots=True)
class TransportSettings:
    """All that a transport may need, made by the composition root from the settings."""

    host: str = "localhost"
    port: int = 25
    tls: str = "auto"  # auto | starttls | tls | none
    user: str = ""
    password: str = ""
    ca_file: str = ""
    helo: str = ""
    timeout: float = 300.0  # seconds for one command; the final dot gets at least ten minutes
    folder: Path = Path("maildir")
    per_recipient: bool = True
    eml_folder: Path = Path("eml")
    command: tuple[str, ...] = ()  # of sendmail, with {sender} and {recipient}
    command_timeout: float = 600.0  # seconds for one message
