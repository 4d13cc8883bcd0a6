"""What people subscribe to."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from digest.model.cadence import Cadence, Lateness


class NothingNew(enum.StrEnum):
    """What a reader gets for whom there is nothing new."""

    SKIP = "skip"  # no mail
    SAY = "say"  # a short one that says so


class Unapproved(enum.StrEnum):
    """What becomes of an edition that nobody approved in time."""

    SEND = "send"
    DROP = "drop"  # it is cancelled; the next one tells its news


class Access(enum.StrEnum):
    """Whether everybody may, on the web."""

    OPEN = "open"
    CLOSED = "closed"


@dataclass(frozen=True, slots=True)
class Publication:
    """A definition; it holds no news. Empty `topics`, `sources`, `languages` mean all of them."""

    name: str
    title: str
    cadences: tuple[Cadence, ...]
    zone: str
    language: str  # of the fixed words, where a subscription names none
    late: Lateness
    late_limit_hours: float
    sender: str  # From: a display name and address
    look: str
    topics: tuple[str, ...] = ()
    sources: tuple[str, ...] = ()
    languages: tuple[str, ...] = ()
    max_entries: int = 30
    max_per_section: int = 10
    catch_up_days: int = 14
    uncertain: str = "resend"  # resend | hold | idempotent
    paused: bool = False
    reply_to: str = ""  # a display name and address; empty: as the settings say
    postal: str = ""  # address, lines kept; empty: none of its own
    imprint: str = ""  # lines kept; empty: as the settings say
    nothing_new: NothingNew = NothingNew.SKIP
    images: int = 0  # so many lead images a mail
    approval_hours: float = 0.0  # an edition waits so long for the operator; 0: it waits for nobody
    unapproved: Unapproved = Unapproved.SEND
    sign_up: Access = Access.CLOSED
    archive: Access = Access.CLOSED
    about: str = ""  # what it is, for those who do not read it yet
    consent: str = ""  # what who signs up agrees to, besides getting the mails
    thanks: str = ""  # the address of a page of the operator's own, for who has signed up
    id: int = 0


#: The source of what comes in by hand and names none.
MANUAL = "manual"


class SourceState(enum.StrEnum):
    ACTIVE = "active"
    PAUSED = "paused"
    GONE = "gone"  # the server said 410
    REMOVED = "removed"  # not fetched any more; its articles stay


@dataclass(frozen=True, slots=True)
class Source:
    """Where articles come from; `kind` picks the reader."""

    name: str
    kind: str  # manual, or the name of an entry point of `digest.sources`
    location: str = ""
    state: SourceState = SourceState.ACTIVE
    publisher: str = ""
    language: str = ""
    topics: tuple[str, ...] = ()
    login: str = ""  # basic, bearer or cookies, and the file that holds it: never what is in it
    proxy: str = ""  # an HTTP proxy of its own
    full_text: bool = False  # the text of the page behind each teaser is asked for
    id: int = 0


@dataclass(frozen=True, slots=True)
class Failing:
    """What the operator is to hear of sources: those that have been failing for days, out of all that are fetched
    (id, name, since), and from which articles were held back since the operator last heard of that (name, number).

    `mark` is the last of these articles' revisions.
    """

    sources: tuple[tuple[int, str, datetime], ...]
    all: int
    held: tuple[tuple[str, int], ...] = ()
    mark: int = 0

    @property
    def since(self) -> datetime:
        return min(since for _, _, since in self.sources)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _, name, _ in self.sources)
