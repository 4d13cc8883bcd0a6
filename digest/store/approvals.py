"""Editions that wait for the operator: which there are, and what becomes of their mails."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digest.model import splice
from digest.model.delivery import OPEN, DeliveryState
from digest.model.edition import Approval, Edition, EditionState
from digest.model.publication import Publication
from digest.store import editions, publications
from digest.store import tables as t
from digest.store.chunks import chunks

_S = DeliveryState
_D, _E = t.delivery.c, t.edition.c
#: Nothing of an edition that waits has ever left: all of these can be stopped.
_STOPPED = (_S.PLANNED, _S.CLAIMED, _S.DEFERRED, _S.HELD)


@dataclass(frozen=True, slots=True)
class Waiting:
    """An edition that waits, in one zone. `left`: mails that may still go; `had`: there ever was one."""

    edition: Edition
    publication: Publication
    left: int
    had: bool


def waiting(connection: sa.Connection) -> list[Waiting]:
    """All that wait, oldest first."""
    found = editions.waiting(connection)
    return [_waiting(connection, edition) for edition in found]


def _waiting(connection: sa.Connection, edition: Edition) -> Waiting:
    mine = sa.select(_D.id).where(_D.edition_id == edition.id).limit(1)
    had = connection.execute(mine).first() is not None
    return Waiting(edition, publications.of_edition(connection, edition.id), left(connection, edition.id), had)


def left(connection: sa.Connection, edition_id: int) -> int:
    """Mails of the edition that may still reach their readers."""
    variants = sa.select(t.variant.c.id).where(t.variant.c.edition_id == edition_id)
    query = sa.select(sa.func.count()).where(_D.variant_id.in_(variants), _D.state.in_(sorted(OPEN)))
    return connection.execute(query).scalar_one()


@dataclass(frozen=True, slots=True)
class MostRead:
    """Of the variants of some editions, the one with most readers; and how many there are, in which languages."""

    variant: int
    subject: str
    language: str
    readers: int
    variants: int
    languages: tuple[str, ...]


def most_read(connection: sa.Connection, edition_ids: Collection[int]) -> MostRead | None:
    v = t.variant.c
    readers = sa.func.count(_D.id)
    query = (
        sa.select(v.id, v.subject, v.language, readers)
        .join(t.delivery, _D.variant_id == v.id)
        .where(v.edition_id.in_(sorted(edition_ids)), v.withdrawn_at.is_(None), _D.state.in_(sorted(OPEN)))
        .group_by(v.id)
        .order_by(readers.desc(), v.id)
    )
    rows = connection.execute(query).all()
    if not rows:
        return None
    first = rows[0]
    return MostRead(first[0], first[1], first[2], first[3], len(rows), tuple(dict.fromkeys(row[2] for row in rows)))


def answer(connection: sa.Connection, edition_id: int, after: Approval, now: datetime, reason: str) -> bool:
    """False where it does not wait any more."""
    mine = sa.and_(_E.id == edition_id, _E.approval == Approval.WAITING)
    values = {"approval": after, "approval_at": now, "approval_reason": reason}
    return bool(connection.execute(sa.update(t.edition).where(mine).values(values)).rowcount)


def asked(connection: sa.Connection, edition_ids: Collection[int], now: datetime) -> None:
    """The operator was sent a notice of these."""
    mine = sa.and_(_E.id.in_(sorted(edition_ids)), _E.approval == Approval.WAITING)
    connection.execute(sa.update(t.edition).where(mine).values(approval_at=now))


def let_go(connection: sa.Connection, edition_id: int, now: datetime, date: str, give_up_at: datetime) -> int:
    """Its mails may go. They say when that was, not when they were made: hours later filters would take offence.

    Nothing of them has left, so no copy can differ.
    """
    mine = (_D.edition_id == edition_id, _D.state.in_([_S.PLANNED, _S.HELD]), sa.not_(_D.was_uncertain))
    rows = connection.execute(sa.select(_D.id, _D.splice).where(*mine)).all()
    change = (
        sa.update(t.delivery)
        .where(_D.id == sa.bindparam("of"))
        .values(splice=sa.bindparam("values"), date=sa.bindparam("at"), give_up_at=sa.bindparam("until"))
    )
    for batch in chunks(rows, 1000):
        dated = [
            {"of": row.id, "values": {**row.splice, splice.DATE: date}, "at": now, "until": give_up_at} for row in batch
        ]
        connection.execute(change, dated)
    return len(rows)


def overtaken(connection: sa.Connection, edition_id: int) -> bool:
    """Whether a later edition has taken over mails of it."""
    mine = sa.select(_D.id).where(_D.edition_id == edition_id, _D.state == _S.EXPIRED).limit(1)
    return connection.execute(mine).first() is not None


def stop(connection: sa.Connection, edition_id: int, now: datetime, reason: str) -> int:
    """Cancel the edition with all of its mails, so that the next one has its news. How many mails."""
    mine = (_D.edition_id == edition_id, _D.state.in_(_STOPPED))
    events = ["delivery_id", "at", "before", "after", "reply", "reason"]
    at = sa.literal(now, t.delivery_event.c.at.type)
    past = sa.select(_D.id, at, _D.state, sa.literal(_S.CANCELLED), sa.literal(""), sa.literal(reason)).where(*mine)
    connection.execute(sa.insert(t.delivery_event).from_select(events, past))
    values = {"state": _S.CANCELLED, "reason": reason, "epoch": _D.epoch + 1, "owner": "", "lease_until": None}
    stopped = connection.execute(sa.update(t.delivery).where(*mine).values(values)).rowcount
    editions.set_state(connection, edition_id, EditionState.CANCELLED)
    return stopped
