"""What composing starts from: stories in view, their past, and what this group of readers had."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime

from digest.model.article import Article
from digest.model.edition import Edition
from digest.model.publication import Publication
from digest.model.ranking import EVEN, Ranking
from digest.model.story import Story

#: The section of stories that have no topic at all.
OTHER = "other"

#: Topic name and language -> label.
Labels = Callable[[str, str], str]


def _plain_label(topic: str, _language: str) -> str:
    return topic.replace("-", " ").replace("_", " ").capitalize()


@dataclass(frozen=True, slots=True)
class StoryInView:
    """A story of which at least one article may be news to the reader.

    `articles` are all visible revisions up to the edition's cutoff; `owed` the numbers of those that lie in the ranges
    that the reader is owed. An older one lies there alone where the mail that told it came back after the newer was
    told.
    """

    story: Story
    articles: tuple[Article, ...]
    owed: frozenset[int]

    @property
    def fresh(self) -> frozenset[int]:
        """The ids of the articles of which a revision is owed."""
        return frozenset(a.id for a in self.articles if a.seq in self.owed)


@dataclass(frozen=True, slots=True)
class PastStory:
    """An earlier story of a storyline, for "the story so far"."""

    story: Story
    articles: tuple[Article, ...]


@dataclass(frozen=True, slots=True)
class StorylineHistory:
    """Storyline id -> its earlier stories. Stories that are in view as well are ignored here."""

    stories: Mapping[int, tuple[PastStory, ...]] = field(default_factory=dict)
    titles: Mapping[int, str] = field(default_factory=dict)  # those that the operator gave

    def of(self, storyline: int) -> tuple[PastStory, ...]:
        return self.stories.get(storyline, ())


@dataclass(frozen=True, slots=True)
class SentStory:
    """How far a story was mailed to this group of readers, and which sentences of it.

    `whole`: how far it was told as new, so that nothing was left out for having stood in an earlier mail.
    """

    last_seq: int
    sentences: frozenset[str] = frozenset()  # `sentences.fingerprint` of each
    whole: int = 0


@dataclass(frozen=True, slots=True)
class Sent:
    stories: Mapping[int, SentStory] = field(default_factory=dict)

    def of(self, story: int) -> SentStory | None:
        return self.stories.get(story)


@dataclass(frozen=True, slots=True)
class Request:
    """For whom to compose. Empty `topics` means all of the publication's."""

    edition: Edition
    publication: Publication
    language: str
    zone: str
    topics: tuple[str, ...] = ()
    labels: Labels = _plain_label
    ranking: Ranking = EVEN
    covers_from: datetime | None = None  # when the time began whose news is in view

    @property
    def wanted(self) -> tuple[str, ...]:
        """Topics that this reader gets; empty for all."""
        return self.topics or self.publication.topics
