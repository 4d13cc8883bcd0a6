"""What the public archive may show: variants that were sent and still stand, by the slots of a publication."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.archive import FEW, Archived, Candidate
from digest.model.delivery import DeliveryState
from digest.model.edition import Approval, EditionState
from digest.store import tables as t
from digest.store.chunks import chunks

#: Readers of a variant that are counted: enough to say which most of them had, and it stays quick.
MOST_COUNTED = 20_000

_SLOT, _E, _V, _D = t.edition_slot.c, t.edition.c, t.variant.c, t.delivery.c


def slots(
    connection: sa.Connection,
    publication_id: int,
    *,
    since: datetime | None = None,
    before: datetime | None = None,
    limit: int,
    offset: int = 0,
) -> list[Archived]:
    """Those with something to show, the newest first; `since` and `before` are nominal local times."""
    where = [_SLOT.publication_id == publication_id, _shown()]
    where += [_SLOT.slot >= since] if since else []
    where += [_SLOT.slot < before] if before else []
    order = (_SLOT.slot.desc(), _SLOT.id.desc())
    return _slots(connection, _columns().where(*where).order_by(*order).limit(limit).offset(offset))


def find(connection: sa.Connection, publication_id: int, cadence: str, number: int) -> Archived | None:
    """A slot, whether there is something to show of it or not."""
    mine = (_SLOT.publication_id == publication_id, _SLOT.cadence == cadence, _SLOT.number == number)
    return next(iter(_slots(connection, _columns().where(*mine))), None)


def beside(connection: sa.Connection, publication_id: int, of: Archived) -> tuple[Archived | None, Archived | None]:
    """The next older and the next newer one of the same cadence."""
    mine = _columns().where(_SLOT.publication_id == publication_id, _SLOT.cadence == of.cadence, _shown()).limit(1)
    older = mine.where(_SLOT.slot < of.slot).order_by(_SLOT.slot.desc())
    newer = mine.where(_SLOT.slot > of.slot).order_by(_SLOT.slot)
    return next(iter(_slots(connection, older)), None), next(iter(_slots(connection, newer)), None)


def months(connection: sa.Connection, publication_id: int) -> list[datetime]:
    """The first days of the months that have something to show, the newest first."""
    found: list[datetime] = []
    while newest := slots(connection, publication_id, before=found[-1] if found else None, limit=1):
        found.append(datetime(newest[0].slot.year, newest[0].slot.month, 1))  # noqa: DTZ001 - nominal, as slots are
    return found


def candidates(connection: sa.Connection, slot_ids: Iterable[int]) -> dict[int, list[Candidate]]:
    """Per slot, the variants that may be shown."""
    readers = _number(_sent()) + _number(_traced())
    entries = sa.select(sa.func.count()).where(t.variant_entry.c.variant_id == _V.id).scalar_subquery()
    query = (
        sa.select(
            _E.slot_id,
            _V.id,
            _E.id,
            _E.zone,
            _V.language,
            _E.cut_at,
            readers,
            entries,
            sa.func.coalesce(_whole(), sa.false()),
        )
        .join(t.variant, _V.edition_id == _E.id)
        .where(_goes(), _stands())
    )
    found: dict[int, list[Candidate]] = {}
    for batch in chunks(sorted(set(slot_ids)), 200):
        for slot, *values in connection.execute(query.where(_E.slot_id.in_(batch))):
            found.setdefault(slot, []).append(Candidate(*values))
    return found


def views(connection: sa.Connection, variant_ids: Sequence[int]) -> Mapping[int, bytes]:
    """What their copies are made of."""
    rows = connection.execute(sa.select(_V.id, _V.view).where(_V.id.in_(variant_ids), _V.view.is_not(None)))
    return {number: view for number, view in rows}


def was_shown(connection: sa.Connection, slot_id: int) -> bool:
    """Whether something of it was sent whose copy is gone."""
    dropped = sa.select(_V.id).join(t.edition, _E.id == _V.edition_id)
    dropped = dropped.where(_E.slot_id == slot_id, _V.view.is_(None), _V.failing.is_(None), _was_of_many())
    dropped = dropped.limit(1)
    return connection.execute(dropped).first() is not None


def opened(connection: sa.Connection, publication_id: int) -> datetime:
    """Since when there is the publication."""
    query = sa.select(t.publication.c.created_at).where(t.publication.c.id == publication_id)
    found: datetime = connection.execute(query).scalar_one()
    return found


def _columns() -> sa.Select[tuple[int, str, int, datetime]]:
    return sa.select(_SLOT.id, _SLOT.cadence, _SLOT.number, _SLOT.slot)


def _slots(connection: sa.Connection, query: sa.Select[tuple[int, str, int, datetime]]) -> list[Archived]:
    return [Archived(row.id, row.cadence, row.number, row.slot) for row in connection.execute(query)]


def _shown() -> sa.ColumnElement[bool]:
    """Of a slot: there is a variant to show."""
    stands = sa.select(_V.id).where(_V.edition_id == _E.id, _stands()).correlate(t.edition).exists()
    return sa.select(_E.id).where(_E.slot_id == _SLOT.id, _goes(), stands).correlate(t.edition_slot).exists()


def _goes() -> sa.ColumnElement[bool]:
    """Of an edition: nobody took it back, and nobody still has to look at it."""
    return sa.and_(
        _E.state != EditionState.CANCELLED, _E.approval.not_in((str(Approval.WAITING), str(Approval.REJECTED)))
    )


def _stands() -> sa.ColumnElement[bool]:
    """Of a variant: it was sent, tells something, is neither withdrawn nor the operator's copy, and shows the choice of
    no few readers.
    """
    tells = sa.select(t.variant_entry.c.story_id).where(t.variant_entry.c.variant_id == _V.id)
    return sa.and_(
        _V.view.is_not(None),
        _V.withdrawn_at.is_(None),
        _V.failing.is_(None),
        tells.correlate(t.variant).exists(),
        _was_of_many(),
    )


def _was_of_many() -> sa.ColumnElement[bool]:
    """Of a variant: it was sent, and shows the choice of no few readers."""
    return sa.or_(sa.and_(_whole(), _was_sent()), _number(_sent(), FEW) + _number(_traced(), FEW) >= FEW)


def _whole() -> sa.ColumnElement[bool]:
    """Of a variant: its readers had chosen no topics, nor had they before. NULL where nobody wrote that down."""
    return sa.and_(*(_V.made_for[said].as_string() == "[]" for said in ("topics", "waivers")))


def _was_sent() -> sa.ColumnElement[bool]:
    return sa.or_(_sent().exists(), _traced().exists())


def _sent() -> sa.Select[Any]:
    sent = sa.select(sa.literal(1)).where(_D.variant_id == _V.id, _D.state == DeliveryState.SENT)
    return sent.correlate(t.variant)


def _traced() -> sa.Select[Any]:
    """What is left of mails that were sent, once their deliveries are deleted."""
    return sa.select(sa.literal(1)).where(t.trace.c.variant_id == _V.id).correlate(t.variant)


def _number(rows: sa.Select[Any], most: int = MOST_COUNTED) -> sa.ScalarSelect[int]:
    return sa.select(sa.func.count()).select_from(rows.limit(most).subquery()).scalar_subquery()
