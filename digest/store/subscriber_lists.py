"""Subscriptions that somebody looks for: by their own settings, by tags, by parts of an address or name."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.subscription import Subscription
from digest.store import subscribers
from digest.store import tables as t

_BATCH = 500
_S, _P, _E = t.subscription.c, t.subscriber.c, t.subscription_event.c
#: What makes a subscription begin, or begin anew.
_SIGN_UP = ("subscribe", "resubscribe")


@dataclass(frozen=True, slots=True)
class Filter:
    """Empty: whatever it is. `address` is a state of the address, `since` when they signed up, at the earliest; all of
    `tags`; `text` is part of address or name, whatever its case and accents."""

    publication: str = ""
    state: str = ""
    tags: tuple[str, ...] = ()
    language: str = ""
    cadence: str = ""
    zone: str = ""
    address: str = ""
    since: datetime | None = None
    text: str = ""


def listing(connection: sa.Connection, wanted: Filter, limit: int | None = None) -> list[Subscription]:
    """In the order in which they came."""
    if not wanted.text:
        return subscribers.load(connection, *_where(wanted), limit=limit)
    ids = _ids(connection, wanted)[:limit]
    found = subscribers.by_ids(connection, ids)
    return [found[i] for i in ids]


def count(connection: sa.Connection, wanted: Filter) -> int:
    if wanted.text:
        return len(_ids(connection, wanted))
    query = _from(sa.select(sa.func.count())).where(*_where(wanted))
    found: int = connection.execute(query).scalar_one()
    return found


def batches(connection: sa.Connection, wanted: Filter) -> Iterator[list[Subscription]]:
    """All of them, some at a time."""
    if wanted.text:
        ids = _ids(connection, wanted)
        for start in range(0, len(ids), _BATCH):
            yield list(subscribers.by_ids(connection, ids[start : start + _BATCH]).values())
        return
    last, where = 0, _where(wanted)
    while found := subscribers.load(connection, _S.id > last, *where, limit=_BATCH):
        yield found
        last = found[-1].id


def _from(query: sa.Select[Any]) -> sa.Select[Any]:
    joined = t.subscription.join(t.subscriber, _P.id == _S.subscriber_id)
    return query.select_from(joined.join(t.publication, t.publication.c.id == _S.publication_id))


def _where(wanted: Filter) -> list[sa.ColumnElement[bool]]:
    columns = {
        t.publication.c.name: wanted.publication,
        _S.state: wanted.state,
        _S.language: wanted.language,
        _S.cadence: wanted.cadence,
        _S.zone: wanted.zone,
        _P.address_state: wanted.address,
    }
    where: list[sa.ColumnElement[bool]] = [column == value for column, value in columns.items() if value]
    for tag in wanted.tags:
        tagged = sa.select(t.subscriber_tag.c.subscriber_id).where(t.subscriber_tag.c.tag == tag)
        where.append(_S.subscriber_id.in_(tagged))
    if wanted.since is not None:
        begun = sa.select(_E.id).where(_E.subscription_id == _S.id, _E.action.in_(_SIGN_UP), _E.at >= wanted.since)
        where.append(begun.exists())
    return where


def _ids(connection: sa.Connection, wanted: Filter) -> list[int]:
    """Looked through here: no database folds letters as people expect, and two do not do it alike."""
    needle = _folded(wanted.text)
    query = _from(sa.select(_S.id)).add_columns(_P.email, _P.name).where(*_where(wanted)).order_by(_S.id)
    return [i for i, email, name in connection.execute(query) if needle in _folded(f"{email}\n{name}")]


def _folded(text: str) -> str:
    if text.isascii():
        return text.lower()
    plain = "".join(c for c in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(c))
    return plain.casefold()
