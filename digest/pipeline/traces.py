"""Files of the home that may name a reader besides the database: logs, and the last mail that was looked at."""

from __future__ import annotations

import re
from collections.abc import Collection
from pathlib import Path

_LOGS, PREVIEW = "*.log*", "preview"


def wipe(folder: Path, words: Collection[str]) -> list[str]:
    """Overwrite the words in logs, remove what shows a mail with one. What could not be done, a line each."""
    listed = b"|".join(re.escape(word.encode()) for word in sorted(words, key=len, reverse=True))
    # Not the end of a longer address, and no name within a word.
    wanted = re.compile(rb"(?<![\w.+-])(?:" + listed + rb")(?![\w-])", re.IGNORECASE)
    trouble = []
    for path in [*sorted(folder.glob(_LOGS)), *sorted((folder / PREVIEW).glob("*"))]:
        if path.is_symlink() or not path.is_file():
            continue
        try:
            _mask(path, wanted) if path.parent == folder else _remove(path, wanted)
        except OSError as error:
            trouble.append(f"{path}: {error.strerror or error}")
    return trouble


def _mask(path: Path, wanted: re.Pattern[bytes]) -> None:
    """In place and of the same length: another process may be writing behind it."""
    with path.open("r+b") as file:
        for found in wanted.finditer(file.read()):
            file.seek(found.start())
            file.write(b"*" * len(found[0]))


def _remove(path: Path, wanted: re.Pattern[bytes]) -> None:
    if wanted.search(path.read_bytes()):
        path.unlink()
