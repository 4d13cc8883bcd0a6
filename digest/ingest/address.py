"""[pure] Which network addresses a fetch may connect to."""

from __future__ import annotations

import re
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

# A list of our own: what `is_global` says changed between Python's patch releases.
_DENIED = [
    ip_network(text)
    for text in (
        "0.0.0.0/8",
        "10.0.0.0/8",
        "100.64.0.0/10",
        "127.0.0.0/8",
        "169.254.0.0/16",
        "172.16.0.0/12",
        "192.0.0.0/24",
        "192.0.2.0/24",
        "192.31.196.0/24",
        "192.52.193.0/24",
        "192.88.99.0/24",
        "192.168.0.0/16",
        "192.175.48.0/24",
        "198.18.0.0/15",
        "198.51.100.0/24",
        "203.0.113.0/24",
        "224.0.0.0/4",
        "240.0.0.0/4",
        "2001::/23",  # Teredo among them
        "2001:db8::/32",
        "3fff::/20",
    )
]
_GLOBAL = ip_network("2000::/3")  # all else of IPv6 is reserved, private, link-local or multicast
_PART = re.compile(r"0x[0-9a-f]+|0[0-7]*|[1-9][0-9]*")
_NAT64 = ip_network("64:ff9b::/96")
_ISATAP = {0x00005EFE, 0x02005EFE}  # the second half of such an address begins so, and ends in an IPv4 one


def is_public(text: str) -> bool:
    """Whether this IP address, and any IPv4 address inside it, belongs to the public Internet."""
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return False
    inner = _inside(address)
    if inner is not None:
        return is_public(str(inner))
    if isinstance(address, IPv6Address) and address not in _GLOBAL:
        return False
    return not any(address in network for network in _DENIED if network.version == address.version)


def names_private(host: str) -> bool:
    """Whether a host says of itself, before anybody looks it up, that it is not on the public Internet."""
    bare = host.strip("[]").rstrip(".").lower()
    if bare == "localhost" or bare.endswith(".localhost"):
        return True
    try:
        ip_address(bare.partition("%")[0])
    except ValueError:
        number = _number(bare)
        return number is not None and not is_public(str(number))
    return not is_public(bare)


def _number(host: str) -> IPv4Address | None:
    """The address that resolvers see in 127.1, 0x7f000001 or 017700000001."""
    parts = host.split(".")
    if len(parts) > 4 or not all(map(_PART.fullmatch, parts)):
        return None
    values = [int(p, 16 if p[1:2] == "x" else 8 if p[:1] == "0" else 10) for p in parts]
    room = 256 ** (5 - len(parts))  # the last part fills what is left
    if any(v > 255 for v in values[:-1]) or values[-1] >= room:
        return None
    return IPv4Address(sum(v << 8 * (3 - n) for n, v in enumerate(values[:-1])) + values[-1])


def _inside(address: IPv4Address | IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a v4-mapped, 6to4, NAT64 or ISATAP address leads to."""
    if isinstance(address, IPv4Address):
        return None
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    number = int(address)
    if address in _NAT64 or (number >> 32) & 0xFFFFFFFF in _ISATAP:
        return IPv4Address(number & 0xFFFFFFFF)
    return None
