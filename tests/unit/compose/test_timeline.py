"""The whole timeline of a storyline, as the terminal shows it."""

from __future__ import annotations

import pytest

from digest.compose.changes import change
from digest.compose.developments import developments
from digest.compose.timeline import whole
from digest.compose.words import Words
from tests.support.making import TEMPLATES
from tests.unit.compose.test_developments import article, of

FIRST = "Norvel announced a chip plant in Grauburg. It will make sensors for cars, the firm said on Monday."
DEAD = "Three people have died at the Norvel plant in Grauburg."
MORE = "Acht Menschen sind im Norvel-Werk in Grauburg gestorben."


def test_a_step_for_each_story_and_for_each_change_in_order_of_time() -> None:
    told = [
        of(article("2025-06-17", DEAD, publisher="A"), article("2025-06-19", MORE, "de", "B"), story=2),
        of(article("2022-03", FIRST, publisher="A"), story=1),
    ]
    steps = whole(told, "en")
    assert [(s.date.iso(), s.story, s.quote.publisher) for s in steps] == [
        ("2022-03", 1, "A"), ("2025-06-17", 2, "A"), ("2025-06-19", 2, "B"),
    ]  # fmt: skip
    assert [s.quote.text for s in steps[1:]] == [DEAD, MORE]


def test_the_wanted_language_first() -> None:
    told = [of(article("2025-06-17", DEAD), article("2025-06-17", "Am Montag brannte das Norvel-Werk ab.", "de"))]
    assert [s.quote.language for s in whole(told, "de")] == ["de"]
    assert [s.quote.language for s in whole(told, "en")] == ["en"]
    assert [s.quote.language for s in whole(told, "fr")] == ["de"], "nobody tells it in French"


def test_what_is_known_to_the_month_stands_where_its_numbers_say() -> None:
    early, late = article("2025-06-17", DEAD), article("2025-06", "Eight people have died in Grauburg.")
    between = article("2025-06", "Five people have died in Grauburg.")
    last = article("2025-06-20", "Seven people have died in Grauburg.")
    steps = whole([of(late, last, between, early)], "en")
    assert [s.quote.article for s in steps] == [early.id, between.id, last.id, late.id]


def test_how_a_change_is_told() -> None:
    told = [
        article("2024-03-04", "The gang demanded a ransom of €3m.", publisher="A"),
        article("2024-03-05", "The gang demanded a ransom of about €4.5m.", publisher="B"),
        article("2024-03-05", "The gang demanded a ransom of €6m.", publisher="C"),
    ]
    (found,) = developments([of(*told)])
    seen = change(found, Words((), "en", "UTC"))
    assert seen.label == "Demanded"
    assert seen.now.differ
    assert seen.now.brief == "about €4.5M (B), €6M (C)"
    assert [s.brief for s in seen.earlier] == ["€3M"]
    assert not seen.earlier[0].differ


@pytest.mark.parametrize(
    ("before", "after", "told"),
    [
        (
            "The trial of Olga Brandt in Hafenstadt is scheduled for 12 May.",
            "The trial of Olga Brandt in Hafenstadt is scheduled for 20 June.",
            ("Date", "20 June 2024", "12 May 2024"),
        ),
        (
            "The bill was passed by 200 votes to 150.",
            "The bill was passed by 1,204 votes to 150.",
            ("Vote", "1,204–150", "200–150"),
        ),
        (
            "The quake had a magnitude of 6.1.",
            "The quake had a magnitude of 6.4.",
            ("Magnitude", "6.4", "6.1"),
        ),
        (
            "The fire burnt an area of 1,200 hectares.",
            "The fire burnt an area of 1,500 hectares.",
            ("Area", "1,500 ha", "1,200 ha"),
        ),
    ],
)
def test_days_votes_and_measures_are_told_in_words(before: str, after: str, told: tuple[str, str, str]) -> None:
    (found,) = developments([of(article("2024-03-04", before), article("2024-03-05", after))])
    seen = change(found, Words([TEMPLATES / "locale"], "en", "UTC"))
    assert (seen.label, seen.now.brief, *(s.brief for s in seen.earlier)) == told


def test_figures_of_a_vote_stay_in_order_where_the_page_runs_from_right_to_left() -> None:
    said = (f"The bill was passed by {n} votes to 150." for n in (200, 204))
    (found,) = developments([of(*(article(f"2024-03-0{n}", text) for n, text in enumerate(said, start=4)))])
    assert change(found, Words([TEMPLATES / "locale"], "he", "UTC")).now.brief == "\u2066204–150\u2069"
