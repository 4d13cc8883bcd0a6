"""Reasons are counted without what in them is one recipient's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.reasons import general


@pytest.mark.parametrize(
    ("reason", "expected"),
    [
        ("no such mailbox (550 5.1.1)", "no such mailbox (550 5.1.1)"),
        ("gave up after 7 attempts: greylisted (450 4.7.1)", "gave up: greylisted (450 4.7.1)"),
        ("gave up after 1 attempts: greylisted (450 4.7.1)", "gave up: greylisted (450 4.7.1)"),
        ("the message cannot be built: 'x y@z' is not an address", "the message cannot be built: … is not an address"),
        ("<ann@example.com> was refused", "… was refused"),
        ("ann@example.com was refused", "… was refused"),
        ("news/day/4 covers it", "news/day/4 covers it"),
        ("mail.example has asked us to slow down", "the domain has asked us to slow down"),
        ("two\n lines", "two lines"),
        ("", "no reason given"),
    ],
)
def test_general(reason: str, expected: str) -> None:
    assert general(reason) == expected


@given(st.text())
def test_it_is_always_a_line_and_stays_as_it_is(reason: str) -> None:
    once = general(reason)
    assert once
    assert once.splitlines() == [once]
