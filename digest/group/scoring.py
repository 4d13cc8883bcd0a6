"""The numbers by which articles join: what counts how much, and from where on.

Chosen by a random search over coarse steps on the development sets of authored articles and of ECB+,
then rounded; stricter than the best found where that kept strangers out of a storyline. So the figures
that `benchmarks/stories.py` prints for those two sets flatter; OG2021 took no part in the choice.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from digest.group.corpus import CONCEPTS, NAMES, NUMBERS, ROOTS, STEMS, Floats
from digest.model.signature import similarity

#: Shares of the cosines of names, numbers, concepts, stems, roots in the likeness of two articles.
_SAME_LANGUAGE = (0.45, 0.10, 0.15, 0.30, 0.0)
_OTHER_LANGUAGE = (0.95, 0.15, 0.35, 0.0, 0.25)

#: The same actors in another affair are the trap: names count in full only where so much else is shared.
_NEEDED_CONTEXT = 0.55

#: Days that pass for nothing, what each further day costs, and from where on it is another event: a story is a
#: matter of days by definition, what comes later continues it in a storyline.
_FREE_DAYS = 2.0
_DAY_COSTS = 0.012
MAX_DAYS = 10.0

#: From here on an article belongs to a story, and two stories are one.
JOIN = 0.32
MERGE_STORIES = 0.38

#: A storyline goes on where the heaviest names are this much alike and what is told is not wholly other; much
#: more told in common makes up for a little less of names. Among several, what is told counts TOLD beside names.
LINK_NAMES = 0.20
LINK_TOPIC = 0.25
LINK_BONUS = 0.12
RARE_NAMES = 2
TOLD = 0.5
#: The average over a story's articles from which two storylines are one: a lone story and any other, two sagas.
MERGE_LONE_LINE = 0.40
MERGE_STORYLINES = 0.40

#: Near-duplicates share this much of their shingles.
_NEAR_DUPLICATE = 0.8


def likeness(cosines: Floats, same_language: list[bool]) -> Floats:
    """One number per row of cosines; articles in two languages cannot share stems."""
    shared = cosines.copy()
    shared[:, NAMES] *= np.clip(context(cosines, same_language) / _NEEDED_CONTEXT, 0.0, 1.0)
    same, other = shared @ np.array(_SAME_LANGUAGE), shared @ np.array(_OTHER_LANGUAGE)
    mixed: Floats = np.where(np.array(same_language, dtype=bool), same, other)
    return mixed


def late(gap: float) -> float:
    """What a distance of so many days takes off the likeness."""
    return max(0.0, gap - _FREE_DAYS) * _DAY_COSTS


def context(cosines: Floats, same_language: list[bool]) -> Floats:
    """How much two articles share besides names: what happened, not to whom."""
    plain = np.maximum(cosines[:, CONCEPTS], 0.5 * cosines[:, NUMBERS])
    words = np.where(np.array(same_language, dtype=bool), cosines[:, STEMS], cosines[:, ROOTS])
    both: Floats = np.maximum(plain, words)
    return both


def near_duplicate(one: bytes, other: bytes) -> bool:
    """Whether two signatures say that the texts are nearly the same."""
    return similarity(one, other) >= _NEAR_DUPLICATE


@dataclass(frozen=True, slots=True)
class Match:
    """How well an article fits a story or a storyline, and why."""

    target: int
    score: float
    why: str
