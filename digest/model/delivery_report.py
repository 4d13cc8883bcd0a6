"""What became of an edition's mails, counted."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.model.delivery import DeliveryState
from digest.model.edition import Edition


@dataclass(frozen=True, slots=True)
class Cell:
    """Mails to one domain that are in one state for one reason after so many tries."""

    state: DeliveryState
    reason: str
    tries: int
    domain: str
    mails: int
    bounced: int
    first: datetime | None = None
    last: datetime | None = None
    settled: datetime | None = None  # the last of them


@dataclass(frozen=True, slots=True)
class Reason:
    """Mails in one state for one reason. `first` and `last` try again, of those that are."""

    state: DeliveryState
    reason: str
    mails: int
    first: datetime | None = None
    last: datetime | None = None


@dataclass(frozen=True, slots=True)
class Domain:
    """The mails to one domain. `last_sent`: of those that were."""

    name: str
    mails: int
    sent: int
    deferred: int
    failed: int
    uncertain: int
    bounced: int
    tries: int
    retried: int  # mails that took more than one
    last_sent: datetime | None = None

    @property
    def trouble(self) -> int:
        return self.failed + self.deferred + self.uncertain + self.bounced


@dataclass(frozen=True, slots=True)
class DeliveryReport:
    """One edition in all its zones, or in one.

    `half_sent` and `most_sent`: when half and 95 % of what was sent so far had been. `tries`: how many of the mails
    that were tried at all took so many tries. `back`: bounces and complaints, by kind. `left_out`: readers without a
    mail, by the reason.
    """

    editions: tuple[Edition, ...]
    states: Mapping[DeliveryState, int]
    reasons: tuple[Reason, ...]
    first_sent: datetime | None = None
    last_sent: datetime | None = None
    half_sent: datetime | None = None
    most_sent: datetime | None = None
    tries: Mapping[int, int] = field(default_factory=dict)
    back: Mapping[str, int] = field(default_factory=dict)
    left_out: Mapping[str, int] = field(default_factory=dict)
    domains: int = 0
    troubled: tuple[Domain, ...] = ()
    slowest: tuple[Domain, ...] = ()

    @property
    def mails(self) -> int:
        return sum(self.states.values())

    @property
    def sent(self) -> int:
        return self.states.get(DeliveryState.SENT, 0)

    @property
    def seconds(self) -> float:
        """From the first mail that was sent to the last."""
        if self.first_sent is None or self.last_sent is None:
            return 0.0
        return (self.last_sent - self.first_sent).total_seconds()

    @property
    def rate(self) -> float | None:
        """Mails a second until 95 % were sent, since the last ones come after retries; None where that took no time."""
        if self.first_sent is None or self.most_sent is None or self.most_sent == self.first_sent:
            return None
        return 0.95 * self.sent / (self.most_sent - self.first_sent).total_seconds()

    def share(self, number: int) -> float:
        """Percent of all mails."""
        return 100 * number / self.mails if self.mails else 0.0
