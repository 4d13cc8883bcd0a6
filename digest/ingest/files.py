"""Articles from files, folders and standard input: the suffix picks the reader, else the content."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from digest.errors import BadInput
from digest.ingest import feeds, jsonl, seed
from digest.model.article import RawArticle

_SEED, _JSON, _FEED = "seed", "json", "feed"
SUFFIXES = {
    ".txt": _SEED,
    ".jsonl": _JSON,
    ".ndjson": _JSON,
    ".json": _JSON,
    ".xml": _FEED,
    ".rss": _FEED,
    ".atom": _FEED,
}
_MEND_KINDS = "give .txt, .jsonl, .ndjson, .json, .xml, .rss or .atom files"


def read_path(path: Path, *, base: Path | None = None, now: datetime | None = None) -> Iterator[RawArticle | BadInput]:
    """Every article of a file or of the files below a folder, in the order of their names.

    Below a folder hidden files, README files and unknown suffixes are passed over; a file that is
    named directly is always read. With `base` (a source's folder) a seed file is recognised by its
    path from there, so that the folder may move; else by its resolved path.
    """
    if path.is_dir():
        files = list(walk(path))
        if not files:
            yield BadInput("holds no article files", where=str(path), mend=_MEND_KINDS)
        for file in files:
            yield from _read_file(file, base, now)
    elif path.exists():
        yield from _read_file(path, base, now)
    else:
        yield _missing(path)


def walk(folder: Path) -> Iterator[Path]:
    """The article files below a folder, sorted; symbolic links to folders are not followed."""
    # os.walk passes folders that it may not read; Path.walk needs Python 3.12.
    for root, folders, names in os.walk(folder):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        for name in sorted(names):
            file = Path(root, name)
            if not name.startswith(".") and file.stem.upper() != "README" and file.suffix.lower() in SUFFIXES:
                yield file


def read_bytes(
    data: bytes, origin: str, *, suffix: str = "", identity: str = "", now: datetime | None = None
) -> Iterator[RawArticle | BadInput]:
    """The articles in some bytes: standard input, or a file whose suffix says what it is."""
    kind = SUFFIXES.get(suffix.lower()) or sniff(data)
    if kind == _FEED or (kind == _JSON and feeds.is_json_feed(data)):
        yield from feeds.read(data, origin, now=now)
    elif kind == _JSON:
        yield from jsonl.read(data, origin)
    else:
        try:
            yield seed.read(data, origin, identity)
        except BadInput as error:
            if suffix and suffix.lower() not in SUFFIXES and error.what == seed.NO_DATE:
                error.mend = f"{error.mend}; or {_MEND_KINDS}"
            yield error


def contents(file: Path) -> bytes:
    """What is in a file that somebody named. Raises BadInput."""
    with opened(file) as found:
        return found.read()


@contextmanager
def opened(file: Path) -> Iterator[BinaryIO]:
    """The same, to be read in parts."""
    try:
        with file.open("rb") as found:
            yield found
    except FileNotFoundError:
        raise _missing(file) from None
    except OSError as error:
        mend = "name a file" if file.is_dir() else "check its permissions"
        raise BadInput(f"cannot be read: {error.strerror or error}", where=str(file), mend=mend) from None


def _missing(path: Path) -> BadInput:
    return BadInput("does not exist", where=str(path), mend="check the path")


def sniff(data: bytes) -> str:
    """What the first character says: `<` a feed, `{` or `[` JSON, else the seed format."""
    start = data[:200].replace(b"\0", b"").lstrip(b"\xef\xbb\xbf\xff\xfe \t\r\n")
    return {b"<": _FEED, b"{": _JSON, b"[": _JSON}.get(start[:1], _SEED)


def _read_file(file: Path, base: Path | None, now: datetime | None) -> Iterator[RawArticle | BadInput]:
    try:
        data = contents(file)
    except BadInput as error:
        yield error
        return
    name = file.relative_to(base).as_posix() if base else str(file.resolve())
    yield from read_bytes(data, str(file), suffix=file.suffix, identity=f"path:{name}", now=now)
