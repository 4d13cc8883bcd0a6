"""What became of each line of an imported file, in a file of its own."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from digest.audience.formats import guard
from digest.pipeline.import_batch import Result

COLUMNS = ("line", "email", "outcome", "why")


class Report:
    """A CSV file with a row for each line; without a path nothing is written."""

    def __init__(self, file: IO[str] | None) -> None:
        self._file = file

    def write(self, results: Iterable[Result]) -> None:
        if self._file is None:
            return
        rows = ((_where(r), r.email, r.outcome, r.why) for r in results)
        csv.writer(self._file).writerows([guard(str(cell)) for cell in row] for row in rows)
        self._file.flush()


@contextmanager
def report(path: Path | None, done: int) -> Iterator[Report]:
    """`done` lines stand in it already, from a run that was interrupted; what it says beyond them was never done."""
    if path is None:
        yield Report(None)
        return
    if done and path.exists():
        _cut(path, done + 1)
    with path.open("a" if done else "w", encoding="utf-8", newline="") as file:
        if file.tell() == 0:
            csv.writer(file).writerow(COLUMNS)
        yield Report(file)


def _cut(path: Path, lines: int) -> None:
    with path.open("rb+") as file:
        for _ in range(lines):
            if not file.readline():
                break
        file.truncate(file.tell())


def _where(result: Result) -> str:
    """The number of the line; of a file in a .zip its name too."""
    packed = ".zip/" in result.where
    return result.where.partition(".zip/")[2] if packed else str(result.line)
