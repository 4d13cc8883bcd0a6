"""Topics: the IPTC defaults and the operator's own."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

import sqlalchemy as sa

from digest.errors import AlreadyExists, NotFound
from digest.model.story import Topic
from digest.store import tables as t


def seed(connection: sa.Connection, defaults: Iterable[Topic]) -> None:
    """Add the defaults that are not there yet; one that the operator removed stays removed."""
    there = set(connection.execute(sa.select(t.topic.c.name)).scalars())
    for topic in defaults:
        if topic.name not in there:
            _insert(connection, topic)


def add(connection: sa.Connection, topic: Topic) -> None:
    row = connection.execute(sa.select(t.topic).where(t.topic.c.name == topic.name)).mappings().first()
    if row and not row["removed"]:
        raise AlreadyExists("topic", topic.name)
    if row:
        connection.execute(sa.delete(t.topic).where(t.topic.c.id == row["id"]))
    _insert(connection, topic)


def edit(connection: sa.Connection, topic: Topic) -> None:
    """Write label and rule of a topic that is there."""
    values = {"label": topic.label, "rule": topic.rule}
    connection.execute(sa.update(t.topic).where(t.topic.c.name == topic.name).values(values))


def remove(connection: sa.Connection, name: str) -> None:
    get(connection, name)
    connection.execute(sa.update(t.topic).where(t.topic.c.name == name).values(removed=True))


def listing(connection: sa.Connection) -> list[Topic]:
    rows = connection.execute(sa.select(t.topic).where(~t.topic.c.removed).order_by(t.topic.c.kind, t.topic.c.name))
    return [_topic(r) for r in rows.mappings()]


def get(connection: sa.Connection, name: str) -> Topic:
    found = {topic.name: topic for topic in listing(connection)}
    if name not in found:
        raise NotFound("topic", name, list(found))
    return found[name]


def counts(connection: sa.Connection) -> dict[str, int]:
    """Articles by topic."""
    query = sa.select(t.article_topic.c.topic, sa.func.count()).group_by(t.article_topic.c.topic)
    return {name: number for name, number in connection.execute(query)}


def _insert(connection: sa.Connection, topic: Topic) -> None:
    connection.execute(
        sa.insert(t.topic).values(
            name=topic.name,
            label=topic.label,
            kind=topic.kind,
            code=topic.code,
            rule=topic.rule,
            removed=False,
        )
    )


def _topic(row: Any) -> Topic:
    return Topic(row["name"], row["label"], row["kind"], row["code"], row["rule"])
