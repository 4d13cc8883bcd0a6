"""How a change of a subscription came about, in plain words. Pure."""

from __future__ import annotations

from collections.abc import Collection

from digest.model.cause import By, Via
from digest.model.subscription import Subscription, SubscriptionState

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
_CHOSEN = ("cadence", "language", "zone")


def state(after: str) -> str:
    """What it was from then on; what is no state of a subscription is one of its address."""
    return after if after in _STATES else f"address {after}"


def cause(action: str, by: str, via: str, origin: str) -> str:
    """`subscribe by the reader on a page, from 192.0.2.7`."""
    who = _BY[By(by)] if by else "by whom is not on record"
    how = f" {_VIA[Via(via)]}" if via else ""
    return f"{action} {who}{how}{f', from {origin}' if origin else ''}"


def chosen(before: Subscription, after: Subscription) -> str:
    """What its reader gets otherwise from now on: `cadence: day -> week; topics: +sport`; empty where nothing."""
    said = [
        f"{name}: {getattr(before, name)} -> {getattr(after, name)}"
        for name in _CHOSEN
        if getattr(before, name) != getattr(after, name)
    ]
    topics = _topics(before.topics, after.topics)
    return "; ".join([*said, f"topics: {topics}"] if topics else said)


def _topics(before: Collection[str], after: Collection[str]) -> str:
    """None stands for all, so there is nothing to add to or to take from it."""
    if set(before) == set(after):
        return ""
    if not before or not after:
        return f"{', '.join(before) or 'all'} -> {', '.join(after) or 'all'}"
    more = [f"+{topic}" for topic in after if topic not in before]
    return ", ".join([*more, *(f"-{topic}" for topic in before if topic not in after)])
