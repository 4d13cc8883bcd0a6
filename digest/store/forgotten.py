"""People who were erased, by keyed hashes of their addresses. Nothing here leads back to anybody."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import sqlalchemy as sa

from digest.store import tables as t
from digest.store.chunks import chunks

_F = t.forgotten.c


def add(connection: sa.Connection, mac: str, now: datetime) -> None:
    """Once; the first time counts."""
    if since(connection, [mac]) is None:
        connection.execute(sa.insert(t.forgotten).values(mac=mac, at=now))


def since(connection: sa.Connection, macs: Sequence[str]) -> datetime | None:
    """When the address was forgotten that one of these stands for; None where it was not."""
    return connection.execute(sa.select(sa.func.min(_F.at)).where(_F.mac.in_(macs))).scalar()


def known(connection: sa.Connection, macs: Sequence[str]) -> set[str]:
    """Those of them that stand for somebody who was forgotten."""
    found: set[str] = set()
    for batch in chunks(macs, 500):
        found |= set(connection.execute(sa.select(_F.mac).where(_F.mac.in_(batch))).scalars())
    return found


def remove(connection: sa.Connection, macs: Sequence[str]) -> None:
    connection.execute(sa.delete(t.forgotten).where(_F.mac.in_(macs)))
