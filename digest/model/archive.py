"""The public archive: editions that were sent, as everybody may read them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

#: A choice of topics that fewer readers share is theirs to know: of two, each would see what the other one chose.
FEW = 3


@dataclass(frozen=True, slots=True)
class Archived:
    """A nominal slot of a publication, whatever the zones that its edition went to."""

    id: int
    cadence: str
    number: int
    slot: datetime  # naive local


@dataclass(frozen=True, slots=True)
class Candidate:
    """A variant that was sent and may be shown. `readers` were sent it; `entries` counts the stories in it; `whole`: it
    was made for who reads all topics.
    """

    variant: int
    edition: int
    zone: str
    language: str
    cut_at: datetime  # UTC
    readers: int
    entries: int
    whole: bool
