"""What an edition can tell: loaded once, then selected from in memory for each group of readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from digest.compose.candidates import OTHER, PastStory, Sent, SentStory, StoryInView, StorylineHistory
from digest.model.article import Article, Standing
from digest.model.edition import Edition
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.story import Story
from digest.store import articles, stories, variants
from digest.store.stories import Connection

#: Topic -> the numbers at which it was not yet among the reader's topics.
TopicWaivers = Mapping[str, Ranges]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every story that has news in the given ranges, with its articles as they stood at the cutoff."""

    publication: Publication
    articles: Mapping[int, Article]
    stories: Mapping[int, Story]  # those with news, and all others of their storylines
    members: Mapping[int, tuple[Article, ...]]  # by story
    lines: Mapping[int, tuple[int, ...]]  # storyline -> its stories

    def in_view(self, ranges: Ranges, topics: tuple[str, ...], waivers: TopicWaivers) -> tuple[StoryInView, ...]:
        """Stories with an article whose newest revision lies in the ranges. Empty topics: any."""
        fresh: dict[int, set[int]] = {}
        for article in self.articles.values():
            if article.story and self._is_fresh(article, ranges, topics, waivers):
                fresh.setdefault(article.story, set()).add(article.id)
        return tuple(
            StoryInView(self.stories[story], self.members[story], frozenset(ids))
            for story, ids in sorted(fresh.items())
        )

    def history(self, view: Iterable[StoryInView]) -> StorylineHistory:
        """The other stories of the storylines in view."""
        shown = {v.story.id for v in view}
        lines = {v.story.storyline for v in view}
        return StorylineHistory(
            {
                line: tuple(
                    PastStory(self.stories[s], self.members[s])
                    for s in self.lines.get(line, ())
                    if s not in shown and self.members.get(s)
                )
                for line in lines
            }
        )

    def _is_fresh(self, article: Article, ranges: Ranges, topics: tuple[str, ...], waivers: TopicWaivers) -> bool:
        publication = self.publication
        if article.seq not in ranges or article.standing is not Standing.NEWS:
            return False
        if publication.sources and article.source not in publication.sources:
            return False
        if publication.languages and article.language not in publication.languages:
            return False
        return not waivers or any(
            article.seq not in waivers.get(topic, Ranges())
            for topic in article.topics or (OTHER,)
            if not topics or topic in topics
        )


def load(connection: Connection, publication: Publication, edition: Edition, ranges: Ranges) -> Candidates:
    """One look at the store for all readers of an edition; `ranges` joins what they are owed."""
    arrived = articles.visible(connection, articles.fresh(connection, ranges.spans), edition.cutoff, bodies=False)
    with_news = stories.load(connection, {a.story for a in arrived.values() if a.story})
    found = {
        s: story for s, story in stories.of_storylines(connection, {s.storyline for s in with_news.values()}).items()
    }
    ids = {i for story in found.values() for i in story.articles}
    loaded = articles.visible(connection, ids, edition.cutoff)
    members = {s: tuple(loaded[i] for i in story.articles if i in loaded) for s, story in found.items()}
    lines: dict[int, tuple[int, ...]] = {}
    for story in found.values():
        if members[story.id]:
            lines[story.storyline] = (*lines.get(story.storyline, ()), story.id)
    return Candidates(publication, loaded, found, members, lines)


def sent_before(connection: Connection, told: Mapping[int, list[variants.Told]], variant_ids: frozenset[int]) -> Sent:
    """What these variants told together, by the stories' present ids."""
    entries = [entry for v in sorted(variant_ids) for entry in told.get(v, ())]
    now = stories.redirects(connection, {e.story for e in entries})
    found: dict[int, SentStory] = {}
    for entry in entries:
        story = now.get(entry.story, entry.story)
        before = found.get(story, SentStory(0))
        found[story] = SentStory(max(before.last_seq, entry.last_seq), before.sentences | set(entry.sentences))
    return Sent(found)
