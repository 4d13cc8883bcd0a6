"""From where a request comes: the peer, or whoever stands behind the proxies that the operator named."""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from starlette.requests import Request

from digest.model.network import Address, Network, address_of, network_of
from digest.web.parts import Web

_LONGEST = 2000
#: One element of Forwarded (RFC 7239, 4): commas within quotation marks do not part elements.
_ELEMENT = re.compile(r'(?:[^,"]|"(?:[^"\\]|\\.)*")+')
_PAIR = re.compile(r'(?:^|;)\s*for\s*=\s*("(?:[^"\\]|\\.)*"|[^\s;,"]*)\s*(?=;|$)', re.IGNORECASE)


def address(web: Web, request: Request) -> str:
    """The client's address as text; empty where the connection has none. A header counts only where it was a
    proxy named in `web.trusted_proxies` that sent it.
    """
    peer = address_of(request.client.host) if request.client else None
    trusted = _networks(tuple(web.services.settings.web.trusted_proxies))
    told = [request.headers.getlist("x-forwarded-for"), request.headers.getlist("forwarded")]
    if any(told) and peer is not None and peer.is_loopback and not _is_in(peer, trusted):
        _tell_of_proxy(web, str(peer))
    found = behind(peer, told[0], told[1], trusted)
    return str(found) if found else ""


def _tell_of_proxy(web: Web, peer: str) -> None:
    """Once: all readers behind it share the limits of one."""
    if not web.services.memory.setdefault("told of the proxy", False):
        web.services.memory["told of the proxy"] = True
        web.say(f'a proxy at {peer} passes requests on, and its word does not count (web.trusted_proxies = ["{peer}"])')


def behind(
    peer: Address | None, x_forwarded_for: Sequence[str], forwarded: Sequence[str], trusted: Sequence[Network]
) -> Address | None:
    """[pure] Each proxy adds whom it heard it from, so the list is read from its end: up to the first that is not
    trusted, since what stands before may be made up. What cannot be read gives the peer.

    A proxy writes one of the two headers, and may pass on the other as the client made it up. Nothing tells which,
    so where they tell different things, neither is believed.
    """
    if peer is None or not _is_in(peer, trusted):
        return peer
    lists = [[hop for line in x_forwarded_for for hop in line.split(",")], _hops(forwarded)]
    found = {_first_stranger(peer, hops, trusted) for hops in lists if hops}
    return found.pop() if len(found) == 1 else peer


def _first_stranger(peer: Address, hops: Sequence[str], trusted: Sequence[Network]) -> Address:
    found = peer
    for hop in reversed(hops):
        said = address_of(hop)
        if said is None:
            return peer
        found = said
        if not _is_in(said, trusted):
            break
    return found


def _hops(lines: Sequence[str]) -> list[str]:
    """The `for` of each element; what has none is empty, and no address."""
    if sum(map(len, lines)) > _LONGEST:  # a client's own, to keep us busy
        return [""]
    found = []
    for line in lines:
        for element in _ELEMENT.findall(line):
            pair = _PAIR.search(element)
            found.append(re.sub(r"\\(.)", r"\1", pair[1].strip('"')) if pair else "")
    return found


def _is_in(address: Address, networks: Sequence[Network]) -> bool:
    return any(address in network for network in networks)


@lru_cache(maxsize=4)
def _networks(named: tuple[str, ...]) -> tuple[Network, ...]:
    return tuple(network_of(text) for text in named)
