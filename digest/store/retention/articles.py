"""Articles of old stories: their texts go, what they were known by stays, so that they do not come in again."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import sqlalchemy as sa

from digest.model.article import Standing
from digest.store import removal
from digest.store import tables as t
from digest.store.chunks import chunks
from digest.store.retention.kinds import Amount, Found, Old, counted, length

_R, _SA, _S, _B = t.revision.c, t.story_article.c, t.story.c, t.revision_body.c
_SILENT = (Standing.QUARANTINED, Standing.REMOVED)
_INDEXED = 2  # an article's text, and about as much in the index of its words


@dataclass(frozen=True, slots=True)
class Articles(Old):
    """Whole stories, all of whose articles came before an instant, and have a number up to `number`.

    As long as a story goes on its past is needed: what is new in it is told by what was there before.
    """

    number: int
    reason: str

    def found(self, connection: sa.Connection, after: tuple[int, int] | None, most: int) -> Found:
        """Ids of stories, and after them of articles that no story has."""
        last_seq, story = after or (0, 0)
        query = sa.select(_S.id, _S.last_seq).where(*self._old(), _S.last_seq <= self.number)
        later = sa.and_(_S.last_seq == last_seq, _S.id > story)
        query = query.where(sa.or_(_S.last_seq > last_seq, later), _S.last_seq >= last_seq)
        rows = connection.execute(query.order_by(_S.last_seq, _S.id).limit(most)).all()
        return Found([row.id for row in rows], (rows[-1].last_seq, rows[-1].id) if len(rows) == most else None)

    def _old(self) -> list[sa.ColumnElement[bool]]:
        waits = sa.and_(_R.seq.is_(None), _R.standing.not_in(_SILENT))
        young = (
            sa.select(_R.id)
            .join(t.story_article, _SA.article_id == _R.article_id)
            .where(_SA.story_id == _S.id, sa.or_(_R.arrived_at >= self.before, _R.seq > self.number, waits))
        )
        return [_S.removed_at.is_(None), _S.merged_into.is_(None), sa.not_(young.correlate(t.story).exists())]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount()
        for batch in chunks(names, 500):
            mine = _SA.story_id.in_(batch)
            number = sa.select(sa.func.count(), sa.literal(0)).select_from(t.story_article).where(mine)
            texts = (
                sa.select(sa.literal(0), sa.func.sum(length(_R.title, _B.paragraphs, _B.cut) * _INDEXED))
                .join(t.revision_body, _B.revision_id == _R.id)
                .join(t.story_article, _SA.article_id == _R.article_id)
            )
            total += counted(connection.execute(number).one()) + counted(connection.execute(texts.where(mine)).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        """The articles' ids are those of `articles_of`."""
        total = self.measure(connection, names)
        removal.strip(connection, articles_of(connection, names), self.reason, self.now, expired=True)
        removal.close_stories(connection, names, self.now)
        return total

    def still(self, connection: sa.Connection, names: Sequence[int]) -> list[int]:
        """Those of these stories that may go now."""
        found: list[int] = []
        for batch in chunks(names, 500):
            found += connection.execute(sa.select(_S.id).where(_S.id.in_(batch), *self._old())).scalars()
        return found


def articles_of(connection: sa.Connection, story_ids: Sequence[int]) -> list[int]:
    found: list[int] = []
    for batch in chunks(story_ids, 500):
        found += connection.execute(sa.select(_SA.article_id).where(_SA.story_id.in_(batch))).scalars()
    return sorted(found)


@dataclass(frozen=True, slots=True)
class HeldBack(Old):
    """Articles that came before an instant, were held back, and were never let go."""

    reason: str

    def found(self, connection: sa.Connection, after: int | None, most: int) -> Found:
        a = t.article.c
        query = sa.select(a.id).where(a.id > (after or 0), *self._old()).order_by(a.id).limit(most)
        ids = list(connection.execute(query).scalars())
        return Found(ids, ids[-1] if len(ids) == most else None)

    def _old(self) -> list[sa.ColumnElement[bool]]:
        a = t.article.c
        other = sa.select(_R.id).where(_R.article_id == a.id)
        other = other.where(sa.or_(_R.standing != Standing.QUARANTINED, _R.arrived_at >= self.before))
        held: list[Any] = [a.revision_id.is_(None), a.first_seen < self.before]
        return [*held, sa.not_(other.correlate(t.article).exists())]

    def measure(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        total = Amount(len(names))
        for batch in chunks(names, 500):
            texts = sa.select(sa.literal(0), sa.func.sum(length(_R.title, _B.paragraphs, _B.cut)))
            texts = texts.join(t.revision_body, _B.revision_id == _R.id).where(_R.article_id.in_(batch))
            total += counted(connection.execute(texts).one())
        return total

    def delete(self, connection: sa.Connection, names: Sequence[int]) -> Amount:
        still = list(
            connection.execute(sa.select(t.article.c.id).where(t.article.c.id.in_(names), *self._old())).scalars()
        )
        total = self.measure(connection, still)
        removal.strip(connection, still, self.reason, self.now, expired=True)
        return total
