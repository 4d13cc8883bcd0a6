"""Signing: by the rules of RFC 6376, the same bytes every time, and as dkimpy reads them."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone

import dkim
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey, generate_private_key
from dkim.canonicalization import Relaxed
from hypothesis import example, given
from hypothesis import strategies as st

from digest.deliver.dkim_keys import record_text, tags
from digest.deliver.dkim_names import ED25519, RSA
from digest.deliver.sign import SIGNED, Signer, relaxed, split
from digest.deliver.verify import verify
from digest.errors import BadInput

AT = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)
RSA_KEY = generate_private_key(public_exponent=65537, key_size=1024)  # short, so that hypothesis is not kept waiting
ED_KEY = Ed25519PrivateKey.generate()
SIGNER = Signer("example.org", "s1", RSA_KEY, ED_KEY)
KEYS = {
    b"s1r._domainkey.example.org.": record_text(RSA, RSA_KEY.public_key()).encode(),
    b"s1e._domainkey.example.org.": record_text(ED25519, ED_KEY.public_key()).encode(),
}
MAIL = b"From: a@example.org\r\nTo: b@example.net\r\nSubject: Hi\r\n\r\nHello.\r\n"


def signatures(fields: bytes) -> list[dict[str, str]]:
    """The tags of each signature, without white space."""
    found = [field.partition(b":")[2] for field in split(fields.removesuffix(b"\r\n"))]
    return [{name: "".join(value.split()) for name, value in tags(value.decode()).items()} for value in found]


def holds(message: bytes, signer: Signer = SIGNER) -> list[bool]:
    """By dkimpy, of each signature."""
    raw = signer.sign(message, AT) + message
    number = len(signatures(signer.sign(message, AT)))
    return [dkim.DKIM(raw).verify(idx=i, dnsfunc=lambda name, timeout=5: KEYS[name]) for i in range(number)]


def test_both_signatures_say_what_they_ought_to() -> None:
    first, second = signatures(SIGNER.sign(MAIL, AT))
    same = {"v": "1", "c": "relaxed/simple", "d": "example.org", "t": "1772427600"}
    assert first.items() >= (same | {"a": "rsa-sha256", "s": "s1r"}).items()
    assert second.items() >= (same | {"a": "ed25519-sha256", "s": "s1e"}).items()
    assert first["bh"] == second["bh"]
    assert "l" not in first
    assert "x" not in first
    assert holds(MAIL) == [True, True]


def test_every_name_is_signed_once_more_than_it_is_there() -> None:
    listed = signatures(SIGNER.sign(b"To: c@example.net\r\n" + MAIL, AT))[0]["h"].split(":")
    there = {"from": 1, "to": 2, "subject": 1}
    assert {name: listed.count(name) for name in listed} == {n.decode(): there.get(n.decode(), 0) + 1 for n in SIGNED}


def test_the_same_message_and_time_give_the_same_bytes() -> None:
    again = Signer("example.org", "s1", RSA_KEY, ED_KEY)
    elsewhere = AT.astimezone(timezone(timedelta(hours=5)))
    assert SIGNER.sign(MAIL, AT) == again.sign(MAIL, AT) == again.sign(MAIL, elsewhere)
    assert SIGNER.sign(MAIL, AT) != SIGNER.sign(MAIL, AT + timedelta(seconds=1))


def test_rsa_alone_where_there_is_no_other_key() -> None:
    assert holds(MAIL, Signer("example.org", "s1", RSA_KEY, None)) == [True]


@pytest.mark.parametrize("domain", ["example.org", "d" * 60 + "." + "e" * 60 + ".example.org"])
@pytest.mark.parametrize("bits", [1024, 3072])
def test_lines_are_short(domain: str, bits: int) -> None:
    key = RSA_KEY if bits == 1024 else generate_private_key(public_exponent=65537, key_size=bits)
    lines = Signer(domain, "s" * 62, key, ED_KEY).sign(MAIL, AT).split(b"\r\n")
    assert lines.pop() == b""
    assert not [line for line in lines if len(line) > 78 and not line.startswith((b" d=", b" s="))]
    assert max(map(len, lines)) < 200
    assert not [line for line in lines if not line.strip() or line != line.rstrip()]


@pytest.mark.parametrize("body", [b"", b"\r\n", b"\r\n\r\n\r\n", b"x", b"x\r\n\r\n\r\n", b" \r\n\r\n", b"x\r\n\r\ny"])
def test_the_end_of_the_body_is_taken_as_the_rules_say(body: bytes) -> None:
    message = b"From: a@example.org\r\n\r\n" + body
    assert holds(message) == [True, True]
    assert verify(SIGNER.sign(message, AT) + message, "example.org", "s1r", RSA_KEY.public_key()) == ""


def test_a_message_without_body_is_signed() -> None:
    assert SIGNER.sign(b"From: a@example.org\r\n", AT) == SIGNER.sign(b"From: a@example.org\r\n\r\n", AT)


@pytest.mark.parametrize(
    ("message", "said"),
    [
        (b"To: a@example.org\r\n\r\nFrom: in the body\r\n", "From"),
        (b"", "no header field"),
        (b"\r\n\r\nbody", "no header field"),
        (b"From: a@example.org\r\nnonsense\r\n\r\n", "nonsense"),
        (b"From: a@example.org\r\n: no name\r\n\r\n", "no name"),
    ],
)
def test_what_is_no_message_is_not_signed(message: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        SIGNER.sign(message, AT)


# --- whatever stands in a header ------------------------------------------------------------------

_NAMES = st.one_of(
    st.sampled_from([name.decode() for name in SIGNED]).flatmap(
        lambda name: st.sampled_from([name, name.title(), name.upper()])
    ),
    st.text(st.characters(min_codepoint=33, max_codepoint=126, exclude_characters=":"), min_size=1, max_size=12),
)
_WORDS = st.text(st.characters(exclude_categories=("Cs", "Cc")), max_size=8).map(lambda word: word.encode())
_GAPS = st.sampled_from([b" ", b"\t", b"  \t ", b"\r\n ", b"\r\n\t", b" \r\n  ", b"\r\n \r\n\t"])
_VALUES = st.lists(st.tuples(_GAPS, _WORDS), max_size=6).map(lambda parts: b"".join(gap + word for gap, word in parts))
_FIELDS = st.tuples(_NAMES.map(str.encode), st.sampled_from([b"", b" ", b" \t"]), _VALUES)


def written(fields: list[tuple[bytes, bytes, bytes]]) -> bytes:
    return b"".join(name + gap + b":" + value + b"\r\n" for name, gap, value in fields)


@given(st.lists(_FIELDS, max_size=8))
@example([(b"Subject", b" ", b"\r\n \t a \r\n\tb\t\r\n ")])
def test_headers_are_canonical_as_dkimpy_has_them(fields: list[tuple[bytes, bytes, bytes]]) -> None:
    ours = [relaxed(name + gap + b":" + value) for name, gap, value in fields]
    theirs = Relaxed.canonicalize_headers([(name + gap, value + b"\r\n") for name, gap, value in fields])
    assert ours == [(name, name + b":" + value) for name, value in theirs]


@given(st.lists(_FIELDS.filter(lambda f: f[0].lower() != b"dkim-signature"), max_size=8), _WORDS)
def test_whatever_the_header_dkimpy_verifies_it(fields: list[tuple[bytes, bytes, bytes]], body: bytes) -> None:
    # dkimpy takes no white space before the colon.
    header = written([(name, b"", value) for name, _, value in fields])
    message = header + b"From: a@example.org\r\n\r\n" + body
    assert holds(message) == [True, True]
    plain = SIGNER.sign(message, AT) + message
    keys: dict[str, RSAPrivateKey | Ed25519PrivateKey] = {"s1r": RSA_KEY, "s1e": ED_KEY}
    for name, key in keys.items():
        assert verify(plain, "example.org", name, key.public_key()) == ""


@given(st.lists(_FIELDS, min_size=1, max_size=6), st.data())
def test_a_changed_byte_in_a_signed_field_is_seen(
    fields: list[tuple[bytes, bytes, bytes]], data: st.DataObject
) -> None:
    message = MAIL.replace(b"\r\n\r\n", b"\r\n" + written([(n, b"", v) for n, _, v in fields]) + b"\r\n", 1)
    raw = SIGNER.sign(message, AT) + message
    places = [m.start() for m in re.finditer(rb"[a-z]", message) if message[: m.start()].count(b"\n") < 3]
    at = len(raw) - len(message) + data.draw(st.sampled_from(places))
    changed = raw[:at] + (b"!" if raw[at : at + 1] != b"!" else b"?") + raw[at + 1 :]
    assert verify(raw, "example.org", "s1r", RSA_KEY.public_key()) == ""
    assert verify(changed, "example.org", "s1r", RSA_KEY.public_key())
