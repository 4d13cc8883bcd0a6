"""The message: built once for a variant, then spliced for each recipient.

What is stored is a first line that names the slots' prefix, then the message with its slots. A
spliced message depends on nothing but the stored bytes and the values, so a resend is identical.
"""

from __future__ import annotations

import hashlib
import html as markup
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.quoprimime import body_encode
from email.utils import parseaddr

from digest.deliver import headers
from digest.errors import BadInput, DigestError
from digest.model.splice import NAMES, SlotNames

_CRLF = "\r\n"
#: How a value is written where its slot stands: in a header as it is, in the parts encoded.
_HEADER, _TEXT, _HTML = "h", "t", "m"
#: A line end that no white space follows, or half of one: the rest would be a field of its own.
_UNFOLDED = re.compile(r"\r\n(?![ \t])|\r(?!\n)|(?<!\r)\n|\0")


@dataclass(frozen=True, slots=True)
class MessageFacts:
    """What the headers say besides the subject. `key` is the variant's."""

    sender_name: str
    sender_address: str
    list_name: str
    list_title: str
    domain: str
    language: str
    key: str
    feedback: tuple[str, ...] = ()  # publication, cadence, edition number
    reply_to: str = ""


def build(*, subject: str, text: str, html: str, slots: SlotNames, facts: MessageFacts) -> bytes:
    """The stored form of a variant's message: multipart/alternative, the plain text first, all CRLF."""
    boundary = "=_" + hashlib.blake2b(facts.key.encode(), digest_size=12).hexdigest()
    lines = [
        *_headers(subject, slots, facts),
        f'Content-Type: multipart/alternative;{_CRLF} boundary="{boundary}"',
        "",
        f"--{boundary}",
        *_part("plain", text, slots, _TEXT),
        f"--{boundary}",
        *_part("html", html, slots, _HTML),
        f"--{boundary}--",
        "",
    ]
    return (slots.prefix + _CRLF + _CRLF.join(lines)).encode("utf-8")


def _headers(subject: str, slots: SlotNames, facts: MessageFacts) -> list[str]:
    def slot(name: str) -> str:
        return slots.marker(f"{name}.{_HEADER}")

    feedback = ":".join(headers.token(part) for part in (*facts.feedback, facts.domain))
    fields = [
        f"Date: {slot('date')}",
        _field("From", headers.mailbox_tokens(facts.sender_name, facts.sender_address)),
        f"To: {slot('to')}",
        headers.unstructured("Subject", subject),
        f"Message-ID: {slot('message_id')}",
        f"List-Id: {headers.list_id(facts.list_title, facts.list_name, facts.domain)}",
        f"List-Unsubscribe:{_CRLF} <{slot('unsubscribe')}>",
        f"Feedback-ID: {feedback}",
        "Precedence: bulk",
        f"Content-Language: {headers.token(facts.language)}",
        "MIME-Version: 1.0",
    ]
    if facts.reply_to:
        fields.insert(2, _field("Reply-To", headers.mailbox_tokens(*parseaddr(facts.reply_to))))
    return fields


def _field(name: str, tokens: Sequence[str]) -> str:
    return headers.fold(name, tokens).removesuffix(_CRLF)


def _part(subtype: str, body: str, slots: SlotNames, place: str) -> list[str]:
    for name in NAMES:
        body = body.replace(slots.marker(name), slots.marker(f"{name}.{place}"))
    head = [f"Content-Type: text/{subtype}; charset=utf-8", "Content-Transfer-Encoding: quoted-printable", ""]
    quoted = _quoted(body).rstrip(_CRLF)
    if place == _HTML:
        # Inside an attribute the line ends around a slot become soft ones: no client sees a line break there.
        quoted = re.sub(rf'"\r\n(@@{slots.prefix}:[a-z_.]+@@)\r\n"', r'"=\r\n\1=\r\n"', quoted)
    return [*head, quoted, ""]


def _quoted(text: str) -> str:
    """Quoted-printable (RFC 2045, 6.7) of the text's UTF-8 bytes."""
    plain = "\n".join(text.splitlines())
    return body_encode(plain.encode("utf-8").decode("latin-1"), maxlinelen=76, eol=_CRLF)


class Template:
    """A variant's message taken apart at its slots, once: splicing is then a join."""

    def __init__(self, stored: bytes) -> None:
        prefix, found, message = stored.partition(b"\r\n")
        if not found or not re.fullmatch(rb"[0-9a-f]{16}", prefix):
            raise DigestError("the stored message of a variant is damaged", mend="digest db check")
        pieces = re.split(rb"@@" + prefix + rb":([a-z_]+)\.([htm])@@", message)
        self._fixed = pieces[::3]
        self._slots = [(n.decode(), p.decode()) for n, p in zip(pieces[1::3], pieces[2::3], strict=True)]

    def splice(self, values: Mapping[str, str]) -> bytes:
        """The message of one recipient. Raises KeyError for a value that is missing, BadInput for a hostile one."""
        parts = [self._fixed[0]]
        for (name, place), fixed in zip(self._slots, self._fixed[1:], strict=True):
            parts.append(_write(values[name], place))
            parts.append(fixed)
        return b"".join(parts)


def _write(value: str, place: str) -> bytes:
    if place == _HEADER:
        if _UNFOLDED.search(value):
            raise BadInput(f"{value!r} would break out of its header field")
        return value.encode("utf-8")
    return _quoted(markup.escape(value) if place == _HTML else value).encode("ascii")
