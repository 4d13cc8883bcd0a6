"""Turns at a host: how many at a time, how long between two, who comes first."""

from __future__ import annotations

import itertools
import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import NotNow
from digest.ingest.hosts import Hosts, host_of, spread


def soon(seconds: float = 5.0) -> float:
    return time.monotonic() + seconds


def test_never_more_at_a_time_and_never_closer_than_the_gap() -> None:
    hosts, lock = Hosts(at_once=2, gap=0.03), threading.Lock()
    running, most, starts = 0, 0, list[float]()

    def request() -> None:
        nonlocal running, most
        with hosts.turn("example.org", soon()):
            with lock:
                running += 1
                most = max(most, running)
                starts.append(time.monotonic())
            time.sleep(0.1)
            with lock:
                running -= 1

    with ThreadPoolExecutor(8) as pool:
        for done in [pool.submit(request) for _ in range(8)]:
            done.result()
    assert most == 2
    starts.sort()
    assert min(b - a for a, b in itertools.pairwise(starts)) > 0.02


def test_other_hosts_do_not_wait() -> None:
    hosts = Hosts(at_once=1, gap=10)
    with hosts.turn("a.example", soon()), hosts.turn("b.example", soon(0.1)):
        assert hosts.wait("a.example") > 9
        assert hosts.wait("c.example") == 0


def test_who_waits_too_long_is_told_and_holds_up_nobody() -> None:
    hosts = Hosts(at_once=1, gap=0)
    with hosts.turn("A.example", soon()):
        begun = time.monotonic()
        with ThreadPoolExecutor(1) as pool:
            late = pool.submit(lambda: hosts.turn("a.EXAMPLE", soon(0.1)).__enter__())
            with pytest.raises(NotNow):
                late.result()
        assert 0.05 < time.monotonic() - begun < 2
    with hosts.turn("a.example", soon(0.1)):
        pass


def test_a_host_that_asks_for_patience_gets_it_at_once() -> None:
    hosts = Hosts(gap=0)
    hosts.hold("a.example", 60)
    hosts.hold("a.example", 1)  # does not shorten it
    begun = time.monotonic()
    with pytest.raises(NotNow) as error, hosts.turn("a.example", soon(5)):
        pass
    assert time.monotonic() - begun < 1, "there is no use in waiting"
    assert 55 < error.value.seconds <= 60
    assert 55 < hosts.wait("a.example") <= 60
    hosts.hold("b.example", 0.05)
    with hosts.turn("b.example", soon(5)):
        pass


def test_a_thread_that_has_its_turn_gets_further_ones() -> None:
    hosts = Hosts(at_once=1, gap=0.05)
    begun = time.monotonic()
    with hosts.turn("a.example", soon()), hosts.turn("a.example", soon(0.2)):
        assert time.monotonic() - begun >= 0.05
    with hosts.turn("a.example", soon()):
        pass


def test_a_turn_ends_when_its_request_fails() -> None:
    hosts = Hosts(at_once=1, gap=0)
    with pytest.raises(ZeroDivisionError), hosts.turn("a.example", soon()):
        _ = 1 / 0
    with hosts.turn("a.example", soon(0.1)):
        pass


def test_hosts_that_nobody_needs_are_forgotten() -> None:
    hosts = Hosts(gap=0)
    for n in range(3000):
        with hosts.turn(f"{n}.example", soon()):
            pass
    assert len(hosts._hosts) <= 1001


@given(st.lists(st.tuples(st.sampled_from(["", "a", "b", "c"]), st.integers())))
def test_spreading_loses_nothing_and_keeps_the_order_of_each_host(things: list[tuple[str, int]]) -> None:
    numbered = [(host, (host, n, value)) for n, (host, value) in enumerate(things)]
    found = spread(numbered)
    assert sorted(found) == sorted(thing for _, thing in numbered)
    for host in "abc":
        assert [t for t in found if t[0] == host] == [t for h, t in numbered if h == host]


def test_spreading() -> None:
    assert spread([("a", 1), ("a", 2), ("a", 3), ("b", 4), ("", 5), ("", 6)]) == [1, 4, 5, 6, 2, 3]


def test_host_of() -> None:
    assert host_of("https://user@Example.ORG:8080/x") == "example.org"
    assert host_of("/var/wire") == host_of("http://[") == ""
