"""What the operator puts right in the grouping: merge, split, rename.

What is asked at once is one transaction, be it several merges or a split and its title: rows move, the log says when
and why, and what mails told of a story goes along with the articles that leave it. No revision gets a new number, so
nobody is owed anything again.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from digest.errors import NotFound, UsageError
from digest.group.correcting import Change
from digest.group.grouper import Grouper
from digest.group.rulings import Level, Ruling, Rulings
from digest.model.story import Correction
from digest.pipeline import group, reviewing
from digest.pipeline.services import Services
from digest.store import articles, corrections, counters, stories
from digest.store.stories import Connection

_LONGEST_TITLE = 200
_KIND = {Level.STORY: "story", Level.STORYLINE: "storyline"}


@dataclass(frozen=True, slots=True)
class Done:
    """A correction as it was made. `followed`: ids that were given -> those that they had been merged into.

    `ended`: earlier corrections that it goes against, and that no longer hold for these articles.
    `named`: where it is taken back, the titles that were given with it and go with it.
    """

    correction: Correction
    title: str
    followed: Mapping[int, int] = field(default_factory=dict)
    ended: tuple[int, ...] = ()
    named: tuple[Correction, ...] = ()


# --- merge and split ------------------------------------------------------------------------------


def merge(services: Services, level: Level, ids: Sequence[int], reason: str) -> list[Done]:
    """Two or more stories, or storylines, are one; the oldest id stays. A correction for each that goes into it."""
    with services.database.read() as connection:
        _to_merge(connection, level, ids, {})  # what is refused anyway need not wait for the grouping
    followed: dict[int, int] = {}
    with _desk(services) as desk:
        winner, *others = _to_merge(desk.connection, level, ids, followed)
        done = [desk.correct(level, "merge", reason, _merging(level, winner, other)) for other in others]
    return [dataclasses.replace(one, followed=followed) for one in done]


def _to_merge(connection: Connection, level: Level, ids: Sequence[int], followed: dict[int, int]) -> list[int]:
    distinct = sorted({resolve(connection, level, i, followed) for i in ids})
    if len(distinct) < 2:
        gone = "".join(f"; {_KIND[level]} {was} was merged into {now} before" for was, now in followed.items())
        raise UsageError(f"that is only one {_KIND[level]}, {distinct[0]}{gone}", mend="name at least two")
    return distinct


def _merging(level: Level, one: int, other: int) -> _Act:
    def act(_connection: Connection, grouper: Grouper, number: int) -> tuple[Change, int, int]:
        return grouper.merge_by_hand(level, one, other, number), one, other

    return act


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
    with _desk(services) as desk:
        done = desk.correct(level, "split", reason, act)
        if given:
            desk.call(done.correction, given, reason)
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


@contextlib.contextmanager
def _desk(services: Services) -> Iterator[_Desk]:
    """One transaction: all that is corrected in it, or nothing."""
    with group.writer(services) as kept:
        with services.database.write() as connection:
            desk = _Desk(connection, kept, services.clock())
            yield desk
        group.keep(services, desk.kept)


@dataclass
class _Desk:
    connection: Connection
    kept: group.Kept
    now: datetime

    def correct(self, level: Level, action: str, reason: str, act: _Act) -> Done:
        connection = self.connection
        number = corrections.next_id(connection)
        earlier = Rulings(group.rulings(connection))
        change, subject, other = act(connection, self.kept.grouper, number)
        before = _before(connection, change)
        write(
            connection, self.kept, change,
            moved=f"put here by hand (correction {number})",
            merged=f"came with story {{}}, merged by hand (correction {number})",
        )  # fmt: skip
        made = Correction(number, self.now, level, action, subject, other, "", reason)
        corrections.add(connection, made, change.roles, before)
        ended = earlier.against(Ruling(number, level, change.roles))
        title = title_of(connection, level, subject if action == "merge" else other)
        self.kept = counted(connection, self.kept)
        moved = sum(role == "taken" for role in change.roles.values())
        return Done(dataclasses.replace(made, articles=moved), title, ended=tuple(ended))

    def call(self, split: Correction, title: str, reason: str) -> None:
        """Give what was split off a title, unless it is called so already. It is taken back with the split."""
        level, number = Level(split.level), split.object
        assert number is not None
        if corrections.given_title(self.connection, level, number) != title:
            _rename(self.connection, level, number, title, reason, self.now, split=split.id)


def counted(connection: Connection, kept: group.Kept) -> group.Kept:
    """Another process that keeps a grouper sees by this that the grouping was corrected."""
    corrected = counters.last(connection, counters.CORRECTED) + 1
    counters.advance(connection, counters.CORRECTED, corrected)
    return dataclasses.replace(kept, corrected=corrected)


# --- what a change writes -------------------------------------------------------------------------


def write(connection: Connection, kept: group.Kept, change: Change, *, moved: str, merged: str) -> None:
    """`moved` and `merged` say why an article, or all those of a story (its id goes in), are where they are now."""
    new = sorted(s for s, (was, now) in change.lines.items() if not was and now)
    lines = {now for _, now in change.lines.values() if now}
    for line in sorted(lines):
        corrections.ensure_storyline(connection, line)
    reviewing.save(connection, kept.grouper, dict.fromkeys(change.live, 0))
    for name, used in ((counters.STORY, new), (counters.STORYLINE, sorted(lines))):
        counters.advance(connection, name, max([counters.last(connection, name), *used]))
    gone = {m.loser for m in change.redirects if m.kind == "story"}
    by_story: dict[tuple[int, int], list[int]] = {}
    for article, (was, now) in change.articles.items():
        by_story.setdefault((was, now), []).append(article)
    for (was, now), those in sorted(by_story.items()):
        if was not in gone:
            corrections.move(connection, those, now, moved)
            corrections.inherit(connection, now, was, kept.sequence, whole=now in new)
    for merge in change.redirects:
        if merge.kind == "story":
            stories.merge_story(connection, merge.loser, merge.winner, merged.format(merge.loser))
        else:
            stories.merge_storyline(connection, merge.loser, merge.winner)
    live = {story: stories.last_seq(connection, story) for story in change.live}
    reviewing.save(connection, kept.grouper, live)


def _before(connection: Connection, change: Change) -> dict[str, Any]:
    """What undoing needs, in the ids of now."""
    gone = [(merge.kind, merge.loser) for merge in change.redirects]
    winners = {(merge.kind, merge.winner) for merge in change.redirects}
    nameless = [(level, i) for level, i in sorted(winners) if corrections.given_title(connection, level, i) is None]
    return {
        "articles": [[a, was, now] for a, (was, now) in sorted(change.articles.items())],
        "why": sorted(corrections.reasons(connection, change.articles).items()),
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
        if corrections.given_title(connection, level, now) == given:
            what = f"is called {given!r} already" if given else "has its automatic title already"
            raise UsageError(f"{_KIND[level]} {now} {what}")
        made = _rename(connection, level, now, given, reason, services.clock())
        return Done(made, title_of(connection, level, now), followed)


def _rename(
    connection: Connection,
    level: Level,
    number: int,
    title: str | None,
    reason: str,
    now: datetime,
    *,
    split: int | None = None,
) -> Correction:
    held = corrections.given_title(connection, level, number)
    corrections.give_title(connection, level, number, title)
    made = Correction(corrections.next_id(connection), now, level, "rename", number, None, title or "", reason)
    corrections.add(connection, made, {}, {"title": held} | ({"split": split} if split else {}))
    return made


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
