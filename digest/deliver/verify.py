"""Whether a DKIM signature of ours holds, by the public key that the world sees. Written to be plain, not quick."""

from __future__ import annotations

import hashlib
import re
from base64 import b64decode

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey
from cryptography.hazmat.primitives.hashes import SHA256

from digest.deliver.dkim_keys import PublicKey, tags
from digest.deliver.sign import relaxed, split
from digest.errors import BadInput

_OUR_NAME = b"dkim-signature"
_SIGNATURE = re.compile(rb"(;\s*b=)[^;]*")


def verify(message: bytes, domain: str, key_name: str, key: PublicKey) -> str:
    """Empty where the message's signature by this key holds; else why it does not."""
    head, _, body = message.partition(b"\r\n\r\n")
    fields = split(head)
    for field in fields:
        name, value = relaxed(field)
        if name != _OUR_NAME:
            continue
        try:
            told = tags(value.partition(b":")[2].decode("ascii"))
            if (told.get("d"), told.get("s")) == (domain, key_name):
                return _judge(told, value, fields, body, key)
        except (BadInput, ValueError, KeyError) as error:
            return f"a DKIM-Signature cannot be read: {error}"
    return "the message has no signature by this key"


def _judge(told: dict[str, str], own: bytes, fields: list[bytes], body: bytes, key: PublicKey) -> str:
    stripped = re.sub(rb"(\r\n)*\Z", b"\r\n", body, count=1)
    if hashlib.sha256(stripped).digest() != b64decode(told["bh"]):
        return "the body is not the one that was signed"
    left = [relaxed(field) for field in fields]
    signed = b""
    for name in told["h"].split(":"):
        wanted = name.strip().lower().encode()
        for at in range(len(left) - 1, -1, -1):
            if left[at][0] == wanted:
                signed += left.pop(at)[1]
                break
    signed += _SIGNATURE.sub(rb"\1", own).removesuffix(b"\r\n")
    try:
        _check(key, b64decode("".join(told["b"].split())), signed)
    except InvalidSignature:
        return "the key in the DNS does not fit the key that signs"
    return ""


def _check(key: PublicKey, signature: bytes, signed: bytes) -> None:
    if isinstance(key, RSAPublicKey):
        key.verify(signature, signed, PKCS1v15(), SHA256())
    else:
        key.verify(signature, hashlib.sha256(signed).digest())
