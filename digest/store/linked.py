"""What the page behind the unsubscribe link of a subscription tells of it."""

from __future__ import annotations

from typing import Any, NamedTuple

import sqlalchemy as sa
from sqlalchemy import bindparam

from digest.model.publication import Access
from digest.model.subscription import Subscription, SubscriptionState
from digest.store import tables as t
from digest.store.prepared import Prepared


class Told(NamedTuple):
    """`others`: the subscriptions of the same person that go on."""

    name: str
    title: str
    sign_up: Access
    removed: bool
    others: int


def told(connection: sa.Connection, found: Subscription) -> Told:
    """In one query: it is part of every one-click unsubscribe."""
    values = {"publication": found.publication_id, "person": found.subscriber.id, "mine": found.id}
    ((name, title, sign_up, removed, others),) = _TOLD.rows(connection, values)
    return Told(name, title, Access(sign_up), removed, others)


def _told() -> sa.Select[Any]:
    p, s = t.publication.c, t.subscription.c
    others = sa.select(sa.func.count()).select_from(t.subscription)
    others = others.where(s.subscriber_id == _number("person"), s.id != _number("mine"))
    others = others.where(s.state != SubscriptionState.UNSUBSCRIBED)
    query = sa.select(p.name, p.title, p.sign_up, p.removed, others.scalar_subquery())
    return query.where(p.id == _number("publication"))


def _number(name: str) -> sa.BindParameter[int]:
    return bindparam(name, type_=sa.Integer)


_TOLD = Prepared(_told)
