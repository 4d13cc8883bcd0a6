"""After an erasure: no byte of what was erased is left in the files of the database.

SQLite overwrites what is deleted (`secure_delete`), but older copies may lie in the gaps of its pages, and what is not
checkpointed lies in the write-ahead log.
"""

from __future__ import annotations

import contextlib
import re
import sqlite3
from collections.abc import Collection
from dataclasses import dataclass
from pathlib import Path

from digest.store.engine import Database

_PIECE = 8 << 20
_LONGEST = 4096  # bytes of what is looked for


@dataclass(frozen=True, slots=True)
class Scrubbed:
    """`rewritten`: the whole file was made anew. `trouble`: why bytes may be left; to try again is no harm."""

    rewritten: bool = False
    trouble: str = ""


def scrub(database: Database, words: Collection[str], *, busy_seconds: float = 30.0) -> Scrubbed:
    """Empty the write-ahead log, and make the file anew if one of the words is found in it."""
    if not database.file:
        return Scrubbed()
    file = Path(database.file)
    with contextlib.closing(sqlite3.connect(file, isolation_level=None, timeout=busy_seconds)) as connection:
        try:
            # What is in memory elsewhere would be the whole database.
            connection.execute("PRAGMA temp_store=FILE")
            emptied = _empty_log(connection)
            rewritten = bool(words) and holds(file, words)
            if rewritten:
                connection.execute("VACUUM")
                emptied = _empty_log(connection)
        except sqlite3.OperationalError as error:
            return Scrubbed(trouble=str(error))
    return Scrubbed(rewritten, "" if emptied else "another process reads the database")


def _empty_log(connection: sqlite3.Connection) -> bool:
    busy, _, _ = connection.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
    return not busy


def holds(file: Path, words: Collection[str]) -> bool:
    """Whether the bytes of one of the words are in the file, in whatever case."""
    wanted = re.compile(b"|".join(re.escape(word.encode()) for word in words), re.IGNORECASE)
    with file.open("rb") as opened:
        before = b""
        while piece := opened.read(_PIECE):
            if wanted.search(before + piece):
                return True
            before = piece[-_LONGEST:]
    return False
