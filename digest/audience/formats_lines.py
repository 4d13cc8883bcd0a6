"""Bytes cut into lines, and lines into the records of a CSV file, so that what is broken costs only its own line."""

from __future__ import annotations

import csv
from collections import deque
from collections.abc import Iterable, Iterator

from digest.errors import BadInput

LONGEST = 1_000_000  # bytes of a line: more is no subscriber
_MOST_LINES = 20  # of one record: a quote that nobody closed would swallow the rest of the file
_MARK = b"\xef\xbb\xbf"


def split(blocks: Iterable[bytes]) -> Iterator[bytes]:
    """Lines with their ends: \\n, \\r\\n or \\r. Of one that is too long so much that it shows; the rest is dropped."""
    rest, dropping = b"", False
    for block in blocks:
        # A \r may be the half of a line's end.
        lines = (rest + block).splitlines(keepends=True)
        rest = lines.pop() if lines and not lines[-1].endswith(b"\n") else b""
        for line in lines:
            if not dropping:
                yield line
            dropping = False
        if len(rest) > LONGEST:
            if not dropping:
                yield rest
            # What ends in \r may have ended here.
            rest, dropping = (b"\r", True) if rest.endswith(b"\r") else (b"", True)
    if rest and not dropping:
        yield rest


def without_mark(lines: Iterable[bytes]) -> Iterator[bytes]:
    """The byte order mark says nothing in UTF-8."""
    for number, line in enumerate(lines):
        yield line if number else line.removeprefix(_MARK)


def text_of(line: bytes) -> str:
    """Raises BadInput."""
    if len(line) > LONGEST:
        raise BadInput(f"the line is longer than {LONGEST:,} bytes", mend="a line for each subscriber")
    try:
        return line.decode()
    except UnicodeDecodeError:
        raise BadInput("this is not UTF-8", mend="save the file as UTF-8") from None


class Lines:
    """Lines for the CSV reader, which may be given back: those that a broken record has swallowed."""

    def __init__(self, lines: Iterable[bytes]) -> None:
        self._lines, self._back = iter(lines), deque[bytes]()
        self.taken: list[bytes] = []

    def __iter__(self) -> Lines:
        return self

    def __next__(self) -> str:
        if len(self.taken) == _MOST_LINES:
            raise BadInput(f"a quoted cell of more than {_MOST_LINES} lines", mend="look for a stray quote")
        line = self._back.popleft() if self._back else next(self._lines)
        self.taken.append(line)
        return text_of(line)

    def give_back(self) -> None:
        """All but the first one."""
        self._back.extendleft(reversed(self.taken[1:]))
        del self.taken[1:]


def csv_records(lines: Iterable[bytes], delimiter: str) -> Iterator[tuple[int, list[str] | BadInput]]:
    """The number of its first line, and its cells or what is wrong. Blank lines are skipped."""
    source = Lines(lines)
    reader = csv.reader(source, delimiter=delimiter, strict=True)
    number = 1
    while True:
        source.taken.clear()
        found: list[str] | BadInput | None
        try:
            found = next(reader, None)
        except csv.Error as error:
            found = BadInput(f"this is not CSV: {error}", mend="look for a stray quote")
        except BadInput as error:
            found = error
        if found is None:
            return
        if isinstance(found, BadInput):
            source.give_back()
        if isinstance(found, BadInput) or any(cell.strip() for cell in found):
            yield number, found
        number += len(source.taken)
