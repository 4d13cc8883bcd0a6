"""When an address has bounced so often that nothing more is sent to it. After Mailman's bounce processing.

A bounce has a weight. Of one mail and of one day the heaviest counts: a server that is out of order for an
afternoon says so to every mail, and somebody who holds one mail of a reader's can send many bounces of it.
After a long enough time without a bounce what was before is forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

from digest.model.report import ReportKind

HARD = 1.0


@dataclass(frozen=True, slots=True)
class Bounce:
    """`mail` tells the mails apart; None where it is not known which one bounced."""

    at: datetime
    weight: float
    mail: int | None = None
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Score:
    """What counts at an instant: the weights' sum, how many mails bounced, from when on, and the last of them."""

    total: float = 0.0
    mails: int = 0
    since: datetime | None = None
    last: Bounce | None = None

    def told(self) -> str:
        """`4 mails bounced since 12 November 2026, the last: 550 5.1.1 no such user`."""
        if self.last is None or self.since is None:
            return ""
        when = day_of(self.since)
        said = f"{self.mails:,} mails bounced since {when}, the last" if self.mails > 1 else f"a mail bounced on {when}"
        return f"{said}: {self.last.reason}" if self.last.reason else said


def weight(kind: ReportKind, soft: float) -> float:
    """A complaint is no bounce: it weighs nothing here."""
    return {ReportKind.HARD: HARD, ReportKind.SOFT: soft}.get(kind, 0.0)


def stale_after(days: int, period: timedelta | None) -> timedelta:
    """How long a score is kept without a bounce: so many days, but longer than the reader waits for a mail.

    Else the bounces of somebody who reads once a month would each be forgotten before the next one can come.
    """
    least = timedelta(days=days)
    return least if period is None else max(least, period * 1.5)


def score(bounces: Iterable[Bounce], now: datetime, stale: timedelta) -> Score:
    """What these bounces come to. In any order, and the same ones twice count once."""
    kept = Score()
    for day in _days(_mails(b for b in bounces if b.weight > 0)):
        first, heaviest = day[0], max(b.weight for b in day)
        if kept.last is None or first.at - kept.last.at > stale:
            kept = Score(heaviest, len(day), first.at, day[-1])
        else:
            kept = Score(kept.total + heaviest, kept.mails + len(day), kept.since, day[-1])
    return kept if kept.last is not None and now - kept.last.at <= stale else Score()


def _mails(bounces: Iterable[Bounce]) -> list[Bounce]:
    """One for each mail: the heaviest, then the earliest."""
    ordered = sorted(bounces, key=lambda b: (-b.weight, b.at, b.reason, b.mail or 0))
    known: dict[object, Bounce] = {}
    for bounce in ordered:
        known.setdefault((bounce.at, bounce.reason) if bounce.mail is None else bounce.mail, bounce)
    return sorted(known.values(), key=lambda b: (b.at, b.weight, b.reason, b.mail or 0))


def _days(bounces: Iterable[Bounce]) -> list[list[Bounce]]:
    """By day, oldest first."""
    found: dict[date, list[Bounce]] = {}
    for bounce in bounces:
        found.setdefault(bounce.at.astimezone(UTC).date(), []).append(bounce)
    return list(found.values())


def day_of(instant: datetime) -> str:
    """`12 November 2026`, in UTC."""
    there = instant.astimezone(UTC)
    return f"{there.day} {_MONTHS[there.month - 1]} {there.year}"


_MONTHS = (
    "January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November",
    "December",
)  # fmt: skip
