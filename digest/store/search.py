"""The full-text index over the newest visible revision of each article: SQLite's FTS5.

The index holds no text of its own. It reads `article_text`, a view of what is stored, for the pieces around its hits
and when it forgets a row, so a row must be forgotten before its text changes, and added after. Explicit statements do
that for a batch at a time: triggers would fire for each row, and Alembic's batch mode drops them.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.errors import UsageError
from digest.model.article import Article
from digest.store import articles, counters
from digest.store import tables as t
from digest.store.spacing import unspaced
from digest.store.words import Term, has_a_word, match

#: Around a hit in `Hit.title` and `Hit.snippet`.
OPEN, CLOSE = "\x02", "\x03"
_TITLE_WEIGHT = 4.0
#: Articles whose text `differing` looks up, and how many words at either end of it.
_SAMPLE, _ENDS = 1000, 12
#: Bytes of words that are sorted in memory before they are written: FTS5's own, and what halves the time of a rebuild.
_FEW, _MANY = 1 << 20, 1 << 26

_VIEW = (
    "CREATE VIEW article_text AS"
    " SELECT article.id AS id, digest_title(revision.title) AS title, digest_body(revision_body.paragraphs) AS body"
    " FROM article JOIN revision ON revision.id = article.revision_id"
    " JOIN revision_body ON revision_body.revision_id = revision.id"
)
_INDEX = (
    "CREATE VIRTUAL TABLE article_index USING fts5(title, body, content='article_text', content_rowid='id',"
    " tokenize='unicode61 remove_diacritics 2')"
)


@dataclass(frozen=True, slots=True)
class Wanted:
    """`terms` and what else an article must be."""

    terms: Sequence[Term]
    language: str = ""
    source: str = ""
    topic: str = ""
    since: datetime | None = None
    newest: bool = False  # first; else the best


@dataclass(frozen=True, slots=True)
class Hit:
    """`title` and `snippet` with OPEN and CLOSE around what was found."""

    article: Article
    title: str
    snippet: str


# --- the index ------------------------------------------------------------------------------------


def make(connection: sa.Connection) -> None:
    """The index of what is there. Nothing on a database that has no FTS5."""
    if _has_index(connection):
        connection.exec_driver_sql(_VIEW)
        connection.exec_driver_sql(_INDEX)
        rebuild(connection)


def drop(connection: sa.Connection) -> None:
    if _has_index(connection):
        connection.exec_driver_sql("DROP TABLE IF EXISTS article_index")
        without_view(connection)


def without_view(connection: sa.Connection) -> None:
    """Before tables are changed: SQLite renames none that a view reads."""
    if _has_index(connection):
        connection.exec_driver_sql("DROP VIEW IF EXISTS article_text")


def with_view(connection: sa.Connection) -> None:
    if _is_made(connection) and "article_text" not in sa.inspect(connection).get_view_names():
        connection.exec_driver_sql(_VIEW)


def rebuild(connection: sa.Connection) -> None:
    """Words of texts that are gone may be left in the old one's pages: they are overwritten."""
    if _is_made(connection):
        connection.exec_driver_sql("PRAGMA secure_delete = ON")
        size = "INSERT INTO article_index(article_index, rank) VALUES ('hashsize', ?)"
        connection.exec_driver_sql(size, (_MANY,))
        connection.exec_driver_sql("INSERT INTO article_index(article_index) VALUES ('rebuild')")
        connection.exec_driver_sql(size, (_FEW,))


def forget(connection: sa.Connection, article_ids: Iterable[int]) -> None:
    """Before their text, or which revision is visible, changes."""
    if _has_index(connection):
        those = "DELETE FROM article_index WHERE rowid IN (SELECT value FROM json_each(?))"
        connection.exec_driver_sql(those, (_numbers(article_ids),))


def add(connection: sa.Connection, article_ids: Iterable[int]) -> None:
    """After it; those that are not visible are left out."""
    if _has_index(connection):
        rows = "SELECT id, title, body FROM article_text WHERE id IN (SELECT value FROM json_each(?))"
        into = "INSERT INTO article_index(rowid, title, body) "
        connection.exec_driver_sql(into + rows, (_numbers(article_ids),))


