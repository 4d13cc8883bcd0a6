"""Vectors of revisions, as a model from outside made them."""

from __future__ import annotations

from datetime import datetime

import sqlalchemy as sa

from digest.store import tables as t


def save(connection: sa.Connection, revision_id: int, model: str, vector: bytes) -> None:
    """One vector for each revision: that of the last model."""
    values = {"model": model, "vector": vector}
    c = t.revision_vector.c
    done = connection.execute(sa.update(t.revision_vector).where(c.revision_id == revision_id).values(values))
    if not done.rowcount:
        connection.execute(sa.insert(t.revision_vector).values(revision_id=revision_id, **values))


def load(connection: sa.Connection, model: str) -> dict[int, bytes]:
    """Article id -> what this model made of its visible revision; empty where it knew no word."""
    c = t.revision_vector.c
    query = sa.select(t.article.c.id, c.vector).join(t.article, t.article.c.revision_id == c.revision_id)
    return {article_id: vector for article_id, vector in connection.execute(query.where(c.model == model))}


def missing(connection: sa.Connection, model: str, since: datetime) -> dict[int, int]:
    """Grouped articles dated since then that this model has not seen: article id -> its visible revision's id."""
    c = t.revision_vector.c
    query = (
        sa.select(t.article.c.id, t.revision.c.id)
        .select_from(
            t.article.join(t.revision, t.revision.c.id == t.article.c.revision_id)
            .join(t.story_article, t.story_article.c.article_id == t.article.c.id)
            .outerjoin(t.revision_vector, sa.and_(c.revision_id == t.revision.c.id, c.model == model))
        )
        .where(t.revision.c.published >= since, c.revision_id.is_(None))
        .order_by(t.article.c.id)
    )
    return {article_id: revision_id for article_id, revision_id in connection.execute(query)}
