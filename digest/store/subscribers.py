"""Subscribers and their subscriptions; every change of state is kept with its cause."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime
from functools import cache
from typing import Any

import sqlalchemy as sa

from digest.errors import NotFound
from digest.model.cause import Cause
from digest.model.subscription import AddressState, Subscriber, Subscription, SubscriptionState
from digest.store import bulk, changes
from digest.store import tables as t
from digest.store.chunks import chunks


def ensure(connection: sa.Connection, email: str, key: str, name: str, now: datetime) -> Subscriber:
    """The subscriber with that address, made where there is none. A name given fills an empty one."""
    found = by_key(connection, key)
    if found is None:
        values = {"email": email, "email_key": key, "name": name, "created_at": now}
        made = connection.execute(
            sa.insert(t.subscriber).values(**values, address_state=AddressState.OK, address_reason="")
        ).inserted_primary_key
        assert made is not None
        return Subscriber(email, name, id=made[0])
    if name and not found.name:
        set_name(connection, found.id, name)
    return found


def set_name(connection: sa.Connection, subscriber_id: int, name: str) -> None:
    connection.execute(sa.update(t.subscriber).where(t.subscriber.c.id == subscriber_id).values(name=name))


def by_key(connection: sa.Connection, key: str) -> Subscriber | None:
    row = connection.execute(sa.select(t.subscriber).where(t.subscriber.c.email_key == key)).mappings().first()
    return person(row) if row else None


def by_number(connection: sa.Connection, subscriber_id: int) -> Subscriber | None:
    row = connection.execute(sa.select(t.subscriber).where(t.subscriber.c.id == subscriber_id)).mappings().first()
    return person(row) if row else None


def get(connection: sa.Connection, email: str, key: str) -> Subscriber:
    found = by_key(connection, key)
    if found is None:
        # No near name is offered: the slip of a key must not end at another person.
        raise NotFound("subscriber", email)
    return found


def subscription(connection: sa.Connection, subscriber_id: int, publication_id: int) -> Subscription | None:
    found = load(
        connection, t.subscription.c.subscriber_id == subscriber_id, t.subscription.c.publication_id == publication_id
    )
    return found[0] if found else None


def by_id(connection: sa.Connection, subscription_id: int) -> Subscription:
    found = find(connection, subscription_id)
    assert found is not None
    return found


def find(connection: sa.Connection, subscription_id: int) -> Subscription | None:
    row = connection.execute(_by_number(), {"number": subscription_id}).mappings().first()
    return _subscription(row) if row else None


def by_ids(connection: sa.Connection, ids: list[int]) -> dict[int, Subscription]:
    found: dict[int, Subscription] = {}
    for batch in chunks(ids, 500):
        found |= {s.id: s for s in load(connection, t.subscription.c.id.in_(batch))}
    return found


def of_people(connection: sa.Connection, ids: list[int]) -> list[Subscription]:
    """All subscriptions of these subscribers."""
    found: list[Subscription] = []
    for batch in chunks(ids, 500):
        found += load(connection, t.subscription.c.subscriber_id.in_(batch))
    return found


def subscriptions(connection: sa.Connection, subscriber_id: int) -> list[Subscription]:
    return load(connection, t.subscription.c.subscriber_id == subscriber_id)


def listing(connection: sa.Connection, *, publication: str = "") -> list[Subscription]:
    """All of them, or all of a publication; who looks for some asks `subscriber_lists`."""
    return load(connection, *([t.publication.c.name == publication] if publication else []))


def readers(connection: sa.Connection, publication_id: int, cadence: str = "", zone: str = "") -> list[Subscription]:
    """Active subscriptions whose address may be mailed; of one clock where one is given."""
    where = [
        t.subscription.c.publication_id == publication_id,
        t.subscription.c.state == SubscriptionState.ACTIVE,
        t.subscriber.c.address_state == AddressState.OK,
    ]
    if cadence:
        where += [t.subscription.c.cadence == cadence, t.subscription.c.zone == zone]
    return load(connection, *where)


def paused_out(connection: sa.Connection, now: datetime, limit: int) -> list[Subscription]:
    """Subscriptions whose pause has ended, but for those whose address is not mailed."""
    c = t.subscription.c
    # By publication, since that is how the index goes: this is asked at every pass.
    everywhere = c.publication_id.in_(sa.select(t.publication.c.id))
    mailed = t.subscriber.c.address_state == AddressState.OK
    return load(connection, everywhere, c.state == SubscriptionState.PAUSED, c.paused_until <= now, mailed, limit=limit)


def clocks(connection: sa.Connection, publication_id: int) -> list[tuple[str, str]]:
    """The (cadence, zone) pairs that active subscriptions live by."""
    c = t.subscription.c
    query = sa.select(c.cadence, c.zone).distinct().order_by(c.cadence, c.zone)
    rows = connection.execute(query.where(c.publication_id == publication_id, c.state == SubscriptionState.ACTIVE))
    return [(cadence, zone) for cadence, zone in rows]


def add(connection: sa.Connection, wanted: Subscription, now: datetime, cause: Cause) -> Subscription:
    (number,) = bulk.ids(connection, t.subscription, 1)
    values = {
        "id": number,
        "subscriber_id": wanted.subscriber.id,
        "publication_id": wanted.publication_id,
        "cadence": wanted.cadence,
        "language": wanted.language,
        "zone": wanted.zone,
        "topics": list(wanted.topics),
        "state": wanted.state,
        "reason": cause.reason,
        "changed_at": now,
        "activated_at": now if wanted.state == SubscriptionState.ACTIVE else None,
        "settled_below": 1,
    }
    connection.execute(sa.insert(t.subscription).values(values))
    changes.record(connection, number, now, changes.Step("subscribe", "", wanted.state), cause)
    return by_id(connection, number)


def edit(connection: sa.Connection, changed: Subscription, *, schedule_changed_at: datetime | None) -> None:
    values: dict[str, Any] = {
        "cadence": changed.cadence,
        "language": changed.language,
        "zone": changed.zone,
        "topics": list(changed.topics),
        "paused_until": changed.paused_until,
    }
    if schedule_changed_at:
        values["schedule_changed_at"] = schedule_changed_at
    connection.execute(sa.update(t.subscription).where(t.subscription.c.id == changed.id).values(values))


def set_state(
    connection: sa.Connection,
    before: Subscription,
    after: SubscriptionState,
    now: datetime,
    *,
    action: str,
    cause: Cause,
    activate: bool = False,
    until: datetime | None = None,
) -> Subscription:
    """As it is from then on. `until`: when a pause ends by itself."""
    values: dict[str, Any] = {"state": after, "reason": cause.reason, "changed_at": now, "paused_until": until}
    if activate:
        values["activated_at"] = now
    connection.execute(_change(), {"number": before.id, **values})
    changes.record(connection, before.id, now, changes.Step(action, before.state, after), cause)
    return replace(before, **values)


def remove(connection: sa.Connection, subscriber_id: int) -> bool:
    """Delete a person who was never mailed; else only the address is emptied of standing (False)."""
    mailed = connection.execute(
        sa.select(t.delivery.c.id).where(t.delivery.c.subscriber_id == subscriber_id).limit(1)
    ).first()
    traced = sa.select(t.trace.c.delivery_id).join(t.subscription, t.subscription.c.id == t.trace.c.subscription_id)
    traced = traced.where(t.subscription.c.subscriber_id == subscriber_id).limit(1)
    if mailed or connection.execute(traced).first():
        return False
    held = sa.select(t.subscription.c.id).where(t.subscription.c.subscriber_id == subscriber_id)
    connection.execute(sa.delete(t.report).where(t.report.c.subscriber_id == subscriber_id))
    for table in (t.subscription_event, t.waiver, t.edition_skip):
        connection.execute(sa.delete(table).where(table.c.subscription_id.in_(held)))
    connection.execute(sa.delete(t.subscriber_tag).where(t.subscriber_tag.c.subscriber_id == subscriber_id))
    bulk.retire(connection, t.subscription)
    connection.execute(sa.delete(t.subscription).where(t.subscription.c.subscriber_id == subscriber_id))
    connection.execute(sa.delete(t.subscriber).where(t.subscriber.c.id == subscriber_id))
    return True


def suppress(connection: sa.Connection, subscriber_id: int, reason: str) -> None:
    connection.execute(
        sa.update(t.subscriber)
        .where(t.subscriber.c.id == subscriber_id)
        .values(address_state=AddressState.SUPPRESSED, address_reason=reason)
    )


def lift(connection: sa.Connection, subscriber_id: int) -> None:
    """The address may be mailed again."""
    connection.execute(
        sa.update(t.subscriber)
        .where(t.subscriber.c.id == subscriber_id)
        .values(address_state=AddressState.OK, address_reason="")
    )


def load(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Subscription]:
    """Those for which all of this holds, in the order in which they came."""
    query = _select().where(*where).order_by(t.subscription.c.id).limit(limit)
    return [_subscription(row) for row in connection.execute(query).mappings()]


@cache
def _select() -> sa.Select[Any]:
    return (
        sa.select(
            t.subscription,
            t.publication.c.name.label("publication_name"),
            t.subscriber.c.email,
            t.subscriber.c.name.label("person"),
            t.subscriber.c.address_state,
            t.subscriber.c.address_reason,
        )
        .join(t.subscriber, t.subscriber.c.id == t.subscription.c.subscriber_id)
        .join(t.publication, t.publication.c.id == t.subscription.c.publication_id)
    )


@cache
def _by_number() -> sa.Select[Any]:
    """Built once: to build a statement takes longer than to run it for one row."""
    return _select().where(t.subscription.c.id == sa.bindparam("number"))


@cache
def _change() -> sa.Update:
    return sa.update(t.subscription).where(t.subscription.c.id == sa.bindparam("number"))


def person(row: Any) -> Subscriber:
    """Of a row of their table."""
    return Subscriber(row["email"], row["name"], AddressState(row["address_state"]), row["address_reason"], row["id"])


def _subscription(row: Any) -> Subscription:
    person = Subscriber(
        row["email"], row["person"], AddressState(row["address_state"]), row["address_reason"], row["subscriber_id"]
    )
    return Subscription(
        subscriber=person,
        publication=row["publication_name"],
        cadence=row["cadence"],
        language=row["language"],
        zone=row["zone"],
        topics=tuple(row["topics"]),
        state=SubscriptionState(row["state"]),
        reason=row["reason"],
        changed_at=row["changed_at"],
        activated_at=row["activated_at"],
        schedule_changed_at=row["schedule_changed_at"],
        paused_until=row["paused_until"],
        id=row["id"],
        publication_id=row["publication_id"],
    )
