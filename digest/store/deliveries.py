"""Deliveries: planning them, reading them, and what the operator does to them.

What a sender does to them is in `ledger`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from typing import Any

import sqlalchemy as sa

from digest.errors import NotFound, UsageError
from digest.model.delivery import OPEN, Delivery, DeliveryKind, DeliveryState, Uncertain, may_follow
from digest.model.ranges import Ranges
from digest.store import bulk, traces
from digest.store import tables as t
from digest.store.chunks import chunks
from digest.store.waiting import not_waiting


@dataclass(frozen=True, slots=True)
class Plan:
    """A delivery to be: all that is frozen when it is planned."""

    key: str
    edition: int | None
    subscription: int | None
    subscriber: int
    variant: int
    covers_hi: int
    uncertain: Uncertain
    address: str
    message_id: str
    date: datetime
    splice: dict[str, str]
    give_up_at: datetime | None
    kind: DeliveryKind = DeliveryKind.EDITION


@dataclass(frozen=True, slots=True)
class DeliveryEvent:
    at: datetime
    before: str
    after: str
    reply: str
    reason: str


def plan(connection: sa.Connection, wanted: Plan, now: datetime) -> int:
    return plan_all(connection, [wanted], now)[0]


def plan_all(connection: sa.Connection, wanted: Sequence[Plan], now: datetime) -> Sequence[int]:
    """Their ids, in their order."""
    ids = bulk.ids(connection, t.delivery, len(wanted)) if wanted else ()
    bulk.insert(connection, t.delivery, [{"id": i, **_planned(each, now)} for i, each in zip(ids, wanted, strict=True)])
    record(connection, [(i, "", DeliveryState.PLANNED, "", "") for i in ids], now)
    return ids


def _planned(wanted: Plan, now: datetime) -> dict[str, Any]:
    return {
        "kind": str(wanted.kind), "key": wanted.key, "edition_id": wanted.edition,
        "subscription_id": wanted.subscription, "subscriber_id": wanted.subscriber, "variant_id": wanted.variant,
        "covers_hi": wanted.covers_hi, "state": str(DeliveryState.PLANNED), "uncertain": str(wanted.uncertain),
        "address": wanted.address, "message_id": wanted.message_id, "date": wanted.date, "splice": wanted.splice,
        "attempts": 0, "epoch": 0, "owner": "", "was_uncertain": False, "reply": "", "reason": "",
        "planned_at": now, "give_up_at": wanted.give_up_at,
    }  # fmt: skip


def open_of(connection: sa.Connection, subscription_ids: Sequence[int]) -> dict[int, Delivery]:
    """Per subscription its open edition delivery, by the same rule as the index that allows only one."""
    found: dict[int, Delivery] = {}
    d = t.delivery.c
    where = [d.kind == DeliveryKind.EDITION, _of_some_readers().in_(OPEN)]
    closed = sa.or_(
        sa.and_(d.state == DeliveryState.HELD, d.was_uncertain),
        sa.and_(d.state == DeliveryState.UNCERTAIN, d.uncertain == Uncertain.HOLD),
    )
    for batch in chunks(subscription_ids, 500):
        for delivery in _load(connection, *where, ~closed, d.subscription_id.in_(batch)):
            assert delivery.subscription is not None
            found[delivery.subscription] = delivery
    return found


def move(
    connection: sa.Connection,
    delivery: Delivery,
    after: DeliveryState,
    now: datetime,
    *,
    reason: str,
    **values: Any,
) -> bool:
    """One transition outside of a sender. False where the delivery has moved on in the meantime."""
    if not may_follow(delivery.state, after):
        raise UsageError(f"a delivery that is {delivery.state} cannot become {after}", where=f"delivery {delivery.id}")
    done = connection.execute(
        sa.update(t.delivery)
        .where(t.delivery.c.id == delivery.id, t.delivery.c.state == delivery.state)
        .values(state=after, reason=reason, epoch=t.delivery.c.epoch + 1, owner="", lease_until=None, **values)
    )
    if done.rowcount:
        record(connection, [(delivery.id, delivery.state, after, "", reason)], now)
    return bool(done.rowcount)


def steer(
    connection: sa.Connection,
    found: Delivery,
    after: DeliveryState,
    now: datetime,
    *,
    reason: str,
    give_up_at: datetime | None = None,
) -> bool:
    """What the operator wants of a delivery. Raises UsageError where that would mail the same news twice.

    What is to go out again is tried until `give_up_at`.
    """
    if after is not DeliveryState.PLANNED:
        return move(connection, found, after, now, reason=reason)
    anew: dict[str, Any] = {"next_attempt": now, "give_up_at": give_up_at}
    if found.state is DeliveryState.DEFERRED:
        query = sa.update(t.delivery).where(t.delivery.c.id == found.id, t.delivery.c.state == found.state)
        return bool(connection.execute(query.values(anew)).rowcount)
    _refuse_repeats(connection, found)
    if found.sent_before and may_follow(found.state, DeliveryState.UNCERTAIN):
        after, anew["uncertain"] = DeliveryState.UNCERTAIN, Uncertain.RESEND
    return move(connection, found, after, now, reason=reason, **anew)


def _refuse_repeats(connection: sa.Connection, found: Delivery) -> None:
    """A delivery may only come back while no other one covers its news or is about to."""
    if found.subscription is None:
        return
    mend = "nothing is lost: the reader gets it there"
    where = f"delivery {found.id}"
    other = open_of(connection, [found.subscription]).get(found.subscription)
    if other is not None and other.id != found.id:
        raise UsageError(f"{other.edition_name} is on its way and covers the same news", where=where, mend=mend)
    mine = Ranges.of(_spans(connection, t.delivery.c.id == found.id))
    others = _spans(
        connection, t.delivery.c.subscription_id == found.subscription, t.delivery.c.id != found.id, covering()
    )
    gone = traces.spans(connection, t.trace.c.subscription_id == found.subscription)
    others += [(lo, hi) for _, ranges in gone for lo, hi in ranges]
    if mine & Ranges.of(others):
        raise UsageError("another edition covers the same news", where=where, mend=mend)


def _spans(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[tuple[int, int]]:
    """The ranges of the deliveries that are meant."""
    query = sa.select(t.variant.c.ranges).join(t.delivery, t.delivery.c.variant_id == t.variant.c.id)
    return [(lo, hi) for ranges in connection.execute(query.where(*where)).scalars() for lo, hi in ranges]


def may_have_arrived(found: Delivery) -> bool:
    """Whether nobody knows if it arrived and it is not sent again by itself: then it covers its ranges."""
    if found.state is DeliveryState.UNCERTAIN:
        return found.uncertain is Uncertain.HOLD
    return found.state is DeliveryState.HELD and found.sent_before


def _of_some_readers() -> sa.ColumnElement[str]:
    """The state as no index knows it: of many readers at once SQLite would look up the deliveries of everybody that are
    in that state, and all that was ever sent is in one, rather than those of the readers.
    """
    return t.delivery.c.state.concat("")


def covering() -> sa.ColumnElement[bool]:
    """A delivery covers its ranges when it was sent and did not bounce, or may have been and is not resent."""
    d, state = t.delivery.c, _of_some_readers()
    return sa.or_(
        sa.and_(state == DeliveryState.SENT, d.bounced_at.is_(None)),
        sa.and_(state == DeliveryState.UNCERTAIN, d.uncertain == Uncertain.HOLD),
        sa.and_(state == DeliveryState.HELD, d.was_uncertain),
    )


def record(connection: sa.Connection, changes: Sequence[tuple[int, str, str, str, str]], now: datetime) -> None:
    """Keep changes of state: (delivery, before, after, reply, reason) each."""
    rows = [
        {"delivery_id": i, "at": now, "before": str(before), "after": str(after), "reply": reply, "reason": reason}
        for i, before, after, reply, reason in changes
    ]
    bulk.insert(connection, t.delivery_event, rows)


def get(connection: sa.Connection, name: str) -> Delivery:
    """By id or by Message-ID."""
    where = t.delivery.c.id == int(name) if name.isdecimal() else t.delivery.c.message_id == name
    found = _load(connection, where)
    if not found:
        raise NotFound("delivery", name)
    return found[0]


def listing(
    connection: sa.Connection,
    *,
    edition: int | None = None,
    subscriber: str = "",
    states: Sequence[str] = (),
    limit: int | None = None,
) -> list[Delivery]:
    where: list[sa.ColumnElement[bool]] = []
    if edition is not None:
        where.append(t.delivery.c.edition_id == edition)
    if subscriber:
        where.append(t.subscriber.c.email_key == subscriber)
    if states:
        where.append(t.delivery.c.state.in_(states))
    return _load(connection, *where, limit=limit)


def count_open(connection: sa.Connection, planned_before: datetime | None = None) -> int:
    """What may still go out."""
    d = t.delivery.c
    early = sa.true() if planned_before is None else d.planned_at <= planned_before
    return connection.execute(sa.select(sa.func.count()).where(d.state.in_(OPEN), early)).scalar_one()


def of_subscription(connection: sa.Connection, subscription_id: int, states: Sequence[str]) -> list[Delivery]:
    rows = connection.execute(_of_subscription(tuple(states)), {"number": subscription_id}).mappings()
    return [delivery(row) for row in rows]


@lru_cache(maxsize=8)
def _of_subscription(states: tuple[str, ...]) -> sa.Select[Any]:
    """Built once for one set of states: to build it takes longer than to run it."""
    d = t.delivery.c
    return select().where(d.subscription_id == sa.bindparam("number"), d.state.in_(states)).order_by(d.id)


def events(connection: sa.Connection, delivery_id: int) -> list[DeliveryEvent]:
    c = t.delivery_event.c
    query = sa.select(c.at, c.before, c.after, c.reply, c.reason).where(c.delivery_id == delivery_id).order_by(c.id)
    return [DeliveryEvent(*row) for row in connection.execute(query)]


def counts(connection: sa.Connection, edition_id: int | None = None) -> dict[str, int]:
    """By state, those whose records were deleted among them."""
    query = sa.select(t.delivery.c.state, sa.func.count()).group_by(t.delivery.c.state)
    if edition_id is not None:
        query = query.where(t.delivery.c.edition_id == edition_id)
    found = traces.counts(connection, *([] if edition_id is None else [edition_id]))
    for state, number in connection.execute(query):
        found[state] = found.get(state, 0) + number
    return found


def count_due(connection: sa.Connection, now: datetime) -> int:
    """How many a sender would find to do: an upper bound for progress."""
    d = t.delivery.c
    come = sa.or_(d.next_attempt.is_(None), d.next_attempt <= now)
    waiting = d.state.in_([DeliveryState.DEFERRED, DeliveryState.UNCERTAIN])
    due = sa.or_(d.state == DeliveryState.PLANNED, sa.and_(waiting, come))
    return connection.execute(sa.select(sa.func.count(d.id)).where(due, not_waiting())).scalar_one()


def _load(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Delivery]:
    # Of a limited list the newest are wanted; all are given oldest first.
    order = t.delivery.c.id.desc() if limit else t.delivery.c.id
    rows = connection.execute(select().where(*where).order_by(order).limit(limit)).mappings().all()
    return [delivery(row) for row in (reversed(rows) if limit else rows)]


def select() -> sa.Select[Any]:
    """Deliveries with the names that people know them by."""
    return (
        sa.select(
            t.delivery,
            t.subscriber.c.email,
            t.edition_slot.c.cadence,
            t.edition_slot.c.number,
            t.publication.c.name.label("publication_name"),
        )
        .join(t.subscriber, t.subscriber.c.id == t.delivery.c.subscriber_id)
        .outerjoin(t.edition, t.edition.c.id == t.delivery.c.edition_id)
        .outerjoin(t.edition_slot, t.edition_slot.c.id == t.edition.c.slot_id)
        .outerjoin(t.publication, t.publication.c.id == t.edition_slot.c.publication_id)
    )


def delivery(row: Any) -> Delivery:
    edition_name = f"{row['publication_name']}/{row['cadence']}/{row['number']}" if row["number"] is not None else ""
    return Delivery(
        id=row["id"],
        kind=DeliveryKind(row["kind"]),
        key=row["key"],
        state=DeliveryState(row["state"]),
        address=row["address"],
        message_id=row["message_id"],
        date=row["date"],
        variant=row["variant_id"],
        uncertain=Uncertain(row["uncertain"]),
        splice=dict(row["splice"]),
        edition=row["edition_id"],
        edition_name=edition_name,
        subscription=row["subscription_id"],
        subscriber=row["email"],
        attempts=row["attempts"],
        epoch=row["epoch"],
        next_attempt=row["next_attempt"],
        lease_until=row["lease_until"],
        give_up_at=row["give_up_at"],
        reply=row["reply"],
        reason=row["reason"],
        planned_at=row["planned_at"],
        settled_at=row["settled_at"],
        bounced_at=row["bounced_at"],
        sent_before=row["was_uncertain"],
        signed_with=row["signed_with"],
        relay=row["relay"],
    )
