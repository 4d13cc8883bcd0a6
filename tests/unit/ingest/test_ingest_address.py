"""Which addresses are public, in every spelling."""

from __future__ import annotations

import socket
from ipaddress import IPv4Address, IPv6Address, ip_address

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from digest.ingest.address import is_public, names_private
from tests.support import forbidden


@pytest.mark.parametrize("address", forbidden.ADDRESSES)
def test_forbidden_addresses(address: str) -> None:
    assert not is_public(address)
    assert names_private(address)


PUBLIC = [
    "93.184.216.34", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:2800:220:1:248:1893:25c8:1946", "2002:808:808::",
    "::ffff:8.8.8.8", "64:ff9b::8.8.8.8", "2a00:1450:4001:5efe:1::1",
]  # fmt: skip


@pytest.mark.parametrize("address", PUBLIC)
def test_public_addresses(address: str) -> None:
    assert is_public(address)
    assert not names_private(address)


@pytest.mark.parametrize("text", ["", "x", "example.org", "1.2.3", "1.2.3.4.5", "[::1]", "12345678901"])
def test_what_is_no_address_is_not_public(text: str) -> None:
    assert not is_public(text)


@pytest.mark.parametrize(
    "host", ["example.org", "localhost.example.org", "notlocalhost", "1.2.3.4.5", "0xfoo", "", "256.1"]
)
def test_names_say_nothing_of_themselves(host: str) -> None:
    assert not names_private(host)


@given(st.integers(0, 2**32 - 1))
def test_an_ipv4_address_is_judged_the_same_wherever_it_is_hidden(number: int) -> None:
    plain = IPv4Address(number)
    for hidden in (
        IPv6Address((0xFFFF << 32) | number),
        IPv6Address((0x64FF9B << 96) | number),
        IPv6Address((0x2002 << 112) | (number << 80)),
        IPv6Address((0x2A001450 << 96) | (0x5EFE << 32) | number),
    ):
        assert is_public(str(hidden)) == is_public(str(plain))


@given(st.ip_addresses(v=4))
def test_never_more_than_the_standard_library_allows(address: IPv4Address) -> None:
    assume(is_public(str(address)))
    assert address.is_global


@given(
    st.one_of(
        st.from_regex(r"\A(0x[0-9a-f]{1,9}|0[0-7]{0,12}|[1-9][0-9]{0,10})(\.(0x[0-9a-f]{1,3}|[0-9]{1,4})){0,4}\Z")
    )
)
def test_odd_spellings_are_read_as_resolvers_do(host: str) -> None:
    try:
        read = socket.inet_ntoa(socket.inet_aton(host))
    except OSError:
        return
    assert names_private(host) == (not is_public(str(ip_address(read)))), (host, read)
