"""Developments: what articles say of one matter, and how that changed or differs. Newest first, never averaged."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model.dates import PartialDate


@dataclass(frozen=True, slots=True)
class Report:
    """One article's word on the matter: `value` as it is shown ("7", "4.5 m EUR"; a stage: "denied").

    `quote` is the sentence that says so. `rough`: the article gives no exact number. `voice`: who speaks, where it
    is known; two reports of one voice do not contradict each other.
    """

    value: str
    article: int
    publisher: str
    language: str
    url: str | None
    quote: str
    date: PartialDate
    rough: str = ""  # about | over
    voice: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """How the matter stood at one time, by one or more articles. Several values: the reports conflict.

    `values` come most reported first; of each value there is a report or more.
    """

    date: PartialDate
    reports: tuple[Report, ...]

    @property
    def values(self) -> tuple[str, ...]:
        told = [r.value for r in self.reports]
        return tuple(sorted(set(told), key=lambda v: (-told.count(v), told.index(v))))

    @property
    def conflicting(self) -> bool:
        return len(self.values) > 1


@dataclass(frozen=True, slots=True)
class Development:
    """One matter: `kind` is count, sum, measure, year, day, vote, status or noun; `matter` says which (dead, claim …).

    `states`: the newest first. `unit` is that of a sum (EUR) or a measure (kg). `stories`: whose articles tell it.
    """

    kind: str
    matter: str
    states: tuple[State, ...]
    stories: tuple[int, ...]
    unit: str = ""

    @property
    def now(self) -> State:
        return self.states[0]

    @property
    def changed(self) -> bool:
        """Whether it differs from one time to another, and not only between reports of one time."""
        return len(self.states) > 1
