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


def add(connection: sa.Connection, source_id: int, article: Article, now: datetime) -> int:
    """A new article with its first revision, not yet visible. Returns the article's id."""
    values = {
        "key": make_key(article.source, article),
        "source_id": source_id,
        "identity_hash": identity_hash(article.identity),
        "identity": article.identity,
        "external_id": article.external_id,
        "first_seen": now,
    }
    article_id = connection.execute(sa.insert(t.article).values(values)).inserted_primary_key
    assert article_id is not None
    _insert_revision(connection, article_id[0], article, 1, now)
    return int(article_id[0])


def revise(connection: sa.Connection, before: KnownArticle, article: Article, now: datetime) -> None:
    """One more revision, not yet visible; it keeps the first revision's date where that is earlier."""
    kept = replace(article, published=min(before.published, article.published, key=lambda d: d.start))
    _insert_revision(connection, before.id, kept, before.ordinal + 1, now)


def _insert_revision(connection: sa.Connection, article_id: int, article: Article, ordinal: int, now: datetime) -> None:
    values = {
        "article_id": article_id,
        "ordinal": ordinal,
        "standing": article.standing,
        "arrived_at": now,
        "title": article.title,
        "title_given": article.title_given,
        "language": article.language,
        "published": article.published.start,
        "precision": article.published.precision,
        "publisher": article.publisher,
        "url": article.url,
        "content_hash": article.content_hash,
        "signature": article.signature,
        "topic_hints": list(article.topic_hints),
    }
    made = connection.execute(sa.insert(t.revision).values(values)).inserted_primary_key
    assert made is not None
    connection.execute(
        sa.insert(t.revision_body).values(
            revision_id=made[0],
            paragraphs=list(article.paragraphs),
            cut=[[c.reason, c.text] for c in article.cut],
        )
    )
