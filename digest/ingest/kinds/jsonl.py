"""A JSON Lines file that others append to: only what was added since the last time is read."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from digest.errors import BadInput, DigestError, UsageError
from digest.ingest import jsonl
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.article import RawArticle
from digest.model.publication import Source

_MARK = 1024  # bytes at the beginning and before the end of what was read, by which the file is known again
_BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class _Place:
    """How far a file was read."""

    offset: int = 0
    line: int = 0  # lines before it
    mark: str = ""
    inode: int = 0
    size: int = 0  # of the file, when it was read


class JsonLinesSource:
    """Not polled in the flood rule's sense: the operator's own programs write it."""

    kind = "jsonl"
    polled = False

    def check(self, location: str) -> str:
        path = Path(location).expanduser()
        if not path.is_file():
            what = "is not a file" if path.exists() else "does not exist"
            raise UsageError(what, where=location, mend="give the path of a .jsonl file; it may be empty")
        return str(path.resolve())

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:  # noqa: ARG002
        path = Path(source.location)
        before = _recall(memory)
        found: list[RawArticle | BadInput] = []
        try:
            with path.open("rb") as file:
                start = before if _is_same(file, before) else _Place()
                if start.offset < before.offset:
                    found += _rest_of_the_old_one(path, before, options.max_bytes)
                lines = _Lines(file, start, str(path), options.max_bytes)
                found += lines.read()
                after = lines.place()
        except OSError as error:
            what = f"cannot be read: {error.strerror or error}"
            raise DigestError(what, where=source.location, mend="mount or create it, check its permissions") from None
        return Batch(
            articles=found,
            memory=_remember(after),
            unchanged=not found and after.offset == before.offset,
        )


class _Lines:
    """The whole lines of a file from a place on, up to a number of bytes."""

    def __init__(self, file: BinaryIO, start: _Place, origin: str, most: int) -> None:
        self.file, self.start, self.origin, self.most = file, start, origin, most
        self.offset, self.line = start.offset, start.line
        self.size = os.fstat(file.fileno()).st_size

    def read(self) -> Iterator[RawArticle | BadInput]:
        self.file.seek(self.offset)
        data = self.file.read(self.most)
        end = data.rfind(b"\n") + 1
        if not end and len(data) == self.most:
            yield self._too_long()
            return
        for line in data[:end].split(b"\n")[:-1]:  # splitlines would split at a lone \r too
            yield from self._one(line)
        # The last line may still be in the writing: it is taken when it is whole, or does not grow any more.
        rest = data[end:]
        if rest.strip() and self.offset + len(rest) >= self.size:
            article = jsonl.read_line(rest, self._where(self.line + 1))
            if isinstance(article, RawArticle) or self.start.size == self.size:
                yield article
                self.offset, self.line = self.offset + len(rest), self.line + 1

    def _one(self, line: bytes) -> Iterator[RawArticle | BadInput]:
        bare = line.removeprefix(_BOM) if self.offset == 0 else line
        self.offset, self.line = self.offset + len(line) + 1, self.line + 1
        if bare.strip():
            yield jsonl.read_line(bare, self._where(self.line))

    def _too_long(self) -> BadInput:
        """A line that is longer than all that may be read at once is passed over."""
        self.file.seek(self.offset)
        while piece := self.file.readline(self.most):
            self.offset += len(piece)
            if piece.endswith(b"\n"):
                break
        self.line += 1
        return BadInput(f"is longer than {self.most:,} bytes", where=self._where(self.line), mend="write shorter lines")

    def _where(self, line: int) -> str:
        return f"{self.origin}:{line}"

    def place(self) -> _Place:
        inode = os.fstat(self.file.fileno()).st_ino
        return _Place(self.offset, self.line, _mark(self.file, self.offset), inode, self.size)


def _is_same(file: BinaryIO, before: _Place) -> bool:
    """Whether what was read still stands there: else it was emptied, written anew, or put aside."""
    return os.fstat(file.fileno()).st_size >= before.offset and _mark(file, before.offset) == before.mark


def _rest_of_the_old_one(path: Path, before: _Place, most: int) -> list[RawArticle | BadInput]:
    """What was added between the last reading and the turn of the files, where the old one became `.1`."""
    old = path.with_name(f"{path.name}.1")
    try:
        with old.open("rb") as file:
            if os.fstat(file.fileno()).st_ino != before.inode or not _is_same(file, before):
                return []
            return list(_Lines(file, before, str(old), most).read())
    except OSError:
        return []


def _mark(file: BinaryIO, offset: int) -> str:
    """A fingerprint of the beginning and of the last bytes before the offset."""
    file.seek(0)
    head = file.read(min(_MARK, offset))
    file.seek(max(0, offset - _MARK))
    tail = file.read(min(_MARK, offset))
    return hashlib.blake2b(head + b"\0" + tail, digest_size=8).hexdigest()


def _recall(memory: dict[str, str]) -> _Place:
    try:
        return _Place(
            int(memory["offset"]), int(memory["line"]), memory["mark"], int(memory["inode"]), int(memory["size"])
        )
    except (KeyError, ValueError):
        return _Place(mark=hashlib.blake2b(b"\0", digest_size=8).hexdigest())


def _remember(place: _Place) -> dict[str, str]:
    return {
        "offset": str(place.offset),
        "line": str(place.line),
        "mark": place.mark,
        "inode": str(place.inode),
        "size": str(place.size),
    }
