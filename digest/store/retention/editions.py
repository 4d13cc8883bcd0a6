"""Texts of old editions, and what is kept of them for the sake of what follows."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from digest.model.article import Standing
from digest.model.delivery import OPEN
from digest.model.edition import EditionState
from digest.store import tables as t
from digest.store.chunks import chunks
from digest.store.retention.kinds import Amount, Found, Old, counted, length, stretch

_V, _D, _E, _T = t.variant.c, t.delivery.c, t.variant_entry.c, t.trace.c
_OVER = (EditionState.CLOSED, EditionState.CANCELLED)
_TRACE_ROW = 100  # bytes, indexes among them


@dataclass(frozen=True, slots=True)
class Editions(Old):
    """Messages, and what the copies on the web are made of, of editions cut before an instant.

    What they told stays on record: by that it is judged what is new to a reader.
    """

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        lower, upper = stretch(connection, _V.id, after, most)
        if upper is None:
            return Found(())
        ids = connection.execute(sa.select(_V.id).where(_V.id > lower, _V.id <= upper, *self._old())).scalars()
        return Found(sorted(ids), upper)

    def _old(self) -> list[sa.ColumnElement[bool]]:
        e = t.edition.c
        cut = sa.select(e.id).where(e.id == _V.edition_id, e.cut_at < self.before, e.state.in_(_OVER))
        wanted = sa.select(_D.id).where(
            _D.edition_id == _V.edition_id, _D.variant_id == _V.id, _D.state.in_(sorted(OPEN))
        )
        return [
            _V.deleted_at.is_(None),
            cut.correlate(t.variant).exists(),
            sa.not_(wanted.correlate(t.variant).exists()),
        ]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        texts = sa.func.length(_V.message) + sa.func.coalesce(sa.func.length(_V.view), 0)
        for batch in chunks(names, 500):
            query = sa.select(sa.func.count(), sa.func.sum(texts)).where(_V.id.in_(batch))
            total += counted(connection.execute(query).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        # Another key: a variant that is ever composed anew does not find this one in its place.
        key = sa.literal("deleted ") + sa.cast(_V.id, sa.String)
        values = {"key": key, "message": b"", "view": None, "deleted_at": self.now}
        for batch in chunks(names, 500):
            still = list(connection.execute(sa.select(_V.id).where(_V.id.in_(batch), *self._old())).scalars())
            total += self.measure(connection, still)
            connection.execute(sa.update(t.variant).where(_V.id.in_(still)).values(values))
        return total


@dataclass(frozen=True, slots=True)
class Traces(Old):
    """What mails told, and whom, where nothing can come of it any more.

    Their texts and records are deleted already, and so is every article up to the last number that they cover.
    """

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        lower, upper = stretch(connection, _V.id, after, most)
        if upper is None:
            return Found(())
        live = first_live(connection)
        query = sa.select(_V.id, _V.ranges).where(_V.id > lower, _V.id <= upper, *_done())
        ids = [i for i, ranges in connection.execute(query) if live is None or all(hi <= live for _, hi in ranges)]
        return Found(ids, upper)

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        for batch in chunks(names, 500):
            rows = sa.select(sa.func.count(), sa.func.count() * _TRACE_ROW).where(_T.variant_id.in_(batch))
            total += counted(connection.execute(rows).one())
            texts = sa.func.sum(length(_E.headline, _E.sentences, _E.reason) + _TRACE_ROW)
            entries = sa.select(sa.func.count(), texts).where(_E.variant_id.in_(batch))
            total += counted(connection.execute(entries).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        for batch in chunks(names, 50):  # each may have been sent to thousands
            still = list(connection.execute(sa.select(_V.id).where(_V.id.in_(batch), *_done())).scalars())
            total += self.measure(connection, still)
            connection.execute(sa.delete(t.trace).where(_T.variant_id.in_(still)))
            connection.execute(sa.delete(t.variant_entry).where(_E.variant_id.in_(still)))
            emptied: dict[str, Any] = {"ranges": [], "over": [], "known": [], "made_for": None, "subject": ""}
            connection.execute(sa.update(t.variant).where(_V.id.in_(still)).values(emptied))
        return total


def first_live(connection: sa.Connection) -> int | None:
    """The lowest number that an article has which is there; None where there is none."""
    r = t.revision.c
    query = sa.select(r.seq).where(r.seq.is_not(None), r.standing != Standing.REMOVED).order_by(r.seq).limit(1)
    return connection.execute(query).scalar()


def _done() -> list[sa.ColumnElement[bool]]:
    mailed = sa.select(_D.id).where(_D.edition_id == _V.edition_id, _D.variant_id == _V.id)
    told = sa.select(_E.story_id).join(t.story, t.story.c.id == _E.story_id).where(_E.variant_id == _V.id)
    heirs = sa.select(t.story_past.c.former_id).join(t.story, t.story.c.id == t.story_past.c.story_id)
    heirs = heirs.where(t.story.c.removed_at.is_(None))
    live = told.where(sa.or_(t.story.c.removed_at.is_(None), t.story.c.id.in_(heirs)))
    return [
        _V.edition_id.is_not(None),
        _V.deleted_at.is_not(None),
        sa.cast(_V.ranges, sa.Text) != "[]",
        sa.not_(mailed.correlate(t.variant).exists()),
        sa.not_(live.correlate(t.variant).exists()),
    ]
