"""DKIM signatures (RFC 6376, RFC 8463): bytes in, header fields out. Pure, and quick: thousands a second.

The header is signed `relaxed`, so that a relay may fold and space it anew. The body is signed `simple`: it is
quoted-printable, which no relay touches, and needs no pass over 50 KB. Nearly all header fields of two mails of one
variant are the same bytes, so their canonical forms are remembered.
"""

from __future__ import annotations

import hashlib
import re
from base64 import b64encode
from collections.abc import Callable
from datetime import datetime
from functools import lru_cache

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.hashes import SHA256

from digest.deliver.dkim_names import ED25519, RSA, key_name
from digest.errors import BadInput

#: Each is signed once more than it is there, so that nobody can add one (RFC 6376, 8.15).
SIGNED = (
    b"from", b"to", b"cc", b"subject", b"date", b"reply-to", b"message-id", b"mime-version", b"content-type",
    b"content-transfer-encoding", b"list-id", b"list-help", b"list-archive", b"list-unsubscribe",
    b"list-unsubscribe-post", b"feedback-id", b"cfbl-address",
)  # fmt: skip

_LINE = 78
_KEPT = 512  # canonical forms: many times what one variant's messages share
_B64_LINE = 72
_FIELD_ENDS = re.compile(rb"\r\n(?![ \t])")
_SPACES = re.compile(rb"[ \t]+")
_SHA256, _PKCS1 = SHA256(), PKCS1v15()


class Signer:
    """Signs for one domain with the keys of one selector. For use by several threads.

    The same message and time give the same bytes: both algorithms are deterministic.
    """

    def __init__(self, domain: str, selector: str, rsa: RSAPrivateKey, ed25519: Ed25519PrivateKey | None) -> None:
        self.domain, self.selector = domain, selector
        keys: list[tuple[str, Callable[[bytes], bytes]]] = [
            (RSA, lambda signed: rsa.sign(signed, _PKCS1, _SHA256)),
        ]
        if ed25519 is not None:
            # RFC 8463, 3: what is signed is the hash.
            keys.append((ED25519, lambda signed: ed25519.sign(hashlib.sha256(signed).digest())))
        self._keys = [
            (f"DKIM-Signature: v=1; a={algorithm}; c=relaxed/simple; t=".encode(), self._place(algorithm), sign)
            for algorithm, sign in keys
        ]

    def _place(self, algorithm: str) -> bytes:
        """Where the key is found, on a line of its own; on two where they are long."""
        domain, selector = f" d={self.domain};", f" s={key_name(self.selector, algorithm)};"
        gap = "" if len(domain + selector) <= _LINE else "\r\n"
        return f";\r\n{domain}{gap}{selector}\r\n h=".encode("ascii")

    def sign(self, message: bytes, at: datetime) -> bytes:
        """The DKIM-Signature fields to be put in front of the message, which has CRLF for line ends.

        Raises BadInput for what is no message: a line that is no field, or no From.
        """
        head, body = _parts(message)
        fields, counts = _selected(head)
        names = _names(counts)
        body_hash = b64encode(_hash_of_body(message, body))
        when = str(int(at.timestamp())).encode()
        made = b""
        for start, place, sign in self._keys:
            field = b"".join((start, when, place, names, b";\r\n bh=", body_hash, b";\r\n b="))
            # Its own canonical form: we wrote it, so we know where its white space is.
            canonical = b"dkim-signature:" + field[16:].replace(b"\r\n ", b" ")
            made += field + _folded(b64encode(sign(fields + canonical))) + b"\r\n"
        return made


def _parts(message: bytes) -> tuple[bytes, int]:
    """The header without its last line end, and where the body begins."""
    end = message.find(b"\r\n\r\n")
    return (message[:end], end + 4) if end >= 0 else (message.removesuffix(b"\r\n"), len(message))


@lru_cache(maxsize=_KEPT)
def relaxed(field: bytes) -> tuple[bytes, bytes]:
    """Name and canonical form of a field (RFC 6376, 3.4.2). Raises BadInput where it is none."""
    name, colon, value = field.partition(b":")
    name = name.rstrip(b" \t").lower()
    if not colon or not name:
        raise BadInput(f"{field[:60]!r} is no header field, so the message cannot be signed")
    unfolded = _SPACES.sub(b" ", value.replace(b"\r\n", b"")).strip(b" ")
    return name, name + b":" + unfolded + b"\r\n"


def split(head: bytes) -> list[bytes]:
    """The fields of a header, folded ones whole."""
    return _FIELD_ENDS.split(head)


def _selected(head: bytes) -> tuple[bytes, tuple[int, ...]]:
    """The canonical fields in the order they are signed in, and how many there are of each name of SIGNED."""
    found: dict[bytes, bytes] = {}
    several: dict[bytes, int] = {}
    for name, line in map(relaxed, split(head)):
        if name in found:
            found[name] = line + found[name]  # from the last one up (RFC 6376, 5.4.2)
            several[name] = several.get(name, 1) + 1
        else:
            found[name] = line
    if b"from" not in found:
        raise BadInput("a message without From cannot be signed")
    fields = b"".join([found[name] for name in SIGNED if name in found])
    return fields, tuple([several.get(name, 1) if name in found else 0 for name in SIGNED])


@lru_cache(maxsize=_KEPT)
def _names(counts: tuple[int, ...]) -> bytes:
    """The value of h=, folded: each name once more than there are fields of it."""
    listed = [name for name, count in zip(SIGNED, counts, strict=True) for _ in range(count + 1)]
    lines, line = [], b" h="
    for name in listed:
        if len(line) + len(name) + 1 > _LINE:
            lines.append(line)
            line = b" "
        line += name + b":"
    lines.append(line)
    return b"\r\n".join(lines).removeprefix(b" h=").removesuffix(b":")


def _hash_of_body(message: bytes, start: int) -> bytes:
    """The body in its simple form: with one line end at its end (RFC 6376, 3.4.3)."""
    end = len(message)
    while end - start >= 4 and message.endswith(b"\r\n\r\n", start, end):
        end -= 2
    hashed = hashlib.sha256(memoryview(message)[start:end])
    if not message.endswith(b"\r\n", start, end):
        hashed.update(b"\r\n")
    return hashed.digest()


def _folded(signature: bytes) -> bytes:
    return b"\r\n ".join([signature[i : i + _B64_LINE] for i in range(0, len(signature), _B64_LINE)])
