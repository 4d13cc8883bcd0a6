"""A maildir that newsletters are delivered to. It is only looked at: nothing in it is moved, marked or removed."""

from __future__ import annotations

import hashlib
import os
import stat
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from pathlib import Path

from digest.errors import BadInput, DigestError, UsageError
from digest.ingest import newsletter
from digest.ingest.kinds.base import Batch, FetchOptions, Run
from digest.model.article import RawArticle
from digest.model.publication import Source

FIRST = 200  # of the mails that lie there when the source is new: the newest
AT_ONCE = 500
_FOLDERS = ("new", "cur")
_REMEMBERED = 50_000  # names; a mail beyond them is read again, and found to be known


@dataclass(frozen=True, slots=True)
class _Mail:
    """`key` is of the name that a mail keeps when it is seen, answered, moved from `new` to `cur`."""

    path: Path
    key: str
    arrived: int


class MaildirSource:
    """Polled: whoever knows the address writes into it."""

    kind = "maildir"
    polled = True

    def check(self, location: str) -> str:
        path = Path(location).expanduser()
        if not path.is_dir():
            what = "is not a folder" if path.exists() else "does not exist"
            raise UsageError(what, where=location, mend="give the path of a maildir")
        if missing := [name for name in _FOLDERS if not (path / name).is_dir()]:
            mend = f"it has no folder {missing[0]}; for a folder of article files: --kind folder"
            raise UsageError("is not a maildir", where=location, mend=mend)
        return str(path.resolve())

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        folder = Path(source.location)
        mails = sorted(_mails(folder), key=lambda mail: (-mail.arrived, mail.key))
        seen = set(_split(memory.get("seen", "")))
        unseen = [mail for mail in mails if mail.key not in seen]
        # What lay there before is the past; the newest of it is background for what comes.
        taken = unseen[:AT_ONCE] if memory else unseen[:FIRST]
        done = seen if memory else {mail.key for mail in unseen[FIRST:]}
        found: list[RawArticle | BadInput] = []
        for mail in taken:
            try:
                article = _read(mail, min(options.max_bytes, newsletter.MAX_BYTES), now, options.run)
            except FileNotFoundError:  # moved meanwhile: it is found next time
                continue
            done.add(mail.key)
            found.append(article)
        kept = [mail.key for mail in mails[:_REMEMBERED] if mail.key in done]
        return Batch(articles=found, memory={"seen": "".join(kept), "kind": "maildir"}, unchanged=not found)


def _mails(folder: Path) -> Iterator[_Mail]:
    for name in _FOLDERS:
        try:
            entries = list(os.scandir(folder / name))
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
            raise DigestError(what, where=str(folder), mend="mount or create it, check its permissions") from None
        for entry in entries:
            try:
                found = entry.stat(follow_symlinks=False)
            except OSError:
                continue
            if stat.S_ISREG(found.st_mode) and not entry.name.startswith("."):
                yield _Mail(Path(entry.path), _key(entry.name), found.st_mtime_ns)


def _read(mail: _Mail, most: int, now: datetime, run: Run) -> RawArticle | BadInput:
    where = str(mail.path)
    try:
        with mail.path.open("rb") as file:
            data = file.read(most + 1)
    except FileNotFoundError:
        raise
    except OSError as error:
        return BadInput(f"cannot be read: {error.strerror or error}", where=where, mend="check its permissions")
    if len(data) > most:
        return BadInput(f"is larger than {most:,} bytes", where=where, mend="it is passed over")
    try:
        return run(partial(newsletter.read, now=now), data, where, f"path:{mail.key}", where=where)
    except BadInput as error:
        return error


_KEY = 8  # characters


def _key(name: str) -> str:
    """Eight characters for the name without its flags."""
    unique = name.partition(":")[0].encode(errors="surrogateescape")
    return hashlib.blake2b(unique, digest_size=_KEY // 2).hexdigest()


def _split(keys: str) -> list[str]:
    return [keys[at : at + _KEY] for at in range(0, len(keys), _KEY)]
