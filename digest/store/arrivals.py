"""What arrives: what the store knows of it already, and its revisions as they are written down."""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.article import Article, Standing
from digest.model.dates import PartialDate
from digest.store import bulk
from digest.store import tables as t
from digest.store.articles import date, newest
from digest.store.chunks import chunks


@dataclass(frozen=True, slots=True)
class KnownArticle:
    """What the store knows of an article: enough to decide what is new. Of its newest revision, visible or not."""

    id: int
    key: str
    identity: str
    title: str
    url: str | None
    signature: bytes  # of the text as it came
    content_hash: str
    published: PartialDate  # of the first revision: an update keeps it
    ordinal: int
    standing: Standing
    revision: int  # its id
    earlier: frozenset[str] = frozenset()  # content hashes of all its revisions


def identity_hash(identity: str) -> int:
    """64 bits, signed: what BIGINT holds. Looked up by the thousand, so no long text is compared."""
    return int.from_bytes(hashlib.blake2b(identity.encode(), digest_size=8).digest(), "big", signed=True)


def make_key(source: str, article: Article) -> str:
    """Our own name for an article: stable when the same thing is ingested into another database."""
    told = f"{source}\n{article.identity or article.content_hash}".encode()
    return "a" + base64.b32encode(hashlib.blake2b(told, digest_size=8).digest()).decode().rstrip("=").lower()


def is_first(connection: sa.Connection, source_id: int) -> bool:
    """Whether the source has no article, not even one that was removed."""
    query = sa.select(t.article.c.id).where(t.article.c.source_id == source_id).limit(1)
    return connection.execute(query).first() is None


def known(
    connection: sa.Connection, source_id: int, articles: Sequence[Article]
) -> tuple[dict[str, KnownArticle], dict[str, list[KnownArticle]]]:
    """The articles of this source that are known: by identity, and by the content hash of any of their revisions."""
    by_identity: dict[str, KnownArticle] = {}
    query = _known_of(source_id)
    for batch in chunks([a.identity for a in articles if a.identity], 500):
        wanted = {identity_hash(i): i for i in batch}
        for row in connection.execute(query.where(t.article.c.identity_hash.in_(wanted))).mappings():
            if row["identity"] == wanted.get(identity_hash(row["identity"])):
                by_identity[row["identity"]] = _known(row)
    by_identity = _with_earlier(connection, by_identity)
    said = t.revision.alias()
    query = query.join(said, said.c.article_id == t.article.c.id).add_columns(said.c.content_hash.label("said"))
    by_words: dict[str, list[KnownArticle]] = {}
    for batch in chunks([a.content_hash for a in articles], 500):
        for row in connection.execute(query.where(said.c.content_hash.in_(batch)).order_by(t.article.c.id)).mappings():
            by_words.setdefault(row["said"], []).append(_known(row))
    return by_identity, by_words


def recent(connection: sa.Connection, source_id: int, most: int) -> list[KnownArticle]:
    """The articles that came last from this source, the newest first."""
    mine = sa.select(t.article.c.id).where(t.article.c.source_id == source_id)
    last = mine.order_by(t.article.c.id.desc()).limit(most).scalar_subquery()
    query = _known_of(source_id).where(t.article.c.id.in_(last)).order_by(t.article.c.id.desc())
    return [_known(row) for row in connection.execute(query).mappings()]


def _known_of(source_id: int) -> sa.Select[Any]:
    return (
        sa.select(t.article.c.id, t.article.c.key, t.article.c.identity, t.revision.c.id.label("revision"), t.revision)
        .join(t.revision, sa.and_(t.revision.c.article_id == t.article.c.id, newest()))
        .where(t.article.c.source_id == source_id)
    )


def elsewhere(connection: sa.Connection, source_id: int, articles: Sequence[Article]) -> Counter[str]:
    """How many of these texts other sources have, by the name of the one that had it first."""
    first: dict[str, str] = {}
    query = (
        sa.select(t.revision.c.content_hash, t.source.c.name)
        .join(t.article, t.article.c.id == t.revision.c.article_id)
        .join(t.source, t.source.c.id == t.article.c.source_id)
        .where(t.article.c.source_id != source_id, t.revision.c.standing != Standing.REMOVED)
        .order_by(t.article.c.id)
    )
    for batch in chunks([a.content_hash for a in articles], 500):
        for content, name in connection.execute(query.where(t.revision.c.content_hash.in_(batch))):
            first.setdefault(content, name)
    return Counter(first.values())


