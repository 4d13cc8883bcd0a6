"""What is measured of an article and a story, and what the neighbours vote for."""

from __future__ import annotations

import numpy as np
import pytest

from digest.group import scoring
from digest.group.documents import CONCEPTS, MOMENTS, NAMES, NUMBERS, SPACES, Shared
from digest.group.votes import Votes


def measured(cosine: float, both: bool, space: int) -> dict[str, float]:
    cosines, sides = np.zeros((1, SPACES)), np.zeros((1, SPACES), dtype=bool)
    cosines[0, space], sides[0, space] = cosine, both
    shared = Shared(cosines, np.zeros((1, SPACES)), sides, np.array([0.75]))
    row = scoring.measure(shared, [True], np.array([2.0]), np.array([5.0]), np.array([[0.6, 0.3]]), np.zeros((1, 3)))
    assert row.shape == (1, len(scoring.MEASURES))
    return dict(zip(scoring.MEASURES, row[0].tolist(), strict=True))


@pytest.mark.parametrize(
    ("space", "name"), [(NAMES, "names"), (NUMBERS, "numbers"), (MOMENTS, "moments"), (CONCEPTS, "concepts")]
)
def test_to_tell_of_others_is_not_to_be_silent(space: int, name: str) -> None:
    """Two articles that name other people are at odds; one that names nobody is not."""
    against = f"other_{name}"
    assert measured(0.0, True, space)[against] == 1.0
    assert measured(0.0, False, space)[against] == 0.0
    assert measured(0.25, True, space)[against] == pytest.approx(0.5)
    assert measured(0.6, True, space)[against] == 0.0
    assert measured(0.6, True, space)[name] == pytest.approx(0.6)


def test_votes_places_and_days_are_measured() -> None:
    row = measured(0.0, False, NAMES)
    assert (row["nearest"], row["votes"], row["elsewhere"]) == (0.6, 0.3, 0.75)
    assert (row["days"], row["first_day"], row["one"]) == (0.2, 0.5, 1.0)


def test_no_measure_speaks_for_the_wrong_side() -> None:
    """Likeness never speaks against one event, and what is at odds never for it."""
    for tables in scoring.shipped().tables.values():
        for row in tables:
            weights = dict(zip(scoring.MEASURES, row.tolist(), strict=True))
            assert all(weights[name] <= 0.0 for name in scoring.AGAINST)
            assert all(w >= 0.0 for name, w in weights.items() if name not in scoring.AGAINST | scoring.EITHER)


def test_silence_joins_nothing() -> None:
    """A text in a language that we know nothing of shares nothing and contradicts nothing: that proves nothing."""
    scorer = scoring.shipped()
    nothing = np.array([[float(name == "one") for name in scoring.MEASURES]])
    for kind in ("join", "merge"):
        for same in (True, False):
            for fullness in (0.0, 0.5, 1.0):
                assert scorer.score(kind, [same], nothing, fullness)[0] < scorer.bar(kind, fullness) - 2.0


def test_the_nearest_articles_vote_for_their_stories() -> None:
    votes = Votes()
    for story, shared in ((7, 0.9), (8, 0.5), (7, 0.4)):
        votes.add(story, shared)
    rows = votes.of([7, 8, 9])
    assert rows[:, 0].tolist() == [0.9, 0.5, 0.0]
    assert rows[0, 1] > 2 * rows[1, 1] > 0.0 == rows[2, 1]
    assert rows[:, 1].sum() < 0.5, "three neighbours are not yet a majority"


def test_only_the_nearest_have_a_vote() -> None:
    votes = Votes()
    for _ in range(40):
        votes.add(1, 0.5)
    before = votes.of([1])[0].tolist()
    votes.add(1, 0.5)
    votes.add(2, 0.4)
    assert votes.of([1])[0].tolist() == before
    assert votes.of([2])[0].tolist() == [0.4, 0.0]
    assert votes.of([]).shape == (0, 2)
