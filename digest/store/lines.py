"""Lines that stand in a source's articles: how often, in which, and which of them are known as repeated."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.article import Article
from digest.store import search
from digest.store import tables as t
from digest.store.chunks import chunks

#: Articles of each line that are remembered by their id.
LAST = 12
#: Lines of each source that are remembered: those that are not seen any more make room.
MOST_LINES = 4000


@dataclass(frozen=True, slots=True)
class Line:
    """`articles` counts those in which it stood, `last_of` are the ids of the last few; `text` once it is known."""

    fingerprint: int
    articles: int = 0
    last_of: tuple[int, ...] = ()
    text: str = ""


def find(connection: sa.Connection, source_id: int, fingerprints: Iterable[int]) -> dict[int, Line]:
    found: dict[int, Line] = {}
    c = t.source_line.c
    query = sa.select(c.fingerprint, c.articles, c.last_of, c.text).where(c.source_id == source_id)
    for batch in chunks(sorted(set(fingerprints)), 500):
        for fingerprint, articles, last_of, text in connection.execute(query.where(c.fingerprint.in_(batch))):
            found[fingerprint] = Line(fingerprint, articles, tuple(last_of), text)
    return found


def repeated(connection: sa.Connection, source_id: int) -> list[Line]:
    """Those that are known as repeated, the most frequent first."""
    c = t.source_line.c
    query = sa.select(c.fingerprint, c.articles, c.last_of, c.text).where(c.source_id == source_id, c.text != "")
    rows = connection.execute(query.order_by(c.articles.desc(), c.text))
    return [Line(fingerprint, articles, tuple(last_of), text) for fingerprint, articles, last_of, text in rows]


def write(
    connection: sa.Connection, source_id: int, before: Mapping[int, Line], after: Sequence[Line], now: datetime
) -> None:
    """Put down what has changed, and forget what was seen longest ago beyond the most that we keep."""
    new = [line for line in after if line.fingerprint not in before]
    changed = [line for line in after if line.fingerprint in before and line != before[line.fingerprint]]
    table = t.source_line
    if new:
        rows = [{"source_id": source_id, "fingerprint": line.fingerprint, **_values(line, now)} for line in new]
        connection.execute(sa.insert(table), rows)
    if changed:
        # With bound names that are no columns' own: a column's would be taken for a value to set.
        which = sa.and_(table.c.source_id == source_id, table.c.fingerprint == sa.bindparam("which"))
        values = [{"which": line.fingerprint, **_values(line, now)} for line in changed]
        connection.execute(sa.update(table).where(which), values)
    if new:
        _forget(connection, source_id)


def _values(line: Line, now: datetime) -> dict[str, object]:
    return {"articles": line.articles, "last_of": list(line.last_of), "text": line.text, "last_seen": now}


def _forget(connection: sa.Connection, source_id: int) -> None:
    c = t.source_line.c
    mine = sa.select(c.id).where(c.source_id == source_id)
    number = connection.execute(sa.select(sa.func.count()).select_from(mine.subquery())).scalar_one()
    if number > MOST_LINES:
        oldest = mine.order_by(c.text != "", c.last_seen, c.id).limit(number - MOST_LINES)
        connection.execute(sa.delete(t.source_line).where(c.id.in_(oldest)))


def clean_again(connection: sa.Connection, article: Article) -> None:
    """Write down the text of a stored article's revision without what is known by now."""
    search.forget(connection, [article.id])
    clean(connection, [article])
    search.add(connection, [article.id])


def clean(connection: sa.Connection, articles: Sequence[Article]) -> None:
    """Write down the cleaned texts of stored revisions that nobody sees yet."""
    if not articles:
        return
    c = t.revision.c
    changed = c.signature != sa.bindparam("_signature")
    values = {
        "title": sa.bindparam("_title"),
        "language": sa.bindparam("_language"),
        "signature_as_it_came": sa.case(
            (changed, sa.func.coalesce(c.signature_as_it_came, c.signature)), else_=c.signature_as_it_came
        ),
        "signature": sa.bindparam("_signature"),
        "cleaned": sa.true(),
    }
    which = sa.and_(c.article_id == sa.bindparam("_article"), c.ordinal == sa.bindparam("_ordinal"))
    rows = [_clean(article) for article in articles]
    named: tuple[str, ...] = ("_article", "_ordinal", "_title", "_language", "_signature")
    connection.execute(sa.update(t.revision).where(which).values(values), [{k: row[k] for k in named} for row in rows])
    body = t.revision_body.c.revision_id == sa.select(c.id).where(which).scalar_subquery()
    named = ("_article", "_ordinal", "paragraphs", "cut")
    connection.execute(sa.update(t.revision_body).where(body), [{k: row[k] for k in named} for row in rows])


def _clean(article: Article) -> dict[str, Any]:
    return {
        "_article": article.id,
        "_ordinal": article.ordinal,
        "_title": article.title,
        "_language": article.language,
        "_signature": article.signature,
        "paragraphs": list(article.paragraphs),
        "cut": [[c.reason, c.text] for c in article.cut],
    }
