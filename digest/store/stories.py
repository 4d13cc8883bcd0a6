"""Stories and storylines: what the grouping writer writes, and what editions read."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

import sqlalchemy as sa
from sqlalchemy import Connection

from digest.model.dates import PartialDate, Precision
from digest.model.story import Story
from digest.store import tables as t
from digest.store.chunks import chunks

#: One row of `members`.
MemberRow = Mapping[str, Any]

__all__ = ["Connection", "MemberRow"]


def add_storyline(connection: sa.Connection, storyline_id: int) -> None:
    connection.execute(sa.insert(t.storyline).values(id=storyline_id))


def save(connection: sa.Connection, story: Story) -> None:
    """Write a story's row; its articles are written by `place`."""
    values = {
        "storyline_id": story.storyline,
        "title": story.title,
        "first": story.first.start,
        "first_precision": story.first.precision,
        "last": story.last.start,
        "last_precision": story.last.precision,
        "languages": list(story.languages),
        "topics": list(story.topics),
        "last_seq": story.last_seq,
        "removed_at": None,
    }
    done = connection.execute(sa.update(t.story).where(t.story.c.id == story.id).values(values))
    if not done.rowcount:
        connection.execute(sa.insert(t.story).values(id=story.id, **values))


def place(
    connection: sa.Connection,
    article_id: int,
    story_id: int,
    *,
    features: str,
    why: str,
    topics: Sequence[tuple[str, float, str]],
) -> None:
    """Put an article into a story, and say what it is about: (topic, score, reason) each.

    A new revision stays in its story for the reason that the article came there for.
    """
    values = {"story_id": story_id, "features": features}
    done = connection.execute(
        sa.update(t.story_article).where(t.story_article.c.article_id == article_id).values(values)
    )
    if not done.rowcount:
        connection.execute(sa.insert(t.story_article).values(article_id=article_id, why=why, **values))
    connection.execute(sa.delete(t.article_topic).where(t.article_topic.c.article_id == article_id))
    rows = [
        {"article_id": article_id, "topic": name, "score": score, "reason": reason} for name, score, reason in topics
    ]
    if rows:
        connection.execute(sa.insert(t.article_topic), rows)


def merge_story(connection: sa.Connection, loser: int, winner: int, why: str) -> None:
    """The loser's articles move, for the reason `why`; its row stays as a redirect, so that old links still resolve.

    A title that the operator gave it goes to a winner that has none.
    """
    values = {"story_id": winner, "why": why}
    connection.execute(sa.update(t.story_article).where(t.story_article.c.story_id == loser).values(values))
    connection.execute(sa.update(t.story).where(t.story.c.merged_into == loser).values(merged_into=winner))
    connection.execute(sa.update(t.story).where(t.story.c.id == loser).values(merged_into=winner))
    _pass_title_on(connection, t.story, loser, winner)


def merge_storyline(connection: sa.Connection, loser: int, winner: int) -> None:
    connection.execute(sa.update(t.story).where(t.story.c.storyline_id == loser).values(storyline_id=winner))
    connection.execute(sa.update(t.storyline).where(t.storyline.c.merged_into == loser).values(merged_into=winner))
    connection.execute(sa.update(t.storyline).where(t.storyline.c.id == loser).values(merged_into=winner))
    _pass_title_on(connection, t.storyline, loser, winner)


def _pass_title_on(connection: sa.Connection, table: sa.Table, loser: int, winner: int) -> None:
    given = sa.select(table.c.given_title).where(table.c.id == loser).scalar_subquery()
    nameless = sa.and_(table.c.id == winner, table.c.given_title.is_(None))
    connection.execute(sa.update(table).where(nameless).values(given_title=given))


def redirects(connection: sa.Connection, story_ids: Iterable[int]) -> dict[int, int]:
    """Story id -> the story that it is now, for those that were merged away."""
    found: dict[int, int] = {}
    for batch in chunks(sorted(set(story_ids)), 500):
        query = sa.select(t.story.c.id, t.story.c.merged_into)
        rows = connection.execute(query.where(t.story.c.id.in_(batch), t.story.c.merged_into.is_not(None)))
        found |= {loser: winner for loser, winner in rows}
    return found


