"""What an edition can tell: loaded once, then selected from in memory for each group of readers."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

from digest.compose.candidates import OTHER, PastStory, Sent, SentStory, StoryInView, StorylineHistory
from digest.group.topics import is_named, of_story
from digest.model.article import Article, Standing
from digest.model.edition import Edition, EntryKind
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
    news: Mapping[int, tuple[int, ...]]  # article -> the numbers of its revisions that may be mailed
    labels: Mapping[str, str] = field(default_factory=dict)  # of topics that the operator named
    titles: Mapping[int, str] = field(default_factory=dict)  # of storylines, given by the operator
    seen: dict[tuple[int, frozenset[int]], StoryInView] = field(default_factory=dict, compare=False, repr=False)

    def in_view(self, ranges: Ranges, topics: tuple[str, ...], waivers: TopicWaivers) -> tuple[StoryInView, ...]:
        """Stories with an article of which a revision lies in the ranges. Empty topics: any.

        What an older one told may be owed alone: where the mail that told it bounced when the newer was told already.
        """
        owed: dict[int, set[int]] = {}
        for article in self.articles.values():
            if article.story and (numbers := self._owed(article, ranges, topics, waivers)):
                owed.setdefault(article.story, set()).update(numbers)
        return tuple(self._seen(story, frozenset(numbers)) for story, numbers in sorted(owed.items()))

    def _seen(self, story: int, owed: frozenset[int]) -> StoryInView:
        """The same object for the same: views share what is made of it."""
        found = self.seen.get((story, owed))
        if found is None:
            found = self.seen[story, owed] = StoryInView(self.stories[story], self.members[story], owed)
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

    def _owed(self, article: Article, ranges: Ranges, topics: tuple[str, ...], waivers: TopicWaivers) -> list[int]:
        """The numbers of its revisions that lie in the ranges and were wanted when they came."""
        numbers = [number for number in self.news.get(article.id, ()) if number in ranges]
        if not numbers or article.standing is not Standing.NEWS:
            return []
        assert article.story is not None
        # Where it has none of the wanted topics itself, it is its story that has.
        named = (*article.topics, *self.stories[article.story].topics) or (OTHER,)
        wanted = [topic for topic in named if not topics or topic in topics]
        if not wanted:
            return numbers
        return [n for n in numbers if any(n not in waivers.get(topic, Ranges()) for topic in wanted)]


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
    news = {i: tuple(r.seq for r in every[i] if r.standing is Standing.NEWS) for i in loaded}
    return Candidates(publication, loaded, found, members, lines, news, labels, titles)


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
    placed = [(entry, _whole(entry, told[v])) for v in sorted(variant_ids) for entry in told.get(v, ())]
    entries = [entry for entry, _ in placed]
    heirs = corrections.heirs(connection, {e.story for e in entries})
    named = {e.story for e in entries} | {heir.story for mine in heirs.values() for heir in mine}
    now = stories.redirects(connection, named)
    found: dict[int, SentStory] = {}

    def add(story: int, last_seq: int, sentences: Iterable[str], whole: int = 0) -> None:
        story = now.get(story, story)
        before = found.get(story, SentStory(0))
        had = before.sentences | set(sentences)
        found[story] = SentStory(max(before.last_seq, last_seq), had, max(before.whole, whole))

    for entry, whole in placed:
        add(entry.story, entry.last_seq, entry.sentences, whole)
        for heir in heirs.get(entry.story, ()):
            if entry.last_seq <= heir.up_to:
                add(heir.story, entry.last_seq if heir.whole else 0, entry.sentences)
    return Sent(found)


def _whole(entry: variants.Told, beside: Iterable[variants.Told]) -> int:
    """How far an entry told a story as new. Of stories that share one, it is not on record which of them was new."""
    alone = sum(other.position == entry.position for other in beside) == 1
    return entry.last_seq if alone and entry.kind == EntryKind.NEW else 0
