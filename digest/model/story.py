"""Stories (days) and storylines (years)."""

from __future__ import annotations

from dataclasses import dataclass

from digest.model.dates import PartialDate


@dataclass(frozen=True, slots=True)
class Story:
    """Articles that tell one event, whatever their language. `articles` are article ids."""

    id: int
    storyline: int
    title: str
    topics: tuple[str, ...]  # topic names, heaviest first
    first: PartialDate
    last: PartialDate
    languages: tuple[str, ...]
    articles: tuple[int, ...]
    last_seq: int = 0


@dataclass(frozen=True, slots=True)
class Topic:
    """A standing interest. `match` holds the words and phrases of an operator's topic."""

    name: str
    label: str
    kind: str = "operator"  # iptc | operator
    code: str = ""  # IPTC Media Topic number, for the defaults
    match: tuple[str, ...] = ()
