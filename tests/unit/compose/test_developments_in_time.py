"""States of a development in time: no neighbours alike, whatever the dates' precision and the articles' order."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import UTC, datetime

from hypothesis import given, settings
from hypothesis import strategies as st

from digest.compose.developments import developments
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.story import Story
from tests.support.examples import up_to

_TELLS = (
    "{} people have died in Torvik.",
    "About {} people have died in Torvik.",
    "More than {} people were arrested in Torvik.",
    "{} people were arrested in Torvik.",
    "{} people are missing in Torvik.",
    "The ransom that Norvel demands from Torvik is €{}000.",
    "Norvel in Torvik has cancelled it.",
    "Norvel in Torvik has postponed it.",
    "Norvel of Torvik confirmed it.",
    "Norvel of Torvik denied it.",
)
_DATES = st.one_of(
    st.builds(lambda month: (2024, month, 1, 0, Precision.MONTH), st.integers(2, 4)),
    st.builds(lambda year: (year, 1, 1, 0, Precision.YEAR), st.integers(2023, 2025)),
    st.builds(lambda month, day: (2024, month, day, 0, Precision.DAY), st.integers(2, 4), st.integers(1, 4)),
    st.builds(lambda day, hour: (2024, 3, day, hour, Precision.MINUTE), st.integers(1, 3), st.integers(0, 23)),
)
_TOLD = st.tuples(_DATES, st.sampled_from(_TELLS), st.integers(7, 11), st.sampled_from("ABC"), st.sampled_from((1, 2)))


def _article(number: int, date: tuple[int, int, int, int, Precision], text: str, publisher: str) -> Article:
    published = PartialDate(datetime(*date[:4], tzinfo=UTC), date[4])
    return Article(
        source="test", title="", title_given=False, paragraphs=(text,), language="en", published=published,
        publisher=publisher, url=None, content_hash=f"{number}", signature=b"", identity=f"id:{number}", id=number,
        seq=number,
    )  # fmt: skip


def _stories(held: Sequence[tuple[int, Article]]) -> list[tuple[Story, Sequence[Article]]]:
    made = []
    for story in dict.fromkeys(story for story, _ in held):
        articles = tuple(a for of, a in held if of == story)
        dates = sorted(a.published for a in articles)
        made.append((Story(story, 1, "", (), dates[0], dates[-1], (), tuple(a.id for a in articles)), articles))
    return made


def _told(*told: tuple[tuple[int, int, int, int, Precision], str]) -> list[tuple[str, ...]]:
    held = [(1, _article(n, date, text, f"Paper {n}")) for n, (date, text) in enumerate(told, start=1)]
    return [state.values for found in developments(_stories(held)) for state in found.states]


@given(st.lists(_TOLD, min_size=2, max_size=9), st.randoms(use_true_random=False))
@settings(max_examples=up_to(120), deadline=None)
def test_neighbours_differ_and_the_order_of_arrival_changes_nothing(
    every: list[tuple[tuple[int, int, int, int, Precision], str, int, str, int]], chance: random.Random
) -> None:
    held = [
        (story, _article(number, date, text.format(value), publisher))
        for number, (date, text, value, publisher, story) in enumerate(every, start=1)
    ]
    expected = developments(_stories(held))
    for found in expected:
        for newer, older in zip(found.states, found.states[1:], strict=False):
            assert set(newer.values) != set(older.values)
    shuffled = list(held)
    chance.shuffle(shuffled)
    assert developments(_stories(shuffled)) == expected


def test_a_month_before_confirms_what_the_next_one_begins_with() -> None:
    told = _told(
        ((2024, 3, 4, 0, Precision.DAY), "8 people have died in Torvik."),
        ((2024, 3, 9, 0, Precision.DAY), "9 people have died in Torvik."),
        ((2024, 2, 1, 0, Precision.MONTH), "8 people have died in Torvik."),
    )
    assert told == [("9",), ("8",)]


def test_a_month_behind_confirms_what_it_ended_with() -> None:
    told = _told(
        ((2024, 3, 4, 0, Precision.DAY), "8 people are missing in Torvik."),
        ((2024, 3, 9, 0, Precision.DAY), "9 people are missing in Torvik."),
        ((2024, 4, 1, 0, Precision.MONTH), "9 people are missing in Torvik."),
        ((2024, 5, 1, 0, Precision.MONTH), "8 people are missing in Torvik."),
    )
    assert told == [("8",), ("9",), ("8",)]


def test_a_state_keeps_the_day_that_is_known() -> None:
    held = [
        (1, _article(1, (2024, 3, 4, 0, Precision.DAY), "8 people have died in Torvik.", "A")),
        (1, _article(2, (2024, 3, 1, 0, Precision.MONTH), "8 people have died in Torvik.", "B")),
        (1, _article(3, (2024, 3, 9, 0, Precision.DAY), "9 people have died in Torvik.", "C")),
    ]
    (found,) = developments(_stories(held))
    assert [state.date.iso() for state in found.states] == ["2024-03-09", "2024-03-04"]
    assert [r.article for r in found.states[1].reports] == [1, 2]
