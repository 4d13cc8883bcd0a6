"""What the operator puts right in the grouping: merge, split, rename.

A correction is one transaction: rows move, the log says when and why, and what mails told of a story goes along
with the articles that leave it. No revision gets a new number, so nobody is owed anything again.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from digest.errors import NotFound, UsageError
from digest.group.correcting import Change
from digest.group.grouper import Grouper
from digest.group.rulings import Level, Ruling, Rulings
from digest.model.story import Correction
from digest.pipeline import group
from digest.pipeline.services import Services
from digest.store import articles, corrections, counters, stories
from digest.store.stories import Connection

_LONGEST_TITLE = 200
_KIND = {Level.STORY: "story", Level.STORYLINE: "storyline"}
_MANY = {Level.STORY: "stories", Level.STORYLINE: "storylines"}


@dataclass(frozen=True, slots=True)
class Done:
    """A correction as it was made. `followed`: ids that were given -> those that they had been merged into.

    `ended`: earlier corrections that it goes against, and that no longer hold for these articles.
    """

    correction: Correction
    title: str
    followed: Mapping[int, int] = field(default_factory=dict)
    ended: tuple[int, ...] = ()


# --- merge and split ------------------------------------------------------------------------------


def merge(services: Services, level: Level, ids: Sequence[int], reason: str) -> list[Done]:
    """Two or more stories, or storylines, are one; the oldest id stays."""
    followed: dict[int, int] = {}
    with services.database.read() as connection:
        present = [resolve(connection, level, i, followed) for i in ids]
    distinct = sorted(set(present))
    if len(distinct) < 2:
        gone = "".join(f"; {_KIND[level]} {was} was merged into {now} before" for was, now in followed.items())
        raise UsageError(f"that is only one {_KIND[level]}, {distinct[0]}{gone}", mend="name at least two")
    return [
        dataclasses.replace(_merge_two(services, level, distinct[0], other, reason), followed=followed)
        for other in distinct[1:]
    ]


def _merge_two(services: Services, level: Level, one: int, other: int, reason: str) -> Done:
    def act(_connection: Connection, grouper: Grouper, number: int) -> tuple[Change, int, int]:
        return grouper.merge_by_hand(level, one, other, number), one, other

    return _perform(services, level, "merge", reason, act)


def split_story(
    services: Services, story_id: int, names: Sequence[str], into: int | None, reason: str, title: str = ""
) -> Done:
    """Articles of a story tell another event: a new one, or that of the story `into`."""
    followed: dict[int, int] = {}

    def act(connection: Connection, grouper: Grouper, number: int) -> tuple[Change, int, int]:
        story = resolve(connection, Level.STORY, story_id, followed)
        target = None if into is None else resolve(connection, Level.STORY, into, followed)
        if target == story:
            raise UsageError(f"story {story} is where they are", mend="name another story with --into, or none")
        parts = {_article_in(connection, name, story) for name in names}
        if len(parts) == len(stories.article_ids(connection, story)):
            mend = f"digest story merge {story} {target}" if target else "leave at least one"
            raise UsageError(f"these are all the articles of story {story}", mend=mend)
        change = grouper.part_by_hand(Level.STORY, parts, target, number)
        return change, story, next(now for _, now in change.articles.values())

    return _split(services, Level.STORY, act, followed, reason, title)


def split_storyline(
    services: Services, line_id: int, ids: Sequence[int], into: int | None, reason: str, title: str = ""
) -> Done:
    """Stories do not continue the rest of their storyline, but another one: a new one, or `into`."""
    followed: dict[int, int] = {}

    def act(connection: Connection, grouper: Grouper, number: int) -> tuple[Change, int, int]:
        line = resolve(connection, Level.STORYLINE, line_id, followed)
        target = None if into is None else resolve(connection, Level.STORYLINE, into, followed)
        if target == line:
            raise UsageError(f"storyline {line} is where they are", mend="name another with --into, or none")
        held = stories.of_storylines(connection, [line])
        parts = {resolve(connection, Level.STORY, i, followed) for i in ids}
        for story in sorted(parts - held.keys()):
            found = stories.load(connection, [story])[story].storyline
            raise UsageError(f"story {story} is in storyline {found}, not in {line}")
        if parts == held.keys():
            mend = f"digest storyline merge {line} {target}" if target else "leave at least one"
            raise UsageError(f"these are all the stories of storyline {line}", mend=mend)
        change = grouper.part_by_hand(Level.STORYLINE, parts, target, number)
        return change, line, change.lines[min(parts)][1]

    return _split(services, Level.STORYLINE, act, followed, reason, title)


def _split(services: Services, level: Level, act: _Act, followed: Mapping[int, int], reason: str, title: str) -> Done:
    given = clean_title(title) if title else ""
    done = _perform(services, level, "split", reason, act)
    if given:
        assert done.correction.object is not None
        rename(services, level, done.correction.object, given, reason)
        done = dataclasses.replace(done, title=given)
    return dataclasses.replace(done, followed=dict(followed))


def _article_in(connection: Connection, name: str, story: int) -> int:
    found = articles.find(connection, name)
    if found is None:
        raise NotFound("article", name)
    if found.story is None:
        raise UsageError(f"article {name} is in no story yet", mend="digest group")
    if found.story != story:
        raise UsageError(f"article {name} is in story {found.story}, not in story {story}")
    return found.id


def resolve(connection: Connection, level: Level, number: int, followed: dict[int, int]) -> int:
    """What a story or storyline is now. Raises NotFound."""
    if level is Level.STORY:
        found = stories.get(connection, number)
        now = found.id if found else None
    else:
        now = stories.storyline(connection, number)
    if now is None:
        raise NotFound(_KIND[level], str(number))
    if now != number:
        followed[number] = now
    return now


#: Does it in memory: (what changed, the id that stays, the other one).
_Act = Callable[[Connection, Grouper, int], tuple[Change, int, int]]


def _perform(services: Services, level: Level, action: str, reason: str, act: _Act) -> Done:
    with group.writer(services) as kept:
        with services.database.write() as connection:
            number = corrections.next_id(connection)
            earlier = Rulings(group.rulings(connection))
            change, subject, other = act(connection, kept.grouper, number)
            before = _before(connection, change)
            write(connection, kept, change, f"put here by hand (correction {number})")
            made = Correction(number, services.clock(), level, action, subject, other, "", reason)
            corrections.add(connection, made, change.roles, before)
            ended = earlier.against(Ruling(number, level, change.roles))
            title = title_of(connection, level, subject if action == "merge" else other)
            kept = counted(connection, kept)
            moved = sum(role == "taken" for role in change.roles.values())
        group.keep(services, kept)
    return Done(dataclasses.replace(made, articles=moved), title, ended=tuple(ended))


def counted(connection: Connection, kept: group.Kept) -> group.Kept:
    """Another process that keeps a grouper sees by this that the grouping was corrected."""
    corrected = counters.last(connection, counters.CORRECTED) + 1
    counters.advance(connection, counters.CORRECTED, corrected)
    return dataclasses.replace(kept, corrected=corrected)


# --- what a change writes -------------------------------------------------------------------------


def write(connection: Connection, kept: group.Kept, change: Change, why: str) -> None:
    new = sorted(s for s, (was, now) in change.lines.items() if not was and now)
    lines = {now for _, now in change.lines.values() if now}
    for line in sorted(lines):
        corrections.ensure_storyline(connection, line)
    group.save(connection, kept.grouper, dict.fromkeys(change.live, 0))
    for name, used in ((counters.STORY, new), (counters.STORYLINE, sorted(lines))):
        counters.advance(connection, name, max([counters.last(connection, name), *used]))
    gone = {m.loser for m in change.redirects if m.kind == "story"}
    by_story: dict[tuple[int, int], list[int]] = {}
    for article, (was, now) in change.articles.items():
        by_story.setdefault((was, now), []).append(article)
    for (was, now), moved in sorted(by_story.items()):
        if was not in gone:
            corrections.move(connection, moved, now, why)
            corrections.inherit(connection, now, was, kept.sequence, whole=now in new)
    for merge in change.redirects:
        redirect = stories.merge_story if merge.kind == "story" else stories.merge_storyline
        redirect(connection, merge.loser, merge.winner)
    live = {story: stories.last_seq(connection, story) for story in change.live}
    group.save(connection, kept.grouper, live)


def _before(connection: Connection, change: Change) -> dict[str, Any]:
    """What undoing needs, in the ids of now."""
    gone = [(merge.kind, merge.loser) for merge in change.redirects]
    winners = {(merge.kind, merge.winner) for merge in change.redirects}
    nameless = [(level, i) for level, i in sorted(winners) if corrections.given_title(connection, level, i) is None]
    return {
        "articles": [[a, was, now] for a, (was, now) in sorted(change.articles.items())],
        "lines": [[s, was, now] for s, (was, now) in sorted(change.lines.items())],
        "gone": [[level, i, corrections.followers(connection, level, i)] for level, i in gone],
        "nameless": [list(winner) for winner in nameless],
    }


# --- rename ---------------------------------------------------------------------------------------


def rename(services: Services, level: Level, number: int, title: str | None, reason: str) -> Done:
    """Give a title, or with None go back to the automatic one."""
    given = None if title is None else clean_title(title)
    followed: dict[int, int] = {}
    with services.database.write() as connection:
        now = resolve(connection, level, number, followed)
        held = corrections.given_title(connection, level, now)
        if held == given:
            what = f"is called {given!r} already" if given else "has its automatic title already"
            raise UsageError(f"{_KIND[level]} {now} {what}")
        corrections.give_title(connection, level, now, given)
        made = Correction(
            corrections.next_id(connection), services.clock(), level, "rename", now, None, given or "", reason
        )
        corrections.add(connection, made, {}, {"title": held})
        return Done(made, title_of(connection, level, now), followed)


def clean_title(text: str) -> str:
    """One line of sensible length. Raises UsageError."""
    title = " ".join("".join(c if c.isprintable() else " " for c in text).split())
    if not title:
        raise UsageError("a title needs a word", mend="--automatic goes back to the automatic one")
    if len(title) > _LONGEST_TITLE:
        raise UsageError(f"a title has at most {_LONGEST_TITLE} characters", where=title[:40] + "…")
    return title


def title_of(connection: Connection, level: Level, number: int) -> str:
    if level is Level.STORY:
        found = stories.get(connection, number)
        return found.title if found else ""
    given = stories.storyline_titles(connection, [number]).get(number)
    held = stories.of_storylines(connection, [number]).values()
    return given or max(held, key=lambda s: (s.last.start, s.id)).title
