"""The grouper: places articles in stories and storylines, one at a time, and merges what proved one.

Cost per article does not grow with history: an inverted index offers a fixed number of candidates,
and only those are compared.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Collection, Iterable, Sequence

from digest.group import correcting, meanings
from digest.group.correcting import Change, Former
from digest.group.features import Features, extract
from digest.group.matching import find_line, find_story
from digest.group.merging import is_brief, merge_all
from digest.group.profiles import lead_of, profile_of
from digest.group.records import Member, Placement, Review, Split, StoryProfile, TopicScore
from digest.group.regrouping import regroup
from digest.group.rulings import Level, Ruling, Rulings
from digest.group.scoring import Scorer, shipped
from digest.group.splitting import two_events
from digest.group.state import State
from digest.group.topics import assign
from digest.model.article import Article
from digest.model.embedding import Embedder
from digest.model.story import Topic


class Grouper:
    """In-memory state of the grouping. `next_story` and `next_storyline` are the first free ids.

    `embedder` makes a vector of each article that is placed; what they count says the scorer's `meaning`.
    """

    def __init__(
        self,
        next_story: int,
        next_storyline: int,
        topics: Sequence[Topic],
        scorer: Scorer | None = None,
        embedder: Embedder | None = None,
    ) -> None:
        self.next_story = next_story
        self.next_storyline = next_storyline
        self._topics = tuple(topics)
        self._state = State(scorer=scorer or shipped())
        self._embedder = embedder
        self._touched: set[int] = set()

    def restore(self, members: Iterable[Member], rulings: Iterable[Ruling] = ()) -> None:
        """Rebuild the state from what was placed before; the order does not matter.

        `rulings`: the operator's, as far as they are in force. Nothing that is done later goes against them.
        """
        self._state.rulings = Rulings(rulings)
        for member in members:
            self._state.add(member)
            self.next_story = max(self.next_story, member.story + 1)
            self.next_storyline = max(self.next_storyline, member.storyline + 1)

    def place(self, article: Article, features: Features | None = None) -> Placement:
        """Put an article in a story, new or known. A known article's new revision stays in its story.

        `features`: what `extract` found in it, where that has been done already.
        """
        features = features or extract(article)
        topics = assign(article, self._topics)
        meaning = meanings.pack(meanings.read(self._embedder, [article])[0]) if self._embedder else None
        if article.id in self._state.members:
            return self._revise(article, features, topics, meaning)
        vector = meanings.unpack(meaning or b"")
        document = self._state.corpus.read(features, article.published, article.language, vector)
        match = find_story(self._state, document, article.language, article.signature)
        link = None
        if match is not None:
            story, storyline = match.target, self._state.line_of[match.target]
        else:
            story, self.next_story = self.next_story, self.next_story + 1
            link = find_line(self._state, document, features.names, article.language)
            storyline = link.target if link else self.next_storyline
            self.next_storyline += link is None
        self._state.add(_member(article, story, storyline, features, topics, meaning), document)
        self._touched.add(story)
        found = match or link
        why = found.why if found else "nothing like it so far"
        new_storyline = found is None
        return Placement(article.id, story, storyline, match is None, new_storyline, features, topics, why, meaning)

    def _revise(
        self, article: Article, features: Features, topics: tuple[TopicScore, ...], meaning: bytes | None
    ) -> Placement:
        old = self._state.members[article.id]
        self._state.replace(_member(article, old.story, old.storyline, features, topics, meaning))
        self._touched.add(old.story)
        why = "a new revision of an article of this story"
        return Placement(article.id, old.story, old.storyline, False, False, features, topics, why, meaning)

    def review(self, recheck: Iterable[int] = ()) -> Review:
        """Take apart stories that tell two events by now, then merge stories, and storylines, that proved one.

        Looks at the stories placed or changed since the last review, and at those in `recheck` (after a
        restart: what was placed since the last review that was written down).
        """
        touched = sorted((self._touched | set(recheck)) & self._state.stories.keys())
        self._touched.clear()
        splits = self._split([story for story in touched if not is_brief(self._state, story)])
        loose, joined = regroup(self._state, touched, self.next_story)
        self.next_story = max([self.next_story, *(split.new + 1 for split in loose)])
        splits += tuple(loose)
        left = {*touched, *(split.new for split in splits)} & self._state.stories.keys()
        merges = (*joined, *merge_all(self._state, sorted(left)))
        return Review(splits, merges)

    def _split(self, touched: Sequence[int]) -> tuple[Split, ...]:
        done: list[Split] = []
        queue = deque(touched)
        while queue:
            story = queue.popleft()
            parts = two_events(self._state, story)
            if parts is None:
                continue
            new, self.next_story = self.next_story, self.next_story + 1
            line = self._state.line_of[story]
            for article in parts.leave:
                self._state.move(article, new, line)
            done.append(Split(story, new, line, parts.leave, parts.why))
            queue += (story, new)
        return tuple(done)

    def remove(self, articles: Iterable[int]) -> tuple[tuple[int, ...], tuple[int, ...]]:
        """Forget articles. Returns the stories that go on without them, and those that have none left."""
        left = set()
        for article in articles:
            left.add(self._state.members[article].story)
            self._state.remove(article)
        stay = left & self._state.stories.keys()
        self._touched |= stay
        return tuple(sorted(stay)), tuple(sorted(left - stay))

    def merge_by_hand(self, level: Level, one: int, other: int, ruling: int) -> Change:
        """Two stories, or storylines, are one: the older id stays. `ruling` is the id of the correction."""
        merge = correcting.merge_stories if level is Level.STORY else correcting.merge_lines
        return merge(self._state, one, other, ruling)

    def part_by_hand(self, level: Level, parts: Collection[int], into: int | None, ruling: int) -> Change:
        """Articles leave their story, or stories their storyline: for a new one, or for the one that is given."""
        if level is Level.STORY:
            if into is None:
                into, self.next_story = self.next_story, self.next_story + 1
            return correcting.part_articles(self._state, parts, into, ruling)
        if into is None:
            into, self.next_storyline = self.next_storyline, self.next_storyline + 1
        return correcting.part_stories(self._state, parts, into, ruling)

    def take_back(self, former: Former, rulings: Iterable[Ruling]) -> Change | None:
        """Undo a correction; `rulings` are those that stay. None where that would go against one of them.

        After None this grouper is of no more use.
        """
        change = correcting.take_back(self._state, former, Rulings(rulings))
        return None if correcting.violated(self._state) else change

    def lead(self, story: int) -> int:
        """The article that gives the story its headline."""
        return lead_of(self._state, story)

    def story_profile(self, story: int) -> StoryProfile:
        """What the store writes down of a story."""
        return profile_of(self._state, story)

    def member(self, article: int) -> Member:
        """An article as it stands now, after merges; without its features, which are not kept."""
        return self._state.members[article]


def _member(
    article: Article,
    story: int,
    storyline: int,
    features: Features,
    topics: tuple[TopicScore, ...],
    meaning: bytes | None,
) -> Member:
    names = tuple(score.topic for score in topics)
    return Member(
        article.id, story, storyline, article.published, article.language, article.publisher, article.signature,
        features, names, meaning,
    )  # fmt: skip
