"""Whose word counts for where a request comes from."""

from __future__ import annotations

import pytest

from digest.model.network import address_of, network_of
from digest.web.client import behind

TRUSTED = [network_of(text) for text in ("127.0.0.1", "10.0.0.0/8", "2001:db8:1::/48")]


def client(peer: str, *, xff: tuple[str, ...] = (), forwarded: tuple[str, ...] = ()) -> str:
    return str(behind(address_of(peer), xff, forwarded, TRUSTED))


def test_nobody_is_believed_who_was_not_named() -> None:
    assert client("198.51.100.7", xff=("192.0.2.1",), forwarded=("for=192.0.2.1",)) == "198.51.100.7"
    assert str(behind(address_of("127.0.0.1"), ["192.0.2.1"], [], [])) == "127.0.0.1"
    assert behind(None, ["192.0.2.1"], [], TRUSTED) is None


@pytest.mark.parametrize("peer", ["127.0.0.1", "::ffff:127.0.0.1", "10.1.2.3", "2001:db8:1::9"])
def test_a_named_proxy_is_believed(peer: str) -> None:
    assert client(peer, xff=("192.0.2.1",)) == "192.0.2.1"


@pytest.mark.parametrize(
    ("lines", "found"),
    [
        ((), "127.0.0.1"),
        (("203.0.113.9, 192.0.2.1",), "192.0.2.1"),  # the first is what the client made up
        (("10.9.9.9, 192.0.2.1, 10.1.1.1",), "192.0.2.1"),
        (("203.0.113.9", "192.0.2.1, 10.1.1.1"), "192.0.2.1"),  # several lines are one list
        (("10.2.2.2, 10.1.1.1",), "10.2.2.2"),  # all trusted: the client is one of ours
        (("192.0.2.1:4711",), "192.0.2.1"),
        (("[2001:db8::7]:4711",), "2001:db8::7"),
        (("::ffff:192.0.2.1",), "192.0.2.1"),
        (("nonsense, 192.0.2.1",), "192.0.2.1"),  # nobody reads so far
        (("192.0.2.1, nonsense",), "127.0.0.1"),
        (("192.0.2.1, nonsense, 10.1.1.1",), "127.0.0.1"),
        (("192.0.2.1,",), "127.0.0.1"),
        (("",), "127.0.0.1"),
        ((",".join(["10.1.1.1"] * 2000),), "10.1.1.1"),
    ],
)
def test_the_list_is_read_from_its_end(lines: tuple[str, ...], found: str) -> None:
    assert client("127.0.0.1", xff=lines) == found


@pytest.mark.parametrize(
    ("line", "found"),
    [
        ("for=192.0.2.1", "192.0.2.1"),
        ('For="[2001:db8::7]:4711";proto=https;by=203.0.113.43', "2001:db8::7"),
        ("proto=http; for=192.0.2.1 , for=10.1.1.1", "192.0.2.1"),
        ('for=203.0.113.9, for="192.0.2.1"', "192.0.2.1"),
        ('by="a,b";for=192.0.2.1', "192.0.2.1"),
        ('for="192\\.0.2.1"', "192.0.2.1"),
        ("for=unknown", "127.0.0.1"),
        ("for=_secret", "127.0.0.1"),
        ("proto=https", "127.0.0.1"),
        ('for="x, for="[2001:db8::7]"', "127.0.0.1"),  # the client's open quotation mark hides it, not another
        ('for="x, for=192.0.2.1', "192.0.2.1"),
        ("for=192.0.2.1;" + "a" * 3000, "127.0.0.1"),
        ('"\\' * 1000, "127.0.0.1"),
    ],
)
def test_the_standard_header_says_the_same(line: str, found: str) -> None:
    assert client("127.0.0.1", forwarded=(line,)) == found


def test_two_headers_that_disagree_are_not_believed() -> None:
    """The proxy wrote one of them, and passed on what the client had put into the other."""
    assert client("127.0.0.1", xff=("192.0.2.1",), forwarded=("for=192.0.2.1",)) == "192.0.2.1"
    assert client("127.0.0.1", xff=("192.0.2.1",), forwarded=("for=203.0.113.9",)) == "127.0.0.1"
