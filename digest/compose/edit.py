"""Edit: candidates in, the edition as one group of readers sees it out. Pure.

Every story in view ends in exactly one place: in an entry (alone or folded with others of its
storyline), among what is over the mail's limits, or among what is left out. All count as covered.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from zoneinfo import ZoneInfo

from digest.compose.candidates import OTHER, Request, Sent, StoryInView, StorylineHistory
from digest.compose.desk import Desk
from digest.compose.entry import Outline
from digest.compose.folding import Fold, fold
from digest.compose.novelty import News
from digest.compose.span import reaches_back
from digest.model.dates import PartialDate, day_of
from digest.model.edition import DateGroup, Edition, EditionKind, Entry, Section, View
from digest.model.publication import NothingNew, Publication

Placed = tuple[str, Outline]


def edit(
    request: Request,
    stories_in_view: Iterable[StoryInView],
    history: StorylineHistory,
    sent: Sent,
    desk: Desk | None = None,
) -> View | None:
    """None where nothing is left to tell: then every story in view was left out. Where the publication says so to its
    readers, a view without sections stands for that.

    Only the entries that are shown are told whole, since telling may cost time and money.
    """
    desk = desk or Desk()
    news: list[News] = []
    left_out: list[int] = []
    off_topic: list[int] = []
    for candidate in stories_in_view:
        assessed = desk.assess(candidate, sent)
        if assessed is None:
            left_out.append(candidate.story.id)
        else:
            news.append(assessed)

    placed: list[Placed] = []
    for line in fold(news):
        topic = _topic(line, request.wanted)
        if topic is None:
            off_topic.extend(s.id for s in line.stories)
            continue
        cut_at = request.edition.cut_at
        placed.append((topic, desk.outline(line, request.language, cut_at, request.wanted, request.ranking)))
    nothing = _nothing(request, left_out, off_topic)
    if not placed:
        return nothing if says_nothing_new(request.publication, request.edition) else None

    shown, over = _limit(placed, request.publication.max_per_section, request.publication.max_entries)
    told = desk.tell([found for _, found in shown], history, request.language, ZoneInfo(request.zone), sent)
    listed = desk.list_beyond([found for _, found in over], request.language, sent)
    return replace(
        nothing,
        sections=_sections([(topic, entry) for (topic, _), entry in zip(shown, told, strict=True)], request),
        more=len(over),
        over=tuple(story for _, found in over for story, _ in found.entry.stories),
        beyond=_sections([(topic, entry) for (topic, _), entry in zip(over, listed, strict=False)], request),
    )


def says_nothing_new(publication: Publication, edition: Edition) -> bool:
    """Whether readers for whom nothing is new hear of it: at their slot, not where somebody publishes by hand."""
    return publication.nothing_new is NothingNew.SAY and edition.kind is EditionKind.SLOT


def _nothing(request: Request, left_out: Sequence[int], off_topic: Sequence[int]) -> View:
    """A view without sections."""
    return View(
        edition=request.edition,
        publication_title=request.publication.title,
        look=request.publication.look,
        language=request.language,
        zone=request.zone,
        sections=(),
        notes=_notes(request),
        covers_from=request.covers_from,
        left_out=(*left_out, *off_topic),
        off_topic=tuple(off_topic),
    )


def _topic(line: Fold, wanted: Sequence[str]) -> str | None:
    """The section of an entry: the heaviest wanted topic of its newest story that has one.

    None where the reader named topics and the storyline has none of them.
    """
    stories = tuple(reversed(line.stories))
    for story in stories:
        for topic in story.topics:
            if not wanted or topic in wanted:
                return topic
    return OTHER if not wanted or OTHER in wanted else None


def _order(placed: Placed) -> tuple[float, float, int]:
    entry = placed[1].entry
    return (-entry.score, -entry.date.start.timestamp(), entry.story)


def _limit(placed: Sequence[Placed], per_section: int, total: int) -> tuple[list[Placed], list[Placed]]:
    """The best entries that fit. A limit of nought or less would mail nothing: one is the least."""
    shown: list[Placed] = []
    over: list[Placed] = []
    taken: dict[str, int] = {}
    for item in sorted(placed, key=_order):
        topic, _ = item
        if len(shown) < max(1, total) and taken.get(topic, 0) < max(1, per_section):
            taken[topic] = taken.get(topic, 0) + 1
            shown.append(item)
        else:
            over.append(item)
    return shown, over


def _sections(shown: Sequence[tuple[str, Entry]], request: Request) -> tuple[Section, ...]:
    topics: dict[str, list[Entry]] = {}
    for topic, entry in shown:  # best first
        topics.setdefault(topic, []).append(entry)

    def weight(topic: str) -> tuple[bool, float, float, str]:
        # By its best entry first, so that the mail begins where its most important news is.
        return (topic == OTHER, -topics[topic][0].score, -sum(e.score for e in topics[topic]), topic)

    return tuple(
        # The leftovers have no topic to label; rendering has a word for them in each language.
        Section(topic, "" if topic == OTHER else request.labels(topic, request.language), _groups(entries, request))
        for topic, entries in sorted(topics.items(), key=lambda pair: weight(pair[0]))
    )


def _groups(entries: Sequence[Entry], request: Request) -> tuple[DateGroup, ...]:
    """Newest date first. What is only known to the month stands after the days of that month."""
    zone = ZoneInfo(request.zone)
    groups: dict[PartialDate, list[Entry]] = {}
    for entry in entries:
        groups.setdefault(day_of(entry.date, zone), []).append(entry)
    ordered = sorted(groups, key=lambda label: (label.start, label.precision.rank), reverse=True)
    return tuple(DateGroup(label, tuple(groups[label])) for label in ordered)


def _notes(request: Request) -> tuple[str, ...]:
    notes, edition = [], request.edition
    if edition.lateness == "late":
        notes.append("late")
    if edition.lateness == "discard":
        notes.append("discarded")
    elif edition.missed:
        notes.append("merged")
    elif reaches_back(edition, request.covers_from):
        notes.append("reaches back")
    return tuple(notes)
