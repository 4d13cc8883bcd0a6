"""A folder that the operator fills: article files of any form we read."""

from __future__ import annotations

import hashlib
from datetime import datetime
from pathlib import Path

from digest.errors import BadInput, DigestError, UsageError
from digest.ingest.files import read_path, walk
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.publication import Source


class FolderSource:
    """Not polled in the flood rule's sense: what lies here was put here by hand, so it is news."""

    kind = "folder"
    polled = False

    def check(self, location: str) -> str:
        path = Path(location).expanduser()
        if not path.is_dir():
            what = "is not a folder" if path.exists() else "does not exist"
            raise UsageError(what, where=location, mend="give the path of a folder")
        return str(path.resolve())

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:  # noqa: ARG002
        folder = Path(source.location)
        if not folder.is_dir():
            raise DigestError("the folder is not there", where=source.location, mend="mount or create it")
        fingerprint = _fingerprint(folder)
        if memory.get("fingerprint") == fingerprint:
            return Batch(memory=memory, unchanged=True)
        # An empty folder is no error here: it waits to be filled.
        found = list(read_path(folder, base=folder)) if any(walk(folder)) else []
        broken = any(isinstance(article, BadInput) for article in found)
        # A folder with a broken file is read again, and the file complained of, until it is mended.
        return Batch(articles=found, memory={} if broken else {"fingerprint": fingerprint})


def _fingerprint(folder: Path) -> str:
    """Names, sizes and times of the files: equal means that there is nothing to read."""
    digest = hashlib.blake2b(digest_size=16)
    for file in walk(folder):
        try:
            stat = file.stat()
        except OSError:  # a dangling link: reading it will say so
            continue
        digest.update(
            f"{file.relative_to(folder)}\0{stat.st_size}\0{stat.st_mtime_ns}\n".encode(errors="surrogateescape")
        )
    return digest.hexdigest()