def differing(connection: sa.Connection) -> int:
    """How many articles the index does not know, knows for no reason, or knows with another text.

    The texts of a sample are looked up: FTS5's own check would keep every writer waiting while it reads them all.
    """
    if not _is_made(connection):
        return 0
    found, held = (int(connection.exec_driver_sql(query).scalar_one()) for query in (_APART, _HELD))
    rows = connection.exec_driver_sql(_EVERY, (1 + held // _SAMPLE,))
    return found + sum(not _says(connection, *row) for row in rows.all())


_HELD = "SELECT count(*) FROM article_index_docsize"
_APART = (
    "WITH held AS (SELECT id FROM article_index_docsize), stored AS (SELECT id FROM article_text)"
    " SELECT (SELECT count(*) FROM held WHERE id NOT IN stored) + (SELECT count(*) FROM stored WHERE id NOT IN held)"
)
_EVERY = "SELECT id, title, body FROM article_text WHERE id % ? = 0 AND id IN (SELECT id FROM article_index_docsize)"


def _says(connection: sa.Connection, number: int, title: str, body: str) -> bool:
    """Whether the index has the title, and the text's beginning and end."""
    words = body.split()
    for column, piece in (("title", title), ("body", " ".join(words[:_ENDS])), ("body", " ".join(words[-_ENDS:]))):
        quoted = piece.replace('"', " ")
        query = "SELECT count(*) FROM article_index WHERE article_index MATCH ? AND rowid = ?"
        about = (f'{column} : "{quoted}"', number)
        if has_a_word(quoted) and not connection.exec_driver_sql(query, about).scalar():
            return False
    return True


def _has_index(connection: sa.Connection) -> bool:
    return connection.dialect.name == "sqlite"


def _is_made(connection: sa.Connection) -> bool:
    return _has_index(connection) and sa.inspect(connection).has_table("article_index")


def _numbers(ids: Iterable[int]) -> str:
    return json.dumps(sorted(set(ids)))


# --- looking something up -------------------------------------------------------------------------


def find(connection: sa.Connection, wanted: Wanted, limit: int | None) -> tuple[list[Hit], int]:
    """The hits, at most so many, and how many there are in all. Raises UsageError where there is no index."""
    if not _has_index(connection):
        raise UsageError("articles can be searched in a SQLite database only", mend="digest article list")
    index = sa.table("article_index", sa.column("rowid"))
    joined = (
        index.join(t.article, t.article.c.id == index.c.rowid)
        .join(t.revision, t.revision.c.id == t.article.c.revision_id)
        .join(t.source, t.source.c.id == t.article.c.source_id)
    )
    where = _where(wanted)
    words = {"words": match(wanted.terms)}
    count = sa.select(sa.func.count()).select_from(joined).where(*where)
    best: sa.ColumnElement[float] = sa.literal_column(f"bm25(article_index, {_TITLE_WEIGHT}, 1.0)")
    order = t.revision.c.published.desc()
    query = sa.select(t.article.c.id).select_from(joined).where(*where).limit(limit)
    query = query.order_by(*((order,) if wanted.newest else (best, order)), t.article.c.id)
    total = connection.execute(count, words).scalar_one()
    ids = list(connection.execute(query, words).scalars())
    return _hits(connection, ids, words["words"]), total


def _where(wanted: Wanted) -> list[sa.ColumnElement[bool]]:
    where: list[Any] = [sa.text("article_index MATCH :words")]
    if wanted.language:
        where.append(t.revision.c.language == wanted.language)
    if wanted.source:
        where.append(t.source.c.name == wanted.source)
    if wanted.since:
        where.append(t.revision.c.published >= wanted.since)
    if wanted.topic:
        about = sa.select(t.article_topic.c.article_id).where(t.article_topic.c.topic == wanted.topic)
        where.append(t.article.c.id.in_(about))
    return where


#: With the plus one pass over the matches: without it one for each id, and all that begin with a letter take long.
_PIECES = (
    "SELECT rowid, highlight(article_index, 0, char(2), char(3)), snippet(article_index, 1, char(2), char(3), '…', 28)"
    " FROM article_index WHERE article_index MATCH ? AND +rowid IN (SELECT value FROM json_each(?))"
)


def _hits(connection: sa.Connection, ids: Sequence[int], match: str) -> list[Hit]:
    """Only of those that are shown: the pieces of text are cut out of the whole of it."""
    found = articles.visible(connection, ids, counters.last(connection, counters.SEQUENCE), bodies=False)
    rows = connection.exec_driver_sql(_PIECES, (match, _numbers(ids)))
    pieces = {number: (unspaced(title), " ".join(unspaced(body).split())) for number, title, body in rows}
    return [Hit(found[i], *pieces[i]) for i in ids if i in found]
