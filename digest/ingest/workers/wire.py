"""What comes back from a child: plain data, checked against its types.

A child has read hostile bytes. Were its answer a pickle, a parser's bug that let such bytes run code there would let
them run it here. MessagePack holds nothing but values, and msgspec refuses those of the wrong type.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import msgspec

from digest.errors import BadInput, DigestError
from digest.ingest.arriving import Mishap
from digest.ingest.pages import Page
from digest.ingest.sitemap import Sitemap
from digest.model.article import Article, RawArticle
from digest.model.image import Image

Item = RawArticle | Article | Mishap | Page | Sitemap | Image | DigestError


class Complaint(msgspec.Struct, array_like=True):
    """A BadInput, which is an exception and no record; or another DigestError, about the whole task."""

    what: str
    where: str
    mend: str
    whole: bool = False

    def error(self) -> DigestError:
        return (DigestError if self.whole else BadInput)(self.what, where=self.where, mend=self.mend)


class Fault(msgspec.Struct, array_like=True):
    """An exception that nobody foresaw: what it says, and its traceback for the log."""

    told: str
    traceback: str


class Answer(msgspec.Struct, array_like=True):
    items: list[tuple[str, msgspec.Raw]] = []
    fault: Fault | None = None
    out_of_memory: bool = False
    last: bool = False  # the child ends itself: it has grown


_TYPES: dict[str, Any] = {
    "raw": RawArticle, "article": Article, "mishap": Mishap, "page": Page, "sitemap": Sitemap, "image": Image,
    "bad": Complaint,
}  # fmt: skip
_NAMES: dict[Any, str] = {kind: name for name, kind in _TYPES.items()}
_ENCODER = msgspec.msgpack.Encoder()
_DECODERS = {name: msgspec.msgpack.Decoder(kind) for name, kind in _TYPES.items()}
_ANSWER = msgspec.msgpack.Decoder(Answer)


def pack(items: Iterable[Item]) -> list[tuple[str, msgspec.Raw]]:
    packed = []
    for item in items:
        record: Any = item
        if isinstance(item, DigestError):
            record = Complaint(item.what, item.where, item.mend, not isinstance(item, BadInput))
        packed.append((_NAMES[type(record)], msgspec.Raw(_ENCODER.encode(record))))
    return packed


def unpack(rows: Iterable[tuple[str, msgspec.Raw]]) -> list[Item]:
    """Raises msgspec.ValidationError or KeyError for what no child of ours writes."""
    found: list[Item] = []
    for name, row in rows:
        record = _DECODERS[name].decode(row)
        found.append(record.error() if isinstance(record, Complaint) else record)
    return found


def encode(answer: Answer) -> bytes:
    return _ENCODER.encode(answer)


def decode(data: bytes) -> Answer:
    return _ANSWER.decode(data)
