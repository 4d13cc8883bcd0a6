"""Confirmations and notices: deliveries without an edition."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from digest.model.delivery import ABOUT_ADDRESS, OPEN, Delivery, DeliveryKind, DeliveryState
from digest.store import deliveries
from digest.store import tables as t

_S = DeliveryState
_D = t.delivery.c


def by_key(connection: sa.Connection, key: str) -> Delivery | None:
    found = _load(connection, _D.key == key)
    return found[0] if found else None


def confirmations(connection: sa.Connection, subscription_id: int) -> list[Delivery]:
    """All that were planned for a subscription, oldest first."""
    mine = _D.subscription_id == subscription_id
    return _load(connection, mine, _D.kind == DeliveryKind.CONFIRMATION)


def asking(connection: sa.Connection, subscriber_id: int, address: str) -> list[Delivery]:
    """Confirmations of whatever subscription of this person that went to this address, oldest first."""
    mine = (_D.subscriber_id == subscriber_id, _D.kind == DeliveryKind.CONFIRMATION, _D.address == address)
    return _load(connection, *mine, _D.subscription_id.is_not(None))


def about_address(connection: sa.Connection, address: str) -> list[Delivery]:
    """Mails about a change of address that went to one (by the print of it), oldest first."""
    found: list[Delivery] = []
    for kind in (DeliveryKind.CONFIRMATION, DeliveryKind.NOTICE):
        to = f"{kind}:{ABOUT_ADDRESS}{address}:"
        found += _load(connection, _D.key >= to, _D.key < to + "\U0010ffff")
    return sorted(found, key=lambda each: each.id)


def last_notice(connection: sa.Connection, prefix: str) -> Delivery | None:
    """The newest whose key begins so."""
    found = _load(connection, _D.key >= prefix, _D.key < prefix + "\U0010ffff")
    return found[-1] if found else None


def waiting(connection: sa.Connection) -> list[Delivery]:
    """Confirmations and notices that have not gone out yet."""
    return _load(connection, _D.kind != DeliveryKind.EDITION, _D.state.in_(OPEN))


def undecided(connection: sa.Connection) -> tuple[int, int, datetime | None]:
    """Deliveries that may have arrived and are held: how many, the first one's id, and when the newest was held."""
    e = t.delivery_event.c
    mine = (_D.state == _S.HELD, _D.was_uncertain)
    query = sa.select(sa.func.count(), sa.func.min(_D.id)).select_from(t.delivery).where(*mine)
    number, first = connection.execute(query).one()
    newest = sa.select(sa.func.max(e.at)).join(t.delivery, _D.id == e.delivery_id).where(*mine, e.after == _S.HELD)
    return number, first or 0, connection.execute(newest).scalar() if number else None


def _load(connection: sa.Connection, *where: sa.ColumnElement[bool]) -> list[Delivery]:
    rows = connection.execute(deliveries.select().where(*where).order_by(_D.id)).mappings().all()
    return [deliveries.delivery(row) for row in rows]
