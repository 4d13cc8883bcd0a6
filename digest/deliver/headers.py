"""Header values: made safe, then encoded by us, since the library encodes where RFC 2047 forbids it."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from email.errors import HeaderParseError
from email.header import Header, decode_header, make_header
from email.utils import format_datetime

_UNSAFE_CATEGORIES = {"Cc", "Cf", "Cs", "Zl", "Zp"}
_JOINERS = "\u200c\u200d"  # format characters that scripts and emoji need
_ATOMS = re.compile(r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~ -]+")
_TOKEN = re.compile(r"[^A-Za-z0-9._-]+")
_LONGEST = 400


def clean(text: str) -> str:
    """One line without control or direction-changing characters, hidden encodings undone first.

    An RFC 2047 word can carry a line break past a check that looks at the raw text only.
    """
    for _ in range(3):
        if "=?" not in text:
            break
        try:
            text = str(make_header(decode_header(text.replace("\r", " ").replace("\n", " "))))
        except (HeaderParseError, LookupError, UnicodeError, ValueError):
            break
    kept = (c if c in _JOINERS or unicodedata.category(c) not in _UNSAFE_CATEGORIES else " " for c in text)
    return " ".join("".join(kept).split())[:_LONGEST].rstrip()


def unstructured(name: str, text: str) -> str:
    """The whole folded field `Name: value` (RFC 5322, 2.2.3; encoded words by RFC 2047), without a line end."""
    text = clean(text)
    plain = text.isascii() and "=?" not in text
    header = Header(text, "us-ascii" if plain else "utf-8", header_name=name, maxlinelen=76)
    folded = header.encode(splitchars=" \t", linesep="\r\n")
    return f"{name}: {folded}"


def mailbox(name: str, address: str) -> str:
    """`Name <address>` (RFC 5322, 3.4), folded where it is long."""
    name, address = clean(name), wire_address(address)
    if not name:
        return address
    if _ATOMS.fullmatch(name) and "=?" not in name:
        shown = name
    elif name.isascii() and "=?" not in name and len(name) <= 70:
        shown = '"' + name.replace("\\", "\\\\").replace('"', '\\"') + '"'
    else:
        shown = Header(name, "utf-8", maxlinelen=70).encode(linesep="\r\n")
    gap = "\r\n " if len(shown) + len(address) > 60 else " "
    return f"{shown}{gap}<{address}>"


def wire_address(address: str) -> str:
    """The address as it travels: the domain in IDNA where it is not ASCII (RFC 5891)."""
    local, _, domain = clean(address).rpartition("@")
    if not domain.isascii():
        import idna

        domain = idna.encode(domain, uts46=True).decode("ascii")
    return f"{local}@{domain}"


def needs_smtputf8(address: str) -> bool:
    """Whether the address can only travel by RFC 6531."""
    return not wire_address(address).isascii()


def date(now: datetime) -> str:
    """RFC 5322, 3.3."""
    return format_datetime(now.astimezone(UTC))


def token(text: str) -> str:
    """A word for structured fields: letters, digits, dots and dashes."""
    return _TOKEN.sub("-", text).strip("-.") or "x"


def list_id(title: str, name: str, domain: str) -> str:
    """RFC 2919. The description is left out where it would need an encoded word."""
    title = clean(title)
    described = f'"{title}" ' if title.isascii() and '"' not in title and "\\" not in title and title else ""
    return f"{described}<{token(name)}.{domain}>"
