"""Files of subscribers as they lie there: plain, packed into a .zip, or on standard input."""

from __future__ import annotations

import hashlib
import shutil
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, BinaryIO

from digest.audience.formats_foreign import STATES, state_by_name
from digest.audience.formats_read import Found, Note, Reading, read
from digest.errors import BadInput, DigestError
from digest.ingest.files import opened

STANDARD_INPUT = "-"
_BLOCK = 1 << 16
#: Of a .zip file so much is unpacked, and from so many files.
LARGEST = 1 << 30
_MOST_FILES = 50
_SUFFIXES = (".csv", ".json", ".jsonl", ".ndjson")
_UTF_16 = (b"\xff\xfe", b"\xfe\xff")


@dataclass(frozen=True, slots=True)
class Source:
    """A file that can be read again and again. `digest` is of its bytes; `lines` is 0 where nobody knows."""

    name: str
    digest: str
    lines: int
    _file: IO[bytes]
    _packed: bool

    def read(self, reading: Reading) -> Iterator[Found]:
        """Everybody in it. Raises BadInput where the file itself is broken."""
        self._file.seek(0)
        if not self._packed:
            yield from read(_blocks(self._file), reading, self.name)
            return
        try:
            with zipfile.ZipFile(self._file) as packed:
                yield from self._unpacked(packed, reading)
        except (zipfile.BadZipFile, zlib.error, EOFError, RuntimeError, NotImplementedError) as error:
            mend = "unpack it yourself, and give the files that are in it"
            raise BadInput(f"this .zip file cannot be read: {error}", where=self.name, mend=mend) from None

    def _unpacked(self, packed: zipfile.ZipFile, reading: Reading) -> Iterator[Found]:
        names = [info.filename for info in packed.infolist() if not info.is_dir()]
        chosen = _chosen(names)
        if not chosen:
            raise BadInput("there is no CSV or JSON file in it", where=self.name, mend="unpack it, and name the file")
        if len(chosen) > _MOST_FILES:
            raise BadInput(f"{len(chosen)} files are in it", where=self.name, mend="unpack it, and name the right one")
        if left := len(names) - len(chosen):
            yield Note(f"{self.name}: read {', '.join(chosen)}; {left} other file{'s' if left > 1 else ''} left out")
        room = [LARGEST]
        for name in chosen:
            with packed.open(name) as file:
                yield from read(self._bounded(file, room), reading, f"{self.name}/{name}")

    def _bounded(self, file: IO[bytes], room: list[int]) -> Iterator[bytes]:
        """What a header says of sizes is the word of whoever packed it. Raises DigestError: no line is to blame."""
        for block in _blocks(file):
            room[0] -= len(block)
            if room[0] < 0:
                what = f"more than {LARGEST / (1 << 30):g} GB are packed into it"
                raise DigestError(what, where=self.name, mend="unpack it yourself, and give the file that is meant")
            yield block


@contextmanager
def source(file: str, standard_input: BinaryIO) -> Iterator[Source]:
    """The file of that name. Raises BadInput."""
    if file == STANDARD_INPUT:
        with _kept(standard_input) as kept:
            yield _source("standard input", kept)
        return
    with opened(Path(file)) as found:
        if found.seekable():
            yield _source(file, found)
            return
        with _kept(found) as kept:
            yield _source(file, kept)


@contextmanager
def _kept(stream: BinaryIO) -> Iterator[IO[bytes]]:
    """What can be read only once, on the disk."""
    with tempfile.TemporaryFile() as kept:
        shutil.copyfileobj(stream, kept, _BLOCK)
        kept.seek(0)
        yield kept


def _source(name: str, file: IO[bytes]) -> Source:
    begin = file.read(4)
    if begin[:2] in _UTF_16:
        raise BadInput("this is UTF-16", where=name, mend="save it as CSV in UTF-8")
    file.seek(0)
    digest, lines = hashlib.sha256(), 0
    for block in _blocks(file):
        digest.update(block)
        lines += block.count(b"\n")
    packed = begin == b"PK\x03\x04"
    return Source(name, digest.hexdigest(), 0 if packed else lines, file, packed)


def _blocks(file: IO[bytes]) -> Iterator[bytes]:
    while block := file.read(_BLOCK):
        yield block


def _chosen(names: list[str]) -> list[str]:
    """The files with people in them: of exports that we know only those. Who has left comes first, and stays so."""
    read = [n for n in names if n.lower().endswith(_SUFFIXES) and not _base(n).startswith((".", "_"))]
    lists = [n for n in read if _base(n).startswith("email_list.")]  # Substack's, among posts and figures
    known = lists or [n for n in read if state_by_name(n)]
    order = {state: place for place, state in enumerate(reversed(STATES))}
    return sorted(known or read, key=lambda n: (order.get(state_by_name(n), -1), n))


def _base(name: str) -> str:
    return name.replace("\\", "/").rpartition("/")[2].lower()
