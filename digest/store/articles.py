"""Articles and their revisions: row <-> noun, and the queries about them."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import replace
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.article import Article, Cut, Standing
from digest.model.dates import PartialDate, Precision
from digest.store import tables as t
from digest.store.chunks import chunks

#: Not for the grouping.
_SILENT = (Standing.QUARANTINED, Standing.REMOVED)

_HEAD = (
    t.article.c.id,
    t.article.c.key,
    t.article.c.identity,
    t.article.c.external_id,
    t.article.c.first_seen,
    t.source.c.name.label("source"),
    t.revision.c.id.label("revision"),
    t.revision.c.seq,
    t.revision.c.ordinal,
    t.revision.c.standing,
    t.revision.c.title,
    t.revision.c.title_given,
    t.revision.c.language,
    t.revision.c.published,
    t.revision.c.precision,
    t.revision.c.publisher,
    t.revision.c.url,
    t.revision.c.content_hash,
    t.revision.c.signature,
    t.revision.c.topic_hints,
    t.revision.c.cleaned,
    t.revision.c.image_url,
    t.revision.c.image_alt,
)


def pending(connection: sa.Connection, limit: int, without: Collection[int] = ()) -> list[tuple[int, Article]]:
    """Revisions that wait for the grouping writer, cleaned, in order of arrival: (revision id, article).

    `without`: articles that are left out. So is an article one of whose revisions has yet to be cleaned: an earlier
    one must not be numbered after a later one.
    """
    query = _select(t.revision.c.article_id == t.article.c.id)
    dirty = sa.select(t.revision.c.article_id).where(uncleaned()).scalar_subquery()
    query = query.where(t.article.c.id.not_in(dirty))
    query = query.where(t.revision.c.seq.is_(None), t.revision.c.standing.not_in(_SILENT))
    if without:
        query = query.where(t.article.c.id.not_in(sorted(without)))
    rows = connection.execute(query.order_by(t.revision.c.id).limit(limit))
    return [(row["revision"], _article(row)) for row in rows.mappings()]


def uncleaned() -> sa.ColumnElement[bool]:
    """That a revision has yet to be cleaned."""
    return sa.not_(t.revision.c.cleaned)


def sources_to_clean(connection: sa.Connection) -> list[tuple[int, str]]:
    """Those that have articles to be cleaned, and their names."""
    mine = sa.select(t.article.c.source_id).join(t.revision, t.revision.c.article_id == t.article.c.id)
    query = sa.select(t.source.c.id, t.source.c.name).where(t.source.c.id.in_(mine.where(uncleaned())))
    return [(number, name) for number, name in connection.execute(query.order_by(t.source.c.id))]


def count_to_clean(connection: sa.Connection) -> int:
    return connection.execute(sa.select(sa.func.count(t.revision.c.id)).where(uncleaned())).scalar_one()


def to_clean(connection: sa.Connection, source_id: int, limit: int, without: Collection[int] = ()) -> list[Article]:
    """A source's articles that have yet to be cleaned, in order of arrival; `without`: those that are left out."""
    query = _select(t.revision.c.article_id == t.article.c.id)
    query = query.where(t.article.c.source_id == source_id, uncleaned())
    if without:
        query = query.where(t.article.c.id.not_in(sorted(without)))
    rows = connection.execute(query.order_by(t.revision.c.id).limit(limit))
    return [_article(row) for row in rows.mappings()]


def still_to_clean(connection: sa.Connection, found: Sequence[Article]) -> list[Article]:
    """Those of these that are as they were: cleaned by nobody else meanwhile, nor written anew, nor removed."""
    c = t.revision.c
    query = sa.select(c.article_id, c.ordinal, c.content_hash).where(uncleaned())
    there: set[tuple[int, int, str]] = set()
    for batch in chunks(sorted({article.id for article in found}), 500):
        rows = connection.execute(query.where(c.article_id.in_(batch)))
        there.update((article, ordinal, said) for article, ordinal, said in rows)
    return [article for article in found if (article.id, article.ordinal, article.content_hash) in there]


def titles(connection: sa.Connection, article_ids: Iterable[int]) -> dict[int, str]:
    """Titles of the newest visible revisions."""
    query = sa.select(t.article.c.id, t.revision.c.title).join(t.revision, t.revision.c.id == t.article.c.revision_id)
    found: dict[int, str] = {}
    for batch in chunks(sorted(set(article_ids)), 500):
        found |= {i: title for i, title in connection.execute(query.where(t.article.c.id.in_(batch)))}
    return found


def count_pending(connection: sa.Connection) -> int:
    query = sa.select(sa.func.count(t.revision.c.id)).where(
        t.revision.c.seq.is_(None), t.revision.c.standing.not_in(_SILENT)
    )
    return connection.execute(query).scalar_one()


