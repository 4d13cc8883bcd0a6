"""Maildir: a message is a file that appears whole, under a name that a resend meets again."""

from __future__ import annotations

import hashlib
import os
import re
from pathlib import Path
from typing import ClassVar

from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply, TransportSettings
from digest.errors import TransportError

_SAFE = re.compile(r"[^\w.@+-]+")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


class MaildirTransport:
    """Entry point `maildir`. One folder for each recipient, or one for all."""

    name: ClassVar[str] = "maildir"

    def __init__(self, settings: TransportSettings) -> None:
        self._folder, self._per_recipient = settings.folder, settings.per_recipient

    def open(self) -> MaildirConnection:
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            mend = "check [maildir] path in digest.toml"
            raise TransportError("cannot make this folder", where=str(self._folder), mend=mend) from error
        return MaildirConnection(self._folder, self._per_recipient)


class MaildirConnection:
    def __init__(self, folder: Path, per_recipient: bool) -> None:
        self._root, self._per_recipient = folder, per_recipient
        self._box = folder

    def begin(self, sender: str, recipient: str) -> Reply:
        self._box = self._root / folder_name(recipient) if self._per_recipient else self._root
        return Reply(250, f"from {sender}", Stage.RCPT)

    def send(self, message: bytes) -> Reply:
        try:
            name = self._write(message)
        except OSError as error:
            return Reply(452, error.strerror or str(error), Stage.DOT, "4.3.0")
        return Reply(250, f"kept as {name}", Stage.DOT, "2.0.0")

    def _write(self, message: bytes) -> str:
        for part in ("tmp", "new", "cur"):
            (self._box / part).mkdir(parents=True, exist_ok=True)
        name = file_name(message)
        # The reader may have moved the first copy to cur/, with flags behind its name.
        if any((self._box / "cur").glob(f"{name}*")):
            return name
        draft = self._box / "tmp" / f"{name}.{os.getpid()}"
        with draft.open("wb") as file:
            file.write(message.replace(b"\r\n", b"\n"))
            file.flush()
            os.fsync(file.fileno())
        draft.rename(self._box / "new" / name)
        _sync_folder(self._box / "new")
        return name

    def reset(self) -> bool:
        self._box = self._root
        return True

    def close(self) -> None:
        pass


def folder_name(recipient: str) -> str:
    """The address, with what a folder's name cannot hold replaced, and told apart by a hash then."""
    safe = _SAFE.sub("_", recipient).strip(".")
    if safe == recipient and len(safe) < 120:
        return safe
    return f"{safe[:100]}-{hashlib.blake2b(recipient.encode(), digest_size=4).hexdigest()}"


def file_name(message: bytes) -> str:
    """From the Message-ID, so that the same message sent again replaces itself."""
    found = _MESSAGE_ID.search(message[: message.find(b"\r\n\r\n") + 1 or len(message)])
    told = found[1] if found else message
    return f"{hashlib.blake2b(told, digest_size=12).hexdigest()}.digest"


def _sync_folder(folder: Path) -> None:
    """A rename is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
