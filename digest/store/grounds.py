"""On what ground people are mailed: what brought each of them in last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import sqlalchemy as sa

from digest.model.subscription import SubscriptionState
from digest.store import tables as t
from digest.store.chunks import chunks

_E = t.subscription_event.c
#: A pause and its end are no new ground.
_BRINGS_IN = ("subscribe", "confirm")
_MAILED = (SubscriptionState.ACTIVE, SubscriptionState.PAUSED)


@dataclass(frozen=True, slots=True)
class Ground:
    at: datetime
    reason: str
    basis: str  # of who was not asked; empty: who was


def of(connection: sa.Connection, subscription_ids: Sequence[int]) -> dict[int, Ground]:
    """The last activation of each; who never was active is not in it."""
    found: dict[int, Ground] = {}
    for batch in chunks(subscription_ids, 500):
        query = sa.select(_E.subscription_id, _E.at, _E.reason, _E.basis).where(
            _E.subscription_id.in_(batch), _E.action.in_(_BRINGS_IN), _E.after.in_(_MAILED)
        )
        found |= {i: Ground(at, reason, basis) for i, at, reason, basis in connection.execute(query.order_by(_E.id))}
    return found
