"""Tokens: only what we signed, for that purpose, comes back; Message-IDs can be made again."""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.tokens import (
    bounce_token,
    bounced_delivery,
    message_id,
    sign,
    sign_until,
    verify,
    verify_until,
)

SECRET, OLD = b"0123456789abcdef", b"fedcba9876543210"


@given(purpose=st.text(max_size=20), payload=st.text(max_size=60))
def test_what_was_signed_comes_back(purpose: str, payload: str) -> None:
    token = sign(SECRET, purpose, payload)
    assert verify(SECRET, purpose, token) == payload
    assert re.fullmatch(r"[A-Za-z0-9_-]*\.[A-Za-z0-9_-]{22}", token)


def test_small_payloads_make_short_tokens() -> None:
    assert len(sign(SECRET, "unsubscribe", "x" * 30)) <= 64


def test_a_token_is_good_for_one_purpose_and_one_secret() -> None:
    token = sign(SECRET, "confirm", "17")
    assert verify(SECRET, "unsubscribe", token) is None
    assert verify(OLD, "confirm", token) is None
    assert sign(SECRET, "ab", "c") != sign(SECRET, "a", "bc")


def test_old_secrets_are_kept() -> None:
    token = sign(OLD, "confirm", "17")
    assert verify([SECRET, OLD], "confirm", token) == "17"
    assert verify([SECRET], "confirm", token) is None
    assert verify([], "confirm", token) is None


@given(at=st.integers(0, 60), letter=st.sampled_from("ABCXYZabcxyz0189-_.=~ é"))
def test_one_changed_letter_is_refused(at: int, letter: str) -> None:
    token = sign(SECRET, "confirm", "reader 17, daily")
    at %= len(token)
    changed = token[:at] + letter + token[at + 1 :]
    assert verify(SECRET, "confirm", changed) == ("reader 17, daily" if changed == token else None)


@pytest.mark.parametrize("spare", ["=", "==", ".", " ", "\n", "A"])
def test_a_token_has_one_spelling(spare: str) -> None:
    token = sign(SECRET, "confirm", "17")
    for other in (token + spare, spare + token, token.replace(".", spare + ".", 1)):
        assert verify(SECRET, "confirm", other) is None


@given(st.text(max_size=80))
def test_any_text_is_refused_without_an_accident(text: str) -> None:
    assert verify(SECRET, "confirm", text) is None


def test_a_short_secret_is_refused() -> None:
    with pytest.raises(ValueError, match="16 bytes"):
        sign(b"secret", "confirm", "17")


def test_a_message_id_is_the_same_for_the_same_facts_only() -> None:
    one = message_id(SECRET, "edition", "12/17", "news.example.org")
    assert one == message_id(SECRET, "edition", "12/17", "news.example.org")
    assert re.fullmatch(r"<edition\.[a-z2-7]{32}@news\.example\.org>", one)
    others = {
        message_id(SECRET, "edition", "12/18", "news.example.org"),
        message_id(SECRET, "notice", "12/17", "news.example.org"),
        message_id(OLD, "edition", "12/17", "news.example.org"),
    }
    assert len(others | {one}) == 4


def test_a_message_id_is_ascii() -> None:
    assert message_id(SECRET, "edition", "ключ", "Bücher.de").endswith("@xn--bcher-kva.de>")


@given(st.integers(min_value=0, max_value=2**63 - 1))
def test_a_bounce_names_its_delivery_in_any_case(delivery: int) -> None:
    token = bounce_token(SECRET, delivery)
    assert len(token) <= 36
    assert re.fullmatch("[0-9a-f]+", token)
    assert bounced_delivery(SECRET, token) == delivery
    assert bounced_delivery([b"another secret, long enough", SECRET], token.upper()) == delivery
    assert bounced_delivery(b"another secret, long enough", token) is None


@given(st.integers(0, 10**6), st.integers(0, 40), st.sampled_from("0123456789abcdefghijklmnopqrstuv=.- é"))
def test_a_bounce_token_cannot_be_altered(delivery: int, at: int, letter: str) -> None:
    token = bounce_token(SECRET, delivery)
    for altered in (token[:at] + letter + token[at + 1 :], token[:at] + letter + token[at:]):
        if altered.lower() != token:
            assert bounced_delivery(SECRET, altered) is None


@given(st.text(max_size=40))
def test_any_text_as_a_bounce_token_is_refused(text: str) -> None:
    assert bounced_delivery(SECRET, text) is None


@given(
    payload=st.text(max_size=40).filter(lambda s: s.isprintable()), days=st.integers(0, 4000), late=st.integers(0, 3600)
)
def test_a_token_with_an_end_counts_until_then(payload: str, days: int, late: int) -> None:
    end = datetime(2026, 3, 2, 5, tzinfo=UTC) + timedelta(days=days)
    token = sign_until(SECRET, "confirm", payload, end)
    assert verify_until(SECRET, "confirm", token, end - timedelta(seconds=1)) == (payload, False)
    assert verify_until(SECRET, "confirm", token, end + timedelta(seconds=late)) == (payload, True)
    assert verify_until(SECRET, "unsubscribe", token, end) is None
    assert verify_until(OLD, "confirm", token, end) is None


def test_a_token_without_an_end_is_none_with_one() -> None:
    now = datetime(2026, 3, 2, 5, tzinfo=UTC)
    for payload in ("12", "x:12", ":12", "", "-5:12", "²:1"):
        assert verify_until(SECRET, "confirm", sign(SECRET, "confirm", payload), now) is None
