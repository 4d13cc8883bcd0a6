"""The ledger that sending writes: fulfils `digest.deliver.ledger.Ledger` on the database.

Every change is guarded by id, state and fencing epoch in its WHERE, so a sender that lost a row to
another one changes nothing, however late it wakes up.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import Delivery, DeliveryState, Outcome, Uncertain, may_follow
from digest.model.edition import EditionState
from digest.model.subscription import AddressState, SubscriptionState
from digest.store import deliveries, withdrawal
from digest.store import tables as t
from digest.store.engine import Database

_S = DeliveryState
_D = t.delivery.c


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

    def __init__(self, database: Database, is_dead: Callable[[str], bool] = lambda _owner: False) -> None:
        self._database, self._is_dead = database, is_dead

    def claim(self, now: datetime, limit: int, owner: str, lease_seconds: float) -> list[Claimed]:
        """Due deliveries in variant order; those that may not be mailed any more are settled instead."""
        until = now + timedelta(seconds=lease_seconds)
        taken: list[Claimed] = []
        with self._database.write() as connection:
            # Again until something is taken: none must mean that nothing is due.
            while not taken and (rows := connection.execute(_due(now).limit(limit)).mappings().all()):
                for row in rows:
                    found = deliveries.delivery(row)
                    if _settled_instead(connection, row, found, now):
                        continue
                    epoch = found.epoch + 1
                    _move(connection, found, _S.CLAIMED, now, reason="", owner=owner, lease_until=until)
                    taken.append(Claimed(replace(found, state=_S.CLAIMED, epoch=epoch, lease_until=until), epoch))
        return taken

    def commit(self, settled: Sequence[Outcome], marking: Sequence[tuple[int, int]], now: datetime) -> Committed:
        """Settle, then mark. Nothing of it happens unless all of it does."""
        with self._database.write() as connection:
            stale = frozenset(o.delivery for o in settled if not _settle(connection, o, now))
            marked, refused, suppressed = set(), {}, set()
            for delivery_id, epoch in marking:
                why = _mark(connection, delivery_id, epoch, now)
                if why is None:
                    marked.add(delivery_id)
                    continue
                refused[delivery_id] = why[1]
                if why[0] is _S.SUPPRESSED:
                    suppressed.add(delivery_id)
            return Committed(frozenset(marked), refused, frozenset(suppressed), stale)

    def renew(self, owner: str, now: datetime, lease_seconds: float) -> int:
        until = now + timedelta(seconds=lease_seconds)
        with self._database.write() as connection:
            held = sa.and_(_D.owner == owner, _D.state.in_([_S.CLAIMED, _S.COMMITTING]))
            return connection.execute(sa.update(t.delivery).where(held).values(lease_until=until)).rowcount

    def release(self, rows: Sequence[tuple[int, int]], now: datetime, why: str = "") -> int:
        """Claimed rows go back to where they came from."""
        released = 0
        reason = f"released unsent: {why}" if why else "released unsent"
        with self._database.write() as connection:
            for delivery_id, epoch in rows:
                for found in _load(connection, _D.id == delivery_id, _D.epoch == epoch, _D.state == _S.CLAIMED):
                    released += _take_back(connection, found, now, reason=reason)
        return released

    def recover(self, now: datetime) -> int:
        with self._database.write() as connection:
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


def _with_standing() -> sa.Select[Any]:
    """Deliveries with all that can bar them."""
    return (
        deliveries.select()
        .add_columns(
            t.subscriber.c.address_state,
            t.subscriber.c.address_reason,
            t.subscription.c.state.label("subscription_state"),
            t.edition.c.state.label("edition_state"),
            t.variant.c.withdrawn_at,
        )
        .outerjoin(t.subscription, t.subscription.c.id == _D.subscription_id)
        .join(t.variant, t.variant.c.id == _D.variant_id)
    )


def _due(now: datetime) -> sa.Select[Any]:
    come = sa.or_(_D.next_attempt.is_(None), _D.next_attempt <= now)
    due = sa.or_(
        _D.state == _S.PLANNED,
        sa.and_(_D.state == _S.DEFERRED, come),
        sa.and_(_D.state == _S.UNCERTAIN, _D.uncertain != Uncertain.HOLD, come),
    )
    return _with_standing().where(due).order_by(_D.variant_id, _D.id)


def _settled_instead(connection: sa.Connection, row: Any, found: Delivery, now: datetime) -> bool:
    """Whether a due delivery was settled because it must not go out any more, or was tried for long enough."""
    barred = _barred(row, found)
    if barred is not None:
        return _move(connection, found, barred[0], now, reason=barred[1])
    if found.state is _S.DEFERRED and found.give_up_at is not None and found.give_up_at <= now:
        reason = f"gave up after {found.attempts} attempts: {found.reason}"
        return _move(connection, found, _S.FAILED, now, reason=reason, settled_at=now)
    return False


def _barred(row: Any, found: Delivery) -> tuple[DeliveryState, str] | None:
    """Why a delivery must not go out now, and the state it belongs in."""
    if row["address_state"] != AddressState.OK:
        return _S.SUPPRESSED, f"the address is {row['address_state']}: {row['address_reason']}"
    if row["subscription_state"] not in (None, SubscriptionState.ACTIVE):
        return _S.SUPPRESSED, f"the subscription is {row['subscription_state']}"
    if row["edition_state"] == EditionState.CANCELLED:
        return _S.CANCELLED, "the edition was cancelled"
    if row["edition_state"] == EditionState.PAUSED:
        return _S.HELD, "the edition is paused"
    if row["withdrawn_at"] is not None:
        return withdrawal.barred(found)
    return None


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
            "attempts": found.attempts + 1,
            "next_attempt": outcome.retry_at,
        }
        if outcome.state in (_S.SENT, _S.FAILED):
            values["settled_at"] = now
        if outcome.state is _S.UNCERTAIN:
            values["was_uncertain"] = True
        return _move(connection, found, outcome.state, now, reason=outcome.reason, **values)
    return False


def _mark(
    connection: sa.Connection, delivery_id: int, epoch: int, now: datetime
) -> tuple[DeliveryState | None, str] | None:
    """None where the delivery is marked now; else the state it went to instead, if any, and why."""
    mine = (_D.id == delivery_id, _D.epoch == epoch, _D.state == _S.CLAIMED)
    row = connection.execute(_with_standing().where(*mine)).mappings().first()
    if row is None:
        return None, "it is in other hands now"
    found = deliveries.delivery(row)
    barred = _barred(row, found)
    if barred is not None:
        _move(connection, found, barred[0], now, reason=barred[1])
        return barred
    marked = connection.execute(
        sa.update(t.delivery).where(*mine).values(state=_S.COMMITTING).returning(_D.id)
    ).scalar()
    if marked is None:
        return None, "it is in other hands now"
    deliveries.record(connection, [(delivery_id, _S.CLAIMED, _S.COMMITTING, "", "")], now)
    return None


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
