"""The bytes of a report as parts that can be looked at, in bounded time whatever they are."""

from __future__ import annotations

import html
import quopri
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from email.errors import HeaderParseError
from email.header import decode_header, make_header
from email.message import Message
from email.parser import BytesParser, HeaderParser
from email.policy import Compat32
from functools import cached_property

#: A report says what it has to say before the copy of the mail that it is about: more is not needed.
_MOST_BYTES, _MOST_LINES, _MOST_CONTAINERS = 512 * 1024, 15_000, 40
_LONGEST_FIELD, _LONGEST_TEXT = 4_000, 64 * 1024
_CONTAINER = re.compile(rb"^content-type:\s{0,8}(?:multipart|message)/", re.I | re.M)

_HEADERS = ("text/rfc822-headers", "message/rfc822-headers", "message/global-headers")

Fields = tuple[tuple[str, str], ...]


class _Policy(Compat32):
    """Headers as text, cut to a length that no quadratic look at them can make slow."""

    def header_source_parse(self, sourcelines: list[str]) -> tuple[str, str]:
        name, value = super().header_source_parse(sourcelines)
        return name, value[:_LONGEST_FIELD]

    def header_fetch_parse(self, name: str, value: str) -> str:  # noqa: ARG002 - the library calls it so
        return value.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


_POLICY = _Policy()


@dataclass(frozen=True, slots=True)
class Part:
    """`kind` is the media type. A copy of another mail has `fields`: its headers; `text` is its body."""

    kind: str
    text: str = ""
    fields: Fields = ()


@dataclass(frozen=True)
class Mail:
    fields: Fields
    kind: str = "text/plain"
    report_type: str = ""
    parts: tuple[Part, ...] = field(default=())

    @classmethod
    def read(cls, message: bytes) -> Mail:
        top = BytesParser(policy=_POLICY).parsebytes(_bounded(message))
        report = top.get_param("report-type", "")
        report_type = report.lower() if isinstance(report, str) else ""
        return cls(_fields(top), top.get_content_type(), report_type, tuple(_parts(top)))

    def all(self, *names: str) -> list[str]:
        """The values of these fields, in the order of the names."""
        return [value for name in names for key, value in self.fields if key == name]

    def first(self, name: str) -> str:
        return next((value for key, value in self.fields if key == name), "")

    @cached_property
    def subject(self) -> str:
        return decoded(self.first("subject"))

    def of_kind(self, *kinds: str) -> list[Part]:
        return [part for part in self.parts if part.kind in kinds]

    @cached_property
    def texts(self) -> list[str]:
        """What is there to be read: the plain parts, else what the HTML says."""
        plain = [part.text for part in self.of_kind("text/plain") if part.text.strip()]
        return plain or [unmarked(part.text) for part in self.of_kind("text/html")]


def decoded(value: str) -> str:
    """A header's words (RFC 2047) as they are read."""
    value = value[:1000]
    try:
        return " ".join(str(make_header(decode_header(value))).split())
    except (HeaderParseError, ValueError, LookupError):
        return " ".join(value.split())


def header_fields(text: str) -> Fields:
    """The header fields that a text begins with."""
    return _fields(HeaderParser(policy=_POLICY).parsestr(text[:_LONGEST_TEXT]))


def unmarked(markup: str) -> str:
    """Good enough for the few sentences of a notice: nothing of it is ever shown as HTML."""
    text = re.sub(r"<(style|script|head)\b[^>]{0,500}>.*?</\1>", " ", markup[:_LONGEST_TEXT], flags=re.I | re.S)
    text = re.sub(r"<(?:br|p|/p|div|/div|tr|/tr|li|/?h\d|/?td)\b[^<>]{0,2000}>", "\n", text, flags=re.I)
    return html.unescape(re.sub(r"<[/!a-zA-Z][^<>]{0,2000}>", "", text)).replace("\xa0", " ")


