"""A story, or a storyline, as it is told to the operator: its dates, what changed, who speaks, what was corrected."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.compose import timeline
from digest.compose.developments import developments
from digest.compose.voices import Voices, voices
from digest.model.article import Article, Standing
from digest.model.development import Development
from digest.model.edition import Step
from digest.model.story import Correction, Story
from digest.store import articles, corrections, counters, stories
from digest.store.stories import Connection


@dataclass(frozen=True, slots=True)
class Account:
    """`stories` in order of time; `articles` by story, the earliest first, in their newest visible revision."""

    stories: tuple[Story, ...]
    articles: Mapping[int, tuple[Article, ...]]
    steps: tuple[Step, ...]
    developments: tuple[Development, ...]
    voices: Voices
    corrections: tuple[Correction, ...]  # in force, the newest first


def account(connection: Connection, held: Sequence[Story], language: str, level: str) -> Account:
    """`level`: story or storyline, whose corrections are told."""
    last = counters.last(connection, counters.SEQUENCE)
    ids = [i for story in held for i in story.articles]
    found = articles.visible(connection, ids, last)
    ordered = sorted(held, key=lambda s: (s.first.start, s.last.start, s.id))
    by_story = {s.id: _in_order([found[i] for i in s.articles if i in found]) for s in ordered}
    told = [(s, [a for a in by_story[s.id] if a.standing is not Standing.QUARANTINED]) for s in ordered]
    mine = {s.id for s in held} if level == "story" else {s.storyline for s in held}
    return Account(
        stories=tuple(ordered),
        articles=by_story,
        steps=timeline.whole(told, language),
        developments=developments(told),
        voices=voices(a for _, held_ in told for a in held_),
        corrections=tuple(_corrections(connection, level, mine, ids)),
    )


def _in_order(held: Sequence[Article]) -> tuple[Article, ...]:
    return tuple(sorted(held, key=lambda a: (a.published.start, a.published.precision.rank, a.id)))


def _corrections(connection: Connection, level: str, mine: set[int], ids: Sequence[int]) -> list[Correction]:
    """Those in force of one level that moved articles here or away from here, and the names that were given."""
    here = corrections.listing(connection, articles=ids)
    for number in sorted(mine):
        here += corrections.titles_given(connection, level, number)
    now = stories.redirects if level == "story" else corrections.line_redirects
    lead_to = now(connection, {i for c in here for i in (c.subject, c.object or 0)})
    return sorted(
        (
            c
            for c in {c.id: c for c in here}.values()
            if c.level == level
            and c.undone_at is None
            and {lead_to.get(i, i) for i in (c.subject, c.object) if i is not None} & mine
        ),
        key=lambda c: -c.id,
    )
