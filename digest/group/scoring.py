"""What an article and a story share, measured; and the learned score that says whether it is one event.

The score is linear in the measures (logistic regression). Its weights, and where they came from, stand in
`data/score.toml`, written by `benchmarks/train_score.py`. There are two tables for articles whose language the
story has already and two for other languages: one of each pair for titles alone, one for full texts. What lies
between is mixed in proportion.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cache

import numpy as np

from digest.group import lexicon
from digest.group.documents import CONCEPTS, MOMENTS, NAMES, NUMBERS, ROOTS, SOUNDS, STEMS, Floats, Shared

#: What is measured of an article and a story, in this order.
MEASURES = (
    "names", "sounds", "numbers", "moments", "concepts", "words", "roots",
    "names_mass", "words_mass", "concepts_mass",
    "nearest_names", "nearest_words", "nearest_concepts", "nearest", "votes",
    "other_names", "other_numbers", "other_moments", "other_concepts", "elsewhere", "formula",
    "hours", "days", "first_day", "one",
)  # fmt: skip

#: Measures that may only speak against, and those that may speak for either side; all others only speak for.
AGAINST = frozenset(
    {"other_names", "other_numbers", "other_moments", "other_concepts", "elsewhere", "formula"}
    | {"hours", "days", "first_day"}
)
EITHER = frozenset({"one"})

#: Up to so many words an article counts as a title, from so many on as a full text.
_TITLE_WORDS = 14.0
_TEXT_WORDS = 90.0

#: Days that an event can be told of: what comes later continues it in a storyline.
MAX_DAYS = 10.0

#: Storylines. They go on where the heaviest names are this much alike and what is told is not wholly other; much
#: more told in common makes up for a little less of names. Among several, what is told counts TOLD beside names.
LINK_NAMES = 0.20
LINK_TOPIC = 0.25
LINK_BONUS = 0.12
RARE_NAMES = 2
TOLD = 0.5
#: The average over a story's articles from which two storylines are one: a lone story and any other, two sagas.
MERGE_LONE_LINE = 0.40
MERGE_STORYLINES = 0.40


@dataclass(frozen=True, slots=True)
class MeaningTerm:
    """What the likeness of two vectors counts: `weight` log odds for each 1.0 of cosine above `centre`."""

    weight: float
    centre: float

    def points(self, alike: Floats) -> Floats:
        """Nothing where a vector is missing (not a number)."""
        said: Floats = np.where(np.isnan(alike), 0.0, self.weight * (alike - self.centre))
        return said


@dataclass(frozen=True, slots=True)
class Scorer:
    """Weights and bars. `tables` has two rows for each kind of comparison, for titles and for full texts, with one
    column per measure; `bars` the log odds, for titles and for full texts, from which on something is done.
    `meaning`: one more term, where a model is set that makes vectors."""

    tables: Mapping[str, Floats]
    bars: Mapping[str, tuple[float, float]]
    meaning: MeaningTerm | None = None

    def score(
        self, kind: str, same: Sequence[bool], measures: Floats, fullness: float, alike: Floats | None = None
    ) -> Floats:
        """The log odds that each row is one event; `kind` is join or merge, `same` whether a language is shared,
        `alike` the cosines of vectors."""
        own, other = (measures @ self._row(f"{kind}_{which}_language", fullness) for which in ("same", "other"))
        said: Floats = np.where(np.array(same, dtype=bool), own, other)
        return said if self.meaning is None or alike is None else said + self.meaning.points(alike)

    def _row(self, name: str, fullness: float) -> Floats:
        titles, texts = self.tables[name]
        row: Floats = (1.0 - fullness) * titles + fullness * texts
        return row

    def bar(self, name: str, fullness: float) -> float:
        """From where on articles `join`, stories `merge`, and below where they `split`."""
        titles, texts = self.bars[name]
        return (1.0 - fullness) * titles + fullness * texts


@cache
def shipped() -> Scorer:
    """The weights in `data/score.toml`."""
    data = lexicon.score_tables()
    kinds = [name for name in data if name != "bars"]
    tables = {k: np.array([[data[k][end].get(m, 0.0) for m in MEASURES] for end in ("titles", "texts")]) for k in kinds}
    return Scorer(tables, {name: (bar["titles"], bar["texts"]) for name, bar in data["bars"].items()})


def sureness(score: float) -> str:
    """Log odds as a percentage, in words."""
    return f"{min(99, round(100 / (1 + math.exp(-max(-30.0, score)))))} % sure"


def fullness(words: float) -> float:
    """Where a text of so many words lies between a title (0) and a full text (1)."""
    return min(1.0, max(0.0, (words - _TITLE_WORDS) / (_TEXT_WORDS - _TITLE_WORDS)))


def measure(shared: Shared, same: list[bool], days: Floats, first: Floats, votes: Floats, nearest: Floats) -> Floats:
    """One row per story, one column per measure.

    `same`: whether the story has articles in the new one's language. `days`: since its last article, `first`: since
    its first. `votes`: what its nearest article shares, and its share of the nearest articles. `nearest`: what is
    like in that article alone, names, words and concepts (`told`).
    """
    cosines, mass = shared.cosines, shared.mass
    own = np.array(same, dtype=bool)
    words = _words(cosines, same)
    names_at_odds = _at_odds(shared, NAMES)
    return np.column_stack(
        [
            cosines[:, NAMES],
            cosines[:, SOUNDS],
            cosines[:, NUMBERS],
            cosines[:, MOMENTS],
            cosines[:, CONCEPTS],
            words,
            cosines[:, ROOTS],
            np.log1p(mass[:, NAMES]) / 3,
            np.log1p(np.where(own, mass[:, STEMS], mass[:, ROOTS])) / 4,
            np.log1p(mass[:, CONCEPTS]) / 3,
            nearest,
            votes,
            names_at_odds,
            *(_at_odds(shared, space) for space in (NUMBERS, MOMENTS, CONCEPTS)),
            shared.elsewhere,
            names_at_odds * (words + cosines[:, NUMBERS] + cosines[:, CONCEPTS]) / 2,
            np.log1p(24.0 * np.minimum(days, MAX_DAYS)) / 3,
            np.minimum(days, MAX_DAYS) / MAX_DAYS,
            np.minimum(first, MAX_DAYS) / MAX_DAYS,
            np.ones(len(own)),
        ]
    )


def told(cosines: Floats, same_language: list[bool]) -> Floats:
    """Names, words and concepts, one row per row of cosines."""
    return np.column_stack([cosines[:, NAMES], _words(cosines, same_language), cosines[:, CONCEPTS]])


def _words(cosines: Floats, same_language: list[bool]) -> Floats:
    """Words where they are of one language, else their beginnings."""
    words: Floats = np.where(np.array(same_language, dtype=bool), cosines[:, STEMS], cosines[:, ROOTS])
    return words


def _at_odds(shared: Shared, space: int) -> Floats:
    """1 where both sides tell something of a kind and share none of it, 0 where they share half or one is silent."""
    odds: Floats = shared.both[:, space] * (1.0 - np.minimum(1.0, 2.0 * shared.cosines[:, space]))
    return odds


def likeness(cosines: Floats, same_language: list[bool]) -> Floats:
    """One number per row of cosines: what a storyline's lead is picked by."""
    words = _words(cosines, same_language)
    mixed: Floats = 0.5 * cosines[:, NAMES] + 0.1 * cosines[:, NUMBERS] + 0.2 * cosines[:, CONCEPTS] + 0.2 * words
    return mixed


def context(cosines: Floats, same_language: list[bool]) -> Floats:
    """How much two articles share besides names: what happened, not to whom."""
    plain = np.maximum(cosines[:, CONCEPTS], 0.5 * cosines[:, NUMBERS])
    both: Floats = np.maximum(plain, _words(cosines, same_language))
    return both


@dataclass(frozen=True, slots=True)
class Match:
    """How well an article fits a story or a storyline, and why."""

    target: int
    score: float
    why: str
