"""Subscribers from files: CSV with a header row and JSON Lines, of ours and of other programs.

Readers take bytes as they come and yield, line by line, a row or what is wrong with that line, so that one bad line
costs nothing but itself, and a file of any length no memory.
"""

from __future__ import annotations

import difflib
import itertools
import json
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from digest.audience import formats_foreign as foreign
from digest.audience.formats import COLUMNS, LISTS, BadLine, SubscriberRow, clean, row_of, unguard
from digest.audience.formats_foreign import FORMS, Form
from digest.audience.formats_lines import LONGEST, csv_records, split, text_of, without_mark
from digest.errors import BadInput

CSV, JSON_LINES = "csv", "jsonl"
KINDS = (CSV, JSON_LINES, *FORMS)
#: Bytes of a JSON text that is not one object a line: it has to be read as a whole.
LARGEST_DOCUMENT = 16_000_000
_DELIMITERS = ",;\t"


@dataclass(frozen=True, slots=True)
class Reading:
    """How to read: `kind` is one of KINDS, or empty: by what is there. `columns` maps ours to theirs; `state` is that
    of people of whom the file says none.
    """

    kind: str = ""
    columns: Mapping[str, str] = field(default_factory=dict)
    state: str = ""


@dataclass(frozen=True, slots=True)
class Note:
    """Something of the whole file that its owner should know."""

    text: str


Found = SubscriberRow | BadLine | Note


def read(blocks: Iterable[bytes], reading: Reading, origin: str = "") -> Iterator[Found]:
    """`origin` names the file: in what is said of its lines, and for Mailchimp's, whose names tell a state."""
    lines = without_mark(split(blocks))
    begin: list[bytes] = []  # up to the first line that says anything
    for line in lines:
        begin.append(line)
        if line.strip():
            break
    if not begin or not begin[-1].strip():
        return
    first = begin[-1]
    file, every = _File(reading, origin), itertools.chain(begin, lines)
    json_ahead = first.lstrip()[:1] in (b"{", b"[")
    if reading.kind == JSON_LINES or (json_ahead and reading.kind != CSV):
        whole = reading.kind != JSON_LINES and _begins_document(first)
        yield from file.of_document(every) if whole else file.of_json_lines(every)
    else:
        yield from file.of_csv(first, every)


def _begins_document(first: bytes) -> bool:
    """A list of objects, or an answer of listmonk's, rather than one object a line."""
    if first.lstrip()[:1] == b"[" or first.strip() == b"{":
        return True
    try:
        found = json.loads(first)
    except (ValueError, RecursionError):
        return first.lstrip()[1:].lstrip().startswith(b'"data"')
    return isinstance(found, dict) and isinstance(found.get("data"), (dict, list))


