"""Corrections by hand: the log of them, and the moves that they make in the tables of the grouping."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from digest.model.story import Correction
from digest.store import stories
from digest.store import tables as t
from digest.store.chunks import chunks

_TABLES = {"story": t.story, "storyline": t.storyline}


@dataclass(frozen=True, slots=True)
class Heir:
    """A story that articles of another one were moved to: what was told of that one counts for it."""

    story: int
    up_to: int
    whole: bool


# --- the log --------------------------------------------------------------------------------------


def next_id(connection: sa.Connection) -> int:
    return (connection.execute(sa.select(sa.func.max(t.correction.c.id))).scalar() or 0) + 1


def add(connection: sa.Connection, made: Correction, roles: Mapping[int, str], before: Mapping[str, Any]) -> None:
    """`roles`: the part that each article has in it; `before`: all that undoing needs, as JSON can say it."""
    connection.execute(
        sa.insert(t.correction).values(
            id=made.id,
            at=made.at,
            level=made.level,
            action=made.action,
            subject=made.subject,
            object=made.object,
            title=made.title,
            reason=made.reason,
            before=dict(before),
        )
    )
    rows = [{"correction_id": made.id, "article_id": a, "role": str(role)} for a, role in sorted(roles.items())]
    for batch in chunks(rows, 500):
        connection.execute(sa.insert(t.correction_article), list(batch))


def in_force(connection: sa.Connection) -> list[tuple[int, str, dict[int, str]]]:
    """(id, level, article -> role) of every merge and split that was not undone."""
    c = t.correction.c
    query = sa.select(c.id, c.level).where(c.undone_at.is_(None), c.action != "rename").order_by(c.id)
    levels = {number: level for number, level in connection.execute(query)}
    roles: dict[int, dict[int, str]] = {number: {} for number in levels}
    a = t.correction_article.c
    for number, article, role in connection.execute(sa.select(a.correction_id, a.article_id, a.role)):
        if number in roles:
            roles[number][article] = role
    return [(number, level, roles[number]) for number, level in levels.items()]


def listing(
    connection: sa.Connection, *, articles: Iterable[int] | None = None, ids: Iterable[int] | None = None
) -> list[Correction]:
    """The newest first. `articles`: only those that moved or joined one of them; `ids`: only these."""
    moved = sa.select(t.correction_article.c.correction_id, sa.func.count().label("moved"))
    moved = moved.where(t.correction_article.c.role == "taken").group_by(t.correction_article.c.correction_id)
    counted = moved.subquery()
    query = (
        sa.select(t.correction, counted.c.moved)
        .outerjoin(counted, counted.c.correction_id == t.correction.c.id)
        .order_by(t.correction.c.id.desc())
    )
    if articles is not None:
        a = t.correction_article.c
        touched: set[int] = set()
        for batch in chunks(sorted(set(articles)), 500):
            touched |= set(connection.execute(sa.select(a.correction_id).where(a.article_id.in_(batch))).scalars())
        ids = touched if ids is None else touched & set(ids)
    wanted = None if ids is None else set(ids)
    rows = connection.execute(query).mappings()
    return [_correction(row) for row in rows if wanted is None or row["id"] in wanted]


def titles_given(connection: sa.Connection, level: str, number: int) -> list[Correction]:
    """The renamings of one story or storyline, the newest first."""
    c = t.correction.c
    query = sa.select(c.id).where(c.level == level, c.subject == number, c.action == "rename")
    return listing(connection, ids=connection.execute(query).scalars().all())


def before(connection: sa.Connection, number: int) -> dict[str, Any]:
    query = sa.select(t.correction.c.before).where(t.correction.c.id == number)
    return dict(connection.execute(query).scalar_one())


def mark_undone(connection: sa.Connection, number: int, now: datetime) -> None:
    connection.execute(sa.update(t.correction).where(t.correction.c.id == number).values(undone_at=now))


def later_on_the_same(connection: sa.Connection, number: int) -> list[int]:
    """Corrections in force that came after this one and concern one of its articles."""
    a, c = t.correction_article.c, t.correction.c
    mine = sa.select(a.article_id).where(a.correction_id == number)
    query = (
        sa.select(c.id)
        .join(t.correction_article, a.correction_id == c.id)
        .where(c.id > number, c.undone_at.is_(None), a.article_id.in_(mine))
        .distinct()
        .order_by(c.id)
    )
    return list(connection.execute(query).scalars())


# --- what they do ---------------------------------------------------------------------------------


def move(connection: sa.Connection, articles: Iterable[int], story: int, why: str) -> None:
    values = {"story_id": story, "why": why}
    for batch in chunks(sorted(articles), 500):
        connection.execute(sa.update(t.story_article).where(t.story_article.c.article_id.in_(batch)).values(values))


def reasons(connection: sa.Connection, articles: Iterable[int]) -> dict[int, str]:
    """Article id -> why it is in its story."""
    a = t.story_article.c
    found: dict[int, str] = {}
    for batch in chunks(sorted(articles), 500):
        query = sa.select(a.article_id, a.why).where(a.article_id.in_(batch))
        found |= {article: why for article, why in connection.execute(query)}
    return found


def give_reasons(connection: sa.Connection, why: Mapping[int, str]) -> None:
    for article, text in sorted(why.items()):
        mine = t.story_article.c.article_id == article
        connection.execute(sa.update(t.story_article).where(mine).values(why=text))


def revive(connection: sa.Connection, level: str, number: int, followers: Sequence[int]) -> None:
    """Lift the redirect of what was merged away; `followers` are those that had been merged into it before."""
    table = _TABLES[level]
    connection.execute(sa.update(table).where(table.c.id == number).values(merged_into=None))
    for batch in chunks(sorted(followers), 500):
        away = sa.and_(table.c.id.in_(batch), table.c.merged_into.is_not(None))
        connection.execute(sa.update(table).where(away).values(merged_into=number))


def ensure_storyline(connection: sa.Connection, number: int) -> None:
    there = sa.select(t.storyline.c.id).where(t.storyline.c.id == number)
    if connection.execute(there).first() is None:
        stories.add_storyline(connection, number)


def followers(connection: sa.Connection, level: str, number: int) -> list[int]:
    """What was merged into this one."""
    table = _TABLES[level]
    query = sa.select(table.c.id).where(table.c.merged_into == number).order_by(table.c.id)
    return list(connection.execute(query).scalars())


def redirects(connection: sa.Connection, level: str) -> dict[int, int]:
    """Everything that was merged away -> what it is now."""
    table = _TABLES[level]
    query = sa.select(table.c.id, table.c.merged_into).where(table.c.merged_into.is_not(None))
    return {loser: winner for loser, winner in connection.execute(query)}


def line_redirects(connection: sa.Connection, numbers: Iterable[int]) -> dict[int, int]:
    """As `stories.redirects`, of storylines."""
    wanted = set(numbers)
    return {loser: winner for loser, winner in redirects(connection, "storyline").items() if loser in wanted}


def given_title(connection: sa.Connection, level: str, number: int) -> str | None:
    table = _TABLES[level]
    return connection.execute(sa.select(table.c.given_title).where(table.c.id == number)).scalar()


def give_title(connection: sa.Connection, level: str, number: int, title: str | None) -> None:
    """None: back to the automatic one."""
    table = _TABLES[level]
    connection.execute(sa.update(table).where(table.c.id == number).values(given_title=title))


# --- what was told of what moved ------------------------------------------------------------------


def inherit(connection: sa.Connection, story: int, former: int, up_to: int, *, whole: bool) -> None:
    """What mails told of `former` up to now counts for `story`: readers are not sent it again.

    So does what counted for `former` itself.
    """
    p = t.story_past.c
    names = [former, *followers(connection, "story", former)]
    past = dict.fromkeys(names, (up_to, whole))
    query = sa.select(p.former_id, p.up_to, p.whole).where(p.story_id.in_(names))
    for name, reach, all_of_it in connection.execute(query).all():
        known = past.get(name, (0, False))
        past[name] = max(known[0], reach), known[1] or (all_of_it and whole)
    for name, (reach, all_of_it) in sorted(past.items()):
        if name != story:
            _inherit(connection, story, name, reach, all_of_it)


def _inherit(connection: sa.Connection, story: int, former: int, up_to: int, whole: bool) -> None:
    p = t.story_past.c
    mine = sa.and_(p.story_id == story, p.former_id == former)
    held = connection.execute(sa.select(p.up_to, p.whole).where(mine)).first()
    if held is None:
        values = {"story_id": story, "former_id": former, "up_to": up_to, "whole": whole}
        connection.execute(sa.insert(t.story_past).values(values))
        return
    values = {"up_to": max(up_to, held.up_to), "whole": whole or held.whole}
    connection.execute(sa.update(t.story_past).where(mine).values(values))


def heirs(connection: sa.Connection, former: Iterable[int]) -> dict[int, list[Heir]]:
    found: dict[int, list[Heir]] = {}
    p = t.story_past.c
    query = sa.select(p.former_id, p.story_id, p.up_to, p.whole).order_by(p.former_id, p.story_id)
    for batch in chunks(sorted(set(former)), 500):
        for was, story, up_to, whole in connection.execute(query.where(p.former_id.in_(batch))):
            found.setdefault(was, []).append(Heir(story, up_to, whole))
    return found


def _correction(row: Any) -> Correction:
    return Correction(
        id=row["id"],
        at=row["at"],
        level=row["level"],
        action=row["action"],
        subject=row["subject"],
        object=row["object"],
        title=row["title"],
        reason=row["reason"],
        articles=row["moved"] or 0,
        undone_at=row["undone_at"],
    )
