"""Addresses of the network, however they are spelt."""

from __future__ import annotations

import pytest

from digest.errors import UsageError
from digest.model.network import address_of, network_of


@pytest.mark.parametrize(
    ("said", "means"),
    [
        ("192.0.2.1", "192.0.2.1"),
        (" 192.0.2.1:4711 ", "192.0.2.1"),
        ("2001:DB8::1", "2001:db8::1"),
        ("[2001:db8::1]", "2001:db8::1"),
        ("[2001:db8::1]:443", "2001:db8::1"),
        ("::ffff:192.0.2.1", "192.0.2.1"),
        ("[::ffff:c000:201]:80", "192.0.2.1"),
        ("fe80::1%eth0", "fe80::1"),
    ],
)
def test_an_address_is_known_however_it_is_spelt(said: str, means: str) -> None:
    assert str(address_of(said)) == means


@pytest.mark.parametrize(
    "said",
    ["", "unknown", "_hidden", "localhost", "192.0.2", "192.0.2.1:port", "192.0.2.1:123456", "[2001:db8::1", "[]:80",
     "[2001:db8::1]x", "2001:db8::1::", "010.0.0.1", "1" * 65, "١٩٢.0.2.1", "192.0.2.1\0"],
)  # fmt: skip
def test_what_is_no_address(said: str) -> None:
    assert address_of(said) is None


@pytest.mark.parametrize(
    ("said", "means"),
    [("127.0.0.1", "127.0.0.1/32"), ("10.0.0.0/8", "10.0.0.0/8"), (" 2001:db8::/32 ", "2001:db8::/32"),
     ("::ffff:10.0.0.0/104", "10.0.0.0/8"), ("::1", "::1/128")],
)  # fmt: skip
def test_networks(said: str, means: str) -> None:
    assert str(network_of(said)) == means


@pytest.mark.parametrize("said", ["", "localhost", "10.0.0.1/8", "10.0.0.0/33", "0.0.0.0/0", "::/0"])
def test_what_is_no_network_or_too_much_of_one(said: str) -> None:
    with pytest.raises(UsageError):
        network_of(said)
