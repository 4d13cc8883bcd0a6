"""What arrives: what the store knows of it already, and its revisions as they are written down."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.article import Article, Standing
from digest.model.dates import PartialDate
from digest.store import tables as t
from digest.store.articles import date, newest
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What the store knows under an identity or content hash: enough to decide what is new."""

    id: int
    key: str
    content_hash: str  # of the newest revision, visible or not
    published: PartialDate  # of the first revision: an update keeps it
    ordinal: int
    standing: Standing
    earlier: frozenset[str] = frozenset()  # content hashes of all its revisions


def identity_hash(identity: str) -> int:
    """64 bits, signed: what BIGINT holds. Looked up by the thousand, so no long text is compared."""
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "big", signed=True)


def make_key(source: str, article: Article) -> str:
    """Our own name for an article: stable when the same thing is ingested into another database."""
    told = f"{source}\n{article.identity or article.content_hash}".encode()
    return "a" + base64.b32encode(hashlib.blake2b(told, digest_size=8).digest()).decode().rstrip("=").lower()


def known(
    connection: sa.Connection, source_id: int, articles: Sequence[Article]
) -> tuple[dict[str, KnownArticle], set[str]]:
    """By identity: the articles of this source that are known; and which content hashes it has."""
    by_identity: dict[str, KnownArticle] = {}
    hashes: set[str] = set()
    query = (
        sa.select(t.article.c.id, t.article.c.key, t.article.c.identity, t.revision)
        .join(t.revision, sa.and_(t.revision.c.article_id == t.article.c.id, newest()))
        .where(t.article.c.source_id == source_id)
    )
    for batch in chunks([a.identity for a in articles if a.identity], 500):
        wanted = {identity_hash(i): i for i in batch}
        for row in connection.execute(query.where(t.article.c.identity_hash.in_(wanted))).mappings():
            if row["identity"] == wanted.get(identity_hash(row["identity"])):
                by_identity[row["identity"]] = _known(row)
    by_identity = _with_earlier(connection, by_identity)
    for batch in chunks([a.content_hash for a in articles], 500):
        found = connection.execute(
            sa.select(t.revision.c.content_hash)
            .join(t.article, t.article.c.id == t.revision.c.article_id)
            .where(t.article.c.source_id == source_id, t.revision.c.content_hash.in_(batch))
        )
        hashes.update(found.scalars())
    return by_identity, hashes


def elsewhere(connection: sa.Connection, source_id: int, articles: Sequence[Article]) -> Counter[str]:
    """How many of these texts other sources have, by the name of the one that had it first."""
    first: dict[str, str] = {}
    query = (
        sa.select(t.revision.c.content_hash, t.source.c.name)
        .join(t.article, t.article.c.id == t.revision.c.article_id)
        .join(t.source, t.source.c.id == t.article.c.source_id)
        .where(t.article.c.source_id != source_id)
        .order_by(t.article.c.id)
    )
    for batch in chunks([a.content_hash for a in articles], 500):
        for content, name in connection.execute(query.where(t.revision.c.content_hash.in_(batch))):
            first.setdefault(content, name)
    return Counter(first.values())


def _known(row: Any) -> KnownArticle:
    standing = Standing(row["standing"])
    return KnownArticle(row["id"], row["key"], row["content_hash"], date(row), row["ordinal"], standing)


def _with_earlier(connection: sa.Connection, found: dict[str, KnownArticle]) -> dict[str, KnownArticle]:
    earlier: dict[int, set[str]] = {}
    c = t.revision.c
    for batch in chunks([k.id for k in found.values() if k.ordinal > 1], 500):
        for article_id, content in connection.execute(
            sa.select(c.article_id, c.content_hash).where(c.article_id.in_(batch))
        ):
            earlier.setdefault(article_id, set()).add(content)
    return {i: replace(k, earlier=frozenset(earlier.get(k.id, ()))) for i, k in found.items()}


def write(
    connection: sa.Connection, source_id: int, arrived: Sequence[tuple[KnownArticle | None, Article]], now: datetime
) -> list[int]:
    """One revision of each article, not yet visible, of those known the next one. Returns the articles' ids.

    A later revision keeps the first one's date where that is earlier.
    """
    new = [article for known, article in arrived if known is None]
    rows = [_article(source_id, article, now) for article in new]
    made = iter(_inserted(connection, t.article, rows))
    ids = [next(made) if known is None else known.id for known, _ in arrived]
    revisions = [
        _revision(article_id, known, article, now) for article_id, (known, article) in zip(ids, arrived, strict=True)
    ]
    bodies = [
        {
            "revision_id": revision_id,
            "paragraphs": list(article.paragraphs),
            "cut": [[c.reason, c.text] for c in article.cut],
        }
        for revision_id, (_, article) in zip(_inserted(connection, t.revision, revisions), arrived, strict=True)
    ]
    if bodies:
        connection.execute(sa.insert(t.revision_body), bodies)
    return ids


def _inserted(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> list[int]:
    """The ids of new rows, in their order."""
    if not rows:
        return []
    insert = sa.insert(table).returning(table.c.id, sort_by_parameter_order=True)
    return list(connection.execute(insert, rows).scalars())


def _article(source_id: int, article: Article, now: datetime) -> dict[str, Any]:
    return {
        "key": make_key(article.source, article),
        "source_id": source_id,
        "identity_hash": identity_hash(article.identity),
        "identity": article.identity,
        "external_id": article.external_id,
        "first_seen": now,
    }


def restate(connection: sa.Connection, article_id: int, content_hash: str) -> None:
    """The newest revision is known by another hash: its source says the same in other words."""
    mine = sa.select(t.revision.c.id).join(t.article, t.article.c.id == t.revision.c.article_id)
    mine = mine.where(t.article.c.id == article_id, newest())
    connection.execute(sa.update(t.revision).where(t.revision.c.id.in_(mine)).values(content_hash=content_hash))


def _revision(article_id: int, known: KnownArticle | None, article: Article, now: datetime) -> dict[str, Any]:
    dates = [article.published] if known is None else [known.published, article.published]
    published = min(dates, key=lambda d: d.start)
    return {
        "article_id": article_id,
        "ordinal": 1 if known is None else known.ordinal + 1,
        "standing": article.standing,
        "arrived_at": now,
        "title": article.title,
        "title_given": article.title_given,
        "language": article.language,
        "published": published.start,
        "precision": published.precision,
        "publisher": article.publisher,
        "url": article.url,
        "content_hash": article.content_hash,
        "signature": article.signature,
        "topic_hints": list(article.topic_hints),
    }
