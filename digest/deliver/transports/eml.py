"""A folder of .eml files: each message as it would be on the wire, for archives, tests and mail programs."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings
from digest.deliver.transports.files import make_folder, message_key, safe_name, write_whole
from digest.errors import TransportError


class EmlTransport:
    """Entry point `eml`."""

    name: ClassVar[str] = "eml"

    def __init__(self, settings: TransportSettings) -> None:
        self._folder = settings.eml_folder

    def open(self) -> EmlConnection:
        try:
            make_folder(self._folder)
        except OSError as error:
            mend = "check [eml] path in digest.toml"
            raise TransportError("cannot make this folder", where=str(self._folder), mend=mend) from error
        return EmlConnection(self._folder)


class EmlConnection:
    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._recipient: str | None = None

    def begin(self, sender: str, recipient: str) -> Reply:
        self._recipient = recipient
        return Reply(250, f"from {sender}", Stage.RCPT)

    def send(self, message: bytes) -> Reply:
        recipient, self._recipient = self._recipient, None
        if recipient is None:
            return Reply(503, "no message was announced", Stage.DATA, "5.5.1")
        name = f"{safe_name(recipient)}.{message_key(message)}.eml"
        try:
            # The draft's name begins with a dot, so that nobody who looks for *.eml finds it.
            write_whole(self._folder / f".{name}", self._folder / name, message)
        except OSError as error:
            return Reply(452, error.strerror or str(error), Stage.DOT, "4.3.0")
        return Reply(250, f"kept as {name}", Stage.DOT, "2.0.0")

    def reset(self) -> bool:
        self._recipient = None
        return True

    def close(self) -> None:
        pass
