"""Articles that were taken down: their text goes, what they were known by stays, so that they do not come in again."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.article import Standing
from digest.model.dates import PartialDate
from digest.model.signature import near_duplicate
from digest.store import articles, images, search
from digest.store import tables as t
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class Removed:
    """What is left of an article, and why."""

    key: str
    external_id: str | None
    identity: str
    source: str
    publisher: str
    url: str | None
    language: str
    published: PartialDate
    first_seen: datetime
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Copy:
    """An article that stays, though its text is nearly that of one that goes."""

    key: str
    source: str
    publisher: str


@dataclass(frozen=True, slots=True)
class Gone:
    """By what a source's removed articles are known again: hashes of their texts; identity -> address and date."""

    hashes: frozenset[str]
    places: Mapping[str, tuple[str | None, PartialDate]]


def known(connection: sa.Connection, source_id: int) -> Gone:
    """Without those that were old: they are known by their identities and texts, as what is there is."""
    c = t.revision.c
    query = (
        sa.select(t.article.c.identity, c.content_hash, c.url, c.published, c.precision)
        .join(t.removal, t.removal.c.article_id == c.article_id)
        .join(t.article, t.article.c.id == t.removal.c.article_id)
        .where(t.article.c.source_id == source_id, sa.not_(t.removal.c.expired))
        .order_by(c.article_id, c.ordinal)
    )
    rows = connection.execute(query).mappings().all()
    places = {row["identity"]: (row["url"], articles.date(row)) for row in rows if row["identity"]}
    return Gone(frozenset(row["content_hash"] for row in rows), places)


def find(connection: sa.Connection, name: str) -> Removed | None:
    """As `articles.find`, among those that were removed."""
    named = sa.or_(t.article.c.key == name, t.article.c.external_id == name)
    found = [_removed(row) for row in connection.execute(_select().where(named).limit(2)).mappings()]
    exact = [one for one in found if one.key == name] or (found if len(found) == 1 else [])
    return exact[0] if exact else None


def listing(
    connection: sa.Connection, *, source: str = "", language: str = "", limit: int | None = None
) -> list[Removed]:
    """Those that were taken down, the last one first."""
    query = _select().where(sa.not_(t.removal.c.expired)).order_by(t.removal.c.at.desc(), t.article.c.id).limit(limit)
    if source:
        query = query.where(t.source.c.name == source)
    if language:
        query = query.where(t.revision.c.language == language)
    return [_removed(row) for row in connection.execute(query).mappings()]


def _select() -> sa.Select[Any]:
    return sa.select(t.article, t.source.c.name, t.revision, t.removal).select_from(
        t.removal.join(t.article, t.article.c.id == t.removal.c.article_id)
        .join(t.source, t.source.c.id == t.article.c.source_id)
        .join(t.revision, sa.and_(t.revision.c.article_id == t.article.c.id, articles.newest()))
    )


def _removed(row: Any) -> Removed:
    return Removed(
        key=row["key"],
        external_id=row["external_id"],
        identity=row["identity"],
        source=row["name"],
        publisher=row["publisher"],
        url=row["url"],
        language=row["language"],
        published=articles.date(row),
        first_seen=row["first_seen"],
        at=row["at"],
        reason=row["reason"],
    )


def copies(connection: sa.Connection, article_ids: Sequence[int]) -> list[Copy]:
    """Articles that print nearly the same text, in whatever source. Reads every signature."""
    gone = set(article_ids)
    mine = sa.select(t.revision.c.signature).where(t.revision.c.article_id.in_(sorted(gone)))
    wanted = [signature for signature in connection.execute(mine).scalars() if signature]
    newest = (
        sa.select(t.article.c.id, t.article.c.key, t.source.c.name, t.revision.c.publisher, t.revision.c.signature)
        .join(t.source, t.source.c.id == t.article.c.source_id)
        .join(t.revision, sa.and_(t.revision.c.article_id == t.article.c.id, articles.newest()))
        .order_by(t.article.c.id)
    )
    return [
        Copy(row.key, row.name, row.publisher)
        for row in connection.execute(newest)
        if row.id not in gone and any(near_duplicate(row.signature, signature) for signature in wanted)
    ]


