"""DKIM's keys: made, read from PEM, and written as the TXT records that publish them (RFC 6376, 3.6.1)."""

from __future__ import annotations

import re
from base64 import b64decode, b64encode
from dataclasses import dataclass

from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives.asymmetric import ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_der_public_key,
    load_pem_private_key,
)

from digest.deliver.dkim_names import ED25519, RSA
from digest.deliver.sign import Signer
from digest.errors import BadInput

PublicKey = rsa.RSAPublicKey | ed25519.Ed25519PublicKey

LEAST_BITS = 1024  # verifiers refuse shorter keys (RFC 8301)
_STRING = 255  # octets of one string of a TXT record
_TAG = re.compile(r"\s*([A-Za-z][A-Za-z0-9_]*)\s*=(.*)", re.DOTALL)


@dataclass(frozen=True)
class KeyPair:
    """The two private keys of one selector."""

    rsa: rsa.RSAPrivateKey
    ed25519: ed25519.Ed25519PrivateKey

    @classmethod
    def make(cls, bits: int = 2048) -> KeyPair:
        made = rsa.generate_private_key(public_exponent=65537, key_size=bits)
        return cls(made, ed25519.Ed25519PrivateKey.generate())

    @classmethod
    def read(cls, rsa_pem: bytes, ed25519_pem: bytes) -> KeyPair:
        """Raises BadInput, naming the algorithm, for what is not the key it should be."""
        first, second = _private(rsa_pem, "RSA"), _private(ed25519_pem, "Ed25519")
        if not isinstance(first, rsa.RSAPrivateKey) or first.key_size < LEAST_BITS:
            raise BadInput(f"this is no RSA key of at least {LEAST_BITS} bits")
        if not isinstance(second, ed25519.Ed25519PrivateKey):
            raise BadInput("this is no Ed25519 key")
        return cls(first, second)

    def pem(self) -> tuple[bytes, bytes]:
        """As `read` takes them."""
        return _pem(self.rsa), _pem(self.ed25519)

    def signer(self, domain: str, selector: str) -> Signer:
        return Signer(domain, selector, self.rsa, self.ed25519)

    def public(self) -> dict[str, PublicKey]:
        """The public keys by algorithm."""
        return {RSA: self.rsa.public_key(), ED25519: self.ed25519.public_key()}


def _private(pem: bytes, kind: str) -> object:
    try:
        return load_pem_private_key(pem, password=None)
    except (ValueError, TypeError, UnsupportedAlgorithm):  # TypeError: it has a password
        raise BadInput(f"this is no {kind} key in PEM without a password") from None


def _pem(key: rsa.RSAPrivateKey | ed25519.Ed25519PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


@dataclass(frozen=True, slots=True)
class Record:
    """A TXT record as it ought to stand in the DNS."""

    name: str  # without the dot at its end
    algorithm: str
    text: str

    def strings(self) -> list[str]:
        """The text in pieces of at most 255 octets: verifiers put them together again."""
        return [self.text[i : i + _STRING] for i in range(0, len(self.text), _STRING)]

    def zone_line(self) -> str:
        quoted = " ".join(f'"{piece}"' for piece in self.strings())
        return f"{self.name}. IN TXT " + (f"( {quoted} )" if len(self.text) > _STRING else quoted)


def record_text(algorithm: str, key: PublicKey) -> str:
    return f"v=DKIM1; k={_kind(algorithm)}; p={b64encode(raw(key)).decode()}"


def _kind(algorithm: str) -> str:
    """What k= calls it."""
    return "rsa" if algorithm == RSA else "ed25519"


def raw(key: PublicKey) -> bytes:
    """As in p=: of RSA a SubjectPublicKeyInfo, of Ed25519 the 32 octets (RFC 8463, 4)."""
    if isinstance(key, rsa.RSAPublicKey):
        return key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    return key.public_bytes(Encoding.Raw, PublicFormat.Raw)


def tags(text: str) -> dict[str, str]:
    """A tag list (RFC 6376, 3.2). Raises BadInput where it is none."""
    found: dict[str, str] = {}
    parts = text.split(";")
    if not parts[-1].strip():
        parts.pop()  # the last semicolon may be there or not
    for part in parts:
        matched = _TAG.fullmatch(part)
        if not matched:
            raise BadInput(f"{part.strip()[:40]!r} is no tag like k=rsa")
        name = matched[1]
        if name in found:
            raise BadInput(f"{name}= stands there twice")
        found[name] = matched[2].strip()
    return found


def parse_record(text: str, algorithm: str) -> tuple[PublicKey, bool]:
    """The key that a record publishes, and whether it says that it is only being tested (t=y).

    Raises BadInput with what a verifier would stumble over.
    """
    told = tags(text)
    kind = _kind(algorithm)
    if "v" in told and (told["v"] != "DKIM1" or next(iter(told)) != "v"):
        raise BadInput("it does not begin with v=DKIM1")
    if (named := told.get("k", "rsa").lower()) != kind:
        raise BadInput(f"it has k={named}, not k={kind}")
    if "sha256" not in _listed(told.get("h", "sha256")):
        raise BadInput("its h= does not allow sha256")
    if not {"*", "email"} & _listed(told.get("s", "*")):
        raise BadInput("its s= does not allow e-mail")
    if "p" not in told:
        raise BadInput("it has no p=, the key")
    if not told["p"]:
        raise BadInput("its p= is empty: the key is revoked")
    return _public("".join(told["p"].split()), kind), "y" in _listed(told.get("t", ""))


def _listed(value: str) -> set[str]:
    return {part.strip().lower() for part in value.split(":")}


def _public(text: str, kind: str) -> PublicKey:
    try:
        octets = b64decode(text, validate=True)
        if kind == "ed25519":
            return ed25519.Ed25519PublicKey.from_public_bytes(octets)
        found = load_der_public_key(octets)
    except (ValueError, UnsupportedAlgorithm):
        raise BadInput("its p= is damaged: a part may have got lost on the way into the DNS") from None
    if not isinstance(found, rsa.RSAPublicKey):
        raise BadInput("its p= is no RSA key")
    return found
