"""The ledger that sending needs: who sends what, and what became of it, durably.

The store fulfils this; `digest.deliver.testing` has a fake that keeps to the same rules.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Protocol

from digest.model.delivery import Delivery, Outcome


@dataclass(frozen=True, slots=True)
class Mark:
    """The wish to send the final dot of one delivery, by the sender that holds this epoch of it."""

    delivery: int
    epoch: int


@dataclass(frozen=True, slots=True)
class Recovered:
    """What was found in the hands of senders that are gone."""

    replanned: int = 0  # claimed: nothing of them went out for good
    uncertain: int = 0  # committing: nobody can know


class Ledger(Protocol):
    def recover(self, now: datetime) -> Recovered:
        """Take back what dead senders held, or senders whose lease ran out."""

    def claim(self, now: datetime, owner: str, limit: int, lease: timedelta) -> list[Delivery]:
        """Take up to `limit` deliveries that are due, in the order of their variants, under a new epoch."""

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Mark], now: datetime) -> frozenset[int]:
        """One durable transaction: settle earlier replies and mark deliveries as committing.

        Returns the deliveries that were marked: only those may be sent. A mark is refused where the
        epoch is not the sender's any more, or the reader is not to be mailed any more.
        """

    def renew(self, now: datetime, owner: str, lease: timedelta) -> None:
        """Keep what this sender holds."""

    def release(self, now: datetime, owner: str) -> int:
        """Give back, unsent, what this sender has claimed."""
