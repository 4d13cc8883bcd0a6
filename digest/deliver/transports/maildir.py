"""Maildir: a message is a file that appears whole, under a name that a resend meets again."""

from __future__ import annotations

from pathlib import Path
from typing import ClassVar

from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings
from digest.deliver.transports.files import make_folder, message_key, safe_name, write_whole
from digest.errors import TransportError


class MaildirTransport:
    """Entry point `maildir`. One folder for each recipient, or one for all."""

    name: ClassVar[str] = "maildir"

    def __init__(self, settings: TransportSettings) -> None:
        self._folder, self._per_recipient = settings.folder, settings.per_recipient

    def open(self) -> MaildirConnection:
        try:
            make_folder(self._folder)
        except OSError as error:
            mend = "check [maildir] path in digest.toml"
            raise TransportError("cannot make this folder", where=str(self._folder), mend=mend) from error
        return MaildirConnection(self._folder, self._per_recipient)


class MaildirConnection:
    def __init__(self, folder: Path, per_recipient: bool) -> None:
        self._root, self._per_recipient = folder, per_recipient
        self._box: Path | None = None

    def begin(self, sender: str, recipient: str) -> Reply:
        self._box = self._root / safe_name(recipient) if self._per_recipient else self._root
        return Reply(250, f"from {sender}", Stage.RCPT)

    def send(self, message: bytes) -> Reply:
        box, self._box = self._box, None
        if box is None:
            return Reply(503, "no message was announced", Stage.DATA, "5.5.1")
        try:
            name = _write(box, message)
        except OSError as error:
            return Reply(452, error.strerror or str(error), Stage.DOT, "4.3.0")
        return Reply(250, f"kept as {name}", Stage.DOT, "2.0.0")

    def reset(self) -> bool:
        self._box = None
        return True

    def close(self) -> None:
        pass


def _write(box: Path, message: bytes) -> str:
    for part in ("tmp", "new", "cur"):
        make_folder(box / part)
    name = f"{message_key(message)}.digest"
    # The reader may have moved the first copy to cur/, with flags behind its name.
    if any((box / "cur").glob(f"{name}*")):
        return name
    write_whole(box / "tmp" / name, box / "new" / name, message.replace(b"\r\n", b"\n"))
    return name