def members(connection: sa.Connection) -> Iterator[MemberRow]:
    """Everything the grouping needs to rebuild its memory, in order of sequence number."""
    rows = connection.execute(
        sa.select(
            t.story_article.c.article_id,
            t.story_article.c.story_id,
            t.story.c.storyline_id,
            t.story_article.c.features,
            t.revision.c.published,
            t.revision.c.precision,
            t.revision.c.language,
            t.revision.c.publisher,
            t.revision.c.signature,
            t.revision.c.seq,
        )
        .select_from(
            t.story_article.join(t.article, t.article.c.id == t.story_article.c.article_id)
            .join(t.revision, t.revision.c.id == t.article.c.revision_id)
            .join(t.story, t.story.c.id == t.story_article.c.story_id)
        )
        .order_by(t.revision.c.seq)
    )
    topics: dict[int, list[str]] = {}
    c = t.article_topic.c
    for article_id, topic in connection.execute(sa.select(c.article_id, c.topic).order_by(c.score.desc(), c.topic)):
        topics.setdefault(article_id, []).append(topic)
    for row in rows.mappings():
        yield {**row, "topics": topics.get(row["article_id"], [])}


def last_seq(connection: sa.Connection, story_id: int) -> int:
    """The highest number among the story's articles."""
    query = (
        sa.select(sa.func.max(t.revision.c.seq))
        .join(t.article, t.article.c.revision_id == t.revision.c.id)
        .join(t.story_article, t.story_article.c.article_id == t.article.c.id)
        .where(t.story_article.c.story_id == story_id)
    )
    return connection.execute(query).scalar() or 0


def _live() -> sa.ColumnElement[bool]:
    """Neither merged into another story, nor without an article."""
    return sa.and_(t.story.c.merged_into.is_(None), t.story.c.removed_at.is_(None))


def changed_since(connection: sa.Connection, sequence: int) -> list[int]:
    """Live stories that got an article revision with a later number."""
    query = sa.select(t.story.c.id).where(t.story.c.last_seq > sequence, _live())
    return list(connection.execute(query.order_by(t.story.c.id)).scalars())


def article_ids(connection: sa.Connection, story_id: int) -> list[int]:
    query = sa.select(t.story_article.c.article_id).where(t.story_article.c.story_id == story_id)
    return list(connection.execute(query.order_by(t.story_article.c.article_id)).scalars())


def load(connection: sa.Connection, story_ids: Iterable[int]) -> dict[int, Story]:
    found: dict[int, Story] = {}
    for batch in chunks(sorted(set(story_ids)), 500):
        query = sa.select(t.story).where(t.story.c.id.in_(batch), t.story.c.removed_at.is_(None))
        rows = connection.execute(query).mappings().all()
        held = _articles(connection, batch)
        found |= {r["id"]: _story(r, held.get(r["id"], ())) for r in rows}
    return found


def of_storylines(connection: sa.Connection, storyline_ids: Iterable[int]) -> dict[int, Story]:
    """Every live story of the given storylines."""
    found: dict[int, Story] = {}
    for batch in chunks(sorted(set(storyline_ids)), 500):
        query = sa.select(t.story.c.id).where(t.story.c.storyline_id.in_(batch), _live())
        found |= load(connection, connection.execute(query).scalars().all())
    return found


def get(connection: sa.Connection, story_id: int) -> Story | None:
    """Follows the redirect of a merged story."""
    story_id = redirects(connection, [story_id]).get(story_id, story_id)
    return load(connection, [story_id]).get(story_id)


def listing(
    connection: sa.Connection, *, storyline: int | None = None, topic: str = "", limit: int | None = None
) -> list[Story]:
    query = sa.select(t.story.c.id).where(_live()).order_by(t.story.c.last.desc(), t.story.c.id)
    if storyline is not None:
        query = query.where(t.story.c.storyline_id == storyline)
    if topic:
        held = sa.select(t.story_article.c.story_id).join(
            t.article_topic, t.article_topic.c.article_id == t.story_article.c.article_id
        )
        query = query.where(t.story.c.id.in_(held.where(t.article_topic.c.topic == topic)))
    ids = connection.execute(query.limit(limit)).scalars().all()
    loaded = load(connection, ids)
    return [loaded[i] for i in ids]


