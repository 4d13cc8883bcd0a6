"""Who is where: articles, stories, storylines, and in how many storylines each name occurs."""

from __future__ import annotations

import sys
from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from digest.group.centroids import Centroids
from digest.group.corpus import Corpus
from digest.group.documents import Document, Span
from digest.group.features import NOTHING
from digest.group.meanings import unpack
from digest.group.places import is_hub
from digest.group.records import Member
from digest.group.rulings import Level, Rulings
from digest.group.scoring import Scorer, shipped

#: A name that occurs in more storylines than this is a hub: sharing it proves little. The share
#: lets the bar rise with the collection.
_RARE_LINES = 4
_RARE_SHARE = 0.01
#: So many of its latest articles are looked at, and the bar rises no further than to half of them.
_RARE_ARTICLES = 50


@dataclass(slots=True)
class State:
    """The members and the two levels that they form. Independent of the order of arrival."""

    corpus: Corpus = field(default_factory=Corpus)
    scorer: Scorer = field(default_factory=shipped)
    members: dict[int, Member] = field(default_factory=dict)
    stories: dict[int, set[int]] = field(default_factory=dict)  # story -> articles
    lines: dict[int, set[int]] = field(default_factory=dict)  # storyline -> stories
    line_of: dict[int, int] = field(default_factory=dict)  # story -> storyline
    rulings: Rulings = field(default_factory=Rulings)
    names: dict[int, tuple[str, ...]] = field(default_factory=dict)  # of each article
    _centroids: Centroids = field(init=False)

    def __post_init__(self) -> None:
        self._centroids = Centroids(self.corpus)

    def add(self, member: Member, document: Document | None = None) -> None:
        """`document`: the member's features as the corpus read them, where that has been done already."""
        article = member.article
        if document is None:
            meaning = unpack(member.meaning or b"")
            document = self.corpus.read(member.features, member.published, member.language, meaning)
        self.corpus.add(article, document)
        # The vector says it all: of the features only the names are asked for again.
        self.names[article] = tuple(map(sys.intern, member.features.names))
        member = replace(member, features=NOTHING, meaning=None)
        self.members[article] = member
        self.stories.setdefault(member.story, set()).add(article)
        self.lines.setdefault(member.storyline, set()).add(member.story)
        self.line_of[member.story] = member.storyline
        self._centroids.grow(member, document)

    def centroid(self, story: int, language: str) -> Document:
        """A story as one vector, for an article in `language`."""
        return self._centroids.of(story, language, lambda: self._told(story))

    def dates(self, story: int) -> tuple[Span, float]:
        """From when to when a story is told, and the day by which it had begun for certain."""
        return self._centroids.dates(story, lambda: self._told(story))

    def _told(self, story: int) -> list[tuple[Member, Document]]:
        return [(self.members[a], self.corpus.document(a)) for a in self.stories[story]]

    def replace(self, member: Member) -> None:
        """A new revision of a known article, in the same story."""
        old = self.members[member.article]
        self.corpus.remove(old.article)
        self._centroids.forget(old.story)
        self.add(member)

    def remove(self, article: int) -> None:
        """As if it had never come; a story or storyline that is left empty goes."""
        old = self.members.pop(article)
        self.corpus.remove(article)
        self._centroids.forget(old.story)
        del self.names[article]
        self.stories[old.story].discard(article)
        self._drop_empty(old)

    def _drop_empty(self, left: Member) -> None:
        """Of the story that a member has left, and its storyline."""
        if not self.stories[left.story]:
            del self.stories[left.story], self.line_of[left.story]
            self.lines[left.storyline].discard(left.story)
        if not self.lines[left.storyline]:
            del self.lines[left.storyline]

    def is_rare(self, name: str) -> bool:
        if is_hub(name):
            return False
        limit = max(_RARE_LINES, min(_RARE_SHARE * len(self.lines), _RARE_ARTICLES / 2))
        named = self.corpus.named(name)[-_RARE_ARTICLES:]
        return len(named) <= limit or len({self.members[a].storyline for a in named}) <= limit

    def shared_rare_names(self, one: Iterable[str], other: Iterable[str]) -> list[str]:
        """The rare names that two articles share, a person's first and last name as one."""
        shared = set(one) & set(other)
        pairs = sorted(name for name in shared if " " in name)
        inside = {word for pair in pairs for word in pair.split()}
        units = [name for name in [*pairs, *sorted(shared - set(pairs) - inside)] if self.is_rare(name)]
        return _without_overlap(units)

    def move(self, article: int, story: int, storyline: int) -> None:
        """Put a known article into a story of a storyline; either may be new, and what is left empty goes.

        A story that is there must be in that storyline.
        """
        old = self.members[article]
        self._centroids.forget(old.story)
        self._centroids.forget(story)
        self.stories[old.story].discard(article)
        self._drop_empty(old)
        self.members[article] = replace(old, story=story, storyline=storyline)
        self.stories.setdefault(story, set()).add(article)
        self.lines.setdefault(storyline, set()).add(story)
        self.line_of[story] = storyline

    def move_story(self, story: int, storyline: int) -> None:
        """Put a story into another storyline, which may be new; a storyline that is left empty goes."""
        articles, old = self.stories[story], self.line_of[story]
        self.lines[old].discard(story)
        if not self.lines[old]:
            del self.lines[old]
        self.lines.setdefault(storyline, set()).add(story)
        self.line_of[story] = storyline
        for article in articles:
            member = self.members[article]
            self.members[article] = replace(member, storyline=storyline)

    def merge_stories(self, loser: int, winner: int) -> None:
        """The loser's articles move."""
        for article in sorted(self.stories[loser]):
            self.move(article, winner, self.line_of[winner])

    def merge_lines(self, loser: int, winner: int) -> None:
        for story in sorted(self.lines[loser]):
            self.move_story(story, winner)

    def articles_of(self, storyline: int) -> set[int]:
        return {article for story in self.lines[storyline] for article in self.stories[story]}

    def parted_lines(self, storyline: int) -> set[int]:
        """Storylines that the operator ruled not to be one with this one."""
        rulings = self.rulings
        mine = [a for a in rulings.parted(Level.STORYLINE) if a in self.members and self._is_in(a, storyline)]
        others = {b for a in mine for b in rulings.apart_from(Level.STORYLINE, a)}
        return {self.members[b].storyline for b in others if b in self.members} - {storyline}

    def _is_in(self, article: int, storyline: int) -> bool:
        return self.members[article].storyline == storyline

    def parted_stories(self, story: int) -> set[int]:
        """Stories that the operator ruled not to be one with this one, by themselves or by their storylines."""
        if not len(self.rulings):
            return set()
        others = {b for a in self.stories[story] for b in self.rulings.apart_from(Level.STORY, a)}
        lines = self.parted_lines(self.line_of[story])
        found = {self.members[b].story for b in others if b in self.members}
        return found.union(*(self.lines[line] for line in lines)) - {story}


def _without_overlap(names: list[str]) -> list[str]:
    """Pairs that share a word tell one name ("Anna Berg Olsen"), and count once."""
    kept: list[str] = []
    used: set[str] = set()
    for name in names:
        words = set(name.split())
        if not words & used:
            kept.append(name)
        used |= words
    return kept
