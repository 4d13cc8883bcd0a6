"""Mails that stay planned because the operator has not approved their edition."""

from __future__ import annotations

import sqlalchemy as sa

from digest.model.edition import Approval
from digest.store import tables as t


def not_waiting() -> sa.ColumnElement[bool]:
    """A delivery of no edition that waits for approval: such a one stays planned, whatever else bars it.

    By the variant, which stands in the index on states: a long edition that waits is passed over without a look at
    its rows.
    """
    waits = sa.select(t.edition.c.id).where(t.edition.c.approval == Approval.WAITING)
    mine = sa.select(t.variant.c.id).where(t.variant.c.edition_id.in_(waits))
    return t.delivery.c.variant_id.not_in(mine)
