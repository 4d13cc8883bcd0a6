"""What became of an edition's mails, counted by the database: it may be a hundred thousand."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

import sqlalchemy as sa

from digest.model.delivery import DeliveryState
from digest.model.delivery_report import Cell
from digest.store import tables as t

_D = t.delivery.c
_S = DeliveryState


def cells(connection: sa.Connection, ids: Sequence[int]) -> list[Cell]:
    """All mails of these editions, in one pass over them: those alike in everything but the recipient are one cell."""
    at = sa.func.instr if connection.dialect.name == "sqlite" else sa.func.strpos
    reason = sa.case((_D.state == _S.SENT, ""), else_=_D.reason)
    alike = (_D.state, reason, _D.attempts, sa.func.lower(sa.func.substr(_D.address, at(_D.address, "@") + 1)))
    query = sa.select(
        *alike,
        sa.func.count(),
        sa.func.count(_D.bounced_at),
        sa.func.min(_D.next_attempt),
        sa.func.max(_D.next_attempt),
        sa.func.max(_D.settled_at),
    )
    rows = connection.execute(query.where(_D.edition_id.in_(ids)).group_by(*alike))
    return [Cell(DeliveryState(state), *rest) for state, *rest in rows]


def sent_at(connection: sa.Connection, ids: Sequence[int], places: Collection[int]) -> dict[int, datetime]:
    """When the mails at these places had been sent, in the order in which they were, counted from 1."""
    sent = (_D.edition_id.in_(ids), _D.state == _S.SENT, _D.settled_at.is_not(None))
    place = sa.func.row_number().over(order_by=_D.settled_at).label("place")
    ranked = sa.select(_D.settled_at, place).where(*sent).subquery()
    rows = connection.execute(sa.select(ranked).where(ranked.c.place.in_(places)))
    return {number: at for at, number in rows}
