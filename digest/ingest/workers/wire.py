"""What comes back from a child: plain data, checked against its types.

A child has read hostile bytes. Were its answer a pickle, a parser's bug that let such bytes run code there would let
them run it here. MessagePack holds nothing but values, and msgspec refuses those of the wrong type.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from digest.errors import BadInput
from digest.model.article import Article, RawArticle

Item = RawArticle | Article | BadInput


class Complaint(msgspec.Struct, array_like=True):
    """A BadInput, which is an exception and no record."""

    what: str
    where: str
    mend: str


class Fault(msgspec.Struct, array_like=True):
    """An exception that nobody foresaw: what it says, and its traceback for the log."""

    told: str
    traceback: str


class Answer(msgspec.Struct, array_like=True):
    items: list[tuple[str, msgspec.Raw]] = []
    fault: Fault | None = None
    out_of_memory: bool = False
    last: bool = False  # the child ends itself: it has grown


_TYPES: dict[str, Any] = {"raw": RawArticle, "article": Article, "bad": Complaint}
_NAMES: dict[Any, str] = {kind: name for name, kind in _TYPES.items()}
_ENCODER = msgspec.msgpack.Encoder()
_DECODERS = {name: msgspec.msgpack.Decoder(kind) for name, kind in _TYPES.items()}
_ANSWER = msgspec.msgpack.Decoder(Answer)


def pack(items: Iterable[Item]) -> list[tuple[str, msgspec.Raw]]:
    packed = []
    for item in items:
        record = Complaint(item.what, item.where, item.mend) if isinstance(item, BadInput) else item
        packed.append((_NAMES[type(record)], msgspec.Raw(_ENCODER.encode(record))))
    return packed


def unpack(rows: Iterable[tuple[str, msgspec.Raw]]) -> list[Item]:
    """Raises msgspec.ValidationError or KeyError for what no child of ours writes."""
    found: list[Item] = []
    for name, row in rows:
        record = _DECODERS[name].decode(row)
        if isinstance(record, Complaint):
            record = BadInput(record.what, where=record.where, mend=record.mend)
        found.append(record)
    return found


def encode(answer: Answer) -> bytes:
    return _ENCODER.encode(answer)


def decode(data: bytes) -> Answer:
    return _ANSWER.decode(data)
