"""Caps on what is mailed: how much may still go, and when the operator has to be asked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class Caps:
    """Mails in any hour, by all senders together, and mails of one edition. 0: no cap."""

    per_hour: int = 0
    per_edition: int = 0


NO_CAPS = Caps()


@dataclass(frozen=True, slots=True)
class Allowance:
    """What a cap asked the operator, and the answer. Of one edition, or of the hour (`edition` is None)."""

    id: int
    edition: int | None
    cap: int  # as it was set when it asked
    asked_at: datetime | None  # None: allowed before it had to ask
    allowed_at: datetime | None
    number: int | None  # mails that were allowed; None: of an hour as many as the cap says, of an edition all
    after_event: int  # the count begins anew after this event
    told_at: datetime | None = None  # the operator was sent a notice

    def stands(self, cap: int) -> bool:
        """Whether it still waits for an answer. A cap that was raised or taken away since is one."""
        return self.allowed_at is None and 0 < cap <= self.cap


@dataclass(frozen=True, slots=True)
class Left:
    """How many edition mails may be taken now; None: any number. `reached`: the hour is full, and nobody asked yet."""

    number: int | None = None
    reached: bool = False


def hour_limit(caps: Caps, last: Allowance | None, now: datetime) -> int:
    """How many mails the hour that ends now may have had."""
    fresh = last is not None and last.allowed_at is not None and now < last.allowed_at + HOUR
    return last.number if last is not None and fresh and last.number is not None else caps.per_hour


def hour_left(caps: Caps, last: Allowance | None, gone: int, in_hand: int, now: datetime) -> Left:
    """`gone`: mails that may have left since an hour ago or the last allowance; `in_hand`: claimed, and may follow."""
    if not caps.per_hour:
        return Left()
    if last is not None and last.stands(caps.per_hour):
        return Left(0)
    limit = hour_limit(caps, last, now)
    return Left(max(0, limit - gone - in_hand), reached=gone >= limit)
