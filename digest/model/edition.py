"""The edition: a numbered, frozen selection, as one group of readers sees it."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import date, datetime

from digest.model.dates import PartialDate
from digest.model.development import Development
from digest.model.image import LeadImage


class EntryKind(enum.StrEnum):
    NEW = "new"
    UPDATED = "updated"


class Manner(enum.StrEnum):
    """How a sentence comes from its article."""

    QUOTED = "quoted"  # word for word
    RETOLD = "retold"  # a language model's words, checked against the articles
    TRANSLATED = "translated"  # by a language model, checked against the sentence


@dataclass(frozen=True, slots=True)
class Credit:
    """A further article that a retold sentence rests on."""

    article: int
    publisher: str
    url: str | None = None
    published: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class Quote:
    """One sentence with the article that it is from; the only stuff that summaries are made of.

    It is quoted unless `manner` says otherwise. `continues`: the sentence begins in the headline right
    above, and `text` is the rest of it. `basis`: what the articles themselves say, where it is not
    quoted; the reader has been told that.
    """

    text: str
    language: str
    article: int  # article id
    publisher: str  # empty where nobody is known: the date must do
    url: str | None = None
    continues: bool = False
    manner: Manner = Manner.QUOTED
    also: tuple[Credit, ...] = ()
    basis: tuple[str, ...] = ()
    original_language: str = ""  # of a translation
    published: PartialDate | None = None


@dataclass(frozen=True, slots=True)
class SourceLink:
    """One article behind an entry, as the reader can open it."""

    publisher: str
    title: str
    language: str
    url: str | None
    published: PartialDate


@dataclass(frozen=True, slots=True)
class Step:
    """One dated step of the story so far. `fresh`: the reader has not had this one before."""

    date: PartialDate
    quote: Quote
    story: int
    fresh: bool = False


@dataclass(frozen=True, slots=True)
class Entry:
    """One story (with, folded in, the other stories of its storyline that are in view).

    `stories` maps every story that this entry covers to the last sequence number it covers there.
    `skipped` counts steps of the timeline that were left out between the first and the newest.
    `original_headline` is what the article says where `headline` is a translation of it.
    """

    kind: EntryKind
    story: int
    storyline: int
    headline: str
    headline_language: str
    date: PartialDate
    summary: tuple[Quote, ...]
    sources: tuple[SourceLink, ...]
    timeline: tuple[Step, ...] = ()
    stories: tuple[tuple[int, int], ...] = ()
    publishers: int = 1
    texts: int = 0  # different ones among all the articles; one text printed by several publishers is one voice
    developments: tuple[Development, ...] = ()  # the newest first
    line_title: str = ""  # the operator's name for the storyline
    reason: str = ""  # why it stands where it stands
    score: float = 0.0  # what it was ranked by; the highest of the first section leads the mail
    skipped: int = 0
    original_headline: str = ""
    original_language: str = ""
    images: tuple[LeadImage, ...] = ()  # of its articles, the headline's first


@dataclass(frozen=True, slots=True)
class DateGroup:
    """Entries of one date inside a section; `day` is None where no day is known."""

    label: PartialDate
    entries: tuple[Entry, ...]


@dataclass(frozen=True, slots=True)
class Section:
    topic: str
    label: str  # in the reader's language
    groups: tuple[DateGroup, ...]

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for g in self.groups for e in g.entries)


class EditionKind(enum.StrEnum):
    SLOT = "slot"
    EXTRA = "extra"


class EditionState(enum.StrEnum):
    PLANNING = "planning"  # some readers may still be waited for
    CLOSED = "closed"  # every reader has a delivery or a reason for none
    PAUSED = "paused"
    CANCELLED = "cancelled"


class Approval(enum.StrEnum):
    """Whether the operator has to look at an edition before it goes out, and has."""

    NONE = ""
    WAITING = "waiting"  # nothing of it is sent yet
    APPROVED = "approved"
    REJECTED = "rejected"  # it is cancelled; the next one tells its news
    LAPSED = "lapsed"  # nobody said anything in time: the publication's policy decided


@dataclass(frozen=True, slots=True)
class Edition:
    """A row of its own per zone; `number` is shared by all zones of a slot."""

    publication: str
    number: int
    cadence: str  # or "extra"
    kind: EditionKind
    slot: datetime  # naive local
    zone: str
    due: datetime  # UTC instant of the slot
    cutoff: int  # last sequence number in view
    cut_at: datetime  # UTC
    state: EditionState = EditionState.PLANNING
    lateness: str = ""  # "", "late", "merge", "discard"
    missed: int = 0  # slots that this edition stands in for besides its own
    covers_from: datetime | None = None
    approval: Approval = Approval.NONE
    approve_by: datetime | None = None
    approval_at: datetime | None = None  # of the answer; while it waits, when the operator was told
    approval_reason: str = ""
    deleted_at: datetime | None = None  # records of its mails were, since they were old: the last time
    id: int = 0

    @property
    def day(self) -> date:
        return self.slot.date()

    @property
    def name(self) -> str:
        """What people call it: `news/day/12`. All zones of a slot share it."""
        return f"{self.publication}/{self.cadence}/{self.number}"


@dataclass(frozen=True, slots=True)
class View:
    """An edition as one group of readers sees it: all that rendering needs, and nothing else."""

    edition: Edition
    publication_title: str
    look: str
    language: str
    zone: str
    sections: tuple[Section, ...]
    more: int = 0  # entries beyond the mail's limits: counted as covered
    notes: tuple[str, ...] = field(default=())  # keys of honest remarks: late, merged, discarded
    over: tuple[int, ...] = ()  # stories of the entries that `more` counts
    left_out: tuple[int, ...] = ()  # stories in view that are not shown otherwise: covered all the same
    covers_from: datetime | None = None  # when the time began whose news this group of readers is owed
    off_topic: tuple[int, ...] = ()  # of these the ones without a wanted topic; the others had nothing new
    beyond: tuple[Section, ...] = ()  # what of `more` the copy on the web tells: many of them in a sentence, or none
    uncut: tuple[Entry, ...] = ()  # entries that the mail had to shorten, as they were: for that copy too

    @property
    def entries(self) -> tuple[Entry, ...]:
        return tuple(e for s in self.sections for e in s.entries)
