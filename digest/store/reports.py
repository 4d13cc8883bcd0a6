"""Reports of bounces and complaints: kept with what they did, each once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.errors import NotFound
from digest.model.delivery import Delivery, DeliveryState
from digest.model.report import Proof, ReportKind
from digest.store import deliveries
from digest.store import tables as t

_S = DeliveryState


@dataclass(frozen=True, slots=True)
class NewReport:
    """A report as it is to be kept."""

    key: str
    kind: ReportKind
    proof: Proof
    at: datetime
    address: str = ""
    status: str = ""
    reason: str = ""
    reporter: str = ""
    delivery: int | None = None
    subscriber: int | None = None
    weight: float = 0.0


@dataclass(frozen=True, slots=True)
class Kept:
    """A report as it was kept, with the names that people know it by."""

    id: int
    kind: ReportKind
    proof: Proof
    at: datetime
    received_at: datetime
    address: str
    subscriber: str
    delivery: int | None
    edition: str
    status: str
    reason: str
    reporter: str
    weight: float
    effect: str
    forgotten_at: datetime | None


@dataclass(frozen=True, slots=True)
class Counted:
    """A bounce that counts."""

    at: datetime
    weight: float
    delivery: int | None
    reason: str


@dataclass(frozen=True, slots=True)
class Refused:
    """A delivery that became `failed`, by the number of that event."""

    event: int
    at: datetime
    delivery: Delivery


def known(connection: sa.Connection, key: str) -> bool:
    return connection.execute(sa.select(t.report.c.id).where(t.report.c.key == key)).first() is not None


def add(connection: sa.Connection, report: NewReport, now: datetime) -> int:
    values = {
        "key": report.key, "kind": report.kind, "proof": report.proof, "at": report.at, "received_at": now,
        "address": report.address, "status": report.status, "reason": report.reason, "reporter": report.reporter,
        "delivery_id": report.delivery, "subscriber_id": report.subscriber, "weight": report.weight, "effect": "",
    }  # fmt: skip
    made = connection.execute(sa.insert(t.report).values(values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def set_effect(connection: sa.Connection, report_id: int, effect: str) -> None:
    connection.execute(sa.update(t.report).where(t.report.c.id == report_id).values(effect=effect))


def delivery(connection: sa.Connection, *, number: int | None = None, message_id: str = "") -> Delivery | None:
    """Ours by its number or its Message-ID; None where there is none."""
    where = t.delivery.c.message_id == message_id if number is None else t.delivery.c.id == number
    row = connection.execute(deliveries.select().where(where)).mappings().first()
    return deliveries.delivery(row) if row else None


def recipient(connection: sa.Connection, delivery_id: int) -> str:
    """The key of the address that the subscriber of a delivery has now."""
    query = sa.select(t.subscriber.c.email_key).join(t.delivery, t.delivery.c.subscriber_id == t.subscriber.c.id)
    return str(connection.execute(query.where(t.delivery.c.id == delivery_id)).scalar_one())


def counted(connection: sa.Connection, subscriber_id: int) -> list[Counted]:
    """The bounces that count for a subscriber, since the operator last let mail go to the address again."""
    c = t.report.c
    query = sa.select(c.at, c.weight, c.delivery_id, c.reason)
    query = query.where(c.subscriber_id == subscriber_id, c.weight > 0, c.forgotten_at.is_(None)).order_by(c.at)
    return [Counted(*row) for row in connection.execute(query)]


def forget(connection: sa.Connection, subscriber_id: int, now: datetime) -> None:
    """What bounced until now counts no more."""
    mine = (t.report.c.subscriber_id == subscriber_id, t.report.c.forgotten_at.is_(None))
    connection.execute(sa.update(t.report).where(*mine).values(forgotten_at=now))


def drop_unproven(connection: sa.Connection, before: datetime) -> int:
    """Anybody can send these: they are not kept for ever."""
    old = (t.report.c.proof == Proof.NONE, t.report.c.received_at < before)
    return connection.execute(sa.delete(t.report).where(*old)).rowcount


def not_arrived(connection: sa.Connection, found: Delivery, at: datetime, now: datetime) -> None:
    """A mail bounced after a server had taken it: what it told is owed again.

    One that was uncertain had been taken, then: it is not sent again.
    """
    d = t.delivery.c
    was_out = sa.or_(d.state.in_([_S.SENT, _S.COMMITTING, _S.UNCERTAIN]), d.was_uncertain)
    connection.execute(
        sa.update(t.delivery).where(d.id == found.id, d.bounced_at.is_(None), was_out).values(bounced_at=at)
    )
    if found.state is _S.UNCERTAIN or (found.state is _S.HELD and found.sent_before):
        deliveries.move(connection, found, _S.SENT, now, reason="it bounced: a server had taken it", settled_at=now)


def refused_since(connection: sa.Connection, event: int, limit: int) -> list[Refused]:
    """Deliveries that became `failed` after that event, oldest first."""
    e = t.delivery_event.c
    query = (
        deliveries.select()
        .add_columns(e.id.label("event"), e.at.label("failed_at"))
        .join(t.delivery_event, e.delivery_id == t.delivery.c.id)
        .where(e.id > event, e.after == _S.FAILED)
        .order_by(e.id)
        .limit(limit)
    )
    rows = connection.execute(query).mappings()
    return [Refused(row["event"], row["failed_at"], deliveries.delivery(row)) for row in rows]


def last_event(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.max(t.delivery_event.c.id))).scalar() or 0


def get(connection: sa.Connection, report_id: int) -> Kept:
    found = _load(connection, t.report.c.id == report_id)
    if not found:
        raise NotFound("bounce", str(report_id))
    return found[0]


def listing(
    connection: sa.Connection,
    *,
    subscriber: str = "",
    delivery: int | None = None,
    kinds: Sequence[str] = (),
    limit: int | None = None,
) -> list[Kept]:
    """The newest first. `subscriber` is the key of an address."""
    where: list[sa.ColumnElement[bool]] = []
    if subscriber:
        where.append(t.subscriber.c.email_key == subscriber)
    if delivery is not None:
        where.append(t.report.c.delivery_id == delivery)
    if kinds:
        where.append(t.report.c.kind.in_(kinds))
    return _load(connection, *where, limit=limit)


def _load(connection: sa.Connection, *where: sa.ColumnElement[bool], limit: int | None = None) -> list[Kept]:
    query = (
        sa.select(
            t.report,
            t.subscriber.c.email,
            t.edition_slot.c.cadence,
            t.edition_slot.c.number,
            t.publication.c.name.label("publication_name"),
        )
        .outerjoin(t.subscriber, t.subscriber.c.id == t.report.c.subscriber_id)
        .outerjoin(t.delivery, t.delivery.c.id == t.report.c.delivery_id)
        .outerjoin(t.edition, t.edition.c.id == t.delivery.c.edition_id)
        .outerjoin(t.edition_slot, t.edition_slot.c.id == t.edition.c.slot_id)
        .outerjoin(t.publication, t.publication.c.id == t.edition_slot.c.publication_id)
        .where(*where)
        .order_by(t.report.c.id.desc())
        .limit(limit)
    )
    return [_kept(row) for row in connection.execute(query).mappings()]


def _kept(row: Any) -> Kept:
    edition = f"{row['publication_name']}/{row['cadence']}/{row['number']}" if row["number"] is not None else ""
    return Kept(
        id=row["id"],
        kind=ReportKind(row["kind"]),
        proof=Proof(row["proof"]),
        at=row["at"],
        received_at=row["received_at"],
        address=row["address"],
        subscriber=row["email"] or "",
        delivery=row["delivery_id"],
        edition=edition,
        status=row["status"],
        reason=row["reason"],
        reporter=row["reporter"],
        weight=row["weight"],
        effect=row["effect"],
        forgotten_at=row["forgotten_at"],
    )