def make_visible(connection: sa.Connection, revision_id: int, article_id: int, seq: int, now: datetime) -> None:
    connection.execute(sa.update(t.revision).where(t.revision.c.id == revision_id).values(seq=seq, numbered_at=now))
    connection.execute(sa.update(t.article).where(t.article.c.id == article_id).values(revision_id=revision_id))


def release(connection: sa.Connection, source_id: int) -> int:
    """Let a source's quarantined revisions go on as news. Returns how many.

    Only the newest of each article: an older one, numbered now, would stand in the newer one's place.
    """
    held = sa.select(t.revision.c.id).join(t.article, t.article.c.id == t.revision.c.article_id)
    held = held.where(t.article.c.source_id == source_id, t.revision.c.standing == Standing.QUARANTINED, newest())
    done = connection.execute(sa.update(t.revision).where(t.revision.c.id.in_(held)).values(standing=Standing.NEWS))
    return done.rowcount


def visible(
    connection: sa.Connection, article_ids: Iterable[int], cutoff: int, *, bodies: bool = True
) -> dict[int, Article]:
    """Articles as they stood at a cutoff: the newest revision with a number up to it."""
    found: dict[int, Article] = {}
    at_cutoff = (
        sa.select(sa.func.max(t.revision.c.seq))
        .where(t.revision.c.article_id == t.article.c.id, t.revision.c.seq <= cutoff)
        .correlate(t.article)
        .scalar_subquery()
    )
    for batch in chunks(sorted(set(article_ids)), 500):
        query = _select(t.revision.c.seq == at_cutoff, bodies=bodies).where(t.article.c.id.in_(batch))
        for row in connection.execute(query).mappings():
            found[row["id"]] = _article(row)
    return _with_topics(connection, found)


def revisions(connection: sa.Connection, article_ids: Iterable[int], cutoff: int) -> dict[int, list[Article]]:
    """Every revision with a number up to a cutoff, the newest last."""
    found: dict[int, list[Article]] = {}
    for batch in chunks(sorted(set(article_ids)), 500):
        query = _select(t.revision.c.seq <= cutoff).where(t.article.c.id.in_(batch)).order_by(t.revision.c.seq)
        for row in connection.execute(query).mappings():
            found.setdefault(row["id"], []).append(_article(row))
    newest = _with_topics(connection, {i: known[-1] for i, known in found.items()})
    return {i: [*known[:-1], newest[i]] for i, known in found.items()}