def _bounded(message: bytes) -> bytes:
    data = message[: 2 * _MOST_BYTES].replace(b"\r\r\n", b"\n").replace(b"\r\n", b"\n").replace(b"\r", b"\n")
    data = data[:_MOST_BYTES].lstrip(b"\n")
    starts = [found.start() for _, found in zip(range(_MOST_CONTAINERS + 1), _CONTAINER.finditer(data), strict=False)]
    if len(starts) > _MOST_CONTAINERS:
        data = data[: starts[-1]]
    lines = data.split(b"\n", _MOST_LINES)
    return b"\n".join(lines[:_MOST_LINES])


def _fields(message: Message) -> Fields:
    return tuple((name.lower(), value) for name, value in message.items())


def _parts(message: Message) -> Iterator[Part]:
    kind = message.get_content_type()
    payload = message.get_payload()
    if kind == "message/rfc822":
        yield _copy(payload)
    elif kind in ("message/delivery-status", "message/global-delivery-status") and isinstance(payload, list):
        yield Part("message/delivery-status", _status_text(message, _messages(payload)))
    elif isinstance(payload, list) and kind.startswith("message/"):
        yield from _fields_only(kind, _messages(payload))
    elif isinstance(payload, list):
        for part in _messages(payload):
            yield from _parts(part)
    elif kind in _HEADERS:
        yield Part("message/rfc822", fields=header_fields(text_of(message).lstrip()))
    elif kind.startswith(("text/", "message/")) or kind in ("multipart/report", "multipart/mixed"):
        # A multipart without its boundary is one text, as some gateways leave it.
        yield Part("text/plain" if kind.startswith("multipart/") else kind, text_of(message))
    else:
        yield Part(kind)


def _messages(payload: Iterable[object]) -> list[Message]:
    return [each for each in payload if isinstance(each, Message)]


def _fields_only(kind: str, payload: Sequence[Message]) -> Iterator[Part]:
    """The library takes every message/… for a mail: of a feedback report that leaves its fields."""
    fields = _fields(payload[0]) if payload else ()
    text = "\n".join(f"{name}: {value}" for name, value in fields)
    yield Part("message/rfc822", fields=fields) if kind in _HEADERS else Part(kind, text[:_LONGEST_TEXT], fields)


def _copy(payload: object) -> Part:
    if isinstance(payload, list) and payload and isinstance(payload[0], Message):
        inner = payload[0]
        texts = [part.text for part in _parts(inner) if part.kind == "text/plain"]
        return Part("message/rfc822", "\n".join(texts)[:_LONGEST_TEXT], _fields(inner))
    return Part("message/rfc822")


def _status_text(message: Message, blocks: Iterable[Message]) -> str:
    """The blocks of fields as one text again: what is broken in them then gets a second look."""
    texts = []
    for block in blocks:
        rest = block.get_payload()
        lines = [f"{name}: {value}" for name, value in block.items()]
        texts.append("\n".join([*lines, "", rest if isinstance(rest, str) else ""]))
    text = "\n".join(texts)[:_LONGEST_TEXT]
    if "quoted-printable" in str(message.get("content-transfer-encoding", "")).lower():
        return quopri.decodestring(text.encode("utf-8", "replace")).decode("utf-8", "replace")
    return text


def text_of(part: Message) -> str:
    """The text of a part, whatever it claims to be written in."""
    data = part.get_payload(decode=True)
    raw = data[:_LONGEST_TEXT] if isinstance(data, bytes) else b""
    for charset in (part.get_content_charset() or "utf-8", "utf-8"):
        try:
            text = raw.decode(charset)
        except (LookupError, ValueError):  # unknown, not a text encoding, or not what it claims
            continue
        return _ended(text)
    if b"\x1b$" in raw:
        return _ended(raw.decode("iso-2022-jp", "replace"))
    return _ended(raw.decode("utf-8", "replace"))


def _ended(text: str) -> str:
    return text.replace("\r\r\n", "\n").replace("\r\n", "\n").replace("\r", "\n").replace("\0", "")
