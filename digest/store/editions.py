"""Editions: their numbers, their cutoffs, and who was left out and why."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.errors import NotFound, UsageError
from digest.model.delivery import DeliveryState
from digest.model.edition import Approval, Edition, EditionKind, EditionState
from digest.store import bulk, counters, traces, withdrawal
from digest.store import tables as t
from digest.store.chunks import chunks

EXTRA = "extra"

_DEAD = (DeliveryState.FAILED, DeliveryState.EXPIRED, DeliveryState.CANCELLED, DeliveryState.SUPPRESSED)


def cut(
    connection: sa.Connection,
    publication_id: int,
    cadence: str,
    slot: datetime,
    zone: str,
    *,
    due: datetime,
    now: datetime,
    lateness: str = "",
    missed: int = 0,
    approve_by: datetime | None = None,
) -> Edition:
    """Freeze an edition at the last number given out; the one that exists already is returned as it is."""
    slot_id = _slot(connection, publication_id, cadence, slot)
    found = _load(connection, t.edition.c.slot_id == slot_id, t.edition.c.zone == zone)
    if found:
        return found[0]
    values = {
        "slot_id": slot_id,
        "zone": zone,
        "kind": EditionKind.EXTRA if cadence == EXTRA else EditionKind.SLOT,
        "due": due,
        "cutoff": counters.last(connection, counters.SEQUENCE),
        "cut_at": now,
        "state": EditionState.PLANNING,
        "lateness": lateness,
        "missed": missed,
        "approval": Approval.WAITING if approve_by else Approval.NONE,
        "approve_by": approve_by,
        "covers_from": previous_cut(connection, publication_id, cadence, zone, due),
    }
    connection.execute(sa.insert(t.edition).values(values))
    return _load(connection, t.edition.c.slot_id == slot_id, t.edition.c.zone == zone)[0]


def has_slot(connection: sa.Connection, publication_id: int, cadence: str, slot: datetime) -> bool:
    c = t.edition_slot.c
    query = sa.select(c.id).where(c.publication_id == publication_id, c.cadence == cadence, c.slot == slot)
    return connection.execute(query).first() is not None


def of_slot(connection: sa.Connection, publication_id: int, cadence: str, slot: datetime) -> list[Edition]:
    """The editions of a slot, one for each zone that has had it."""
    c = t.edition_slot.c
    return _load(connection, c.publication_id == publication_id, c.cadence == cadence, c.slot == slot)


def last_number(connection: sa.Connection, publication_id: int, cadence: str) -> int:
    c = t.edition_slot.c
    query = sa.select(sa.func.max(c.number)).where(c.publication_id == publication_id, c.cadence == cadence)
    return connection.execute(query).scalar() or 0


def _slot(connection: sa.Connection, publication_id: int, cadence: str, slot: datetime) -> int:
    c = t.edition_slot.c
    mine = (c.publication_id == publication_id, c.cadence == cadence)
    found = connection.execute(sa.select(c.id).where(*mine, c.slot == slot)).scalar()
    if found is not None:
        return int(found)
    number = last_number(connection, publication_id, cadence) + 1
    values = {"publication_id": publication_id, "cadence": cadence, "slot": slot, "number": number}
    made = connection.execute(sa.insert(t.edition_slot).values(values)).inserted_primary_key
    assert made is not None
    return int(made[0])


def previous_cut(
    connection: sa.Connection, publication_id: int, cadence: str, zone: str, due: datetime
) -> datetime | None:
    """When the edition before the one that falls due then was cut, of the same clock."""
    return connection.execute(
        sa.select(sa.func.max(t.edition.c.cut_at))
        .join(t.edition_slot, t.edition_slot.c.id == t.edition.c.slot_id)
        .where(
            t.edition_slot.c.publication_id == publication_id,
            t.edition_slot.c.cadence == cadence,
            t.edition.c.zone == zone,
            t.edition.c.due < due,
        )
    ).scalar()


def last_cut(connection: sa.Connection, publication_id: int, cadence: str, zone: str) -> datetime | None:
    """When the newest edition of this clock fell due."""
    c = t.edition_slot.c
    query = sa.select(sa.func.max(t.edition.c.due)).join(t.edition_slot, c.id == t.edition.c.slot_id)
    mine = (c.publication_id == publication_id, c.cadence == cadence, t.edition.c.zone == zone)
    return connection.execute(query.where(*mine)).scalar()


def planning(connection: sa.Connection, publication_id: int | None = None) -> list[Edition]:
    """Editions that still have readers to see to, oldest first."""
    where = [t.edition.c.state == EditionState.PLANNING]
    if publication_id is not None:
        where.append(t.edition_slot.c.publication_id == publication_id)
    return _load(connection, *where)


def waiting(connection: sa.Connection) -> list[Edition]:
    """Editions that wait for the operator's approval, oldest first."""
    return _load(connection, t.edition.c.approval == Approval.WAITING, t.edition.c.state != EditionState.CANCELLED)


def by_id(connection: sa.Connection, edition_id: int) -> Edition:
    return _load(connection, t.edition.c.id == edition_id)[0]


def by_ids(connection: sa.Connection, ids: Iterable[int]) -> dict[int, Edition]:
    found: dict[int, Edition] = {}
    for batch in chunks(sorted(set(ids)), 500):
        found |= {e.id: e for e in _load(connection, t.edition.c.id.in_(batch))}
    return found


def listing(connection: sa.Connection, *, publication: str = "", limit: int | None = None) -> list[Edition]:
    """Newest first."""
    where = [t.publication.c.name == publication] if publication else []
    return _load(connection, *where, newest_first=True, limit=limit)


