"""What counts how much when entries are put in order."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Ranking:
    """The weight of each measure in an entry's score. A weight of 0 leaves the measure out.

    `freshness_days`: in so many days what freshness counts falls to 37 % (1/e).
    """

    coverage: float = 2.0  # by doublings of the independent voices
    languages: float = 1.0  # by doublings of the languages that tell it
    articles: float = 0.5  # by doublings of the new articles
    freshness: float = 1.0
    freshness_days: float = 3.0
    novelty: float = 1.0  # of what a reader had a part of, the part that is left
    topics: float = 1.0  # how near the top of the story's topics one of the reader's stands


#: Where nobody weighs otherwise.
EVEN = Ranking()
