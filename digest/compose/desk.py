"""Where the views of one edition are made: what is judged, ranked and told of a story once serves all of them.

Readers differ in topics and in what they had before; the same story, as new to the one as to the other, is told
them alike. A thousand variants then cost little more than the stories that there are.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from digest.compose import beyond, entry
from digest.compose.candidates import Sent, StoryInView, StorylineHistory
from digest.compose.entry import Outline
from digest.compose.folding import Fold
from digest.compose.kept import Shelf
from digest.compose.novelty import News, assess
from digest.compose.rank import nearness
from digest.compose.tell import Telling
from digest.model.dates import day_of
from digest.model.edition import Entry, Step
from digest.model.ranking import Ranking


class Desk:
    """`StoryInView`s are told apart by identity: who makes them keeps them for the next view."""

    def __init__(self, telling: Telling | None = None) -> None:
        self._telling = telling or Telling()
        self._shelf = Shelf()

    def clear(self) -> None:
        """Forget all; what comes next has little in common with what came before."""
        self._shelf.clear()

    def assess(self, candidate: StoryInView, sent: Sent) -> News | None:
        about = ("news", sent.of(candidate.story.id))
        return self._shelf.once(about, (candidate,), lambda: assess(candidate, sent))

    def outline(self, line: Fold, language: str, now: datetime, wanted: Sequence[str], weights: Ranking) -> Outline:
        near = nearness(line, wanted)  # all that the topics change of it
        about = ("outline", language, now, near, weights)
        return self._shelf.once(about, line.news, lambda: entry.outline(line, language, now, wanted, weights))

    def tell(
        self, outlines: Sequence[Outline], history: StorylineHistory, language: str, zone: ZoneInfo, sent: Sent
    ) -> list[Entry]:
        """In their order. A language model is asked for all of a view at once, and remembers its answers itself."""
        if not self._telling.quotes:
            told = self._telling.entries(outlines, history, language, sent)
            return [_dated(one, zone) for one in told]
        return [self._told(found, history, language, zone, sent) for found in outlines]

    def list_beyond(self, outlines: Sequence[Outline], language: str, sent: Sent) -> list[Entry]:
        """So many of what lies over the limits as the copy on the web lists, in their order."""
        best, others = outlines[: beyond.TOLD], outlines[beyond.TOLD : beyond.LISTED]
        return [self._led(found, language, sent) for found in best] + list(map(self._named, others))

    def _named(self, found: Outline) -> Entry:
        return self._shelf.once("named", (found,), lambda: beyond.named(found))

    def _led(self, found: Outline, language: str, sent: Sent) -> Entry:
        return self._shelf.once(("led", language), (found,), lambda: beyond.led(found, sent, language, self._telling))

    def _told(self, found: Outline, history: StorylineHistory, language: str, zone: ZoneInfo, sent: Sent) -> Entry:
        past = tuple(p.story.id for p in history.of(found.entry.storyline))
        about = ("entry", language, zone.key, past)

        def tell() -> Entry:
            (told,) = self._telling.entries([found], history, language, sent)
            return _dated(told, zone)

        return self._shelf.once(about, (found,), tell)


def _dated(told: Entry, zone: ZoneInfo) -> Entry:
    return replace(told, timeline=_by_date(told.timeline, zone))


def _by_date(steps: Sequence[Step], zone: ZoneInfo) -> tuple[Step, ...]:
    """Oldest first by the dates that the reader sees: a story may be told by an article that is not its newest."""

    def place(step: Step) -> tuple[datetime, int, datetime]:
        day = day_of(step.date, zone)
        return day.start, day.precision.rank, step.date.start

    return tuple(sorted(steps, key=place))
