"""What monitors ask: when the last pass was, what waits beyond its time, how much there is of what.

Each question is answered from an index, or from few rows: it is asked every few seconds, beside senders at work.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digest.model.delivery import DeliveryState
from digest.model.edition import Approval
from digest.model.publication import SourceState
from digest.store import tables as t
from digest.store.tables.outgoing import SINGLE_DELIVERY

_ONLY = 1  # the id of the one row
_D, _E, _S = t.delivery.c, t.delivery_event.c, t.source.c


@dataclass(frozen=True, slots=True)
class LastPass:
    """`failed`: stages that did."""

    began_at: datetime
    ended_at: datetime
    failed: int


@dataclass(frozen=True, slots=True)
class Place:
    """How far deliveries' changes and reports have been counted."""

    event: int
    report: int


def record_pass(connection: sa.Connection, done: LastPass) -> None:
    values = {"began_at": done.began_at, "ended_at": done.ended_at, "failed": done.failed}
    changed = connection.execute(sa.update(t.last_pass).where(t.last_pass.c.id == _ONLY).values(values))
    if not changed.rowcount:
        connection.execute(sa.insert(t.last_pass).values(id=_ONLY, **values))


def last_pass(connection: sa.Connection) -> LastPass | None:
    c = t.last_pass.c
    row = connection.execute(sa.select(c.began_at, c.ended_at, c.failed).where(c.id == _ONLY)).first()
    return LastPass(row.began_at, row.ended_at, row.failed) if row else None


def overdue(connection: sa.Connection, limit: datetime) -> int:
    """Deliveries that might have gone before `limit`, and wait still. What waits for the operator is none of them."""
    return _planned(connection, limit) + _singles(connection, limit) + _deferred(connection, limit)


def _planned(connection: sa.Connection, limit: datetime) -> int:
    """Of editions: they are counted by variants, in the index, and a variant knows since when it may go."""
    e = t.edition.c
    waiting = (
        sa.select(_D.variant_id, sa.func.count().label("number"))
        .where(_D.state == DeliveryState.PLANNED)
        .group_by(_D.variant_id)
        .subquery()
    )
    query = (
        sa.select(sa.func.coalesce(sa.func.sum(waiting.c.number), 0))
        .join(t.variant, t.variant.c.id == waiting.c.variant_id)
        .join(t.edition, e.id == t.variant.c.edition_id)
        .where(e.approval != Approval.WAITING, sa.func.coalesce(e.approval_at, e.cut_at) < limit)
    )
    return int(connection.execute(query).scalar_one())


def _singles(connection: sa.Connection, limit: datetime) -> int:
    """Mails to one person."""
    query = sa.select(sa.func.count()).select_from(t.delivery)
    return connection.execute(query.where(sa.text(SINGLE_DELIVERY), _D.planned_at < limit)).scalar_one()


def _deferred(connection: sa.Connection, limit: datetime) -> int:
    query = sa.select(sa.func.count()).where(_D.state == DeliveryState.DEFERRED, _D.next_attempt < limit)
    return connection.execute(query).scalar_one()


def deliveries(connection: sa.Connection) -> dict[str, int]:
    """By state, those without any too."""
    query = sa.select(_D.state, sa.func.count()).group_by(_D.state)
    found = {state: number for state, number in connection.execute(query)}
    return {str(state): found.get(state, 0) for state in DeliveryState}


def subscriptions(connection: sa.Connection) -> list[tuple[str, str, int]]:
    """(publication, state, number)"""
    s, p = t.subscription.c, t.publication.c
    query = sa.select(s.publication_id, s.state, sa.func.count()).group_by(s.publication_id, s.state)
    names = {number: name for number, name in connection.execute(sa.select(p.id, p.name).where(~p.removed))}
    rows = [(names[of], state, number) for of, state, number in connection.execute(query) if of in names]
    return sorted(rows)


def articles(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count()).select_from(t.article)).scalar_one()


def sources(connection: sa.Connection) -> tuple[dict[str, int], int]:
    """By state, and how many of those that are fetched fail."""
    query = sa.select(_S.state, sa.func.count(), sa.func.count(_S.failing_since)).group_by(_S.state)
    rows = connection.execute(query).all()
    return {state: number for state, number, _ in rows}, sum(row[2] for row in rows if row[0] == SourceState.ACTIVE)


def place(connection: sa.Connection) -> Place:
    """Up to now."""
    event = connection.execute(sa.select(sa.func.max(_E.id))).scalar() or 0
    return Place(event, connection.execute(sa.select(sa.func.max(t.report.c.id))).scalar() or 0)


def settled(connection: sa.Connection, since: Place, until: Place) -> dict[str, int]:
    """What deliveries became between the two: state -> how often."""
    query = sa.select(_E.after, sa.func.count()).where(_E.id > since.event, _E.id <= until.event).group_by(_E.after)
    return {state: number for state, number in connection.execute(query)}


def reported(connection: sa.Connection, since: Place, until: Place) -> dict[str, int]:
    """Reports of bounces and complaints between the two: kind -> number."""
    c = t.report.c
    query = sa.select(c.kind, sa.func.count()).where(c.id > since.report, c.id <= until.report).group_by(c.kind)
    return {kind: number for kind, number in connection.execute(query)}
