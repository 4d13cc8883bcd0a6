"""So many an hour, at once or as the hour goes by; memory stays bounded."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.web.limits import Limits


class Clock:
    def __init__(self) -> None:
        self.now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_a_network_has_its_hour_and_gets_it_back_bit_by_bit() -> None:
    clock = Clock()
    limits = Limits(4, 1000, clock)
    assert [limits.wait("x", "192.0.2.1") for _ in range(4)] == [0.0] * 4
    assert limits.wait("x", "192.0.2.200") == pytest.approx(900), "its neighbours are the same"
    assert limits.wait("x", "192.0.3.1") == 0.0
    assert limits.wait("y", "192.0.2.1") == 0.0, "each act by itself"
    clock.now += 900
    assert limits.wait("x", "192.0.2.1") == 0.0
    assert limits.wait("x", "192.0.2.1") == pytest.approx(900)
    clock.now += 10_000
    assert [limits.wait("x", "192.0.2.1") for _ in range(4)] == [0.0] * 4, "nobody saves up more than an hour's"
    assert limits.wait("x", "192.0.2.1") > 0


def test_what_is_refused_does_not_count() -> None:
    clock = Clock()
    limits = Limits(1, 3, clock)
    for _ in range(50):
        limits.wait("x", "192.0.2.1")
    assert limits.wait("x", "192.0.3.1") == limits.wait("x", "192.0.4.1") == 0.0
    assert limits.wait("x", "192.0.5.1") > 0, "over all"


def test_who_has_no_address_is_one_client() -> None:
    limits = Limits(2, 100, Clock())
    assert [limits.wait("x", client) > 0 for client in ("", "?", "unix")] == [False, False, True]


def test_memory_is_bounded_and_the_limit_over_all_outlives_it() -> None:
    limits = Limits(1, 500, Clock(), room=50)
    allowed = sum(limits.wait("x", f"2001:db8:{n:x}::1") == 0.0 for n in range(2000))
    assert allowed == 500
    assert len(limits._used) <= 50


@given(st.lists(st.floats(0, 4000), max_size=60), st.integers(1, 5))
def test_never_more_than_twice_the_number_in_an_hour(pauses: list[float], most: int) -> None:
    """At once at most the number, and in any hour no more than as many again that come back in it."""
    clock = Clock()
    limits, allowed = Limits(most, 10_000, clock), []
    for pause in pauses:
        clock.now += pause
        wait = limits.wait("x", "192.0.2.1")
        if wait:
            clock.now += wait
            assert limits.wait("x", "192.0.2.1") == 0.0, "what Retry-After says is enough"
        allowed.append(clock.now)
    for at in allowed:
        assert sum(at <= other < at + 3600 for other in allowed) <= 2 * most
