"""Mails that stay planned because the operator has not approved their edition."""

from __future__ import annotations

import bisect
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import DeliveryState
from digest.model.edition import Approval
from digest.store import tables as t


def not_waiting() -> sa.ColumnElement[bool]:
    """A delivery of no edition that waits for approval: such a one stays planned, whatever else bars it.

    By the variant, which stands in the index on states: a long edition that waits is passed over without a look at
    its rows.
    """
    return t.delivery.c.variant_id.not_in(_variants())


def first_that_goes(connection: sa.Connection) -> int:
    """The first variant with planned mails that does not wait, or 0 where none waits at all: claims begin there.

    They go by variants, and those of one edition stand side by side: what waits is passed over in a step or two.
    """
    waiting: list[int] = sorted(connection.execute(_variants()).scalars())
    if not waiting:
        return 0
    d, after = t.delivery.c, 0
    while True:
        query = sa.select(sa.func.min(d.variant_id)).where(d.state == DeliveryState.PLANNED, d.variant_id > after)
        found = connection.execute(query).scalar()
        place = bisect.bisect_left(waiting, found or 0)
        if found is None or place == len(waiting) or waiting[place] != found:
            return found or after + 1
        while place + 1 < len(waiting) and waiting[place + 1] == waiting[place] + 1:
            place += 1
        after = waiting[place]


def _variants() -> sa.Select[Any]:
    waits = sa.select(t.edition.c.id).where(t.edition.c.approval == Approval.WAITING)
    return sa.select(t.variant.c.id).where(t.variant.c.edition_id.in_(waits))
