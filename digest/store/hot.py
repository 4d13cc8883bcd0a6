"""The common steps of a delivery, for many at once and as few statements as can be.

Claimed; marked where nothing bars it; sent. What is out of the common is left to the ledger's long way.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa
from sqlalchemy import bindparam

from digest.model.delivery import Delivery, DeliveryKind, DeliveryState, Mark, Outcome, Uncertain
from digest.store import standing
from digest.store import tables as t
from digest.store.prepared import Prepared
from digest.store.waiting import first_that_goes, not_waiting

_S = DeliveryState
_D = t.delivery.c
_POLICY = {str(policy): policy for policy in Uncertain}
_MINE = (_D.id == bindparam("of", type_=sa.Integer), _D.epoch == bindparam("at_epoch", type_=sa.Integer))

_MARK = Prepared(
    lambda: (
        sa.update(t.delivery)
        .where(*_MINE, _D.state == _S.CLAIMED, _D.kind == DeliveryKind.EDITION, standing.nothing_bars())
        .values(
            state=_S.COMMITTING,
            relay=bindparam("by", type_=_D.relay.type),
            signed_with=bindparam("key", type_=_D.signed_with.type),
        )
    )
)
_SENT = Prepared(
    lambda: sa.update(t.delivery)
    .where(*_MINE, _D.state == _S.COMMITTING)
    .values(
        state=_S.SENT, reply=bindparam("said", type_=_D.reply.type), reason="", attempts=_D.attempts + 1,
        next_attempt=sa.null(), settled_at=bindparam("now", type_=_D.settled_at.type), owner="",
        lease_until=sa.null(),
    )
)  # fmt: skip
_CLAIM = Prepared(
    lambda: sa.update(t.delivery)
    .where(_D.id == bindparam("of", type_=sa.Integer))
    .values(
        state=_S.CLAIMED, epoch=_D.epoch + 1, reason="", owner=bindparam("by", type_=_D.owner.type),
        lease_until=bindparam("until", type_=_D.lease_until.type),
    )
)  # fmt: skip

_E = t.delivery_event.c
_EVENT = Prepared(
    lambda: sa.insert(t.delivery_event).values(
        delivery_id=bindparam("of", type_=sa.Integer), at=bindparam("now", type_=_E.at.type),
        before=bindparam("was", type_=_E.before.type), after=bindparam("is", type_=_E.after.type),
        reply=bindparam("said", type_=_E.reply.type), reason="",
    )
)  # fmt: skip


#: As the index on states has them, or each claim would sort all that wait.
ORDER = (_D.variant_id, _D.next_attempt, _D.id)

# What a sender needs to know of a delivery, in the order of `_planned`.
_DUE = Prepared(
    lambda: sa.select(
        _D.id, _D.key, _D.address, _D.message_id, _D.date, _D.variant_id, _D.uncertain, _D.splice, _D.edition_id,
        _D.subscription_id, _D.attempts, _D.epoch, _D.give_up_at, _D.planned_at,
    )
    .where(
        _D.state == _S.PLANNED, _D.kind == DeliveryKind.EDITION, _D.was_uncertain.is_(False),
        _D.variant_id >= bindparam("first", type_=sa.Integer), not_waiting(),
        standing.nothing_bars(),
    )
    .order_by(*ORDER)
    .limit(bindparam("most", type_=sa.Integer))
)  # fmt: skip


def due(connection: sa.Connection, most: int) -> list[Delivery]:
    """Planned deliveries of editions that nothing bars and that never left, in variant order."""
    values = {"most": most, "first": first_that_goes(connection)}
    return [_planned(row) for row in _DUE.rows(connection, values)]


def _planned(row: list[Any]) -> Delivery:
    (number, key, address, message_id, date, variant, uncertain, splice, edition, subscription, attempts, epoch,
     give_up_at, planned_at) = row  # fmt: skip
    return Delivery(
        number, DeliveryKind.EDITION, key, _S.PLANNED, address, message_id, date, variant, _POLICY[uncertain], splice,
        edition, "", subscription, "", attempts, epoch, give_up_at=give_up_at, planned_at=planned_at,
    )  # fmt: skip


def claim(
    connection: sa.Connection,
    taken: Sequence[Delivery],
    owner: str,
    until: datetime,
    now: datetime,
) -> None:
    """All of these, which this transaction has read."""
    rows = [{"of": d.id, "by": owner, "until": until} for d in taken]
    if rows:
        _CLAIM.run_many(connection, rows)
        _record(connection, [(d.id, d.state, "") for d in taken], _S.CLAIMED, now)


def mark(connection: sa.Connection, marking: Sequence[Mark], now: datetime) -> list[Mark]:
    """claimed -> committing; those that were not marked are returned."""
    left = [each for each in marking if not _MARK.run(connection, _marked(each))]
    marked = [(each.delivery, _S.CLAIMED, "") for each in marking if each not in left]
    _record(connection, marked, _S.COMMITTING, now)
    return left


def _marked(each: Mark) -> dict[str, Any]:
    return {"of": each.delivery, "at_epoch": each.epoch, "by": each.relay, "key": each.signed_with}


def settle(connection: sa.Connection, outcomes: Sequence[Outcome], now: datetime) -> list[Outcome]:
    """committing -> sent; outcomes that are another, or do not find their row so, are returned."""
    left, done = [], []
    for outcome in outcomes:
        values = {"of": outcome.delivery, "at_epoch": outcome.epoch, "said": outcome.reply, "now": now}
        if outcome.state is _S.SENT and not outcome.reason and _SENT.run(connection, values):
            done.append((outcome.delivery, _S.COMMITTING, outcome.reply))
        else:
            left.append(outcome)
    _record(connection, done, _S.SENT, now)
    return left


def _record(
    connection: sa.Connection, changes: Sequence[tuple[int, str, str]], after: DeliveryState, now: datetime
) -> None:
    """Each (delivery, state before, reply) is now `after`."""
    if changes:
        rows = [{"of": n, "now": now, "was": before, "is": after, "said": reply} for n, before, reply in changes]
        _EVENT.run_many(connection, rows)
