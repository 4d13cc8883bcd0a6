"""What templates see. Nothing in it comes from outside without being cleaned.

These classes are the interface to an operator's own templates (templates/README.md lists them):
add to them freely, rename nothing.
"""

from __future__ import annotations

from dataclasses import dataclass

from digest.model.cadence import Cadence
from digest.model.publication import Failing


@dataclass(frozen=True, slots=True)
class SlotNames:
    """Markers that stand for per-recipient values; each alone on a line of its own."""

    address: str
    unsubscribe: str
    preferences: str = ""  # where the reader changes the subscription; empty: nowhere

    @property
    def all(self) -> tuple[str, ...]:
        return (*self.needed, *filter(None, [self.preferences]))

    @property
    def needed(self) -> tuple[str, ...]:
        """Those that no mail goes without; a footer from before there was a page of preferences has no third one."""
        return (self.address, self.unsubscribe)


@dataclass(frozen=True, slots=True)
class Facts:
    """What the mail says of itself. `cadence` is the name of the subscription's cadence, `rule` the publication's own
    of that name, if it still has one.
    """

    publication: str
    sender: str = ""
    cadence: str = ""
    web_copy_url: str | None = None
    imprint: str = ""  # postal address or imprint, lines kept
    rule: Cadence | None = None
    failing: Failing | None = None  # sources that the operator is to hear of; never in a reader's copy


@dataclass(frozen=True, slots=True)
class Text:
    """A piece of an article, with its language as far as the reader needs to know it.

    `lang` and `dir` are empty where they are the page's own. `badge` ("DE") and `told` ("In het
    Duits") are empty where the text is in the reader's language. Of a translation they name the
    language that it is from ("DE", "Vertaald uit het Duits"), and `translated` is set.
    """

    text: str
    lang: str = ""
    dir: str = ""
    badge: str = ""
    told: str = ""
    translated: bool = False


@dataclass(frozen=True, slots=True)
class Source:
    publisher: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Passage:
    """Sentences in a row from one article. `continues`: they go on where the headline stops.

    `retold`: they are in a language model's words; then `publisher` says so in words, whoever shows it,
    `note` is the beginning of that ("in our words, after") and `after` whom it goes on to name.
    """

    quotes: tuple[Text, ...]
    publisher: str
    url: str | None
    continues: bool
    retold: bool = False
    note: str = ""
    after: tuple[Source, ...] = ()

    @property
    def first(self) -> Text:
        return self.quotes[0]


@dataclass(frozen=True, slots=True)
class StepLine:
    date: str
    quote: Text
    publisher: str
    url: str | None
    fresh: bool
    iso: str = ""  # its date for machines, in all that is known of it


@dataclass(frozen=True, slots=True)
class Leg:
    """A stretch of an axis: `width` is percent of the whole.

    `mark`: a step stands at its beginning, and `fresh` is about that one. `dotted`: steps along it are not shown.
    """

    width: int
    mark: bool
    fresh: bool
    dotted: bool


@dataclass(frozen=True, slots=True)
class AxisBlock:
    """A timeline as a drawing: its legs from end to end, and above or below them the names of its equal parts.

    `line` and `ruler` are the same in characters, in one line and in two. `said`: the dates, for who cannot see it.
    """

    legs: tuple[Leg, ...]
    parts: tuple[str, ...]
    first: str
    last: str
    said: str
    line: str
    ruler: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Footnote:
    """A link of an entry, for a look that keeps addresses out of its sentences; `said` is whose and what it is."""

    number: int
    said: str
    url: str


@dataclass(frozen=True, slots=True)
class SourceLine:
    publisher: str
    title: Text
    url: str | None
    date: str


@dataclass(frozen=True, slots=True)
class ChangeLine:
    """A matter that changed or is told differently: `now` since `date`, by `publishers`; `earlier` is said in words.

    `label` is empty where `now` speaks for itself ("confirmed"). `differ`: `now` holds several publishers' values.
    """

    label: str
    now: str
    date: str
    publishers: str
    earlier: str
    differ: bool


@dataclass(frozen=True, slots=True)
class ImageBlock:
    """The picture of an entry; it travels in the mail. Sizes are in CSS pixels. `alt` may be empty."""

    src: str  # cid:…
    alt: str
    width: int
    height: int
    lang: str = ""  # of `alt`, where it is not the page's own


@dataclass(frozen=True, slots=True)
class EntryBlock:
    headline: Text
    url: str | None
    updated: bool
    date: str  # the time of day; empty where the heading of its date says all that is known
    passages: tuple[Passage, ...]
    timeline: tuple[StepLine, ...]
    skipped: int
    sources: tuple[SourceLine, ...]
    more_sources: int
    publishers: int
    lead: bool  # the entry that leads the mail
    mixed: bool  # the timeline has steps that are new to the reader and others that are not
    changes: tuple[ChangeLine, ...]  # the newest first
    line_title: str  # the operator's name for the storyline
    voices: str  # "5 publishers, one text" where that is so
    listed: bool  # the sources say more than the attributions of what is quoted
    image: ImageBlock | None = None
    iso: str = ""
    reason: str = ""  # why it stands where it stands; no mail shows it
    day: str = ""  # its date, at most the day
    axis: AxisBlock | None = None  # where a drawing of the timeline helps
    footnotes: tuple[Footnote, ...] = ()  # each address once, in the order of the text

    def note(self, url: str | None) -> str:
        """The mark of an address' footnote: ` [2]`; empty where there is none."""
        return next((f" [{f.number}]" for f in self.footnotes if f.url == url), "")


@dataclass(frozen=True, slots=True)
class GroupBlock:
    label: str
    entries: tuple[EntryBlock, ...]
    iso: str = ""


@dataclass(frozen=True, slots=True)
class SectionBlock:
    topic: str
    label: str
    count: int
    groups: tuple[GroupBlock, ...]


@dataclass(frozen=True, slots=True)
class Page:
    lang: str
    dir: str
    start: str  # left, or right where the language runs the other way
    end: str
    title: str
    number: str
    date: str
    short_date: str
    tail: str  # how a subject ends: the publication and its day, in the order that cannot be misread
    comma: str  # between the parts of a list
    notes: tuple[str, ...]
    sections: tuple[SectionBlock, ...]
    stories: int
    sources: int
    publishers: int
    more: int
    preheader: str
    lead: EntryBlock | None  # none where nothing is new
    trust: str  # what the sentences in this mail are: quoted, or some of them not
    operator: str  # what only the operator's copy says; empty in every other
    why: str
    sender: str
    imprint: tuple[str, ...]
    web_copy_url: str | None
    slots: SlotNames
    covers: str = ""  # how long a time, in words
    preferences_url: str | None = None  # of footers from before there was a slot for it: there is no such link
    beyond: tuple[SectionBlock, ...] = ()  # what the mail had no room for: on its copy on the web alone
    nothing: str = ""  # that there is nothing new: then there are no sections and no lead
    nothing_subject: str = ""
