"""A view as it is stored beside its message: for the copy on the web, and to show later what was sent. Pure.

JSON, since it can be read when the program that wrote it is long gone, and squeezed: names of fields
and publishers stand in it a hundred times. A later version may add fields with a default; whoever
changes the meaning of one counts `_VERSION` up and reads the old one still.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterator
from typing import Any

import msgspec

from digest.errors import DigestError
from digest.model.edition import View

_VERSION = 1


class _Stored(msgspec.Struct):
    version: int
    view: View


class _Version(msgspec.Struct):
    version: int


def pack(view: View) -> bytes:
    return zlib.compress(msgspec.json.encode(_Stored(_VERSION, view)), 6)


def unpack(stored: bytes) -> View:
    """Raises DigestError for what cannot be read."""
    try:
        text = zlib.decompress(stored)
        version = msgspec.json.decode(text, type=_Version).version
        if version > _VERSION:
            raise DigestError("a newer digest stored this view", mend="upgrade digest")
        return msgspec.json.decode(text, type=_Stored).view
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise DigestError("the stored view of a variant is damaged", mend="digest db check") from error


def texts(stored: bytes) -> str:
    """All that a stored view says, whatever its version, a line for each piece: to look for words in it."""
    try:
        return "\n".join(" ".join(piece.split()) for piece in _strings(msgspec.json.decode(zlib.decompress(stored))))
    except (zlib.error, msgspec.MsgspecError, ValueError) as error:
        raise DigestError("the stored view of a variant is damaged", mend="digest db check") from error


def _strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, (list, dict)):
        for part in value.values() if isinstance(value, dict) else value:
            yield from _strings(part)