class _File:
    """What is known of a file while it is read."""

    def __init__(self, reading: Reading, origin: str) -> None:
        self._origin, self._reading = origin, reading
        self._columns = {ours: foreign.name_of(theirs) for ours, theirs in reading.columns.items()}
        self._form: Form | None = FORMS.get(reading.kind)
        self._state, self._noted = reading.state, False

    def of_csv(self, first: bytes, lines: Iterable[bytes]) -> Iterator[Found]:
        """A header with an unknown column, or without an address, is the end: what the others mean is then not sure."""
        header: list[str] | None = None
        try:
            delimiter = self._delimiter(text_of(first))
        except BadInput as error:
            yield self._bad(error, 1)
            return
        for number, cells in csv_records(lines, delimiter):
            try:
                if isinstance(cells, BadInput):
                    raise cells
                if header is None:
                    header = [foreign.name_of(cell) for cell in cells]
                    yield from self._begin(header)
                    if self._state == foreign.NEVER:
                        return
                else:
                    record = _record(header, cells)
                    yield self._row(record, _own(record) if self._form is None else None, number)
            except BadInput as error:
                yield self._bad(error, number, _address(header, cells))
                if not self._noted:
                    return

    def of_json_lines(self, lines: Iterable[bytes]) -> Iterator[Found]:
        """One object a line. Absent, null and empty mean the same; blank lines are skipped."""
        for number, line in enumerate(lines, 1):
            if not line.strip():
                continue
            record: Any = None
            try:
                record = _json(text_of(line))
                yield from self._of_object(record, number)
            except BadInput as error:
                yield self._bad(error, number, _address_in(record))

    def of_document(self, lines: Iterable[bytes]) -> Iterator[Found]:
        """A JSON text that is read as a whole: a list of objects, or an answer of listmonk's with one inside."""
        text = b""
        for line in lines:
            text += line
            if len(text) > LARGEST_DOCUMENT:
                mend = "write one object a line: jq -c '.data.results[]'"
                yield self._bad(BadInput(f"more than {LARGEST_DOCUMENT:,} bytes of JSON in one piece", mend=mend), 1)
                return
        try:
            found = _json(text_of(text) if len(text) < LONGEST else text.decode(errors="replace"))
        except BadInput as error:
            yield self._bad(error, 1)
            return
        data = found.get("data", found) if isinstance(found, dict) else found
        people = data.get("results", data) if isinstance(data, dict) else data
        for number, record in enumerate(people if isinstance(people, list) else [people], 1):
            try:
                yield from self._of_object(record, number)
            except BadInput as error:
                yield self._bad(error, number, _address_in(record))

    def _begin(self, header: list[str]) -> Iterator[Note]:
        """What the header says. Raises BadInput."""
        self._recognise(header)
        self._check_header(header)
        self._noted = True
        if self._state == foreign.NEVER:
            yield Note(
                f"{self._origin}: left out, its people never subscribed (to ask them: --state pending --confirm)"
            )
            return
        if left := self._left_out(header):
            yield Note(f"{self._origin}: columns left out: {', '.join(left)} (to take one: --map name=COLUMN)")

    def _recognise(self, names: Collection[str]) -> None:
        if not self._reading.kind:
            self._form = foreign.recognised(names)
        if self._form and self._form.name == foreign.MAILCHIMP and not self._state:
            self._state = foreign.state_by_name(self._origin)
        if self._form and not self._state and not self._form.told_by & set(names):
            what = f"{self._form.title} does not say here who has left"
            raise BadInput(what, mend="say what they all are: --state active, unsubscribed or suppressed")

    def _check_header(self, header: list[str]) -> None:
        for theirs in self._columns.values():
            head = theirs.partition(".")[0]
            if theirs not in header and head not in header:
                near = difflib.get_close_matches(theirs, header, n=1)
                mend = f"did you mean {near[0]!r}?" if near else f"it has: {', '.join(header)}"
                raise BadInput(f"there is no column {theirs!r}", mend=mend)
        self._check_names(header, "column")
        addresses = ("email", "email address") if self._form else ("email",)
        if "email" not in self._columns and not any(name in header for name in addresses):
            mend = f"columns: {','.join(COLUMNS)}; or --map email=COLUMN"
            raise BadInput("the header row has no column 'email'", mend=mend)
        used = {*self._used(), *self._columns.values()}
        twice = next((name for name in header if name in used and header.count(name) > 1), None)
        if twice is not None:
            raise BadInput(f"the column {twice!r} stands there twice")

    def _check_names(self, names: Collection[str], word: str) -> None:
        """Where no program is recognised, a column that is left out must not be the one that tells who had left."""
        if self._form:
            return
        if not self._columns:
            for name in names:
                _known_column(name, word)
        if self._state or {"state", "address"} & ({*names} | {*self._columns}):
            return
        told = next((name for name in self._left_out(names) if foreign.may_tell_state(name)), None)
        if told is not None:
            mend = f"--map state={told}; or whose file it is: --from; or what they all are: --state active"
            raise BadInput(f"the {word} {told!r} may tell who has left, and would be left out", mend=mend)

    def _used(self) -> Collection[str]:
        return self._form.used if self._form else COLUMNS

    def _left_out(self, names: Iterable[str]) -> list[str]:
        taken = {*self._used(), *(theirs.partition(".")[0] for theirs in self._columns.values())}
        return [name for name in names if name and name not in taken]

    def _of_object(self, record: Any, number: int) -> Iterator[Found]:
        if not isinstance(record, dict):
            raise BadInput("this is not a JSON object", mend='write {"email": …}')
        theirs = {foreign.name_of(key): value for key, value in record.items()}
        if not self._noted:
            self._recognise(theirs)
        self._check_names(theirs, "key")
        if not self._noted:
            if self._columns and (left := self._left_out(theirs)):
                yield Note(f"{self._origin}: keys left out: {', '.join(left)}")
            self._noted = True
        yield self._row(theirs, {name: theirs.get(name) for name in COLUMNS}, number)

    def _row(self, theirs: Mapping[str, Any], own: dict[str, Any] | None, number: int) -> SubscriberRow:
        """`own`: what it says if it is one of our own forms."""
        ours = self._form.record(theirs, self._state) if self._form else (own or {})
        for name, path in self._columns.items():
            value = foreign.attribute(theirs, path)
            ours[name] = foreign.values(clean(value, name)) if name in LISTS and not isinstance(value, list) else value
        if not self._form and self._state and not ours.get("state") and not ours.get("address"):
            ours |= foreign.standing(self._state, str(ours.get("reason") or "was so in the file"))
        return row_of(ours, number, self._where(number))

    def _delimiter(self, head: str) -> str:
        """The one that makes the most known columns of the header line."""
        known = {*COLUMNS, *self._columns.values(), *(name for form in FORMS.values() for name in form.used)}

        def columns(delimiter: str) -> int:
            return sum(foreign.name_of(cell.strip('" \r\n')) in known for cell in head.split(delimiter))

        return max(_DELIMITERS, key=columns)

    def _bad(self, error: BadInput, number: int, email: str = "") -> BadLine:
        return BadLine(error, where=self._where(number), line=number, email=email)

    def _where(self, number: int) -> str:
        return f"{self._origin}:{number}" if self._origin else f"line {number}"


