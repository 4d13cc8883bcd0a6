"""Subscribers in files: what a line says of one, and how it is written. `formats_read.py` has the readers.

CSV cells that a spreadsheet would take for a formula are written with an apostrophe before them
(OWASP, "CSV injection"): those that start with one of `= + - @`, their full-width twins, a tab or
a line break. So that reading can take away exactly what writing added, a cell that has apostrophes
before such a character gets one more; reading takes one away. Names like "'t Hooft" stay as they are.
"""

from __future__ import annotations

import csv
import difflib
import io
import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields
from datetime import datetime
from typing import Any

from digest.audience.address import normalise
from digest.audience.tags import tag_of
from digest.errors import BadInput, DigestError
from digest.model.cadence import Every
from digest.model.subscription import AddressState, SubscriptionState

#: Columns of several values: separated by a semicolon in CSV, lists in JSON.
LISTS = ("topics", "tags")
_INNER = ("line", "where", "signed_up")
_STATES = tuple(str(state) for state in SubscriptionState)
_CADENCES = tuple(str(every) for every in Every)
#: Erased people are in no file, and none brings them back.
_ADDRESSES = (str(AddressState.OK), str(AddressState.SUPPRESSED))


@dataclass(frozen=True, slots=True)
class SubscriberRow:
    """One subscriber, perhaps with a subscription; empty means: not said.

    `email` is normalised, `cadence`, `state` and `address` are values of Every, SubscriptionState and AddressState.
    That publication, language, zone and topics exist is for the caller to check. `basis` is on what ground mails are
    sent; `reason` why the address is not mailed, or the subscription is as it is; `signed_up` what another system
    tells of the sign-up. `line` counts from 1, `where` names the file too.
    """

    email: str
    name: str = ""
    publication: str = ""
    cadence: str = ""
    language: str = ""
    zone: str = ""
    topics: tuple[str, ...] = ()
    state: str = ""
    tags: tuple[str, ...] = ()
    basis: str = ""
    address: str = ""
    reason: str = ""
    paused_until: str = ""  # ISO 8601, with its zone
    signed_up: str = field(default="", compare=False)
    line: int = field(default=0, compare=False)
    where: str = field(default="", compare=False)


COLUMNS = tuple(f.name for f in fields(SubscriberRow) if f.name not in _INNER)


class BadLine(BadInput):
    """What is wrong with one line; `email` is what it has as an address, if anything."""

    def __init__(self, wrong: DigestError, *, where: str, line: int, email: str = "") -> None:
        super().__init__(wrong.what, where=where, mend=wrong.mend)
        self.line, self.email = line, email


_FORMULA = re.compile("'*[=+\\-@＝＋－＠\t\r\n]")


def csv_lines(rows: Iterable[SubscriberRow]) -> Iterator[str]:
    """The header and a line per row (comma, CRLF). Raises BadInput for a topic with a semicolon in it."""
    yield _csv_line(COLUMNS)
    for row in rows:
        record = _facts(row)
        for name in LISTS:
            for value in record[name]:
                if ";" in value:
                    raise BadInput(f"{name[:-1]} {value!r} of {row.email} does not fit CSV", mend="use JSON Lines")
            record[name] = ";".join(record[name])
        yield _csv_line([guard(str(record[name])) for name in COLUMNS])


def json_lines(rows: Iterable[SubscriberRow]) -> Iterator[str]:
    """A line per row, with all keys."""
    for row in rows:
        yield json.dumps(_facts(row), ensure_ascii=False) + "\n"


def _csv_line(cells: Iterable[str]) -> str:
    out = io.StringIO(newline="")
    csv.writer(out).writerow(cells)
    return out.getvalue()


def _facts(row: SubscriberRow) -> dict[str, Any]:
    return {name: getattr(row, name) for name in COLUMNS}


def guard(cell: str) -> str:
    """So that no spreadsheet takes it for a formula."""
    return "'" + cell if _FORMULA.match(cell) else cell


def unguard(cell: str) -> str:
    return cell[1:] if cell.startswith("'") and _FORMULA.match(cell) else cell


def row_of(record: Mapping[str, Any], line: int, where: str) -> SubscriberRow:
    """What a record with our names of columns says. Raises BadInput."""
    said = {name: clean(record.get(name), name) for name in COLUMNS if name not in LISTS}
    if not said["email"]:
        raise BadInput("no e-mail address")
    said["email"] = normalise(said["email"])
    _one_of(_CADENCES, "cadence", said)
    _one_of(_STATES, "state", said)
    _one_of(_ADDRESSES, "address", said)
    if said["paused_until"]:
        said["paused_until"] = _instant(said["paused_until"])
    topics = tuple(filter(None, (clean(topic, "topics") for topic in _list(record, "topics"))))
    tags = tuple(tag_of(tag) for tag in _list(record, "tags") if clean(tag, "tags"))
    signed_up = clean(record.get("signed_up"), "the sign-up")
    return SubscriberRow(
        **said, topics=topics, tags=tuple(dict.fromkeys(tags)), signed_up=signed_up, line=line, where=where
    )


def _list(record: Mapping[str, Any], name: str) -> list[Any]:
    found = record.get(name) or []
    if not isinstance(found, list):
        raise BadInput(f"{name} is not a list", mend='write ["politics", "sport"]')
    return found


def _instant(text: str) -> str:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        found = None
    if found is None or found.tzinfo is None:
        raise BadInput(f"paused_until is not an instant: {text!r}", mend="like 2026-05-03T06:00:00+00:00") from None
    return found.isoformat()


def clean(value: object, name: str) -> str:
    """One line without surprises: these words end up in header fields of mails and in terminals. Raises BadInput."""
    if value is None or value == "":
        return ""
    if not isinstance(value, str):
        raise BadInput(f"{name} is not a text: {value!r}")
    text = " ".join(value.split())
    if text.isascii() and text.isprintable():
        return text
    bad = next((c for c in text if unicodedata.category(c) in {"Cc", "Cs"}), None)
    if bad is not None:
        raise BadInput(f"{name} has a control character in it: {bad!r}")
    return text


def _one_of(values: tuple[str, ...], name: str, said: dict[str, str]) -> None:
    said[name] = said[name].lower()
    if said[name] and said[name] not in values:
        near = difflib.get_close_matches(said[name], values, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"one of {', '.join(values)}"
        raise BadInput(f"unknown {name} {said[name]!r}", mend=mend)
