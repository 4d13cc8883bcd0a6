"""Reports of bounces, records of consent, addresses of the network, answers of a language model."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import sqlalchemy as sa

from digest.model.cause import Via
from digest.model.subscription import SubscriptionState
from digest.store import changes
from digest.store import tables as t
from digest.store.chunks import chunks
from digest.store.retention.kinds import Amount, Found, Old, counted, length, stretch

_R, _C, _E, _S, _A = t.report.c, t.consent.c, t.subscription_event.c, t.subscription.c, t.model_answer.c
_ROW = 80  # bytes of what is no text
#: Where the origin of a change is an address of the network.
_NETWORK = (Via.PAGE, Via.ONE_CLICK)


@dataclass(frozen=True, slots=True)
class Reports(Old):
    """Reports of bounces and complaints that came before an instant. What they led to stays."""

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        query = sa.select(_R.id).where(_R.id > (after or 0), _R.received_at < self.before).order_by(_R.id).limit(most)
        ids = list(connection.execute(query).scalars())
        return Found(ids, ids[-1] if len(ids) == most else None)

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        texts = length(_R.key, _R.address, _R.reason, _R.reporter, _R.effect) + _ROW
        for batch in chunks(names, 500):
            query = sa.select(sa.func.count(), sa.func.sum(texts)).where(_R.id.in_(batch))
            total += counted(connection.execute(query).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = self.measure(connection, names)
        for batch in chunks(names, 500):
            connection.execute(sa.delete(t.report).where(_R.id.in_(batch)))
        return total


@dataclass(frozen=True, slots=True)
class Consents(Old):
    """What became of subscriptions that ended before an instant, but for the end itself."""

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        lower, upper = stretch(connection, _E.id, after, most)
        if upper is None:
            return Found(())
        query = sa.select(_E.id).where(_E.id > lower, _E.id <= upper, *self._old()).order_by(_E.id)
        return Found(list(connection.execute(query).scalars()), upper)

    def _old(self) -> list[sa.ColumnElement[bool]]:
        ended = sa.select(_S.id).where(
            _S.id == _E.subscription_id, _S.state == SubscriptionState.UNSUBSCRIBED, _S.changed_at < self.before
        )
        later = t.subscription_event.alias()
        followed = sa.select(later.c.id).where(later.c.subscription_id == _E.subscription_id, later.c.id > _E.id)
        # What became of the address later is no end: the end stays, whatever stands behind it.
        # No more is a change of what was chosen, in which the state stays.
        ended_again = followed.where(later.c.after == SubscriptionState.UNSUBSCRIBED, later.c.before != later.c.after)
        return [
            ended.correlate(t.subscription_event).exists(),
            sa.or_(followed.correlate(t.subscription_event).exists(), _E.action == changes.CHOSEN),
            sa.or_(
                _E.after != SubscriptionState.UNSUBSCRIBED,
                _E.before == _E.after,
                ended_again.correlate(t.subscription_event).exists(),
            ),
            _E.at < self.before,
        ]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        texts = length(_E.reason, _E.origin, _E.basis) + _ROW
        for batch in chunks(names, 500):
            query = sa.select(sa.func.count(), sa.func.sum(texts)).where(_E.id.in_(batch))
            total += counted(connection.execute(query).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        for batch in chunks(names, 500):
            still = list(connection.execute(sa.select(_E.id).where(_E.id.in_(batch), *self._old())).scalars())
            total += self.measure(connection, still)
            connection.execute(sa.delete(t.subscription_event).where(_E.id.in_(still)))
        return total


@dataclass(frozen=True, slots=True)
class ConsentTexts(Old):
    """Texts that nobody is on record to have agreed to, kept since before an instant."""

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        query = sa.select(_C.id).where(_C.id > (after or 0), *self._old()).order_by(_C.id).limit(most)
        ids = list(connection.execute(query).scalars())
        return Found(ids, ids[-1] if len(ids) == most else None)

    def _old(self) -> list[sa.ColumnElement[bool]]:
        agreed = sa.select(_E.consent_id).where(_E.consent_id.is_not(None))
        return [_C.first_at < self.before, _C.id.not_in(agreed)]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        query = sa.select(sa.func.count(), sa.func.sum(length(_C.text) + _ROW)).where(_C.id.in_(names))
        return counted(connection.execute(query).one())

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        still = list(connection.execute(sa.select(_C.id).where(_C.id.in_(names), *self._old())).scalars())
        total = self.measure(connection, still)
        connection.execute(sa.delete(t.consent).where(_C.id.in_(still)))
        return total


@dataclass(frozen=True, slots=True)
class Origins(Old):
    """The addresses of the network from which changes before an instant came. The changes stay."""

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        lower, upper = stretch(connection, _E.id, after, most)
        if upper is None:
            return Found(())
        query = sa.select(_E.id).where(_E.id > lower, _E.id <= upper, *self._old()).order_by(_E.id)
        return Found(list(connection.execute(query).scalars()), upper)

    def _old(self) -> list[sa.ColumnElement[bool]]:
        return [_E.at < self.before, _E.origin != "", _E.via.in_(_NETWORK)]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        for batch in chunks(names, 500):
            query = sa.select(sa.func.count(), sa.func.sum(length(_E.origin))).where(_E.id.in_(batch))
            total += counted(connection.execute(query).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = self.measure(connection, names)
        for batch in chunks(names, 500):
            connection.execute(sa.update(t.subscription_event).where(_E.id.in_(batch)).values(origin=""))
        return total


@dataclass(frozen=True, slots=True)
class Answers(Old):
    """What a language model said before an instant."""

    def found(self, connection: sa.Connection, after: str | None, most: int) -> Found:
        query = sa.select(_A.key).where(_A.key > (after or ""), _A.at < self.before).order_by(_A.key).limit(most)
        keys = list(connection.execute(query).scalars())
        return Found(keys, keys[-1] if len(keys) == most else None)

    def measure(self, connection: sa.Connection, names: Sequence[str]) -> Amount:
        total = Amount()
        for batch in chunks(names, 500):
            query = sa.select(sa.func.count(), sa.func.sum(length(_A.text) + _ROW)).where(_A.key.in_(batch))
            total += counted(connection.execute(query).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[str]) -> Amount:
        total = self.measure(connection, names)
        for batch in chunks(names, 500):
            connection.execute(sa.delete(t.model_answer).where(_A.key.in_(batch)))
        return total
