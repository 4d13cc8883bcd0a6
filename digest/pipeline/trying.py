"""Summaries tried out on one story: who would say what, what was dropped and why, what it cost."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass

from digest.compose.candidates import Sent, StoryInView, StorylineHistory
from digest.compose.entry import material, outline
from digest.compose.folding import fold
from digest.compose.novelty import assess
from digest.compose.verdict import Dropped
from digest.errors import NotFound, UsageError
from digest.model.article import Article
from digest.model.edition import Entry
from digest.model.story import Story
from digest.pipeline.compose import telling
from digest.pipeline.services import Services
from digest.store import articles, asked, counters, stories
from digest.store.asked import Use


@dataclass(frozen=True, slots=True)
class Attempt:
    """What one summariser makes of a story; `note` says why it is not what it drafted."""

    summariser: str
    entry: Entry
    dropped: tuple[Dropped, ...]
    note: str
    seconds: float
    use: Use


@dataclass(frozen=True, slots=True)
class Trial:
    story: Story
    articles: tuple[Article, ...]
    language: str
    attempts: tuple[Attempt, ...]


def try_out(
    services: Services, story_id: int | None, language: str, summarisers: Sequence[str], *, again: bool = False
) -> Trial:
    """The story of that id, else the newest, for a reader who was told nothing of it. Nothing but cost is stored."""
    story, members = _story(services, story_id)
    news = assess(StoryInView(story, members, frozenset(a.seq for a in members)), Sent())
    if news is None:
        raise UsageError(f"story {story.id} has no article that is news", mend="see: digest story list")
    (line,) = fold([news])
    found = outline(line, language, services.clock())
    given = material(found, Sent())
    occasion = f"trials, {services.clock():%Y-%m-%d}"
    attempts = []
    for name in summarisers:
        with services.database.read() as connection:
            before = asked.spent(connection, occasion=occasion)
        started = time.monotonic()
        teller = telling(services, occasion, name, again=again).taught([found], language)
        summaries = teller.summaries([given], language)
        (entry,) = teller.finish([found], [given], summaries, StorylineHistory(), language)
        seconds = time.monotonic() - started
        with services.database.read() as connection:
            after = asked.spent(connection, occasion=occasion)
        use = Use(
            after.requests - before.requests,
            after.tokens_in - before.tokens_in,
            after.tokens_out - before.tokens_out,
            after.cost - before.cost,
        )
        attempts.append(Attempt(name, entry, summaries[0].dropped, summaries[0].note, seconds, use))
    return Trial(story, tuple(news.articles), language, tuple(attempts))


def _story(services: Services, story_id: int | None) -> tuple[Story, tuple[Article, ...]]:
    with services.database.read() as connection:
        if story_id is None:
            newest = stories.listing(connection, limit=1)
            if not newest:
                raise UsageError("there are no stories yet", mend="take in articles, then: digest group")
            story: Story | None = newest[0]
        else:
            story = stories.get(connection, story_id)
        if story is None:
            raise NotFound("story", str(story_id))
        cutoff = counters.last(connection, counters.SEQUENCE)
        every = articles.revisions(connection, story.articles, cutoff)
    return story, tuple(r for i in story.articles for r in every.get(i, ()))
