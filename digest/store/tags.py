"""Tags of people: the operator's own words about them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import sqlalchemy as sa

from digest.store import bulk
from digest.store import tables as t
from digest.store.chunks import chunks

_T = t.subscriber_tag.c


def of(connection: sa.Connection, subscriber_ids: Sequence[int]) -> dict[int, list[str]]:
    """Sorted; who has none is not in it."""
    found: dict[int, list[str]] = {}
    for batch in chunks(subscriber_ids, 500):
        query = sa.select(_T.subscriber_id, _T.tag).where(_T.subscriber_id.in_(batch)).order_by(_T.tag)
        for subscriber_id, tag in connection.execute(query):
            found.setdefault(subscriber_id, []).append(tag)
    return found


def add(connection: sa.Connection, tagged: Iterable[tuple[int, str]]) -> None:
    """None of which is there."""
    bulk.insert(connection, t.subscriber_tag, [{"subscriber_id": i, "tag": tag} for i, tag in tagged])


def remove(connection: sa.Connection, subscriber_id: int, tags: Sequence[str]) -> None:
    connection.execute(sa.delete(t.subscriber_tag).where(_T.subscriber_id == subscriber_id, _T.tag.in_(tags)))


def listing(connection: sa.Connection) -> list[tuple[str, int]]:
    """Every tag, and how many people have it."""
    query = sa.select(_T.tag, sa.func.count()).group_by(_T.tag).order_by(_T.tag)
    return [(tag, number) for tag, number in connection.execute(query)]