def storyline(connection: sa.Connection, storyline_id: int) -> int | None:
    """The storyline that this one is now: itself, or what it was merged into. None without a story in it."""
    query = sa.select(sa.func.coalesce(t.storyline.c.merged_into, t.storyline.c.id))
    now = connection.execute(query.where(t.storyline.c.id == storyline_id)).scalar()
    held = sa.select(t.story.c.id).where(t.story.c.storyline_id == now, _live()).limit(1)
    return None if now is None or connection.execute(held).first() is None else int(now)


def storyline_titles(connection: sa.Connection, storyline_ids: Iterable[int]) -> dict[int, str]:
    """The titles that the operator gave; a storyline without one is called by its newest story."""
    found: dict[int, str] = {}
    for batch in chunks(sorted(set(storyline_ids)), 500):
        query = sa.select(t.storyline.c.id, t.storyline.c.given_title)
        rows = connection.execute(query.where(t.storyline.c.id.in_(batch), t.storyline.c.given_title.is_not(None)))
        found |= {i: title for i, title in rows}
    return found


def storyline_ids(connection: sa.Connection, *, limit: int | None = None) -> list[int]:
    """Storylines that hold a story, the one with the newest story first."""
    query = (
        sa.select(t.story.c.storyline_id)
        .where(_live())
        .group_by(t.story.c.storyline_id)
        .order_by(sa.func.max(t.story.c.last).desc(), t.story.c.storyline_id)
    )
    return list(connection.execute(query.limit(limit)).scalars())


def article_keys(connection: sa.Connection, ids: Iterable[int]) -> dict[int, str]:
    """Article id -> its key, the earliest article first."""
    query = sa.select(t.article.c.id, t.article.c.key, t.revision.c.published).join(
        t.revision, t.revision.c.id == t.article.c.revision_id
    )
    found: list[Any] = []
    for batch in chunks(sorted(set(ids)), 500):
        found += connection.execute(query.where(t.article.c.id.in_(batch)))
    return {row.id: row.key for row in sorted(found, key=lambda row: (row.published, row.id))}


def why(connection: sa.Connection, story_id: int) -> dict[int, str]:
    """Article id -> why it was placed in this story."""
    query = sa.select(t.story_article.c.article_id, t.story_article.c.why)
    return {i: text for i, text in connection.execute(query.where(t.story_article.c.story_id == story_id))}


def topics_of(connection: sa.Connection, article_id: int) -> list[tuple[str, float, str]]:
    """The topics of an article, heaviest first: (topic, score, reason) each."""
    c = t.article_topic.c
    query = sa.select(c.topic, c.score, c.reason).where(c.article_id == article_id)
    return [(row.topic, row.score, row.reason) for row in connection.execute(query.order_by(c.score.desc(), c.topic))]


def _articles(connection: sa.Connection, story_ids: Sequence[int]) -> dict[int, tuple[int, ...]]:
    query = sa.select(t.story_article.c.story_id, t.story_article.c.article_id)
    held: dict[int, list[int]] = {}
    for story_id, article_id in connection.execute(
        query.where(t.story_article.c.story_id.in_(story_ids)).order_by(t.story_article.c.article_id)
    ):
        held.setdefault(story_id, []).append(article_id)
    return {k: tuple(v) for k, v in held.items()}


def _story(row: Any, articles: tuple[int, ...]) -> Story:
    return Story(
        id=row["id"],
        storyline=row["storyline_id"],
        title=row["given_title"] or row["title"],
        topics=tuple(row["topics"]),
        first=PartialDate(row["first"], Precision(row["first_precision"])),
        last=PartialDate(row["last"], Precision(row["last_precision"])),
        languages=tuple(row["languages"]),
        articles=articles,
        last_seq=row["last_seq"],
        given=row["given_title"] is not None,
    )
