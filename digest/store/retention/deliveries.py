"""Records of mails that are old: deleted but for what keeps a reader from being sent the same again."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.delivery import OPEN, DeliveryKind, DeliveryState
from digest.model.edition import EditionState
from digest.model.subscription import SubscriptionState
from digest.store import counters
from digest.store import tables as t
from digest.store.chunks import chunks
from digest.store.retention.kinds import Amount, Found, Old, counted, length, stretch

_D, _E, _S = t.delivery.c, t.delivery_event.c, t.edition_skip.c
_ROW, _EVENT_ROW = 120, 60  # bytes of what is no text
_SETTLED = sorted(set(DeliveryState) - OPEN)
#: The state of those that are looked at by their numbers. By its name SQLite would look through the index of states
#: instead, where nearly all on record are among the sent ones.
_STATE = sa.func.coalesce(_D.state, "")
#: Editions of which nothing is planned any more.
_OVER = (EditionState.CLOSED, EditionState.CANCELLED)


@dataclass(frozen=True, slots=True)
class Deliveries(Old):
    """Mails settled before an instant, with their events. What is open, uncertain or held is not touched."""

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        lower, upper = stretch(connection, _D.id, after, most)
        if upper is None:
            return Found(())
        query = sa.select(_D.id).where(_D.id > lower, _D.id <= upper, *self._old(connection)).order_by(_D.id)
        # They were planned in the order of their numbers: after the first young one there is no old one.
        young = sa.select(_D.id).where(_D.id > lower, _D.id <= upper, _D.planned_at >= self.before).limit(1)
        last = connection.execute(young).first() is not None
        return Found(list(connection.execute(query).scalars()), None if last else upper)

    def _old(self, connection: sa.Connection) -> list[sa.ColumnElement[bool]]:
        over = sa.select(t.edition.c.id).where(t.edition.c.id == _D.edition_id, t.edition.c.state.in_(_OVER))
        # How often somebody who has not confirmed was asked bounds how often they are asked again.
        pending = sa.select(t.subscription.c.id).where(
            t.subscription.c.id == _D.subscription_id, t.subscription.c.state == SubscriptionState.PENDING
        )
        asked = sa.and_(_D.kind == DeliveryKind.CONFIRMATION, pending.correlate(t.delivery).exists())
        # A refusal is counted like a bounce, by its event.
        uncounted = sa.select(_E.id).where(_E.delivery_id == _D.id, _E.id > counters.last(connection, counters.REFUSED))
        refused = sa.and_(_D.state == DeliveryState.FAILED, uncounted.correlate(t.delivery).exists())
        return [
            _STATE.in_(_SETTLED),
            sa.func.coalesce(_D.settled_at, _D.planned_at) < self.before,
            sa.or_(_D.edition_id.is_(None), over.correlate(t.delivery).exists()),
            sa.not_(asked),
            sa.not_(refused),
            # Numbers stand in mails (where bounces go) and in counters: the last is kept, so that none comes twice.
            _D.id.not_in(_last_of_all(connection)),
        ]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        texts = length(_D.key, _D.address, _D.message_id, _D.splice, _D.reply, _D.reason, _D.signed_with) + _ROW
        for batch in chunks(names, 500):
            mine = sa.select(sa.func.count(), sa.func.sum(texts)).where(_D.id.in_(batch))
            total += counted(connection.execute(mine).one())
            events = sa.select(sa.literal(0), sa.func.sum(length(_E.reply, _E.reason) + _EVENT_ROW))
            total += counted(connection.execute(events.where(_E.delivery_id.in_(batch))).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        for batch in chunks(names, 500):
            query = sa.select(_D.id).where(_D.id.in_(batch), *self._old(connection))
            gone = list(connection.execute(query).scalars())
            total += self.measure(connection, gone)
            _trace(connection, gone, self.now)
            _count(connection, gone, self.now)
            connection.execute(sa.update(t.report).where(t.report.c.delivery_id.in_(gone)).values(delivery_id=None))
            connection.execute(sa.delete(t.delivery_event).where(_E.delivery_id.in_(gone)))
            connection.execute(sa.delete(t.delivery).where(_D.id.in_(gone)))
        return total


def _last_of_all(connection: sa.Connection) -> list[int]:
    """The last delivery, and the one that the last event is of."""
    last = connection.execute(sa.select(_D.id).order_by(_D.id.desc()).limit(1)).scalars().all()
    return [*last, *connection.execute(sa.select(_E.delivery_id).order_by(_E.id.desc()).limit(1)).scalars()]


def _trace(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """Whom they told what: of those of an edition that were sent."""
    at = sa.literal(now, t.trace.c.deleted_at.type)
    sent_at = sa.func.coalesce(_D.settled_at, _D.planned_at, type_=t.trace.c.sent_at.type)
    rows = sa.select(_D.id, _D.subscription_id, _D.variant_id, _D.covers_hi, sent_at, _D.bounced_at, at)
    sent = (_D.kind == DeliveryKind.EDITION, _STATE == DeliveryState.SENT, _D.subscription_id.is_not(None))
    names = ["delivery_id", "subscription_id", "variant_id", "covers_hi", "sent_at", "bounced_at", "deleted_at"]
    connection.execute(sa.insert(t.trace).from_select(names, rows.where(_D.id.in_(ids), *sent)))


def _count(connection: sa.Connection, ids: Sequence[int], now: datetime) -> None:
    """How many went, so that what was counted stays true; and the day, so that it can be said."""
    rows = connection.execute(sa.select(_D.edition_id, _D.state).where(_D.id.in_(ids)))
    number = Counter((edition or 0, state) for edition, state in rows)
    c = t.deleted_delivery.c
    for (edition, state), many in sorted(number.items()):
        mine = sa.and_(c.edition_id == edition, c.state == state)
        done = connection.execute(sa.update(t.deleted_delivery).where(mine).values(number=c.number + many))
        if not done.rowcount:
            values = {"edition_id": edition, "state": state, "number": many}
            connection.execute(sa.insert(t.deleted_delivery).values(values))
    _mark(connection, {edition for edition, _ in number if edition}, now)


def _mark(connection: sa.Connection, editions: set[int], now: datetime) -> None:
    mine = t.edition.c.id.in_(sorted(editions))
    connection.execute(sa.update(t.edition).where(mine).values(deleted_at=now))


@dataclass(frozen=True, slots=True)
class Skips(Old):
    """Why readers got no mail of an edition that was cut before an instant."""

    def found(self, connection: sa.Connection, after: tuple[int, int] | None, most: int) -> Found:
        over = sa.func.coalesce(t.edition.c.state, "").in_(
            _OVER
        )  # as _STATE: or all that are left are sorted each time
        query = (
            sa.select(_S.edition_id, _S.subscription_id)
            .join(t.edition, t.edition.c.id == _S.edition_id)
            .where(t.edition.c.cut_at < self.before, over)
            .order_by(_S.edition_id, _S.subscription_id)
            .limit(most)
        )
        if after is not None:
            later = sa.and_(_S.edition_id == after[0], _S.subscription_id > after[1])
            query = query.where(sa.or_(_S.edition_id > after[0], later), _S.edition_id >= after[0])
        rows = [(edition, reader) for edition, reader in connection.execute(query)]
        return Found(rows, rows[-1] if len(rows) == most else None)

    def measure(self, connection: sa.Connection, names: Sequence[tuple[int, int]]) -> Amount:  # noqa: ARG002
        return Amount(len(names), len(names) * _EVENT_ROW)

    def delete(self, connection: sa.Connection, names: Sequence[tuple[int, int]]) -> Amount:
        by_edition: dict[int, list[int]] = {}
        for edition, reader in names:
            by_edition.setdefault(edition, []).append(reader)
        gone = 0
        for edition, readers in by_edition.items():
            for batch in chunks(readers, 500):
                mine = (_S.edition_id == edition, _S.subscription_id.in_(batch))
                gone += connection.execute(sa.delete(t.edition_skip).where(*mine)).rowcount
        _mark(connection, set(by_edition), self.now)
        return Amount(gone, gone * _EVENT_ROW)


@dataclass(frozen=True, slots=True)
class Singles(Old):
    """The text of confirmations and notices to whom none is on record any more."""

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        v = t.variant.c
        wanted: list[Any] = [v.edition_id.is_(None), v.deleted_at.is_(None), v.id > (after or 0), _unread()]
        ids = list(connection.execute(sa.select(v.id).where(*wanted).order_by(v.id).limit(most)).scalars())
        return Found(ids, ids[-1] if len(ids) == most else None)

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        v = t.variant.c
        query = sa.select(sa.func.count(), sa.func.sum(sa.func.length(v.message)))
        return counted(connection.execute(query.where(v.id.in_(names))).one())

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        v = t.variant.c
        still = list(connection.execute(sa.select(v.id).where(v.id.in_(names), _unread())).scalars())
        total = self.measure(connection, still)
        key = sa.literal("deleted ") + sa.cast(v.id, sa.String)
        values = {"key": key, "subject": "", "message": b"", "deleted_at": self.now}
        connection.execute(sa.update(t.variant).where(v.id.in_(still)).values(values))
        return total


def _unread() -> sa.ColumnElement[bool]:
    """No mail has the variant. By the index on states, which SQLite uses where all are named."""
    mine = sa.select(_D.id).where(_D.variant_id == t.variant.c.id, _D.state.in_(sorted(DeliveryState)))
    return sa.not_(mine.correlate(t.variant).exists())