def _record(header: list[str], cells: list[str]) -> dict[str, Any]:
    """Missing cells at the end of a line are empty ones: people leave them out."""
    if len(cells) > len(header):
        raise BadInput(f"{len(cells)} cells, but the header has {len(header)} columns", mend="quote the delimiter")
    return dict(zip(header, cells, strict=False))


def _own(record: Mapping[str, Any]) -> dict[str, Any]:
    """What a CSV file of ours says: with the guard against formulas taken away, and lists as such."""
    found: dict[str, Any] = {name: unguard(cell) if cell else "" for name, cell in record.items()}
    for name in LISTS:
        found[name] = found[name].split(";") if found.get(name) else []
    return found


def _json(text: str) -> Any:
    try:
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        raise BadInput(f"this is not JSON: {error}") from None


def _known_column(name: str, word: str) -> None:
    if name not in COLUMNS:
        near = difflib.get_close_matches(name, COLUMNS, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"known: {','.join(COLUMNS)}; or say what it is: --map"
        raise BadInput(f"unknown {word} {name!r}", mend=mend)


def _address(header: list[str] | None, cells: list[str] | BadInput) -> str:
    if header is None or isinstance(cells, BadInput):
        return ""
    return _address_in(dict(zip(header, cells, strict=False)))


def _address_in(record: Any) -> str:
    """What a line that is refused has as an address, to find it again."""
    found = [record.get(name) for name in ("email", "email address")] if isinstance(record, dict) else []
    return next((" ".join(each.split())[:254] for each in found if isinstance(each, str) and each.strip()), "")
