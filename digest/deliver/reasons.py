"""Reasons of deliveries without what in them is one recipient's own, so that they can be counted. Pure."""

from __future__ import annotations

import re

_OWN = re.compile(
    r"'[^']*'|\"[^\"]*\"|“[^”]*”"  # quoted: an address, a server's words
    r"|<[^<>\s]+>|[^\s<>()]+@[^\s<>()]+"  # addresses and Message-IDs
)
_SLOW = re.compile(r"^\S+ (?=has asked us to slow down)")
_TRIES = re.compile(r"^gave up after \d+ attempts?: ")


def general(reason: str) -> str:
    """`no such mailbox (550 5.1.1)`."""
    said = _SLOW.sub("the domain ", _TRIES.sub("gave up: ", " ".join(reason.split())))
    return _OWN.sub("…", said) or "no reason given"
