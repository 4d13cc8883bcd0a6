"""Stateless signed tokens for links and subjects, and Message-IDs that can be made again.

A token is the payload and its HMAC (RFC 2104, SHA-256 cut to 128 bits) in base64url (RFC 4648, 5),
joined by a dot. Its letters survive URLs, header fields and replies unchanged. By itself it has no
expiry, since links in old mails must go on working; `sign_until` writes one into the payload. The
purpose goes into the HMAC, so that a token for one thing is of no use for another.
"""

from __future__ import annotations

import base64
import binascii
import functools
import hashlib
import hmac
import re
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

_MAC_BYTES = 16
_SHORTEST_SECRET = 16
_BOUNCE_MAC_BYTES = 10
_LONGEST_BOUNCE = 2 * _BOUNCE_MAC_BYTES + 16
_PSEUDONYM = re.compile("forgotten-[0-9a-f]{16}")


def sign(secret: bytes, purpose: str, payload: str) -> str:
    """A token for `payload`: letters, digits, `-`, `_` and one dot; 64 characters for 30 bytes of it.

    The payload can be read by anybody who has the token. Raises ValueError for a short secret.
    """
    data = payload.encode()
    return f"{_encode(data)}.{_encode(_mac(secret, 'token', purpose, data)[:_MAC_BYTES])}"


def verify(secret: bytes | Sequence[bytes], purpose: str, token: str) -> str | None:
    """The payload, or None if the token was not signed for this purpose by one of the secrets.

    Several secrets: old ones are kept, since links in old mails carry tokens made with them.
    """
    secrets = (secret,) if isinstance(secret, bytes) else secret
    try:
        payload = _decode(token.partition(".")[0]).decode()
        given = token.encode()
    except (binascii.Error, ValueError):  # ValueError: not ASCII, or not UTF-8 inside
        return None
    # Signing again and comparing the whole token leaves no second spelling of one token, and no
    # early way out tells which secret was near.
    fits = [hmac.compare_digest(sign(each, purpose, payload).encode(), given) for each in secrets]
    return payload if any(fits) else None


class Expiring(NamedTuple):
    """What a token with an end said, and whether that end has come."""

    payload: str
    expired: bool


def sign_until(secret: bytes, purpose: str, payload: str, until: datetime) -> str:
    """As `sign`, with the second from which on it counts no more."""
    return sign(secret, purpose, f"{int(until.timestamp())}:{payload}")


def verify_until(secret: bytes | Sequence[bytes], purpose: str, token: str, now: datetime) -> Expiring | None:
    """None as in `verify`, and for a token that was signed without an end."""
    end, colon, payload = (verify(secret, purpose, token) or "").partition(":")
    if not colon or not end.isdecimal():
        return None
    return Expiring(payload, now >= datetime.fromtimestamp(int(end), UTC))


def message_id(secret: bytes, kind: str, key: str, domain: str) -> str:
    """The Message-ID, with its angle brackets, of the message of this kind and key (RFC 5322, 3.6.4).

    Always the same for the same facts: a second send of one delivery is recognised by it, and it
    does not give away to a reader who else has which key. Raises ValueError for a short secret.
    """
    digest = _mac(secret, "message-id", kind, key.encode())[:20]
    return f"<{kind}.{base64.b32encode(digest).decode().lower()}@{_host(domain)}>"


@functools.lru_cache(maxsize=64)  # there are few
def _host(domain: str) -> str:
    return domain.encode("idna").decode("ascii").lower()


def bounce_token(secret: bytes, delivery: int) -> str:
    """What stands in the envelope sender of a delivery, so that a bounce names it (VERP).

    Digits and the letters a to f, at most 36 of them: local parts are short and lose their case.
    Raises ValueError for a short secret.
    """
    mac = _mac(secret, "bounce", "", b"%d" % delivery)[:_BOUNCE_MAC_BYTES]
    return f"{mac.hex()}{delivery:x}"


def bounced_delivery(secret: bytes | Sequence[bytes], token: str) -> int | None:
    """The delivery whose envelope sender carried this token, in whatever case; None if none of ours did."""
    secrets = (secret,) if isinstance(secret, bytes) else secret
    if len(token) > _LONGEST_BOUNCE:
        return None
    try:
        delivery = int(token[2 * _BOUNCE_MAC_BYTES :], 16)
        given = token.lower().encode("ascii")
    except ValueError:
        return None
    if delivery < 0:
        return None
    fits = [hmac.compare_digest(bounce_token(each, delivery).encode(), given) for each in secrets]
    return delivery if any(fits) else None


def forgotten(secret: bytes, key: str) -> str:
    """What is kept of the address of a person who was forgotten; `key` is its folded form. 64 hex digits.

    Without the secret nobody can try addresses against it. Raises ValueError for a short secret.
    """
    return _mac(secret, "forgotten", "", key.encode()).hex()


def pseudonym(secret: bytes, subscriber: int) -> str:
    """How a person who was forgotten is called from then on. It follows from the number, never from the address."""
    return f"forgotten-{_mac(secret, 'pseudonym', '', b'%d' % subscriber)[:8].hex()}"


def is_pseudonym(text: str) -> bool:
    return _PSEUDONYM.fullmatch(text) is not None


def _mac(secret: bytes, use: str, purpose: str, data: bytes) -> bytes:
    if len(secret) < _SHORTEST_SECRET:
        raise ValueError(f"the secret needs at least {_SHORTEST_SECRET} bytes, this one has {len(secret)}")
    # With lengths, so that no two (use, purpose, data) give the same bytes.
    parts = (use.encode(), purpose.encode(), data)
    framed = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(secret, framed, hashlib.sha256)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def _decode(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
