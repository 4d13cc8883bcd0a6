"""Where the copy of our own mail begins in a report, and what in it names the delivery."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable

from digest.deliver.bounces import phrases
from digest.deliver.bounces.mail import Fields, Mail, header_fields
from digest.deliver.bounces.words import addresses_in

#: Finds our token in any text, or gives "". Whether it is genuine is not asked here.
TokenFinder = Callable[[str], str]

#: Base 32 (RFC 4648, 7) in either case, as long as tokens with their HMAC are.
_TOKEN = r"([0-9A-Va-v]{18,64})"  # noqa: S105 - a pattern
_PLACE = "{token}"
_ARRIVED = ("delivered-to", "x-original-to", "envelope-to", "x-envelope-to", "to", "apparently-to", "cc", "resent-to")
_LEFT = ("return-path", "x-envelope-from", "x-return-path", "errors-to", "sender", "received", "x-original-from")
_LONGEST = 40_000

_MESSAGE_ID = re.compile(
    r"^[\s>|]{0,8}(?:x-original-|original-)?message[- ]?id\s{0,4}[:=]\s{0,80}(<[^<>\s]{3,400}>)", re.I | re.M
)
_ANGLED = re.compile(r"<[^<>\s]{3,400}>")


def token_finder(*shapes: str) -> TokenFinder:
    """A finder of tokens in envelope senders of these shapes, like `bounces+{token}@example.org`.

    Without a shape with its place for a token: anything like `local+TOKEN@domain`.
    """
    patterns = [_shape(shape) for shape in shapes if _PLACE in shape] or [r"(?<=\+)" + _TOKEN + "(?=@)"]
    compiled = [re.compile(pattern, re.I) for pattern in dict.fromkeys(patterns)]

    def find(text: str) -> str:
        found = next(filter(None, (pattern.search(text[:_LONGEST]) for pattern in compiled)), None)
        return found[1].lower() if found else ""

    return find


def _shape(shape: str) -> str:
    before, _, after = shape.partition(_PLACE)
    return r"(?<![\w.+-])" + re.escape(before) + _TOKEN + re.escape(after) + r"(?![\w-])"


def split(text: str) -> tuple[str, str]:
    """A text before and after the place where the copy of the original begins."""
    lines = text.split("\n")
    begun = False
    for n, line in enumerate(lines):
        if begun and phrases.MARK.match(line[:300]):
            return "\n".join(lines[:n]), "\n".join(lines[n:])
        begun = begun or bool(line.strip())
    return text, ""


def copies(mail: Mail) -> list[Fields]:
    """The headers of what was sent, of each copy that a report brings: as a part of its own, or in its text."""
    found = [part.fields for part in mail.of_kind("message/rfc822") if part.fields]
    for text in mail.texts:
        lines = split(text)[1].split("\n")
        starts = [n for n, line in enumerate(lines[:60]) if re.match(r"[A-Za-z][A-Za-z-]{1,40}:(?:\s|$)", line)]
        fields = header_fields("\n".join(lines[starts[0] :])) if starts else ()
        if len(fields) > 1:
            found.append(fields)
    return found


def message_id(mail: Mail, originals: Iterable[Fields]) -> str:
    """Of the mail that it is about; never the report's own."""
    for fields in originals:
        for name, value in fields:
            found = _ANGLED.search(value) if name == "message-id" else None
            if found:
                return found[0]
    for text in _all_texts(mail):
        found = _MESSAGE_ID.search(text)
        if found:
            return found[1]
    return ""


def token(mail: Mail, originals: list[Fields], find: TokenFinder) -> str:
    """Of the envelope sender, from where the report arrived, then from where the original left, then from anywhere."""
    places = [
        *mail.all(*_ARRIVED, "received", "x-failed-sender"),
        *(value for fields in originals for name in _LEFT for key, value in fields if key == name),
        *(value for fields in originals for _, value in fields),
        *_all_texts(mail),
    ]
    return next(filter(None, (find(place) for place in places[:400])), "")


def recipient(originals: Iterable[Fields]) -> str:
    """The one whom the original was for; empty if it was for several."""
    for fields in originals:
        for name in ("x-hmxmroriginalrecipient", "x-original-to", "delivered-to", "envelope-to", "to", "apparently-to"):
            found = [address for key, value in fields if key == name for address in addresses_in(value)]
            if found:
                return found[0] if len(set(found)) == 1 else ""
    return ""


def _all_texts(mail: Mail) -> list[str]:
    return [part.text for part in mail.parts if part.kind.startswith(("text/", "message/"))]
