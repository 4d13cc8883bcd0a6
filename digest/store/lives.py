"""An article from its arrival on, as it is on record, and how somebody who asks for it finds it."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from digest.errors import NotFound, UsageError
from digest.model.article import Standing
from digest.model.explanation import Life, Removal, Revision, Twin
from digest.model.signature import near_duplicate
from digest.store import articles, stories
from digest.store import tables as t
from digest.store.chunks import chunks

_A, _R = t.article.c, t.revision.c
_NAMED = 3  # articles that an error names where several fit
_SHORTEST = 2  # characters of a title that are looked for


def find(connection: sa.Connection, name: str, address: str | None) -> int:
    """The id of the article with that key, given id or address, or with these words in its title.

    `address`: the name as a canonical address, where it is one. Raises NotFound, or UsageError where several fit.
    """
    exact = connection.execute(sa.select(_A.id).where(_A.key == name)).scalars().all()
    found = exact or _ids(connection, _A.external_id == name)
    if not found and address is not None:
        found = _ids(connection, _R.url.in_([name, address]))
    if not found and len(name) >= _SHORTEST:
        found = _ids(connection, _in_title(name))
    if not found:
        raise NotFound("article", name)
    if len(found) > 1:
        raise UsageError(f"{name!r} fits {_several(len(found))}", mend=f"say which: {_listed(connection, found)}")
    return found[0]


def _ids(connection: sa.Connection, which: sa.ColumnElement[bool]) -> list[int]:
    """By the last text of each; more than a few are not counted."""
    query = sa.select(_A.id).join(t.revision, sa.and_(_R.article_id == _A.id, articles.newest()))
    return list(connection.execute(query.where(which).order_by(_A.id.desc()).limit(20)).scalars())


def _in_title(words: str) -> sa.ColumnElement[bool]:
    """SQLite's LIKE folds the case of ASCII alone."""
    forms = {words, words.lower(), words.upper(), words.capitalize(), words.title()}
    return sa.or_(*(_R.title.icontains(form, autoescape=True) for form in sorted(forms)))


def _several(number: int) -> str:
    return f"{number} articles" if number < 20 else "20 articles or more"


def _listed(connection: sa.Connection, ids: Sequence[int]) -> str:
    query = sa.select(_A.key, _R.title).join(t.revision, sa.and_(_R.article_id == _A.id, articles.newest()))
    rows = connection.execute(query.where(_A.id.in_(ids[:_NAMED])).order_by(_A.id.desc())).all()
    more = ", …" if len(ids) > _NAMED else ""
    return ", ".join(f"{key} “{title[:40]}”" for key, title in rows) + more


def load(connection: sa.Connection, article_id: int) -> Life:
    query = (
        sa.select(t.article, t.source.c.name.label("source"), t.story_article.c.story_id)
        .add_columns(t.removal.c.at, t.removal.c.reason)
        .join(t.source, t.source.c.id == _A.source_id)
        .outerjoin(t.story_article, t.story_article.c.article_id == _A.id)
        .outerjoin(t.removal, t.removal.c.article_id == _A.id)
        .where(_A.id == article_id)
    )
    row = connection.execute(query).mappings().one()
    texts = connection.execute(sa.select(t.revision).where(_R.article_id == article_id).order_by(_R.ordinal))
    revisions = texts.mappings().all()
    last = revisions[-1]
    story = stories.get(connection, row["story_id"]) if row["story_id"] is not None else None
    return Life(
        id=article_id,
        key=row["key"],
        external_id=row["external_id"],
        title=last["title"],
        url=last["url"],
        source=row["source"],
        publisher=last["publisher"],
        first_seen=row["first_seen"],
        revisions=tuple(map(_revision, revisions)),
        story=story.id if story else None,
        story_title=story.title if story else "",
        storyline=story.storyline if story else None,
        topics=tuple(name for name, _, _ in stories.topics_of(connection, article_id)),
        story_topics=story.topics if story else (),
        removal=Removal(row["at"], row["reason"]) if row["at"] is not None else None,
        twins=_twins(connection, article_id, last["signature"], story.articles if story else ()),
    )


def _revision(row: Any) -> Revision:
    return Revision(
        ordinal=row["ordinal"],
        number=row["seq"] or 0,
        standing=Standing(row["standing"]),
        cleaned=row["cleaned"],
        arrived_at=row["arrived_at"],
        numbered_at=row["numbered_at"],
        language=row["language"],
    )


def _twins(connection: sa.Connection, article_id: int, signature: bytes, members: Sequence[int]) -> tuple[Twin, ...]:
    """Articles of its story that print nearly the same text, the first one first."""
    found: list[Twin] = []
    query = (
        sa.select(_A.key, t.source.c.name, _A.first_seen, _R.signature)
        .join(t.source, t.source.c.id == _A.source_id)
        .join(t.revision, sa.and_(_R.article_id == _A.id, articles.newest()))
        .order_by(_A.first_seen, _A.id)
    )
    for batch in chunks([i for i in members if i != article_id], 500):
        for key, source, first_seen, other in connection.execute(query.where(_A.id.in_(batch))):
            if near_duplicate(signature, other):
                found.append(Twin(key, source, first_seen))
    return tuple(found)


def story_ids(connection: sa.Connection, story: int | None) -> set[int]:
    """All names under which mails may have told of the story: merged into it, or that its articles came from."""
    if story is None:
        return set()
    known = {story, *connection.execute(sa.select(t.story.c.id).where(t.story.c.merged_into == story)).scalars()}
    past = sa.select(t.story_past.c.former_id).where(t.story_past.c.story_id.in_(sorted(known)))
    return known | set(connection.execute(past).scalars())


def words(connection: sa.Connection, article_id: int) -> dict[int, tuple[str, str | None, list[str]]]:
    """Title, address and paragraphs of each text, by its ordinal."""
    query = sa.select(_R.ordinal, _R.title, _R.url, t.revision_body.c.paragraphs)
    query = query.join(t.revision_body, t.revision_body.c.revision_id == _R.id)
    rows = connection.execute(query.where(_R.article_id == article_id))
    return {ordinal: (title, url, list(paragraphs)) for ordinal, title, url, paragraphs in rows}
