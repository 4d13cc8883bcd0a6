"""What came back after deliveries were sent: the one place that says where bounces and complaints are looked up."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import sqlalchemy as sa

from digest.model.explanation import CameBack
from digest.model.report import Proof, ReportKind
from digest.store import tables as t
from digest.store.chunks import chunks

_D, _R = t.delivery.c, t.report.c
BOUNCE, COMPLAINT = "bounce", "complaint"
#: Of a report that nothing proves we know nothing; a refusal to our face is the delivery's own state.
_TELLING = _R.proof.not_in([Proof.NONE, Proof.SESSION])


def of_deliveries(connection: sa.Connection, delivery_ids: Sequence[int]) -> dict[int, tuple[CameBack, ...]]:
    """What came back of each, oldest first."""
    found: dict[int, tuple[CameBack, ...]] = {}
    for batch in chunks(delivery_ids, 500):
        query = sa.select(_R.delivery_id, _R.kind, _R.at, _R.status, _R.reason).where(_R.delivery_id.in_(batch))
        for row in connection.execute(query.where(_TELLING).order_by(_R.at, _R.id)):
            kind = COMPLAINT if row.kind == ReportKind.COMPLAINT else BOUNCE
            reason = " ".join(filter(None, (row.status, row.reason)))
            found[row.delivery_id] = (*found.get(row.delivery_id, ()), CameBack(kind, row.at, reason))
        bounced = sa.select(_D.id, _D.bounced_at).where(_D.id.in_(batch), _D.bounced_at.is_not(None))
        for number, at in connection.execute(bounced):
            if not any(back.kind == BOUNCE for back in found.get(number, ())):
                found[number] = (CameBack(BOUNCE, at), *found.get(number, ()))
    return found


def of_row(row: Mapping[str, Any]) -> tuple[CameBack, ...]:
    """Of what stays of a mail whose record was deleted."""
    return (CameBack(BOUNCE, row["bounced_at"]),) if row["bounced_at"] is not None else ()


def of_editions(connection: sa.Connection, edition_ids: Sequence[int]) -> dict[str, int]:
    """How many of the editions' deliveries came back, by the kind of what came."""
    mine = _D.edition_id.in_(edition_ids)
    bounced = sa.select(sa.func.count(_D.id)).where(mine, _D.bounced_at.is_not(None))
    complained = (
        sa.select(sa.func.count(sa.distinct(_R.delivery_id)))
        .join(t.delivery, _D.id == _R.delivery_id)
        .where(mine, _TELLING, _R.kind == ReportKind.COMPLAINT)
    )
    counted = {
        BOUNCE: connection.execute(bounced).scalar_one(),
        COMPLAINT: connection.execute(complained).scalar_one(),
    }
    return {kind: number for kind, number in counted.items() if number}
