"""Stories of one storyline that have news for a reader make one entry. Pure."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from digest.compose.novelty import News
from digest.model.story import Story


@dataclass(frozen=True, slots=True)
class Fold:
    """The stories of one storyline that have news for the reader, oldest first: one entry."""

    news: tuple[News, ...]

    @property
    def lead(self) -> News:
        return self.news[-1]

    @property
    def stories(self) -> tuple[Story, ...]:
        return tuple(n.candidate.story for n in self.news)


def fold(news: Iterable[News]) -> tuple[Fold, ...]:
    """Gather by storyline; a story without one (0) stands alone."""
    lines: dict[tuple[int, int], list[News]] = {}
    for item in news:
        story = item.candidate.story
        lines.setdefault((story.storyline, 0) if story.storyline else (0, story.id), []).append(item)
    return tuple(Fold(tuple(sorted(items, key=lambda n: age(n.candidate.story)))) for items in lines.values())


def age(story: Story) -> tuple[datetime, int, int, int]:
    # Of two dates that begin together the finer one says more; a month is known better than its year.
    return (story.last.start, story.last.precision.rank, story.last_seq, story.id)
