"""The ledger that sending writes: fulfils `digest.deliver.ledger.Ledger` on the database.

Every change is guarded by id, state and fencing epoch in its WHERE, so a sender that lost a row to
another one changes nothing, however late it wakes up.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digest.model.caps import NO_CAPS, Caps
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState, Mark, Outcome, Uncertain, may_follow
from digest.store import caps, deliveries, hot, standing
from digest.store import tables as t
from digest.store.engine import Database
from digest.store.tables.outgoing import SINGLE_DELIVERY
from digest.store.waiting import not_waiting

_S = DeliveryState
_D = t.delivery.c
_SINGLE = sa.text(SINGLE_DELIVERY)
#: SQLite takes the index on states for a better one, and would go through a whole edition.
_SINGLE_IN_SQLITE = sa.text(
    f"id IN (SELECT id FROM delivery INDEXED BY ix_delivery_single WHERE {SINGLE_DELIVERY})"  # noqa: S608 - a constant
)
_TO_ONE = _D.kind != DeliveryKind.EDITION


@dataclass(frozen=True, slots=True)
class Claimed:
    delivery: Delivery
    epoch: int

    @property
    def row(self) -> tuple[int, int]:
        return self.delivery.id, self.epoch


@dataclass(frozen=True, slots=True)
class Committed:
    marked: frozenset[int] = frozenset()
    refused: dict[int, str] = field(default_factory=dict)
    suppressed: frozenset[int] = frozenset()
    stale: frozenset[int] = frozenset()


class StoredLedger:
    """`is_dead` tells owners that surely are gone, whose rows need not wait for their lease."""

    def __init__(
        self, database: Database, is_dead: Callable[[str], bool] = lambda _owner: False, limits: Caps = NO_CAPS
    ) -> None:
        self._database, self._is_dead, self._limits = database, is_dead, limits
        self._checked: set[int] = set()  # editions that are no larger than their cap
        # The threads of one sender take turns here: SQLite would let those wait who find it locked, and by the clock.
        self._turn = threading.Lock()
        self._write: Callable[[], AbstractContextManager[sa.Connection]] = database.write

    def __enter__(self) -> StoredLedger:
        """With a connection of its own, kept for all that is written: opening one costs more than most of it."""
        self._kept = self._database.kept()
        self._write = self._kept.__enter__()
        return self

    def __exit__(self, *error: Any) -> None:
        self._write = self._database.write
        self._kept.__exit__(*error)

    def claim(self, now: datetime, limit: int, owner: str, lease_seconds: float) -> list[Claimed]:
        """Due deliveries in variant order; those that may not be mailed any more are settled instead."""
        until = now + timedelta(seconds=lease_seconds)
        taken: list[Delivery] = []

        def take(found: Sequence[Delivery]) -> int:
            hot.claim(connection, found, owner, until, now)
            taken.extend(found)
            return limit - len(taken)

        with self._turn, self._write() as connection:
            # A mail that somebody may be waiting for first; then some of those that were tried before, lest a long
            # edition keep them waiting; then the edition.
            left = take(_claimable(connection, now, limit, _SINGLE_IN_SQLITE if self._database.sqlite else _SINGLE))
            if self._limits == NO_CAPS:
                left = take(_claimable(connection, now, min(left, max(1, limit // 4)), *_again(now)))
                left = take(hot.due(connection, left))
                if left:  # what something bars is left over by the short way, and is settled by the long one
                    take(_claimable(connection, now, left, *_again(now), _D.state == _S.PLANNED))
            else:
                left = take(_claimable(connection, now, left, *(sa.and_(kind, _TO_ONE) for kind in _again(now))))
                take(_under_caps(connection, self._limits, now, left, self._checked))
        taken.sort(key=lambda d: (d.kind is DeliveryKind.EDITION, d.variant, d.id))
        held = [replace(d, state=_S.CLAIMED, epoch=d.epoch + 1, lease_until=until) for d in taken]
        return [Claimed(d, d.epoch) for d in held]

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Mark], now: datetime) -> Committed:
        """Settle, then mark. Nothing of it happens unless all of it does."""
        with self._turn, self._write() as connection:
            left = hot.settle(connection, settled, now)
            stale = frozenset(o.delivery for o in left if not _settle(connection, o, now))
            unmarked = hot.mark(connection, marking, now)
            refused, suppressed = {}, set()
            for mark in unmarked:
                why = _mark(connection, mark, now)
                if why is None:
                    continue
                refused[mark.delivery] = why[1]
                if why[0] is _S.SUPPRESSED:
                    suppressed.add(mark.delivery)
            marked = frozenset(mark.delivery for mark in marking) - refused.keys()
            return Committed(marked, refused, frozenset(suppressed), stale)

    def renew(self, owner: str, now: datetime, lease_seconds: float) -> int:
        until = now + timedelta(seconds=lease_seconds)
        with self._turn, self._write() as connection:
            held = sa.and_(_D.owner == owner, _D.state.in_([_S.CLAIMED, _S.COMMITTING]))
            return connection.execute(sa.update(t.delivery).where(held).values(lease_until=until)).rowcount

    def release(self, rows: Sequence[tuple[int, int]], now: datetime, why: str = "") -> int:
        """Claimed rows go back to where they came from."""
        released = 0
        reason = f"released unsent: {why}" if why else "released unsent"
        with self._turn, self._write() as connection:
            for delivery_id, epoch in rows:
                for found in _load(connection, _D.id == delivery_id, _D.epoch == epoch, _D.state == _S.CLAIMED):
                    released += _take_back(connection, found, now, reason=reason)
        return released

    def recover(self, now: datetime) -> int:
        with self._turn, self._write() as connection:
            in_hand = _D.state.in_([_S.CLAIMED, _S.COMMITTING])
            dead = self._dead_owners(connection)
            recovered = 0
            for found in _load(connection, in_hand, _D.owner.in_(dead)):
                recovered += _take_back(connection, found, now, reason="its sender is gone")
            for found in _load(connection, in_hand, _D.lease_until <= now):
                recovered += _take_back(connection, found, now, reason="its sender's lease ran out")
            held = _load(connection, _D.state == _S.UNCERTAIN, _D.uncertain == Uncertain.HOLD)
            for found in held:
                _move(connection, found, _S.HELD, now, reason=f"uncertain, and the policy is hold: {found.reason}")
            return recovered + len(held)

    def _dead_owners(self, connection: sa.Connection) -> set[str]:
        query = sa.select(_D.owner).distinct().where(_D.state.in_([_S.CLAIMED, _S.COMMITTING]))
        return {owner for owner in connection.execute(query).scalars() if owner and self._is_dead(owner)}


def _again(now: datetime) -> tuple[sa.ColumnElement[bool], ...]:
    """What was tried before, and is to be again."""
    come = sa.or_(_D.next_attempt.is_(None), _D.next_attempt <= now)
    return (
        sa.and_(_D.state == _S.DEFERRED, come),
        sa.and_(_D.state == _S.UNCERTAIN, _D.uncertain != Uncertain.HOLD, come),
    )


def _claimable(
    connection: sa.Connection, now: datetime, limit: int, *kinds: sa.ColumnElement[bool] | sa.TextClause
) -> list[Delivery]:
    """Of these kinds, each by itself since its index has them in order. What must not go out is settled instead; none
    means that there are none.
    """
    found: list[Delivery] = []
    for kind in kinds:
        query = sa.select(_D.id).where(kind, not_waiting()).order_by(*hot.ORDER)
        left = limit - len(found)
        while left and (ids := connection.execute(query.limit(left)).scalars().all()):
            rows = [(row, deliveries.delivery(row)) for row in standing.of(connection, ids)]
            goes = [d for row, d in rows if not _settled_instead(connection, row, d, now)]
            found += goes
            if goes:
                break
    return found


def _under_caps(
    connection: sa.Connection, limits: Caps, now: datetime, limit: int, checked: set[int]
) -> Sequence[Delivery]:
    """Of editions, what the caps let go. None means that there are none, or that they do not."""

    def find(most: int, *where: sa.ColumnElement[bool], all_go: bool) -> Sequence[Delivery]:
        again = _claimable(connection, now, max(1, most // 4), *(sa.and_(kind, *where) for kind in _again(now)))
        first = hot.due(connection, most - len(again)) if all_go else []
        if again or first:
            return [*again, *first]
        return _claimable(connection, now, most, sa.and_(_D.state == _S.PLANNED, *where))

    return caps.let_go(connection, limits, now, limit, find, checked)


def _settled_instead(connection: sa.Connection, row: Any, found: Delivery, now: datetime) -> bool:
    """Whether a due delivery was settled because it must not go out any more, or was tried for long enough."""
    barred = standing.barred(row, found)
    if barred is not None:
        return _move(connection, found, barred[0], now, reason=barred[1])
    if found.state is _S.DEFERRED and found.give_up_at is not None and found.give_up_at <= now:
        reason = f"gave up after {found.attempts} attempts: {found.reason}"
        return _move(connection, found, _S.FAILED, now, reason=reason, settled_at=now)
    single = found.kind is not DeliveryKind.EDITION
    if single and found.state is _S.PLANNED and found.give_up_at is not None and found.give_up_at <= now:
        # A day late it is of no use any more, and no later one takes it over, as editions do.
        return _move(connection, found, _S.EXPIRED, now, reason="it could not go out in time")
    return False


def _settle(connection: sa.Connection, outcome: Outcome, now: datetime) -> bool:
    """Apply a reply where the epoch agrees. A late one still mends what became uncertain meanwhile."""
    same = _D.epoch == outcome.epoch
    late = sa.and_(_D.state == _S.UNCERTAIN, _D.epoch == outcome.epoch + 1)
    later = sa.and_(_D.state == _S.HELD, _D.was_uncertain, _D.epoch == outcome.epoch + 2)  # by the policy hold
    for found in _load(connection, _D.id == outcome.delivery, sa.or_(same, late, later)):
        if not may_follow(found.state, outcome.state):
            return False
        values: dict[str, Any] = {
            "reply": outcome.reply,
            "attempts": found.attempts + outcome.tried,
            "next_attempt": outcome.retry_at,
        }
        if outcome.state in (_S.SENT, _S.FAILED):
            values["settled_at"] = now
        if outcome.state is _S.UNCERTAIN:
            values["was_uncertain"] = True
        return _move(connection, found, outcome.state, now, reason=outcome.reason, **values)
    return False


def _mark(connection: sa.Connection, mark: Mark, now: datetime) -> tuple[DeliveryState | None, str] | None:
    """None where the delivery is marked now; else the state it went to instead, if any, and why."""
    mine = (_D.id == mark.delivery, _D.epoch == mark.epoch, _D.state == _S.CLAIMED)
    row = next(iter(standing.of(connection, [mark.delivery], *mine)), None)
    if row is None:
        return None, _why_not(connection, mark)
    found = deliveries.delivery(row)
    barred = standing.barred(row, found)
    if barred is not None:
        _move(connection, found, barred[0], now, reason=barred[1])
        return barred
    connection.execute(
        sa.update(t.delivery).where(*mine).values(state=_S.COMMITTING, relay=mark.relay, signed_with=mark.signed_with)
    )
    deliveries.record(connection, [(found.id, _S.CLAIMED, _S.COMMITTING, "", "")], now)
    return None


def _why_not(connection: sa.Connection, mark: Mark) -> str:
    """Who took a row away from its sender: the operator, or another sender."""
    stopped = _load(connection, _D.id == mark.delivery, _D.state.in_([_S.HELD, _S.CANCELLED]))
    return stopped[0].reason if stopped and stopped[0].reason else "it is in other hands now"


def _take_back(connection: sa.Connection, found: Delivery, now: datetime, *, reason: str) -> int:
    """What a sender held and will not finish."""
    if found.state is _S.COMMITTING:
        return _move(
            connection, found, _S.UNCERTAIN, now, reason=reason, was_uncertain=True, attempts=found.attempts + 1
        )
    after = _S.UNCERTAIN if found.sent_before else _S.PLANNED
    return _move(connection, found, after, now, reason=reason)


def _move(
    connection: sa.Connection, found: Delivery, after: DeliveryState, now: datetime, *, reason: str, **values: Any
) -> bool:
    """One transition, under a new epoch where the row changes hands."""
    owned = {"owner": "", "lease_until": None} if after is not _S.CLAIMED else {}
    epoch = found.epoch if after in (_S.SENT, _S.DEFERRED, _S.FAILED) else found.epoch + 1
    done = connection.execute(
        sa.update(t.delivery)
        .where(_D.id == found.id, _D.state == found.state, _D.epoch == found.epoch)
        .values({**owned, "state": after, "reason": reason, "epoch": epoch, **values})
    )
    if done.rowcount:
        deliveries.record(connection, [(found.id, found.state, after, str(values.get("reply", "")), reason)], now)
    return bool(done.rowcount)


def _load(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Delivery]:
    rows: Iterable[Any] = connection.execute(deliveries.select().where(*where).order_by(_D.id)).mappings().all()
    return [deliveries.delivery(row) for row in rows]
