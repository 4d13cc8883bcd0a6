"""What sending needs from the store: a ledger in which every step is durable before the next one is taken.

The store fulfils this protocol; `digest.deliver.testing.MemoryLedger` is the fake beside it, and
`digest.model.delivery.TRANSITIONS` says which changes of state exist. A row is addressed by its id
*and* its fencing epoch: whoever lost the row to another sender changes nothing any more.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Protocol

from digest.model.delivery import Delivery, Mark, Outcome

Row = tuple[int, int]
"""A delivery's id and the epoch under which it was claimed."""


class Claimed(Protocol):
    """A delivery in this sender's hands, under the epoch that its claim gave it."""

    @property
    def delivery(self) -> Delivery: ...

    @property
    def epoch(self) -> int: ...

    @property
    def row(self) -> Row: ...


class Committed(Protocol):
    """What one transaction did."""

    @property
    def marked(self) -> frozenset[int]:
        """These may proceed to DATA, and no others."""
        ...

    @property
    def refused(self) -> Mapping[int, str]:
        """Why, for each of the rest."""
        ...

    @property
    def suppressed(self) -> frozenset[int]:
        """Those of the refused that were moved to this state."""
        ...

    @property
    def stale(self) -> frozenset[int]:
        """Outcomes that found their row in other hands, or where theirs cannot follow: they changed nothing."""
        ...


class Commits(Protocol):
    """The one part of a ledger that sending waits for."""

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Mark], now: datetime) -> Committed:
        """Settle earlier replies, then mark: claimed -> committing where id, epoch and state agree.

        One transaction. A suppressed person's row is not marked but suppressed. An outcome is applied
        where the epoch agrees and its state may follow the row's; a late one still mends a row that
        became uncertain meanwhile. Each counts one attempt; uncertain also sets `sent_before`.
        """
        ...


class Ledger(Commits, Protocol):
    """Each method is one transaction, durable when it returns. Called from several threads."""

    def claim(self, now: datetime, limit: int, owner: str, lease_seconds: float) -> Sequence[Claimed]:
        """Take what is due, in variant order: -> claimed, epoch + 1, leased to `owner`.

        Due are: planned; deferred, and uncertain under `resend` or `idempotent`, whose `next_attempt`
        has come. The suppressed are not taken but moved to that state. Fewer than `limit` rows do not
        mean that there are no more; none does.
        """
        ...

    def renew(self, owner: str, now: datetime, lease_seconds: float) -> int:
        """Extend the leases of all rows in the owner's hands, claimed and committing; how many."""
        ...

    def release(self, rows: Sequence[Row], now: datetime, why: str = "") -> int:
        """Give claimed rows back untouched: to what `recover` would make of them; how many. `why` is kept with them."""
        ...

    def recover(self, now: datetime) -> int:
        """See to rows whose lease ran out: claimed -> planned (uncertain if it was so once before),
        committing -> uncertain. Then by policy: uncertain under `hold` -> held. How many rows changed.
        """
        ...
