"""Keys as they stand in their file, a line each, the newest first; and files that only their owner can read."""

from __future__ import annotations

import contextlib
import os
import re
import secrets
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import NamedTuple

_LINE = re.compile(r"(?P<key>.*?)\s+# since (?P<since>\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ)(?P<retired>, retired)?\s*")
_FORM = "%Y-%m-%dT%H:%M:%SZ"


class Key(NamedTuple):
    """`since` is not known of one that was made before it was written down. A retired one verifies no links."""

    secret: bytes
    since: datetime | None = None
    retired: bool = False

    @property
    def line(self) -> str:
        if self.since is None:
            return self.secret.decode()
        return f"{self.secret.decode()}  # since {self.since:{_FORM}}{', retired' if self.retired else ''}"


def parse_keys(lines: Iterable[str]) -> tuple[Key, ...]:
    return tuple(_parse(line) for line in lines if line)


def _parse(line: str) -> Key:
    found = _LINE.fullmatch(line)
    if found is None:
        return Key(line.encode())
    try:
        since = datetime.strptime(found["since"], _FORM).replace(tzinfo=UTC)
    except ValueError:  # no such day: it is all one key, which looks like that
        return Key(line.encode())
    return Key(found["key"].encode(), since, found["retired"] is not None)


def new_key(now: datetime) -> Key:
    return Key(secrets.token_hex(32).encode(), now.astimezone(UTC).replace(microsecond=0))


def write_secret(path: Path, now: datetime) -> None:
    """Make a new key that only its owner can read; an existing one is kept."""
    with contextlib.suppress(FileExistsError):
        write_private(path, f"{new_key(now).line}\n".encode())


def write_private(path: Path, content: bytes) -> None:
    """Make a file that only its owner can read. Raises FileExistsError where there is one."""
    handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(handle, "wb") as file:
        file.write(content)


def replace_private(path: Path, content: bytes) -> None:
    """Put another content in the place of a file, at once and for good; its owner stays who it was. Raises OSError."""
    path = path.resolve()  # the file itself, not a link to it
    before = path.stat()
    part = path.with_name(path.name + ".new")
    part.unlink(missing_ok=True)  # of who was killed here: it was never in use
    handle = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(file.fileno(), before.st_uid, before.st_gid)
            os.fsync(file.fileno())
        part.rename(path)
    except BaseException:
        part.unlink(missing_ok=True)
        raise
    folder = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