def find(connection: sa.Connection, name: str) -> Edition:
    """By id, or by `publication/cadence/number`, with `@zone` where several zones have it."""
    found = in_zones(connection, name)
    if len(found) > 1:
        zones = ", ".join(f"{name}@{e.zone}" for e in found)
        raise UsageError(f"{name!r} went out in {len(found)} zones", mend=f"say which: {zones}")
    return found[0]


def in_zones(connection: sa.Connection, name: str) -> list[Edition]:
    """The same in every zone that has it, if none is named. Raises NotFound where there is none."""
    if name.isdecimal():
        found = _load(connection, t.edition.c.id == int(name))
    else:
        wanted, _, zone = name.partition("@")
        parts = wanted.rsplit("/", 2)
        if len(parts) != 3 or not parts[2].isdecimal():
            raise UsageError(f"{name!r} names no edition", mend="like news/day/12, or its id: digest edition list")
        where = [
            t.publication.c.name == parts[0],
            t.edition_slot.c.cadence == parts[1],
            t.edition_slot.c.number == int(parts[2]),
        ]
        found = _load(connection, *where, *([t.edition.c.zone == zone] if zone else []))
    if not found:
        raise NotFound("edition", name)
    return found


def set_state(connection: sa.Connection, edition_id: int, state: EditionState) -> None:
    connection.execute(sa.update(t.edition).where(t.edition.c.id == edition_id).values(state=state))


def skip(
    connection: sa.Connection, edition_id: int, subscription_ids: Sequence[int], reason: str, now: datetime
) -> None:
    """Say why these readers get no mail of this edition; a later reason replaces an earlier one."""
    c = t.edition_skip.c
    for batch in chunks(subscription_ids, 500):
        connection.execute(sa.delete(t.edition_skip).where(c.edition_id == edition_id, c.subscription_id.in_(batch)))
    values = {"edition_id": edition_id, "reason": reason, "at": now}
    bulk.insert(connection, t.edition_skip, [{"subscription_id": reader, **values} for reader in subscription_ids])


def seen_to(connection: sa.Connection, edition_id: int) -> set[int]:
    """Subscriptions that have a delivery of this edition, or a final reason for none.

    A delivery that is to be composed anew is still to be seen to.
    """
    had = sa.select(t.delivery.c.subscription_id).where(t.delivery.c.edition_id == edition_id)
    skipped = sa.select(t.edition_skip.c.subscription_id).where(t.edition_skip.c.edition_id == edition_id)
    seen = set(connection.execute(had).scalars()) | set(connection.execute(skipped).scalars())
    seen |= traces.of_edition(connection, edition_id)
    return seen - withdrawal.waiting(connection, edition_id)


def skips(connection: sa.Connection, *edition_ids: int) -> dict[str, int]:
    c = t.edition_skip.c
    query = sa.select(c.reason, sa.func.count()).where(c.edition_id.in_(edition_ids)).group_by(c.reason)
    return {reason: number for reason, number in connection.execute(query)}


def last_due(connection: sa.Connection, subscription_ids: Sequence[int], but: int) -> dict[int, datetime]:
    """Per subscription: when its newest edition but this one fell due, of those that went out or still may."""
    d = t.delivery.c
    query = (
        sa.select(d.subscription_id, sa.func.max(t.edition.c.due))
        .join(t.edition, t.edition.c.id == d.edition_id)
        .where(d.state.not_in(_DEAD), d.edition_id != but)
        .group_by(d.subscription_id)
    )
    found = traces.last_due(connection, subscription_ids, but)
    for batch in chunks(subscription_ids, 500):
        for reader, due in connection.execute(query.where(d.subscription_id.in_(batch))):
            found[reader] = max(due, found.get(reader, due))
    return found


def newer(connection: sa.Connection, publication_id: int, edition_id: int) -> list[Edition]:
    """The publication's editions that were cut after this one, whatever became of them."""
    return _load(connection, t.edition.c.id > edition_id, t.edition_slot.c.publication_id == publication_id)


def _load(
    connection: sa.Connection, *where: sa.ColumnElement[bool], newest_first: bool = False, limit: int | None = None
) -> list[Edition]:
    order = t.edition.c.id.desc() if newest_first else t.edition.c.id
    query = (
        sa.select(
            t.edition, t.edition_slot.c.number, t.edition_slot.c.slot, t.edition_slot.c.cadence,
            t.publication.c.name.label("publication_name"),
        )
        .join(t.edition_slot, t.edition_slot.c.id == t.edition.c.slot_id)
        .join(t.publication, t.publication.c.id == t.edition_slot.c.publication_id)
        .where(*where)
        .order_by(order)
        .limit(limit)
    )  # fmt: skip
    return [_edition(row) for row in connection.execute(query).mappings()]


def _edition(row: Any) -> Edition:
    return Edition(
        publication=row["publication_name"],
        number=row["number"],
        cadence=row["cadence"],
        kind=EditionKind(row["kind"]),
        slot=row["slot"],
        zone=row["zone"],
        due=row["due"],
        cutoff=row["cutoff"],
        cut_at=row["cut_at"],
        state=EditionState(row["state"]),
        lateness=row["lateness"],
        missed=row["missed"],
        covers_from=row["covers_from"],
        approval=Approval(row["approval"]),
        approve_by=row["approve_by"],
        approval_at=row["approval_at"],
        approval_reason=row["approval_reason"],
        deleted_at=row["deleted_at"],
        id=row["id"],
    )
