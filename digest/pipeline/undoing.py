"""Taking a correction of the operator's back."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from digest.errors import UsageError
from digest.group.correcting import Change, Former
from digest.group.rulings import Level
from digest.model.story import Correction
from digest.pipeline import group
from digest.pipeline.corrections import Done, counted, resolve, title_of, write
from digest.pipeline.services import Services
from digest.store import corrections
from digest.store.stories import Connection


def undo(services: Services, number: int) -> Done:
    """Take a correction back: things return to where they were, and the grouping is free again there."""
    with services.database.read() as connection:
        made = _undoable(connection, number)
    if made.action == "rename":
        return _undo_rename(services, number)
    with group.writer(services) as kept:
        with services.database.write() as connection:
            made = _undoable(connection, number)
            before = corrections.before(connection, number)
            corrections.mark_undone(connection, number, services.clock())
            change = kept.grouper.take_back(_former(connection, before), group.rulings(connection))
            if change is None:
                raise UsageError(
                    f"correction {number} cannot be undone: what came after it builds on it",
                    mend="correct it by another merge or split",
                )
            _revive(connection, before, change)
            winners = {(m.kind, m.winner) for m in change.redirects}
            titles = {w: corrections.given_title(connection, *w) for w in winners}
            back = f"correction {number} was undone"
            write(connection, kept, change, moved=f"back here: {back}", merged=f"back here: {back}")
            corrections.give_reasons(connection, _reasons(before, change))
            for (level, winner), title in titles.items():
                # The name of what is gone again was not this one's.
                corrections.give_title(connection, level, winner, title)
            _take_titles_back(connection, before)
            named = _undo_naming(connection, made, services.clock())
            kept = counted(connection, kept)
            called = title_of(connection, Level(made.level), _present(connection, made))
        group.keep(services, kept)
    return Done(made, called, named=named)


def _undoable(connection: Connection, number: int) -> Correction:
    found = corrections.listing(connection, ids=[number])
    if not found:
        raise UsageError(f"there is no correction {number}", mend="see: digest story corrections")
    if found[0].undone_at:
        raise UsageError(f"correction {number} was undone already")
    later = corrections.later_on_the_same(connection, number)
    if later:
        raise UsageError(
            f"correction {later[-1]} came after {number} and is about the same articles",
            mend=f"first: digest story undo {later[-1]}",
        )
    return found[0]


def _undo_rename(services: Services, number: int) -> Done:
    with services.database.write() as connection:
        made = _undoable(connection, number)
        now = _present(connection, made)
        level = Level(made.level)
        if not _is_called(connection, level, now, made):
            if now == made.subject:
                raise UsageError(f"{made.level} {now} has another title by now", mend="rename it")
            now = made.subject  # it took its title along: nothing else is called so
        _take_title_back(connection, made, now, services.clock())
        return Done(made, title_of(connection, level, _present(connection, made)))


def _undo_naming(connection: Connection, split: Correction, now: datetime) -> tuple[Correction, ...]:
    """A split and its title were asked for as one, so they are taken back as one."""
    level, number = Level(split.level), split.object
    assert number is not None
    if split.action != "split":
        return ()
    titles = [made for made in corrections.titles_given(connection, level, number) if made.undone_at is None]
    named = tuple(t for t in titles if corrections.before(connection, t.id).get("split") == split.id)
    for title in named:
        _take_title_back(connection, title, number, now)
    return named


def _take_title_back(connection: Connection, made: Correction, number: int, now: datetime) -> None:
    """`number`: what has the title, unless it got another one since."""
    level = Level(made.level)
    corrections.mark_undone(connection, made.id, now)
    if _is_called(connection, level, number, made):
        corrections.give_title(connection, level, number, corrections.before(connection, made.id)["title"])


def _is_called(connection: Connection, level: Level, number: int, made: Correction) -> bool:
    return (corrections.given_title(connection, level, number) or "") == made.title


def _present(connection: Connection, made: Correction) -> int:
    return resolve(connection, Level(made.level), made.subject, {})


def _former(connection: Connection, before: Mapping[str, Any]) -> Former:
    now = {(level, i): to for level in Level for i, to in corrections.redirects(connection, level).items()}
    return Former(
        articles={a: (was, put) for a, was, put in before["articles"]},
        lines={s: (was, put) for s, was, put in before["lines"]},
        gone=[(Level(level), i) for level, i, _ in before["gone"]],
        now=now,
    )


def _revive(connection: Connection, before: Mapping[str, Any], change: Change) -> None:
    """What the correction had emptied and is there again leads nowhere else any more."""
    there = {(Level.STORY, s) for s, (_, now) in change.lines.items() if now}
    there |= {(Level.STORYLINE, now) for _, now in change.lines.values() if now}
    for level, i, followers in before["gone"]:
        if (level, i) in there:
            corrections.revive(connection, level, i, followers)


def _reasons(before: Mapping[str, Any], change: Change) -> dict[int, str]:
    """Of the articles that are where they were, the reason that they were there for."""
    home = {article: was for article, was, _ in before["articles"]}
    kept = {article: why for article, why in before.get("why", ())}  # corrections of earlier versions have none
    return {a: kept[a] for a, (_, now) in change.articles.items() if a in kept and home[a] == now}


def _take_titles_back(connection: Connection, before: Mapping[str, Any]) -> None:
    """What took over the title of what was merged into it has none of its own again."""
    passed_on = {(level, corrections.given_title(connection, level, i)) for level, i, _ in before["gone"]}
    for level, i in before["nameless"]:
        held = corrections.given_title(connection, level, i)
        if held is not None and (level, held) in passed_on:
            corrections.give_title(connection, level, i, None)
