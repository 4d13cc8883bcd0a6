"""Which refusals are about the address."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.refusals import refusal
from digest.deliver.retry import Stage, classify

AT_RCPT = "the recipient was refused"


@pytest.mark.parametrize(
    ("reply", "status"),
    [
        ("550 5.1.1 no such user", "5.1.1"),
        ("550 5.1.1", "5.1.1"),
        ("550-5.1.1 The email account that you tried to reach does not exist", "5.1.1"),
        ("554 5.1.1 spam trap <x@example.org>: no such user", "5.1.1"),
        ("550 5.2.1 The account is disabled", "5.2.1"),
        ("556 5.1.10 the domain has a null MX", "5.1.10"),
        ("553 5.1.3 bad address", "5.1.3"),
    ],
)
def test_an_address_that_does_not_exist(reply: str, status: str) -> None:
    found = refusal(reply)
    assert found is not None
    assert (found.kind, found.status) == ("hard", status)


@pytest.mark.parametrize("reply", ["552 5.2.2 mailbox full", "452 4.2.2 over quota", "450 4.1.1 not verified yet"])
def test_not_now(reply: str) -> None:
    found = refusal(reply, "gave up after 12 attempts: the mailbox is full (452 4.2.2)")
    assert found is not None
    assert found.kind == "soft"


@pytest.mark.parametrize(
    "reply",
    [
        "", "no answer to rcpt", "250 2.1.5 ok", "450 4.7.1 greylisted", "550 5.7.1 refused by policy",
        "554 5.7.26 DMARC", "552 5.3.4 too large", "553 5.6.7 the relay cannot take an international address",
        "550 5.11.1 odd", "5501 5.1.1", "550", "421 4.3.2 closing", "451 4.4.1 timeout",
    ],
)  # fmt: skip
def test_what_is_not_about_the_address(reply: str) -> None:
    assert refusal(reply, "the message was refused (550)") is None


def test_a_bare_550_counts_at_rcpt_only_and_not_for_policy() -> None:
    for code in (550, 551, 553, 556):
        reason = classify(code, "", "who is that", Stage.RCPT).reason
        assert refusal(f"{code} who is that", reason) is not None
        assert refusal(f"{code} who is that", classify(code, "", "", Stage.DOT).reason) is None
    for said in ("listed at zen.example", "Sender blocked", "SPF check failed", "relaying denied", "Message is spam"):
        assert refusal(f"550 {said}", AT_RCPT) is None
    assert refusal("554 go away", AT_RCPT) is None


@given(st.text(max_size=60), st.text(max_size=60))
def test_whatever_a_server_says(reply: str, reason: str) -> None:
    found = refusal(reply, reason)
    assert found is None or reply[:1] in "45"