def _known(row: Any) -> KnownArticle:
    return KnownArticle(
        id=row["id"],
        key=row["key"],
        identity=row["identity"],
        title=row["title"],
        url=row["url"],
        signature=row["signature_as_it_came"] or row["signature"],
        content_hash=row["content_hash"],
        published=date(row),
        ordinal=row["ordinal"],
        standing=Standing(row["standing"]),
        revision=row["revision"],
    )


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
    connection: sa.Connection,
    source_id: int,
    arrived: Sequence[tuple[KnownArticle | None, Article]],
    now: datetime,
    *,
    came: Sequence[bytes],
    first: bool = False,
) -> list[int]:
    """One revision of each article, not yet visible, of those known the next one. Returns the articles' ids.
    `came`: signatures as they came, of those that were cleaned since. `first`: the source has none yet.

    A later revision keeps the first one's date where that is earlier. One that is held back takes the place of one
    that was: nobody has seen it, and a text that changes at each fetch must not pile up.
    """
    new = [article for known, article in arrived if known is None]
    made = iter(_inserted(connection, t.article, _articles(connection, source_id, new, now, first=first)))
    ids = [next(made) if known is None else known.id for known, _ in arrived]
    rows = [
        _revision(i, known, article, before, now)
        for i, (known, article), before in zip(ids, arrived, came, strict=True)
    ]
    again = [known.revision if known and _replaces(known, article) else None for known, article in arrived]
    written = iter(_inserted(connection, t.revision, [row for row, old in zip(rows, again, strict=True) if not old]))
    _overwrite(connection, [row | {"_id": old} for row, old in zip(rows, again, strict=True) if old])
    bodies = [_body(old or next(written), article) for old, (_, article) in zip(again, arrived, strict=True)]
    bulk.insert(connection, t.revision_body, bodies)
    return ids


def _replaces(known: KnownArticle, article: Article) -> bool:
    return known.standing is article.standing is Standing.QUARANTINED


def _overwrite(connection: sa.Connection, rows: Sequence[dict[str, Any]]) -> None:
    """Revisions, by `_id`; their bodies are to be written anew."""
    if not rows:
        return
    kept = {"_id", "article_id", "ordinal"}
    values: dict[str, Any] = {name: sa.bindparam(name) for name in rows[0] if name not in kept}
    update = sa.update(t.revision).where(t.revision.c.id == sa.bindparam("_id")).values(values)
    connection.execute(update, [{name: row[name] for name in (*values, "_id")} for row in rows])
    gone = sa.delete(t.revision_body).where(t.revision_body.c.revision_id == sa.bindparam("_id"))
    connection.execute(gone, [{"_id": row["_id"]} for row in rows])


def _body(revision_id: int, article: Article) -> dict[str, Any]:
    cut = [[c.reason, c.text] for c in article.cut]
    return {"revision_id": revision_id, "paragraphs": list(article.paragraphs), "cut": cut}


def _inserted(connection: sa.Connection, table: sa.Table, rows: Sequence[dict[str, Any]]) -> Sequence[int]:
    """The ids of new rows, in their order."""
    if not rows:
        return []
    ids = bulk.ids(connection, table, len(rows))
    bulk.insert(connection, table, [row | {"id": number} for row, number in zip(rows, ids, strict=True)])
    return ids


def _articles(
    connection: sa.Connection, source_id: int, articles: Sequence[Article], now: datetime, *, first: bool
) -> list[dict[str, Any]]:
    """Rows of new articles. Where an id is used a second time, the key that it makes is taken."""
    keys = [make_key(article.source, article) for article in articles]
    taken: set[str] = set()
    for batch in chunks([] if first else keys, 500):
        taken.update(connection.execute(sa.select(t.article.c.key).where(t.article.c.key.in_(batch))).scalars())
    again = f"{now.isoformat()}\n"
    return [
        {
            "key": make_key(again + article.source, article) if key in taken else key,
            "source_id": source_id,
            "identity_hash": identity_hash(article.identity),
            "identity": article.identity,
            "external_id": article.external_id,
            "first_seen": now,
        }
        for key, article in zip(keys, articles, strict=True)
    ]


def rename(connection: sa.Connection, identities: Mapping[int, tuple[str, str | None]]) -> None:
    """Articles that go by another identity and external id from now on, by id; by none, where it is empty."""
    if not identities:
        return
    c = t.article.c
    update = sa.update(t.article).where(c.id == sa.bindparam("_id"))
    update = update.values(identity=sa.bindparam("_identity"), identity_hash=sa.bindparam("_hash"))
    update = update.values(external_id=sa.bindparam("_external"))
    rows = [
        {"_id": i, "_identity": name, "_hash": identity_hash(name), "_external": external}
        for i, (name, external) in identities.items()
    ]
    connection.execute(update, rows)


def restate(connection: sa.Connection, hashes: Mapping[int, str]) -> None:
    """Revisions that are known by another hash, by id: their source says the same in other words."""
    if not hashes:
        return
    update = sa.update(t.revision).where(t.revision.c.id == sa.bindparam("_id"))
    update = update.values(content_hash=sa.bindparam("_hash"))
    connection.execute(update, [{"_id": revision, "_hash": said} for revision, said in hashes.items()])


def _revision(
    article_id: int, known: KnownArticle | None, article: Article, came: bytes, now: datetime
) -> dict[str, Any]:
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
        "signature_as_it_came": came if came and came != article.signature else None,
        "cleaned": article.cleaned,
        "topic_hints": list(article.topic_hints),
        "image_url": article.image_url,
        "image_alt": article.image_alt,
    }
