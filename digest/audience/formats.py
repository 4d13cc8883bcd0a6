"""Subscribers in and out: CSV with a header row, and JSON Lines.

Readers take text and yield, line by line, a row or what is wrong with that line, so that one bad
line costs nothing but itself. Writers give back what the readers read.

CSV cells that a spreadsheet would take for a formula are written with an apostrophe before them
(OWASP, "CSV injection"): those that start with one of `= + - @`, their full-width twins, a tab or
a line break. So that reading can take away exactly what writing added, a cell that has apostrophes
before such a character gets one more; reading takes one away. Names like "'t Hooft" stay as they are.
"""

from __future__ import annotations

import csv
import difflib
import enum
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from typing import Any

from digest.audience.address import normalise
from digest.errors import BadInput
from digest.model.cadence import Every
from digest.model.subscription import SubscriptionState


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One subscriber, perhaps with a subscription; empty means: not said.

    `email` is normalised, `cadence` and `state` are values of Every and SubscriptionState. That
    publication, language, zone and topics exist is for the caller to check. `line` counts from 1.
    """

    email: str
    name: str = ""
    publication: str = ""
    cadence: str = ""
    language: str = ""
    zone: str = ""
    topics: tuple[str, ...] = ()
    state: str = ""
    line: int = field(default=0, compare=False)


COLUMNS = tuple(f.name for f in fields(SubscriberRow) if f.name != "line")

_FORMULA = re.compile("'*[=+\\-@＝＋－＠\t\r\n]")


def read_csv(text: str, origin: str = "") -> Iterator[SubscriberRow | BadInput]:
    """Rows of a CSV text (RFC 4180; delimiter `,`, `;` or tab; a byte order mark is ignored).

    Topics are separated by semicolons. A header with an unknown column, or without `email`, is one
    BadInput and the end: what the other columns mean is then not sure. Blank lines are skipped.
    """
    text = text.removeprefix("\ufeff")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_delimiter(text), strict=True)
    header: list[str] | None = None
    while True:
        line = reader.line_num + 1
        try:
            cells = next(reader, None)
        except csv.Error as error:
            yield BadInput(f"this is not CSV: {error}", where=_where(origin, line), mend="look for a stray quote")
            if header is None:
                return
            continue
        if cells is None:
            return
        if not any(cell.strip() for cell in cells):
            continue
        try:
            if header is None:
                header = _header(cells)
            else:
                yield _row(_record(header, cells), line)
        except BadInput as error:
            yield BadInput(error.what, where=_where(origin, line), mend=error.mend)
            if header is None:
                return


def read_jsonl(text: str, origin: str = "") -> Iterator[SubscriberRow | BadInput]:
    """Rows of a JSON Lines text: one object a line, keys as the CSV columns, `topics` a list.

    Absent, null and empty mean the same. Blank lines are skipped.
    """
    # Not splitlines(): a JSON string may hold U+2028 as it is.
    for line, piece in enumerate(text.removeprefix("\ufeff").split("\n"), 1):
        if not piece.strip():
            continue
        try:
            yield _row(_object(piece), line)
        except BadInput as error:
            yield BadInput(error.what, where=_where(origin, line), mend=error.mend)


def write_csv(rows: Iterable[SubscriberRow]) -> str:
    """The header and a line per row (comma, CRLF). Raises BadInput for a topic with a semicolon in it."""
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(COLUMNS)
    for row in rows:
        for topic in row.topics:
            if ";" in topic:
                raise BadInput(f"topic {topic!r} of {row.email} does not fit CSV", mend="use JSON Lines")
        record = {**_facts(row), "topics": ";".join(row.topics)}
        writer.writerow([_guard(str(record[name])) for name in COLUMNS])
    return out.getvalue()


def write_jsonl(rows: Iterable[SubscriberRow]) -> str:
    """A line per row, with all keys."""
    return "".join(json.dumps(_facts(row), ensure_ascii=False) + "\n" for row in rows)


def _facts(row: SubscriberRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def _guard(cell: str) -> str:
    return "'" + cell if _FORMULA.match(cell) else cell


def _unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def _where(origin: str, line: int) -> str:
    return f"{origin}:{line}" if origin else f"line {line}"


def _delimiter(text: str) -> str:
    """The one that makes the most known columns of the header line."""
    head = next((line for line in text.splitlines() if line.strip()), "")

    def known(delimiter: str) -> int:
        return sum(_column(cell.strip('" ')) in COLUMNS for cell in head.split(delimiter))

    return max(",;\t", key=known)


def _column(cell: str) -> str:
    return cell.strip().lower()


def _header(cells: list[str]) -> list[str]:
    header = [_column(cell) for cell in cells]
    for name in header:
        _known_column(name, "column")
    if "email" not in header:
        raise BadInput("the header row has no column 'email'", mend=f"columns: {','.join(COLUMNS)}")
    if len(set(header)) < len(header):
        twice = next(name for name in header if header.count(name) > 1)
        raise BadInput(f"the column {twice!r} stands there twice")
    return header


def _known_column(name: str, word: str) -> None:
    if name not in COLUMNS:
        near = difflib.get_close_matches(name, COLUMNS, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"known: {','.join(COLUMNS)}"
        raise BadInput(f"unknown {word} {name!r}", mend=mend)


def _record(header: list[str], cells: list[str]) -> dict[str, Any]:
    """Missing cells at the end of a line are empty ones: people leave them out."""
    if len(cells) > len(header):
        raise BadInput(f"{len(cells)} cells, but the header has {len(header)} columns", mend="quote the delimiter")
    record: dict[str, Any] = {name: _unguard(cell) for name, cell in zip(header, cells, strict=False)}
    record["topics"] = record.get("topics", "").split(";")
    return record


def _object(piece: str) -> dict[str, Any]:
    try:
        record = json.loads(piece)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this is not JSON: {error}") from None
    if not isinstance(record, dict):
        raise BadInput("this is not a JSON object", mend='write {"email": …}')
    for name in record:
        _known_column(name, "key")
    return record


def _row(record: Mapping[str, Any], line: int) -> SubscriberRow:
    topics = record.get("topics") or []
    if not isinstance(topics, list):
        raise BadInput("topics is not a list", mend='write ["politics", "sport"]')
    said = {name: _clean(record.get(name), name) for name in COLUMNS if name != "topics"}
    if not said["email"]:
        raise BadInput("no e-mail address")
    said["email"] = normalise(said["email"])
    _one_of(Every, "cadence", said)
    _one_of(SubscriptionState, "state", said)
    cleaned = (_clean(topic, "topics") for topic in topics)
    return SubscriberRow(**said, topics=tuple(topic for topic in cleaned if topic), line=line)


def _clean(value: object, name: str) -> str:
    """One line without surprises: these words end up in header fields of mails and in terminals."""
    if value is None:
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{name} is not a text: {value!r}")
    text = " ".join(value.split())
    bad = next((c for c in text if unicodedata.category(c) in {"Cc", "Cs"}), None)
    if bad is not None:
        raise BadInput(f"{name} has a control character in it: {bad!r}")
    return text


def _one_of(kind: type[enum.StrEnum], name: str, said: dict[str, str]) -> None:
    said[name] = said[name].lower()
    values = [str(value) for value in kind]
    if said[name] and said[name] not in values:
        near = difflib.get_close_matches(said[name], values, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(values)}"
        raise BadInput(f"unknown {name} {said[name]!r}", mend=mend)