def texts(connection: sa.Connection, article_ids: Sequence[int]) -> list[str]:
    """Titles, addresses and paragraphs of every revision: by these a mail that shows them is known."""
    found: list[str] = []
    query = sa.select(t.revision.c.title, t.revision.c.url, t.revision_body.c.paragraphs)
    query = query.join(t.revision_body, t.revision_body.c.revision_id == t.revision.c.id)
    for title, url, paragraphs in connection.execute(query.where(t.revision.c.article_id.in_(article_ids))):
        found += [title, url or "", *paragraphs]
    return [text for text in dict.fromkeys(found) if text]


def first_number(connection: sa.Connection, article_ids: Sequence[int]) -> int | None:
    """The lowest number that was given to one of them; no edition cut below it can show them."""
    mine = t.revision.c.article_id.in_(article_ids)
    return connection.execute(sa.select(sa.func.min(t.revision.c.seq)).where(mine)).scalar()


def erase(connection: sa.Connection, article_ids: Sequence[int], reason: str, now: datetime) -> None:
    """As `strip`, and what a language model made of them goes too."""
    strip(connection, article_ids, reason, now, expired=False)
    _forget_answers(connection, article_ids)


def strip(connection: sa.Connection, article_ids: Sequence[int], reason: str, now: datetime, *, expired: bool) -> None:
    """All that was made of their texts here goes with them."""
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("PRAGMA secure_delete = ON")  # what is freed in the file is overwritten
    search.forget(connection, article_ids)
    _forget_images(connection, article_ids)
    for batch in chunks(article_ids, 500):
        revisions = sa.select(t.revision.c.id).where(t.revision.c.article_id.in_(batch))
        for table in (t.revision_body, t.revision_vector):
            connection.execute(sa.delete(table).where(table.c.revision_id.in_(revisions)))
        blank = {"title": "", "title_given": False, "signature": b"", "topic_hints": [], "standing": Standing.REMOVED}
        blank |= {"signature_as_it_came": None, "cleaned": True, "image_url": None, "image_alt": ""}
        connection.execute(sa.update(t.revision).where(t.revision.c.article_id.in_(batch)).values(blank))
        for table in (t.story_article, t.article_topic):
            connection.execute(sa.delete(table).where(table.c.article_id.in_(batch)))
        gone = {"at": now, "reason": reason, "expired": expired}
        connection.execute(sa.insert(t.removal), [{"article_id": i, **gone} for i in batch])
    _leave_corrections(connection, set(article_ids))


def _forget_images(connection: sa.Connection, article_ids: Sequence[int]) -> None:
    c = t.revision.c
    for batch in chunks(article_ids, 500):
        urls = connection.execute(sa.select(c.image_url).where(c.article_id.in_(batch), c.image_url.is_not(None)))
        images.forget(connection, urls.scalars().all())


def _leave_corrections(connection: sa.Connection, article_ids: set[int]) -> None:
    """What the operator corrected holds for the other articles, and is undone without these."""
    a, c = t.correction_article.c, t.correction.c
    mine = a.article_id.in_(sorted(article_ids))
    numbers = sorted(connection.execute(sa.select(a.correction_id).distinct().where(mine)).scalars())
    for number, before in connection.execute(sa.select(c.id, c.before).where(c.id.in_(numbers))).all():
        rest = {k: [row for row in before[k] if row[0] not in article_ids] for k in ("articles", "why") if k in before}
        connection.execute(sa.update(t.correction).where(c.id == number).values(before={**before, **rest}))
    connection.execute(sa.delete(t.correction_article).where(mine))


def _forget_answers(connection: sa.Connection, article_ids: Sequence[int]) -> None:
    """Of a language model's answers nobody knows what they were made of: those since then may tell of these."""
    first = sa.select(sa.func.min(t.article.c.first_seen)).where(t.article.c.id.in_(article_ids)).scalar_subquery()
    connection.execute(sa.delete(t.model_answer).where(t.model_answer.c.at >= first))


def close_stories(connection: sa.Connection, story_ids: Iterable[int], now: datetime) -> None:
    """Stories without an article. Their rows stay, for what was mailed of them."""
    for batch in chunks(sorted(set(story_ids)), 500):
        here = sa.or_(t.story.c.id.in_(batch), t.story.c.merged_into.in_(batch))
        connection.execute(sa.update(t.story).where(here).values(title="", given_title=None, removed_at=now))


def forget_old_titles(connection: sa.Connection, story_ids: Iterable[int]) -> None:
    """Of what was merged into these stories: the titles may be those of articles that go, and nobody sees them."""
    for batch in chunks(sorted(set(story_ids)), 500):
        connection.execute(sa.update(t.story).where(t.story.c.merged_into.in_(batch)).values(title=""))
