"""Addresses: one readable form to write to, one key by which duplicates are found."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.address import address_key, masked, normalise
from digest.errors import BadInput


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        ("ann@example.org", "ann@example.org"),
        ("  Ann.Smith+news@Example.ORG\n", "Ann.Smith+news@example.org"),
        ("jürgen@Bücher.de", "jürgen@bücher.de"),
        ("a@xn--bcher-kva.de", "a@bücher.de"),
        ("用户@例子.广告", "用户@例子.广告"),
        ("o'neill@example.org", "o'neill@example.org"),
    ],
)
def test_the_form_we_keep(text: str, kept: str) -> None:
    assert normalise(text) == kept
    assert normalise(kept) == kept


def test_a_decomposed_address_is_composed() -> None:
    assert normalise(unicodedata.normalize("NFD", "jürgen@bücher.de")) == "jürgen@bücher.de"


@pytest.mark.parametrize(
    "text",
    ["", "ann", "ann@", "@example.org", "a b@example.org", "Ann <ann@example.org>", "a@b@c.org", "a\u202eb@c.org"],
)
def test_what_is_no_address_is_refused_in_one_line_that_shows_it(text: str) -> None:
    with pytest.raises(BadInput) as caught:
        normalise(text)
    assert repr(text) in str(caught.value)
    assert "is not an e-mail address: " in str(caught.value)


def test_a_header_cannot_be_smuggled_in() -> None:
    with pytest.raises(BadInput) as caught:
        normalise("ann@example.org\r\nBcc: eve@example.org")
    assert "\n" not in str(caught.value)


@given(st.text(max_size=60))
def test_any_text_is_an_address_or_bad_input(text: str) -> None:
    try:
        kept = normalise(text)
    except BadInput:
        return
    assert normalise(kept) == kept


def test_spellings_of_one_address_have_one_key() -> None:
    spellings = ["Jürgen@BÜCHER.de", "jürgen@bücher.de", "JÜRGEN@xn--bcher-kva.de"]
    spellings += [unicodedata.normalize("NFD", each) for each in spellings]
    assert {address_key(normalise(each)) for each in spellings} == {"jürgen@bücher.de"}


def test_different_addresses_have_different_keys() -> None:
    # Only "ß" in a domain: a registry of its own since IDNA 2008, so never folded to "ss".
    texts = ["ann@example.org", "ann+x@example.org", "an.n@example.org", "ann@straße.de", "ann@strasse.de"]
    assert len({address_key(normalise(each)) for each in texts}) == len(texts)


@given(st.text(max_size=20))
def test_the_key_of_a_key_is_itself(text: str) -> None:
    key = address_key(text)
    assert address_key(key) == key


@pytest.mark.parametrize(
    ("email", "shown"),
    [
        ("anna@example.org", "a…@example.org"),
        ("a@example.org", "…@example.org"),
        ("é.ö@bücher.example", "é…@bücher.example"),
    ],
)
def test_masked_is_enough_for_its_owner_alone(email: str, shown: str) -> None:
    assert masked(email) == shown
