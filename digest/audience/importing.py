"""What a line of a file does to a person: who is new, who is known already, who had left and stays away."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from digest.audience.formats import SubscriberRow
from digest.model.cause import Cause
from digest.model.subscription import AddressState, SubscriptionState

_S = SubscriptionState


class Outcome(enum.StrEnum):
    """What became of a line."""

    ADDED = "added"
    MERGED = "merged"  # was there, and something was added to it or changed
    KNOWN = "known"  # was there, just so
    SUPPRESSED = "suppressed"  # the address is not mailed, and stays so
    UNSUBSCRIBED = "unsubscribed"  # had left, and stays away
    FORGOTTEN = "forgotten"  # asked to be erased, and is not brought back
    FAILED = "failed"


@dataclass(slots=True)
class Standing:
    """A subscription while a file is read. `id` is 0 until it is stored; `was` is what is stored."""

    publication_id: int
    publication: str
    cadence: str
    language: str
    zone: str
    topics: tuple[str, ...]
    state: str
    cause: Cause
    paused_until: datetime | None = None
    reason: str = ""
    id: int = 0
    was: tuple[str, tuple[str, ...]] = ("", ())  # state and topics


@dataclass(slots=True)
class Person:
    """A subscriber while a file is read; the same."""

    email: str
    key: str
    name: str = ""
    address: str = str(AddressState.OK)
    address_reason: str = ""
    tags: set[str] = field(default_factory=set)
    subscriptions: dict[int, Standing] = field(default_factory=dict)  # by publication
    id: int = 0
    was: tuple[str, str] = ("", str(AddressState.OK))  # name and state of the address
    had: frozenset[str] = frozenset()  # tags
    cause: Cause | None = None  # of the address's new state


def take(person: Person, row: SubscriberRow, asked: Standing) -> tuple[Outcome, str]:
    """Change what is known of a person by a line, and tell what was done and why.

    Nobody is brought back by a file: who has left, by the line or here, is not mailed any more.
    """
    held = person.subscriptions.get(asked.publication_id)
    leaves = row.address == AddressState.SUPPRESSED
    if person.address != AddressState.OK and not leaves:
        return Outcome.SUPPRESSED, f"the address is {person.address}: {person.address_reason}"
    if held is not None and held.state == _S.UNSUBSCRIBED and asked.state != _S.UNSUBSCRIBED:
        return Outcome.UNSUBSCRIBED, f"has unsubscribed: {held.reason}" if held.reason else "has unsubscribed"
    changes = _merge(person, row, asked)
    if held is None:
        person.subscriptions[asked.publication_id] = asked
        return Outcome.ADDED, _told(asked, person, row)
    if asked.state == _S.UNSUBSCRIBED != held.state and not leaves:
        held.state, held.cause, held.reason = asked.state, asked.cause, asked.reason
        changes.append(_said(held.state, row.reason))
    if asked.topics and asked.topics != held.topics and held.state != _S.UNSUBSCRIBED:
        held.topics, held.cause = asked.topics, asked.cause
        changes.append("topics")
    return (Outcome.MERGED, ", ".join(changes)) if changes else (Outcome.KNOWN, "")


def _merge(person: Person, row: SubscriberRow, asked: Standing) -> list[str]:
    """What a line adds to the person; the words for it."""
    changes: list[str] = []
    if row.name and not person.name:
        person.name = row.name
        changes.append("name")
    if not set(row.tags) <= person.tags:
        person.tags |= set(row.tags)
        changes.append("tags")
    if row.address == AddressState.SUPPRESSED and person.address == AddressState.OK:
        person.address, person.address_reason, person.cause = row.address, row.reason or asked.cause.reason, asked.cause
        changes.append(f"suppressed: {person.address_reason}")
    return changes


def _told(asked: Standing, person: Person, row: SubscriberRow) -> str:
    if person.address != AddressState.OK:
        return _said(person.address, person.address_reason)
    return "" if asked.state == _S.ACTIVE else _said(asked.state, row.reason)


def _said(state: str, reason: str) -> str:
    return f"{state}: {reason}" if reason else state


def needs_basis(row: SubscriberRow) -> bool:
    """Whether somebody would be mailed, now or after a pause, without having been asked."""
    return state_of(row) in (_S.ACTIVE, _S.PAUSED) and not row.basis


def state_of(row: SubscriberRow) -> SubscriptionState:
    """What a line says, or means. Should an address be mailed again some day, it is not by a line that said nothing."""
    unsaid = _S.UNSUBSCRIBED if row.address == AddressState.SUPPRESSED else _S.ACTIVE
    return _S(row.state) if row.state else unsaid
