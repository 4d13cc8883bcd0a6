"""Keys and their records: read as they were written, and every fault of a record named."""

from __future__ import annotations

import re
from base64 import b64decode

import pytest
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
)
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.dkim_keys import KeyPair, Record, parse_record, raw, record_text, tags
from digest.deliver.dkim_names import (
    ALGORITHMS,
    ED25519,
    RSA,
    aligns,
    check_domain,
    check_selector,
    record_name,
    signing_domain,
)
from digest.errors import BadInput

PAIR = KeyPair.make()
RSA_TEXT, ED_TEXT = (record_text(a, PAIR.public()[a]) for a in ALGORITHMS)
RSA_P, ED_P = (text.partition("p=")[2] for text in (RSA_TEXT, ED_TEXT))


def test_keys_are_read_as_they_were_written() -> None:
    again = KeyPair.read(*PAIR.pem())
    assert again.pem() == PAIR.pem()
    assert PAIR.rsa.key_size == 2048


def _pem(key: rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey, password: bytes = b"") -> bytes:
    encryption = BestAvailableEncryption(password) if password else NoEncryption()
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


@pytest.mark.parametrize(
    ("first", "second", "said"),
    [
        (b"", PAIR.pem()[1], "no RSA key in PEM"),
        (b"-----BEGIN PRIVATE KEY-----\nxxxx\n-----END PRIVATE KEY-----\n", PAIR.pem()[1], "no RSA key in PEM"),
        (_pem(PAIR.rsa, b"secret"), PAIR.pem()[1], "without a password"),
        (PAIR.pem()[1], PAIR.pem()[1], "no RSA key of at least 1024 bits"),
        (_pem(ec.generate_private_key(ec.SECP256R1())), PAIR.pem()[1], "no RSA key of at least"),
        (PAIR.pem()[0], PAIR.pem()[0], "no Ed25519 key"),
        (PAIR.pem()[0], b"\xff\x00", "no Ed25519 key"),
    ],
)
def test_what_is_no_key_is_named(first: bytes, second: bytes, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        KeyPair.read(first, second)


def test_the_records_publish_our_keys() -> None:
    for algorithm in ALGORITHMS:
        key, testing = parse_record(record_text(algorithm, PAIR.public()[algorithm]), algorithm)
        assert raw(key) == raw(PAIR.public()[algorithm])
        assert not testing
    assert len(b64decode(ED_P)) == 32


@pytest.mark.parametrize("bits", [2048, 3072])
def test_a_zone_file_can_take_the_lines(bits: int) -> None:
    key = rsa.generate_private_key(public_exponent=65537, key_size=bits).public_key()
    record = Record(record_name("example.org", "s1", RSA), RSA, record_text(RSA, key))
    line = record.zone_line()
    assert line.startswith('s1r._domainkey.example.org. IN TXT ( "v=DKIM1; k=rsa; p=')
    pieces = re.findall('"([^"]*)"', line)
    assert max(map(len, pieces)) <= 255
    assert "".join(pieces) == record.text
    short = Record("s1e._domainkey.example.org", ED25519, ED_TEXT).zone_line()
    assert short == f's1e._domainkey.example.org. IN TXT "{ED_TEXT}"'


@pytest.mark.parametrize(
    ("text", "algorithm", "said"),
    [
        ("", RSA, "no p="),
        ("v=spf1 -all", RSA, "v=DKIM1"),
        (f"k=rsa; v=DKIM1; p={RSA_P}", RSA, "v=DKIM1"),
        ("hello", RSA, "no tag"),
        ("v=DKIM1; k=rsa; p=", RSA, "revoked"),
        ("v=DKIM1; k=rsa", RSA, "no p="),
        (RSA_TEXT, ED25519, "k=rsa, not k=ed25519"),
        (ED_TEXT, RSA, "k=ed25519, not k=rsa"),
        (RSA_TEXT[:-40], RSA, "damaged"),
        (RSA_TEXT[:300] + RSA_TEXT[310:], RSA, "damaged"),
        (RSA_TEXT.replace("p=", "p=\\"), RSA, "damaged"),
        (ED_TEXT[:-4], ED25519, "damaged"),
        (f"v=DKIM1; k=ed25519; p={RSA_P}", ED25519, "damaged"),
        (f"v=DKIM1; h=sha1; p={RSA_P}", RSA, "sha256"),
        (f"v=DKIM1; s=tlsrpt; p={RSA_P}", RSA, "e-mail"),
        (f"v=DKIM1; p={RSA_P}; p={RSA_P}", RSA, "twice"),
    ],
    ids=lambda value: value if len(value) < 40 else "record",  # keys are made anew each time
)
def test_a_record_that_verifiers_cannot_use_is_named(text: str, algorithm: str, said: str) -> None:
    with pytest.raises(BadInput, match=said):
        parse_record(text, algorithm)


@pytest.mark.parametrize(
    ("text", "testing"),
    [
        (f"p={RSA_P}", False),
        (f"v=DKIM1;k=rsa;p={RSA_P};", False),
        (f" v=DKIM1 ; h=sha1:sha256 ; s=* ; t=s ; n=a note ; p={RSA_P[:100]} {RSA_P[100:]} ; ", False),
        (f"v=DKIM1; s=email:x; t=s:y; p={RSA_P}", True),
    ],
)
def test_other_spellings_of_a_record_will_do(text: str, testing: bool) -> None:
    key, tested = parse_record(text, RSA)
    assert raw(key) == raw(PAIR.public()[RSA])
    assert tested == testing


@given(st.text(max_size=60), st.sampled_from(ALGORITHMS))
def test_no_record_breaks_the_reader(text: str, algorithm: str) -> None:
    for tried in (text, f"v=DKIM1; p={text}", f"{RSA_TEXT};{text}"):
        try:
            parse_record(tried, algorithm)
        except BadInput as error:
            assert error.what  # noqa: PT017 - either will do


_NAME = st.from_regex(r"[a-z][a-z0-9_]{0,5}", fullmatch=True)


@given(st.dictionaries(_NAME, st.from_regex(r"([!-:<-~]( [!-:<-~])*)?", fullmatch=True), min_size=1, max_size=5))
def test_tags_are_read_as_they_were_written(told: dict[str, str]) -> None:
    assert tags("; ".join(f"{name} = {value}" for name, value in told.items())) == told


# --- names ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("selector", ["", "-a", "a-", "A", "a.b", "a/b", "..", "a_b", "é", "a" * 63, "a\n"])
def test_some_names_cannot_be_selectors(selector: str) -> None:
    with pytest.raises(BadInput):
        check_selector(selector)


@pytest.mark.parametrize("selector", ["s202611", "a", "s202611-2", "a" * 62])
def test_these_can(selector: str) -> None:
    assert check_selector(selector) == selector
    assert all(len(label) <= 63 for a in ALGORITHMS for label in record_name("example.org", selector, a).split("."))


@pytest.mark.parametrize(
    ("setting", "address", "domain"),
    [
        ("", "a@Example.org", "example.org"),
        ("", "a@Exämple.org", "xn--exmple-cua.org"),
        ("example.org", "a@news.example.org", "example.org"),
        ("Exämple.org", "a@xn--exmple-cua.org", "xn--exmple-cua.org"),
        ("news.example.org", "a@example.org", "news.example.org"),
        ("example.org", "a@notexample.org", "notexample.org"),
        ("example.net", "a@example.org", "example.org"),
        ("org", "a@example.org", "example.org"),
        ("", "a@localhost", "localhost"),
    ],
)
def test_the_domain_that_signs_aligns_with_the_sender(setting: str, address: str, domain: str) -> None:
    assert signing_domain(setting, address) == domain


def test_a_domain_that_does_not_align_is_refused() -> None:
    assert check_domain("Example.org", "a@news.example.org") == "Example.org"
    for wrong in ("example.net", "org", "ample.org", "exa mple.org"):
        with pytest.raises(BadInput):
            check_domain(wrong, "a@example.org")
    assert not aligns("ample.org", "example.org")