def fresh(connection: sa.Connection, spans: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Article id -> its highest number among the news revisions that lie in the given spans."""
    found: dict[int, int] = {}
    for lo, hi in spans:
        rows = connection.execute(
            sa.select(t.revision.c.article_id, sa.func.max(t.revision.c.seq))
            .where(t.revision.c.seq >= lo, t.revision.c.seq < hi, t.revision.c.standing == Standing.NEWS)
            .group_by(t.revision.c.article_id)
        )
        for article_id, seq in rows:
            found[article_id] = max(seq, found.get(article_id, 0))
    return found


def find(connection: sa.Connection, name: str) -> Article | None:
    """By our key, or by the id given at ingest where only one article has it."""
    rows = list(
        connection.execute(
            _select(newest()).where(sa.or_(t.article.c.key == name, t.article.c.external_id == name)).limit(2)
        ).mappings()
    )
    exact = [r for r in rows if r["key"] == name] or (rows if len(rows) == 1 else [])
    if not exact:
        return None
    return next(iter(_with_topics(connection, {exact[0]["id"]: _article(exact[0])}).values()))


def listing(
    connection: sa.Connection,
    *,
    source: str = "",
    language: str = "",
    story: int | None = None,
    standing: str = "",
    limit: int | None = None,
) -> list[Article]:
    """Newest revision of each article, newest date first, without those that were removed."""
    query = _select(newest(), bodies=False).order_by(t.revision.c.published.desc(), t.article.c.id)
    query = query.where(t.revision.c.standing != Standing.REMOVED)
    if source:
        query = query.where(t.source.c.name == source)
    if language:
        query = query.where(t.revision.c.language == language)
    if story is not None:
        query = query.where(t.story_article.c.story_id == story)
    if standing:
        query = query.where(t.revision.c.standing == standing)
    rows = connection.execute(query.limit(limit)).mappings()
    return list(_with_topics(connection, {r["id"]: _article(r) for r in rows}).values())


def with_text(connection: sa.Connection, article_ids: Iterable[int]) -> dict[int, Article]:
    """The newest revision of each, grouped or not, with its text."""
    found: dict[int, Article] = {}
    for batch in chunks(sorted(set(article_ids)), 500):
        for row in connection.execute(_select(newest()).where(t.article.c.id.in_(batch))).mappings():
            found[row["id"]] = _article(row)
    return _with_topics(connection, found)


def counts(connection: sa.Connection) -> dict[str, int]:
    """By source name."""
    query = (
        sa.select(t.source.c.name, sa.func.count(t.article.c.id))
        .join(t.article, t.article.c.source_id == t.source.c.id)
        .where(t.article.c.id.not_in(sa.select(t.removal.c.article_id)))
        .group_by(t.source.c.name)
    )
    return {name: number for name, number in connection.execute(query)}


def held_counts(connection: sa.Connection) -> dict[str, int]:
    """Articles that wait in quarantine, by source name."""
    query = (
        sa.select(t.source.c.name, sa.func.count(t.revision.c.id))
        .join(t.article, t.article.c.source_id == t.source.c.id)
        .join(t.revision, t.revision.c.article_id == t.article.c.id)
        .where(t.revision.c.standing == Standing.QUARANTINED, newest())
        .group_by(t.source.c.name)
    )
    return {name: number for name, number in connection.execute(query)}


def held_since(connection: sa.Connection, mark: int) -> tuple[dict[str, int], int]:
    """Articles that came into quarantine after a mark and wait there, by source name; and the mark for next time."""
    r = t.revision.c
    query = (
        sa.select(t.source.c.name, sa.func.count(r.id), sa.func.max(r.id))
        .join(t.article, t.article.c.source_id == t.source.c.id)
        .join(t.revision, r.article_id == t.article.c.id)
        .where(r.standing == Standing.QUARANTINED, r.id > mark, newest())
        .group_by(t.source.c.name)
    )
    rows = connection.execute(query).all()
    return {row[0]: row[1] for row in rows}, max((row[2] for row in rows), default=mark)


def newest() -> sa.ColumnElement[bool]:
    """That a revision is its article's last one."""
    last = (
        sa.select(sa.func.max(t.revision.c.ordinal))
        .where(t.revision.c.article_id == t.article.c.id)
        .correlate(t.article)
        .scalar_subquery()
    )
    return t.revision.c.ordinal == last


def _select(which: sa.ColumnElement[bool], *, bodies: bool = True) -> sa.Select[Any]:
    columns = [*_HEAD, t.story_article.c.story_id, t.story.c.storyline_id]
    joined = (
        t.article.join(t.source, t.source.c.id == t.article.c.source_id)
        .join(t.revision, sa.and_(t.revision.c.article_id == t.article.c.id, which))
        .outerjoin(t.story_article, t.story_article.c.article_id == t.article.c.id)
        .outerjoin(t.story, t.story.c.id == t.story_article.c.story_id)
    )
    if bodies:
        joined = joined.join(t.revision_body, t.revision_body.c.revision_id == t.revision.c.id)
        columns += [t.revision_body.c.paragraphs, t.revision_body.c.cut]
    return sa.select(*columns).select_from(joined)


def _with_topics(connection: sa.Connection, found: dict[int, Article]) -> dict[int, Article]:
    topics: dict[int, list[str]] = {}
    for batch in chunks(list(found), 500):
        rows = connection.execute(
            sa.select(t.article_topic.c.article_id, t.article_topic.c.topic)
            .where(t.article_topic.c.article_id.in_(batch))
            .order_by(t.article_topic.c.article_id, t.article_topic.c.score.desc(), t.article_topic.c.topic)
        )
        for article_id, topic in rows:
            topics.setdefault(article_id, []).append(topic)
    return {i: replace(a, topics=tuple(topics.get(i, ()))) for i, a in found.items()}


def date(row: Any) -> PartialDate:
    return PartialDate(row["published"], Precision(row["precision"]))


def _article(row: Any) -> Article:
    return Article(
        source=row["source"],
        title=row["title"],
        title_given=row["title_given"],
        paragraphs=tuple(row.get("paragraphs", ())),
        language=row["language"],
        published=date(row),
        publisher=row["publisher"],
        url=row["url"],
        content_hash=row["content_hash"],
        signature=row["signature"],
        identity=row["identity"],
        external_id=row["external_id"],
        topic_hints=tuple(row["topic_hints"]),
        cut=tuple(Cut(reason, text) for reason, text in row.get("cut", ())),
        key=row["key"],
        id=row["id"],
        seq=row["seq"] or 0,
        ordinal=row["ordinal"],
        standing=Standing(row["standing"]),
        cleaned=row["cleaned"],
        image_url=row["image_url"],
        image_alt=row["image_alt"],
        first_seen=row["first_seen"],
        story=row["story_id"],
        storyline=row["storyline_id"],
    )
