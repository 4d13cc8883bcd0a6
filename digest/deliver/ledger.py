"""What sending needs from the store: a ledger in which every step is durable before the next one is taken.

The store fulfils this protocol; `digest.deliver.testing.MemoryLedger` is the fake beside it, and
`digest.model.delivery.TRANSITIONS` says which changes of state exist. A row is addressed by its id
*and* its fencing epoch: whoever lost the row to another sender changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Protocol

from digest.model.delivery import Delivery, Outcome

Row = tuple[int, int]
"""A delivery's id and the epoch under which it was claimed."""


@dataclass(frozen=True, slots=True)
class Claimed:
    """A delivery in this sender's hands, under the epoch that its claim gave it."""

    delivery: Delivery
    epoch: int

    @property
    def row(self) -> Row:
        return self.delivery.id, self.epoch


@dataclass(frozen=True, slots=True)
class Committed:
    """What one transaction did.

    `marked` may proceed to DATA, and no others. `refused` says why for each of the rest; of these,
    `suppressed` were moved to that state. `stale` outcomes found their row in other hands or in a
    state that theirs cannot follow, and changed nothing.
    """

    marked: frozenset[int] = frozenset()
    refused: Mapping[int, str] = field(default_factory=dict)
    suppressed: frozenset[int] = frozenset()
    stale: frozenset[int] = frozenset()


class Ledger(Protocol):
    """Each method is one transaction, durable when it returns. Called from several threads."""

    def claim(self, now: datetime, limit: int, owner: str, lease_seconds: float) -> Sequence[Claimed]:
        """Take what is due, in variant order: -> claimed, epoch + 1, leased to `owner`.

        Due are: planned; deferred, and uncertain under `resend` or `idempotent`, whose `next_attempt`
        has come. The suppressed are not taken but moved to that state. Fewer than `limit` rows do not
        mean that there are no more; none does.
        """
        ...

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Row], now: datetime) -> Committed:
        """Settle earlier replies, then mark: claimed -> committing where id, epoch and state agree.

        A suppressed person's row is not marked but suppressed. An outcome is applied where the epoch
        agrees and its state may follow the row's, so a late "sent" still mends a row that became
        uncertain meanwhile. Sent, deferred, failed and uncertain count one attempt; uncertain also
        sets `sent_before`.
        """
        ...

    def renew(self, owner: str, now: datetime, lease_seconds: float) -> int:
        """Extend the leases of all rows in the owner's hands, claimed and committing; how many."""
        ...

    def release(self, rows: Sequence[Row], now: datetime) -> int:
        """Give claimed rows back untouched: to what `recover` would make of them; how many."""
        ...

    def recover(self, now: datetime) -> int:
        """See to rows whose lease ran out: claimed -> planned (uncertain if it was so once before),
        committing -> uncertain. Then by policy: uncertain under `hold` -> held. How many rows changed.
        """
        ...
