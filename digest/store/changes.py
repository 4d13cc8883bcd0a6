"""What became of each subscription, on record: when, by whom, by what means, from where, on what ground."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digest.model.cause import Cause, Via
from digest.store import bulk
from digest.store import tables as t

#: What is on record for a subscription whose reader has another address from then on.
MOVED = "moved"
#: The action where the state stays, and what was chosen is another; the reason says what.
CHOSEN = "change"


@dataclass(frozen=True, slots=True)
class Step:
    """`before` and `after` are states of the subscription, or of the address."""

    action: str
    before: str
    after: str


@dataclass(frozen=True, slots=True)
class Change:
    """One change on record. `by` and `via` are empty where nobody wrote that down."""

    at: datetime
    action: str
    before: str
    after: str
    reason: str
    by: str = ""
    via: str = ""
    origin: str = ""
    basis: str = ""
    consent: str = ""
    language: str = ""  # of the consent


def record(connection: sa.Connection, subscription_id: int, now: datetime, step: Step, cause: Cause) -> None:
    row = {
        "subscription_id": subscription_id, "at": now, "action": step.action, "before": step.before,
        "after": step.after, "reason": cause.reason, "by": cause.by, "via": cause.via, "origin": cause.origin,
        "basis": cause.basis, "consent_id": _consent(connection, cause, now),
    }  # fmt: skip
    bulk.insert(connection, t.subscription_event, [row])


def record_for_person(connection: sa.Connection, subscriber_id: int, now: datetime, step: Step, cause: Cause) -> None:
    """What became of a person's address, on record with each of the subscriptions."""
    c = t.subscription.c
    for (held,) in connection.execute(sa.select(c.id).where(c.subscriber_id == subscriber_id).order_by(c.id)).all():
        record(connection, held, now, step, cause)


def of_person(connection: sa.Connection, subscriber_id: int, action: str) -> list[datetime]:
    """When that happened in any of the person's subscriptions, oldest first."""
    e = t.subscription_event.c
    query = sa.select(e.at).join(t.subscription, t.subscription.c.id == e.subscription_id)
    mine = query.where(t.subscription.c.subscriber_id == subscriber_id, e.action == action)
    return list(connection.execute(mine.order_by(e.at)).scalars())


def history(connection: sa.Connection, subscription_id: int) -> list[Change]:
    """The first change first."""
    c, said = t.subscription_event.c, t.consent.c
    query = (
        sa.select(c.at, c.action, c.before, c.after, c.reason, c.by, c.via, c.origin, c.basis)
        .add_columns(sa.func.coalesce(said.text, ""), sa.func.coalesce(said.language, ""))
        .outerjoin(t.consent, said.id == c.consent_id)
        .where(c.subscription_id == subscription_id)
    )
    return [Change(*row) for row in connection.execute(query.order_by(c.id))]


def came_from(connection: sa.Connection, subscription_id: int, via: Via, origin: str) -> bool:
    """Whether anything has become of a subscription by this, such as by the mail with this Message-ID."""
    c = t.subscription_event.c
    query = sa.select(c.id).where(c.subscription_id == subscription_id, c.via == via, c.origin == origin).limit(1)
    return connection.execute(query).first() is not None


def moved_since(connection: sa.Connection, subscription_id: int, instant: datetime) -> bool:
    """Whether the reader has another address than then."""
    c = t.subscription_event.c
    mine = (c.subscription_id == subscription_id, c.after == MOVED, c.at > instant)
    return connection.execute(sa.select(c.id).where(*mine).limit(1)).first() is not None


def _consent(connection: sa.Connection, cause: Cause, now: datetime) -> int | None:
    """The text is kept once, however many agree to it."""
    if not cause.consent:
        return None
    key = hashlib.sha256(f"{cause.language}\0{cause.consent}".encode()).hexdigest()
    c = t.consent.c
    found = connection.execute(sa.select(c.id).where(c.key == key)).scalar()
    if found is not None:
        return int(found)
    values = {"key": key, "language": cause.language, "text": cause.consent, "first_at": now}
    made = connection.execute(sa.insert(t.consent).values(values)).inserted_primary_key
    assert made is not None
    return int(made[0])
