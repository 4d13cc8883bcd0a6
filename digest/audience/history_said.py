"""How a change of a subscription came about, in plain words. Pure."""

from __future__ import annotations

from digest.model.cause import By, Via
from digest.model.subscription import SubscriptionState

_BY = {
    By.OPERATOR: "by the operator",
    By.READER: "by the reader",
    By.SERVER: "by the recipient's server",
    By.DIGEST: "by itself",
}
_VIA = {
    Via.COMMAND: "with a command",
    Via.FILE: "with a file",
    Via.PAGE: "on a page",
    Via.ONE_CLICK: "with one click",
    Via.MAIL: "by mail",
    Via.WEBHOOK: "by a webhook",
    Via.SESSION: "while it was spoken to",
    Via.PASS: "in a pass",
}
_STATES = frozenset(SubscriptionState)


def state(after: str) -> str:
    """What it was from then on; what is no state of a subscription is one of its address."""
    return after if after in _STATES else f"address {after}"


def cause(action: str, by: str, via: str, origin: str) -> str:
    """`subscribe by the reader on a page, from 192.0.2.7`."""
    who = _BY[By(by)] if by else "by whom is not on record"
    how = f" {_VIA[Via(via)]}" if via else ""
    return f"{action} {who}{how}{f', from {origin}' if origin else ''}"
