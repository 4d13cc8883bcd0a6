"""What an edition can tell: loaded once, then selected from in memory for each group of readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest.compose.candidates import OTHER, PastStory, Sent, SentStory, StoryInView, StorylineHistory
from digest.group.topics import is_named, of_story
from digest.model.article import Article, Standing
from digest.model.edition import Edition
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.story import Story
from digest.store import articles, corrections, stories, variants
from digest.store import topics as stored_topics
from digest.store.stories import Connection

#: Topic -> the numbers at which it was not yet among the reader's topics.
TopicWaivers = Mapping[str, Ranges]


@dataclass(frozen=True, slots=True)
class Candidates:
    """Every story that has news in the given ranges, with its articles as they stood at the cutoff."""

    publication: Publication
    articles: Mapping[int, Article]  # the newest revision of each
    stories: Mapping[int, Story]  # those with news, and all others of their storylines
    members: Mapping[int, tuple[Article, ...]]  # by story: every revision, so that what is new in one can be told
    lines: Mapping[int, tuple[int, ...]]  # storyline -> its stories
    labels: Mapping[str, str] = field(default_factory=dict)  # of topics that the operator named
    titles: Mapping[int, str] = field(default_factory=dict)  # of storylines, given by the operator
    seen: dict[tuple[int, frozenset[int]], StoryInView] = field(default_factory=dict, compare=False, repr=False)

    def in_view(self, ranges: Ranges, topics: tuple[str, ...], waivers: TopicWaivers) -> tuple[StoryInView, ...]:
        """Stories with an article whose newest revision lies in the ranges. Empty topics: any."""
        fresh: dict[int, set[int]] = {}
        for article in self.articles.values():
            if article.story and self._is_fresh(article, ranges, topics, waivers):
                fresh.setdefault(article.story, set()).add(article.id)
        return tuple(self._seen(story, frozenset(ids)) for story, ids in sorted(fresh.items()))

    def _seen(self, story: int, fresh: frozenset[int]) -> StoryInView:
        """The same object for the same: views share what is made of it."""
        found = self.seen.get((story, fresh))
        if found is None:
            found = self.seen[story, fresh] = StoryInView(self.stories[story], self.members[story], fresh)
        return found

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
            },
            self.titles,
        )

    def _is_fresh(self, article: Article, ranges: Ranges, topics: tuple[str, ...], waivers: TopicWaivers) -> bool:
        if article.seq not in ranges or article.standing is not Standing.NEWS:
            return False
        assert article.story is not None
        # Where it has none of the wanted topics itself, it is its story that has.
        named = (*article.topics, *self.stories[article.story].topics) or (OTHER,)
        wanted = [topic for topic in named if not topics or topic in topics]
        return not wanted or any(article.seq not in waivers.get(topic, Ranges()) for topic in wanted)


def load(connection: Connection, publication: Publication, edition: Edition, ranges: Ranges) -> Candidates:
    """One look at the store for all readers of an edition; `ranges` joins what they are owed."""
    arrived = articles.visible(connection, articles.fresh(connection, ranges.spans), edition.cutoff, bodies=False)
    with_news = stories.load(connection, {a.story for a in arrived.values() if a.story})
    found = {
        s: story for s, story in stories.of_storylines(connection, {s.storyline for s in with_news.values()}).items()
    }
    ids = {i for story in found.values() for i in story.articles}
    every = articles.revisions(connection, ids, edition.cutoff)
    loaded = {i: known[-1] for i, known in every.items() if _is_carried(known[-1], publication)}
    members = {s: tuple(r for i in story.articles if i in loaded for r in every[i]) for s, story in found.items()}
    topics = {s: of_story([every[i][-1].topics for i in story.articles if i in every]) for s, story in found.items()}
    found = {s: _as_it_stood(story, members[s], topics[s]) for s, story in found.items()}
    lines: dict[int, tuple[int, ...]] = {}
    for story in found.values():
        if members[story.id]:
            lines[story.storyline] = (*lines.get(story.storyline, ()), story.id)
    known = stored_topics.listing(connection)
    labels = {t.name: t.label for t in known if is_named(t)}
    titles = stories.storyline_titles(connection, lines)
    return Candidates(publication, loaded, found, members, lines, labels, titles)


def _is_carried(article: Article, publication: Publication) -> bool:
    """Whether the publication draws on the article's source and language."""
    if publication.sources and article.source not in publication.sources:
        return False
    return not publication.languages or article.language in publication.languages


def _as_it_stood(story: Story, members: Sequence[Article], topics: tuple[str, ...]) -> Story:
    """The story's dates and topics without what came after the cutoff, however long ago that was."""
    newest = {a.id: a for a in members}.values()  # revisions come in order
    if not newest:
        return story
    dates = sorted((a.published for a in newest), key=lambda date: (date.start, date.precision.rank))
    last_seq = max(a.seq for a in newest)
    return replace(story, first=dates[0], last=dates[-1], last_seq=last_seq, topics=topics)


def sent_before(connection: Connection, told: Mapping[int, list[variants.Told]], variant_ids: frozenset[int]) -> Sent:
    """What these variants told together, by the stories' present ids.

    Articles that were moved by hand take along what was told of the story that they were in.
    """
    entries = [entry for v in sorted(variant_ids) for entry in told.get(v, ())]
    heirs = corrections.heirs(connection, {e.story for e in entries})
    named = {e.story for e in entries} | {heir.story for mine in heirs.values() for heir in mine}
    now = stories.redirects(connection, named)
    found: dict[int, SentStory] = {}

    def add(story: int, last_seq: int, sentences: Iterable[str]) -> None:
        story = now.get(story, story)
        before = found.get(story, SentStory(0))
        found[story] = SentStory(max(before.last_seq, last_seq), before.sentences | set(sentences))

    for entry in entries:
        add(entry.story, entry.last_seq, entry.sentences)
        for heir in heirs.get(entry.story, ()):
            if entry.last_seq <= heir.up_to:
                add(heir.story, entry.last_seq if heir.whole else 0, entry.sentences)
    return Sent(found)
