"""A domain that asks us to slow down is left alone for a while, and the others are not."""

from __future__ import annotations

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.deliver.pace import FIRST_REST, LONGEST_REST, Pace, asks_to_slow_down
from digest.deliver.relay import Rate


class Watch:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("code", "enhanced", "text"),
    [
        (450, "4.7.28", "Gmail has detected an unusual rate of mail from your address"),
        (451, "4.3.2", "system not accepting messages now"),
        (452, "", "Too many messages from you today"),
        (450, "", "rate limit exceeded"),
        (451, "4.7.650", "The mail server has been temporarily rate limited due to IP reputation"),
        (451, "4.7.0", "[TSS04] Messages from 192.0.2.1 temporarily deferred due to volume"),
    ],
)
def test_these_ask_for_less(code: int, enhanced: str, text: str) -> None:
    assert asks_to_slow_down(code, enhanced, text)


@pytest.mark.parametrize(
    ("code", "enhanced", "text"),
    [
        (450, "4.2.0", "Greylisted, see http://example.org"),
        (451, "4.7.1", "Greylisting in action, please try again later, not too fast"),
        (452, "4.2.2", "the mailbox is full"),
        (450, "4.1.1", "mailbox unavailable"),
        (550, "5.7.1", "too many complaints about you"),
        (421, "4.7.0", "closing the connection"),
        (250, "2.0.0", "ok"),
    ],
)
def test_these_are_about_something_else(code: int, enhanced: str, text: str) -> None:
    assert not asks_to_slow_down(code, enhanced, text)


def test_each_time_it_says_so_again_the_rest_is_longer() -> None:
    watch = Watch()
    pace = Pace(watch)
    lengths = []
    for _ in range(8):
        pace.slow("example.org")
        pace.slow("example.org")  # another connection was told at the same time
        lengths.append(pace.wait("example.org"))
        assert pace.wait("example.com") == 0
        watch.now += lengths[-1]
        assert pace.wait("example.org") == 0
    assert lengths == [min(FIRST_REST * 2**n, LONGEST_REST) for n in range(8)]


def test_it_is_forgotten_once_mail_is_taken_again() -> None:
    watch = Watch()
    pace = Pace(watch)
    for _ in range(3):
        pace.slow("example.org")
        watch.now += LONGEST_REST
    for _ in range(10):
        pace.accepted("example.org")
    pace.slow("example.org")
    assert pace.wait("example.org") == FIRST_REST


@given(st.lists(st.sampled_from(["slow", "accepted", "time"]), max_size=60))
def test_no_rest_is_longer_than_the_longest(steps: list[str]) -> None:
    watch = Watch()
    pace = Pace(watch)
    for step in steps:
        if step == "slow":
            pace.slow("example.org")
        elif step == "accepted":
            pace.accepted("example.org")
        else:
            watch.now += 200
        assert 0 <= pace.wait("example.org") <= LONGEST_REST


@given(st.floats(0.5, 1000), st.lists(st.floats(0, 2), min_size=1, max_size=50))
def test_a_rate_is_never_passed(per_second: float, pauses: list[float]) -> None:
    watch = Watch()
    rate = Rate(per_second, watch)
    places = []
    for pause in pauses:
        watch.now += pause
        places.append(watch.now + rate.reserve())
    gaps = [b - a for a, b in itertools.pairwise(places)]
    assert all(gap >= 1 / per_second - 1e-6 for gap in gaps)
    assert Rate(0, watch).reserve() == 0
