"""What was typed, checked before anything is done with it: what is wrong in a command is a usage error."""

from __future__ import annotations

import click

#: More digits than any id has; SQLite's integers have 19.
_LONGEST_ID = 18

limit_option = click.option("--limit", type=click.IntRange(min=1), metavar="N", help="At most so many.")


def address(text: str) -> str:
    """An e-mail address in the form in which it is kept. Raises UsageError."""
    from digest.audience.address import normalise
    from digest.errors import BadInput, UsageError

    try:
        return normalise(text)
    except BadInput as error:
        raise UsageError(error.what, mend="like reader@example.org") from None


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

    if text.isdecimal() and len(text) > _LONGEST_ID:
        raise NotFound(kind, text)
    return text
