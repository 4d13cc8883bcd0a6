"""What goes in and out of the grouping, as plain values."""

from __future__ import annotations

from dataclasses import dataclass

from digest.group.features import Features
from digest.model.dates import PartialDate


@dataclass(frozen=True, slots=True)
class Member:
    """An article that has been placed before: all that the grouping needs to know of it."""

    article: int
    story: int
    storyline: int
    published: PartialDate
    language: str
    publisher: str
    signature: bytes
    features: Features
    topics: tuple[str, ...] = ()  # heaviest first
    meaning: bytes | None = None  # its vector, packed; empty where the model knows no word of it; None: not asked


@dataclass(frozen=True, slots=True)
class TopicScore:
    """A topic of an article, how strongly (0 to 1; above 1 for an operator's own), and the words that did it."""

    topic: str
    score: float
    reason: str


@dataclass(frozen=True, slots=True)
class Placement:
    """Where an article was put, and why."""

    article: int
    story: int
    storyline: int
    new_story: bool
    new_storyline: bool
    features: Features
    topics: tuple[TopicScore, ...]
    why: str
    meaning: bytes | None = None  # as that of a member


@dataclass(frozen=True, slots=True)
class Merge:
    """Two stories, or two storylines, turned out to be one. `kind` is story or storyline; the older id wins."""

    kind: str
    loser: int
    winner: int
    why: str


@dataclass(frozen=True, slots=True)
class Split:
    """A story turned out to tell two events: `articles` left it for the story `new`, in the same storyline."""

    story: int
    new: int
    storyline: int
    articles: tuple[int, ...]
    why: str


@dataclass(frozen=True, slots=True)
class Review:
    """What a second look at the stories changed: the splits in their order, then the merges in theirs."""

    splits: tuple[Split, ...]
    merges: tuple[Merge, ...]


@dataclass(frozen=True, slots=True)
class StoryProfile:
    """What is worth writing down of a story. `lead` is the article that gives the headline."""

    id: int
    storyline: int
    lead: int
    first: PartialDate
    last: PartialDate
    topics: tuple[str, ...]
    languages: tuple[str, ...]
    articles: tuple[int, ...]
