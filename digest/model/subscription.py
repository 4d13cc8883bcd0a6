"""A person, and the person's standing order."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime


class SubscriptionState(enum.StrEnum):
    PENDING = "pending"
    ACTIVE = "active"
    PAUSED = "paused"
    UNSUBSCRIBED = "unsubscribed"


class AddressState(enum.StrEnum):
    """Belongs to the address, over all its subscriptions."""

    OK = "ok"
    SUPPRESSED = "suppressed"
    ERASED = "erased"


@dataclass(frozen=True, slots=True)
class Subscriber:
    email: str  # as written by the person, normalised by email-validator
    name: str = ""
    address_state: AddressState = AddressState.OK
    address_reason: str = ""
    id: int = 0


@dataclass(frozen=True, slots=True)
class Subscription:
    """One per subscriber and publication. Empty `topics` means all of the publication's."""

    subscriber: Subscriber
    publication: str
    cadence: str  # the name of one of the publication's cadences
    language: str
    zone: str
    topics: tuple[str, ...] = ()
    state: SubscriptionState = SubscriptionState.ACTIVE
    reason: str = ""
    changed_at: datetime | None = None  # of the state
    activated_at: datetime | None = None
    schedule_changed_at: datetime | None = None  # last change of zone or cadence
    paused_until: datetime | None = None  # none: until somebody resumes it
    id: int = 0
    publication_id: int = 0
