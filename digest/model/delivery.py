"""Deliveries: states, and the one table that says which changes of state exist."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple


class DeliveryKind(enum.StrEnum):
    EDITION = "edition"
    CONFIRMATION = "confirmation"
    NOTICE = "notice"


#: In the key of a confirmation that asks nothing.
SUBSCRIBED = "subscribed"
#: Begins the key of a mail about a change of address, behind its kind.
ABOUT_ADDRESS = "address:"


class DeliveryState(enum.StrEnum):
    PLANNED = "planned"
    CLAIMED = "claimed"  # a sender holds it under a lease; nothing of it is on the wire for good
    COMMITTING = "committing"  # durable before the final dot: from here a crash is ambiguous
    SENT = "sent"
    DEFERRED = "deferred"
    FAILED = "failed"
    UNCERTAIN = "uncertain"  # the sender died while committing: nobody can know (RFC 1047)
    HELD = "held"  # waits for the operator
    SUPPRESSED = "suppressed"
    EXPIRED = "expired"  # a later edition covers what it covered
    CANCELLED = "cancelled"


class Uncertain(enum.StrEnum):
    """What to do with a delivery whose sender died while committing."""

    RESEND = "resend"
    HOLD = "hold"
    IDEMPOTENT = "idempotent"


_S = DeliveryState

#: From each state, the states that may follow. `docs/deliveries.md` is held against this table.
TRANSITIONS: dict[DeliveryState, frozenset[DeliveryState]] = {
    _S.PLANNED: frozenset({_S.CLAIMED, _S.HELD, _S.SUPPRESSED, _S.EXPIRED, _S.CANCELLED}),
    _S.CLAIMED: frozenset(
        {_S.COMMITTING, _S.PLANNED, _S.DEFERRED, _S.FAILED, _S.UNCERTAIN, _S.HELD, _S.SUPPRESSED, _S.CANCELLED}
    ),
    _S.COMMITTING: frozenset({_S.SENT, _S.DEFERRED, _S.FAILED, _S.UNCERTAIN}),
    _S.UNCERTAIN: frozenset({_S.CLAIMED, _S.SENT, _S.HELD, _S.FAILED, _S.SUPPRESSED, _S.CANCELLED}),
    _S.DEFERRED: frozenset({_S.CLAIMED, _S.HELD, _S.FAILED, _S.SUPPRESSED, _S.EXPIRED, _S.CANCELLED}),
    _S.HELD: frozenset({_S.PLANNED, _S.UNCERTAIN, _S.SENT, _S.SUPPRESSED, _S.EXPIRED, _S.CANCELLED}),
    _S.FAILED: frozenset({_S.PLANNED}),  # only by the operator's retry
    _S.SENT: frozenset(),
    _S.SUPPRESSED: frozenset(),
    _S.EXPIRED: frozenset(),
    _S.CANCELLED: frozenset(),
}

#: States in which an edition delivery still may reach its reader: at most one per subscription.
OPEN = frozenset({_S.PLANNED, _S.CLAIMED, _S.COMMITTING, _S.DEFERRED, _S.HELD, _S.UNCERTAIN})
#: Open, and in a sender's hands: a new edition waits for these and expires the other open ones.
IN_FLIGHT = frozenset({_S.CLAIMED, _S.COMMITTING, _S.UNCERTAIN})


def may_follow(before: DeliveryState, after: DeliveryState) -> bool:
    return after in TRANSITIONS[before]


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one subscriber."""

    id: int
    kind: DeliveryKind
    key: str  # unique: what makes this delivery this one and no other
    state: DeliveryState
    address: str  # envelope recipient
    message_id: str
    date: datetime  # the message's Date, frozen when planned
    variant: int
    uncertain: Uncertain = Uncertain.RESEND
    splice: dict[str, str] = field(default_factory=dict)
    edition: int | None = None
    edition_name: str = ""
    subscription: int | None = None
    subscriber: str = ""
    attempts: int = 0
    epoch: int = 0
    next_attempt: datetime | None = None
    lease_until: datetime | None = None
    give_up_at: datetime | None = None
    reply: str = ""
    reason: str = ""
    planned_at: datetime | None = None
    settled_at: datetime | None = None
    bounced_at: datetime | None = None
    sent_before: bool = False  # it was uncertain once: must go out byte-identical
    signed_with: str = ""  # the key it was signed with, once it may have left; empty: none
    relay: str = ""  # the one that had it last

    @property
    def tells_subscribed(self) -> bool:
        """Of a confirmation: it asks nothing, but tells a reader that the mails come already."""
        return self.kind is DeliveryKind.CONFIRMATION and f":{SUBSCRIBED}:" in self.key

    @property
    def about_address(self) -> bool:
        """About a change of address: it goes where it was made for, whatever its subscriber's address is by then."""
        return self.key.partition(":")[2].startswith(ABOUT_ADDRESS)


class Mark(NamedTuple):
    """A claimed delivery whose sender asks to be let go on to the message itself."""

    delivery: int
    epoch: int
    relay: str = ""
    signed_with: str = ""


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a transport's reply means for a delivery: the state to settle it in, and why."""

    delivery: int
    epoch: int
    state: DeliveryState
    reply: str
    reason: str = ""
    retry_at: datetime | None = None
    tried: bool = True  # False: it was put off unseen, which counts as no attempt


@dataclass(frozen=True, slots=True)
class Variant:
    """A rendering shared by a group of readers: raw bytes with named slots to splice."""

    id: int
    key: str
    message: bytes
    subject: str
    look: str
    language: str
