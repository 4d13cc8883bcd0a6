"""What was typed, checked before anything is done with it: what is wrong in a command is a usage error."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import click

#: SQLite's largest integer: no id is larger, and no number that the store is asked with may be.
LARGEST = 2**63 - 1
_MOST_DIGITS = len(str(LARGEST))  # Python refuses to read thousands of them


class IdType(click.ParamType[int]):
    """The number of a story, a storyline or a correction, as it stands in the lists."""

    name = "id"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int:
        text = str(value).strip()
        number = int(text) if text.isascii() and text.isdecimal() and len(text) <= _MOST_DIGITS else 0
        if not 0 < number <= LARGEST:
            self.fail(f"{_short(text)!r} is no id: ids are whole numbers from 1 to {LARGEST}", param, ctx)
        return number


class NumberType(click.ParamType[float]):
    """A number between two bounds; what is wrong is said without the signs of mathematics."""

    name = "number"

    def __init__(self, least: int, most: int, *, whole: bool = True) -> None:
        self.least, self.most, self.whole = least, most, whole

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> float:
        text = str(value).strip()
        try:
            number = (int if self.whole else float)(text[:_MOST_DIGITS])
        except ValueError:
            number = float("nan")
        if not self.least <= number <= self.most or len(text) > _MOST_DIGITS:
            self.fail(f"{_short(text)!r} will not do: give {self._wanted(text)}", param, ctx)
        return number

    def _wanted(self, text: str) -> str:
        what = "a whole number" if self.whole else "a number"
        if self.most < LARGEST:
            return f"{what}, {self.least} to {self.most:,}"
        return f"{what}, {self.least} or more" + (", that is smaller" if len(text) >= _MOST_DIGITS else "")


ID = IdType()
COUNT = NumberType(1, LARGEST)

limit_option = click.option("--limit", type=COUNT, metavar="N", help="At most so many.")


def _short(text: str) -> str:
    return text if len(text) <= 30 else text[:30] + "…"


def address(text: str) -> str:
    """An e-mail address in the form in which it is kept. Raises UsageError."""
    from digest.audience.address import normalise
    from digest.errors import BadInput, UsageError

    try:
        return normalise(text)
    except BadInput as error:
        raise UsageError(error.what, mend="like reader@example.org") from None


def person(text: str) -> str:
    """An e-mail address in the form in which it is kept, or the pseudonym of who was forgotten. Raises UsageError."""
    from digest.audience.tokens import is_pseudonym

    return text.strip() if is_pseudonym(text.strip()) else address(text)


def person_key(text: str) -> str:
    """The form by which people are looked up. Raises UsageError."""
    from digest.audience.address import address_key as key_of

    return key_of(person(text))


def address_key(text: str) -> str:
    """The form by which addresses are compared. Raises UsageError."""
    from digest.audience.address import address_key as key_of

    return key_of(address(text))


def sender(text: str) -> str:
    """`Name <address>` or an address; the same text. Raises UsageError."""
    from email.utils import getaddresses

    from digest.errors import UsageError

    found = getaddresses([text])
    if len(found) != 1 or not text.isprintable() or not found[0][1]:
        raise UsageError(f"{text!r} is not an address", mend='like "Morning news <news@example.org>"')
    address(found[0][1])
    return text


def name_of(kind: str, text: str) -> str:
    """An id or a name; no id is as long as this. Raises NotFound."""
    from digest.errors import NotFound

    if text.isdecimal() and (len(text) > len(str(LARGEST)) or int(text) > LARGEST):
        raise NotFound(kind, _short(text))
    return text


def since(text: str) -> datetime | None:
    """When a day, a month or a year begins (UTC); None of an empty text. Raises UsageError."""
    from digest.errors import BadInput, UsageError
    from digest.ingest.dates import parse

    if not text:
        return None
    try:
        return parse(text).start
    except BadInput as error:
        raise UsageError(f"--since {text!r} is no date", mend="like 2025, 2025-05 or 2025-05-24") from error
