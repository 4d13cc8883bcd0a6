"""Stories (days) and storylines (years)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from digest.model.dates import PartialDate


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell one event, whatever their language. `articles` are article ids.

    `title` is that of one of the articles, or the operator's own (`given`).
    """

    id: int
    storyline: int
    title: str
    topics: tuple[str, ...]  # topic names, heaviest first
    first: PartialDate
    last: PartialDate
    languages: tuple[str, ...]
    articles: tuple[int, ...]
    last_seq: int = 0
    given: bool = False


@dataclass(frozen=True, slots=True)
class Topic:
    """A standing interest. `rule` says which articles an operator's topic takes, or narrows a default one."""

    name: str
    label: str
    kind: str = "operator"  # iptc | operator
    code: str = ""  # IPTC Media Topic number, for the defaults
    rule: str = ""


@dataclass(frozen=True, slots=True)
class Correction:
    """What the operator put right by hand. `level` is story or storyline, `action` merge, split or rename.

    `subject` is the one that stayed; `object` the one that went into it, or that the parts went to. `articles`
    counts those that moved. `title` is that of a renaming, empty where the automatic one came back.
    """

    id: int
    at: datetime
    level: str
    action: str
    subject: int
    object: int | None
    title: str
    reason: str
    articles: int = 0
    undone_at: datetime | None = None
