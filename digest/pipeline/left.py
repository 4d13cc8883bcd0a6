"""Mails that no program understands, or that prove nothing: kept, and shown to the operator until one was seen.

They are their own record. What a maildir brought lies in its `cur`, unread as mail programs have it; what came by a
pipe is put into a maildir of ours. To read one with a mail program is enough to have it off the list.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from digest.deliver.commands import CommandMail
from digest.deliver.transports.files import make_folder, write_whole
from digest.errors import BadInput, NotFound
from digest.pipeline import commands, inbox
from digest.pipeline.commands import LEFT
from digest.pipeline.inbox import IntakeReport, Parse
from digest.pipeline.services import Services

_SEEN = frozenset("ST")  # read, or thrown away


@dataclass(frozen=True, slots=True)
class LeftMail:
    """`key` is made from the file's name, which stays the same when a mail program moves or marks it."""

    key: str
    path: Path
    at: datetime
    mail: CommandMail
    why: str


def take_piped(services: Services, data: bytes, *, recipient: str = "") -> IntakeReport:
    """One mail that is nowhere else: if it is for a person, it is on disk when this returns. Raises what goes wrong."""
    report = inbox.take_message(services, data, recipient=recipient)
    if report.commands[LEFT]:
        _keep(services.home.path(services.settings.commands.left), inbox.with_recipient(data, recipient))
    return report


def listing(services: Services, limit: int | None = None) -> list[LeftMail]:
    """The newest first."""
    parse, found = inbox.parser(services), list[LeftMail]()
    for at, path in sorted(_unseen(services), reverse=True):
        if limit is not None and len(found) >= limit:
            break
        left = _read(services, parse, path, at)
        if left is not None:
            found.append(left)
    return found


def get(services: Services, key: str) -> LeftMail:
    at, path = _find(services, key)
    found = _read(services, inbox.parser(services), path, at)
    if found is None:
        raise NotFound("command", key)
    return found


def settle(services: Services, key: str) -> Path:
    """Nobody need look at this mail any more. Where it is now."""
    path = _find(services, key)[1]
    name, _, flags = path.name.partition(":2,")
    seen = path.parents[1] / "cur" / f"{name}:2,{''.join(sorted({*flags, 'S'}))}"
    try:
        path.rename(seen)
    except OSError as error:
        raise inbox.unreadable(path, "moved", error) from None
    return seen


def _find(services: Services, key: str) -> tuple[datetime, Path]:
    found = next(((at, path) for at, path in _unseen(services) if _key(path) == key), None)
    if found is None:
        raise NotFound("command", key)
    return found


def _read(services: Services, parse: Parse, path: Path, at: datetime) -> LeftMail | None:
    try:
        said = parse(inbox.with_recipient(inbox.beginning(path), ""))
    except FileNotFoundError:  # a mail program has just moved it
        return None
    except OSError as error:
        raise inbox.unreadable(path, "read", error) from None
    why = commands.why_left(services, said.command) if said.command else ""
    return LeftMail(_key(path), path, at, said.command, why) if said.command and why else None


def _unseen(services: Services) -> Iterator[tuple[datetime, Path]]:
    """With the time when it came. What is new in a maildir of the mail server's was not taken yet."""
    settings, done = services.settings, set[Path]()
    own = services.home.path(settings.commands.left)
    theirs = [services.home.path(name) for name in (settings.commands.maildir, settings.bounces.maildir) if name]
    for folder in (own / "new", own / "cur", *(box / "cur" for box in theirs)):
        real = folder.resolve()
        if real in done or not real.is_dir():
            continue
        done.add(real)
        try:
            yield from _files(folder)
        except OSError as error:
            mend = "let the user that runs digest read this folder"
            raise BadInput(f"cannot be read: {error.strerror or error}", where=str(folder), mend=mend) from None


def _files(folder: Path) -> Iterator[tuple[datetime, Path]]:
    for path in folder.iterdir():
        if path.name.startswith(".") or _SEEN & set(path.name.partition(":2,")[2]):
            continue
        with contextlib.suppress(FileNotFoundError):  # a mail program has just moved it
            if path.is_file():
                yield datetime.fromtimestamp(path.stat().st_mtime, UTC), path


def _key(path: Path) -> str:
    return hashlib.blake2b(path.name.partition(":2,")[0].encode("utf-8", "surrogateescape"), digest_size=4).hexdigest()


def _keep(box: Path, data: bytes) -> None:
    """Piped again after all, it is the same file."""
    for part in ("tmp", "new", "cur"):
        make_folder(box / part)
    name = f"{hashlib.blake2b(data, digest_size=12).hexdigest()}.digest"
    if not any((box / "cur").glob(f"{name}*")):
        write_whole(box / "tmp" / name, box / "new" / name, data)
