"""What people subscribe to."""

from __future__ import annotations

import enum
from dataclasses import dataclass
from datetime import datetime

from digest.model.cadence import Cadence, Lateness


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
    """The sources that have been failing for days, out of all that are fetched: (id, name, since)."""

    sources: tuple[tuple[int, str, datetime], ...]
    all: int

    @property
    def since(self) -> datetime:
        return min(since for _, _, since in self.sources)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(name for _, name, _ in self.sources)
