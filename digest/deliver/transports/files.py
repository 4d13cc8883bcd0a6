"""What transports that keep files share: names that a resend meets again, and files that a power cut leaves whole."""

from __future__ import annotations

import hashlib
import os
import re
import threading
from pathlib import Path

_SAFE = re.compile(r"[^\w.@+-]+")
_MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)


def safe_name(recipient: str) -> str:
    """The address, with what a file's name cannot hold replaced, and told apart by a hash then."""
    safe = _SAFE.sub("_", recipient).strip(".")
    if safe == recipient and len(safe.encode()) < 120:
        return safe
    return f"{_cut(safe, 100)}-{hashlib.blake2b(recipient.encode(), digest_size=4).hexdigest()}"


def _cut(name: str, octets: int) -> str:
    """File systems count octets, not characters."""
    return name.encode()[:octets].decode("utf-8", "ignore")


def message_key(message: bytes) -> str:
    """From the Message-ID, so that the same message sent again replaces itself."""
    head_ends = message.find(b"\r\n\r\n")
    found = _MESSAGE_ID.search(message[: head_ends + 1] if head_ends >= 0 else message)
    return hashlib.blake2b(found[1] if found else message, digest_size=12).hexdigest()


def make_folder(folder: Path) -> None:
    """The folder and those above it, durable: a file is lost with a folder that was never written down."""
    if folder.is_dir():
        return
    make_folder(folder.parent)
    folder.mkdir(exist_ok=True)
    sync_folder(folder.parent)


def write_whole(draft: Path, name: Path, data: bytes) -> None:
    """Write beside, make it durable, then let it appear under its name: whole or not at all."""
    # Two connections may carry the same message, where a lease ran out; each has a draft of its own.
    draft = draft.with_name(f"{draft.name}.{os.getpid()}.{threading.get_ident()}")
    try:
        with draft.open("wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        draft.rename(name)
    except OSError:
        draft.unlink(missing_ok=True)
        raise
    sync_folder(name.parent)


def sync_folder(folder: Path) -> None:
    """A rename is durable only once its folder is."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
