"""Addresses of the network, as headers and settings spell them."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network

from digest.errors import UsageError

Address = IPv4Address | IPv6Address
Network = IPv4Network | IPv6Network

_LONGEST = 64
_MAPPED_BITS = 96  # ::ffff:0:0/96 holds all of IPv4 (RFC 4291, 2.5.5.2)


def address_of(text: str) -> Address | None:
    """Without brackets, port and zone; an IPv4 address inside an IPv6 one comes out. None: that is no address."""
    text = text.strip()
    if len(text) > _LONGEST:
        return None
    if text.startswith("["):
        text, closed, port = text[1:].partition("]")
        if not closed or not _is_port(port):
            return None
    elif text.count(":") == 1:
        text, _, port = text.partition(":")
        if not _is_port(f":{port}"):
            return None
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def network_of(text: str) -> Network:
    """An address or a network like 10.0.0.0/8. Raises UsageError."""
    try:
        found = ip_network(text.strip())
    except ValueError:
        mend = "like 127.0.0.1, 10.0.0.0/8 or 2001:db8::/32"
        raise UsageError(f"{text!r} is no address and no network", mend=mend) from None
    if found.prefixlen == 0:
        raise UsageError(f"{text!r} is everybody", mend="name the proxies themselves, like 127.0.0.1")
    mapped = found.network_address.ipv4_mapped if isinstance(found, IPv6Network) else None
    if mapped is None or found.prefixlen <= _MAPPED_BITS:
        return found
    return IPv4Network((mapped, found.prefixlen - _MAPPED_BITS))


def neighbours(address: Address) -> Network:
    """What counts as one client: of IPv6 a /64, since that is what one household or one machine is given; of IPv4 a
    /24, since the cheapest way to many addresses is to rent them in a row. People behind one such network are few
    enough to share a limit of some sign-ups an hour.
    """
    return ip_network((address, 64 if isinstance(address, IPv6Address) else 24), strict=False)


def _is_port(text: str) -> bool:
    number = text.removeprefix(":")
    return not text or (text.startswith(":") and number.isascii() and number.isdecimal() and len(number) <= 5)
