"""Developments: what is one matter, what came first, what contradicts what; and above all what is no development."""

from __future__ import annotations

import itertools
import json
import random
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path

import pytest

from digest.compose.developments import developments
from digest.compose.phrasing import first_stages, rising
from digest.compose.statements import statements
from digest.model.article import Article
from digest.model.dates import PartialDate, Precision
from digest.model.development import Development
from digest.model.story import Story

_IDS = itertools.count(1)


def when(text: str) -> PartialDate:
    if "T" in text:
        return PartialDate(datetime.fromisoformat(text).replace(tzinfo=UTC), Precision.MINUTE)
    year, month, day = ([int(p) for p in text.split("-")] + [1, 1])[:3]
    precision = {4: Precision.YEAR, 7: Precision.MONTH, 10: Precision.DAY}[len(text)]
    return PartialDate(datetime(year, month, day, tzinfo=UTC), precision)


def article(date: str, text: str, language: str = "en", publisher: str = "", title: str = "") -> Article:
    number = next(_IDS)
    return Article(
        source="test", title=title, title_given=bool(title), paragraphs=tuple(text.split("\n")), language=language,
        published=when(date), publisher=publisher or f"Paper {number}", url=None, content_hash=f"{number}",
        signature=b"", identity=f"id:{number}", id=number, seq=number,
    )  # fmt: skip


def of(*articles: Article, story: int = 1) -> tuple[Story, Sequence[Article]]:
    dates = sorted(a.published for a in articles)
    return Story(story, 1, "", (), dates[0], dates[-1], (), tuple(a.id for a in articles)), articles


def told(*articles: Article) -> dict[str, list[list[str]]]:
    """Matter -> its states, newest first, each as its values."""
    return {d.matter: [list(s.values) for s in d.states] for d in developments([of(*articles)])}


def stated(text: str, language: str) -> set[tuple[str, str]]:
    return {(s.matter, str(s.value)) for s in statements(article("2024-03-04", text, language))}


@pytest.mark.parametrize(
    ("language", "text", "expected"),
    [
        ("en", "Seven people have died and 68 have fallen ill in Torvik.", {("dead", "7"), ("ill", "68")}),
        ("en", "The death toll in Torvik has risen to 12.", {("dead", "12")}),
        ("nl", "Het dodental in Torvik is opgelopen tot drie.", {("dead", "3")}),
        ("nl", "De ramp kostte aan acht mensen het leven: zij hebben het leven gekost.", set()),
        ("nl", "Vier mensen worden nog vermist.", {("missing", "4")}),
        ("de", "Bei dem Brand sind zwei Menschen ums Leben gekommen.", {("dead", "2")}),
        ("de", "Die Zahl der Todesopfer ist auf fünf gestiegen.", {("dead", "5")}),
        ("it", "Due le vittime accertate, cinque i dispersi.", {("dead", "2"), ("missing", "5")}),
        ("fr", "Trois morts et onze blessés dans l'incendie.", {("dead", "3"), ("injured", "11")}),
        ("es", "Dos personas han muerto en el incendio.", {("dead", "2")}),
        ("pt", "O incêndio fez quatro mortos e 20 feridos.", {("dead", "4"), ("injured", "20")}),
        ("sv", "Tre personer har dött i branden.", {("dead", "3")}),
        ("pl", "W pożarze rannych zostało 15 osób, a pięć osób nie żyje.", {("dead", "5")}),
        ("en", "The gang demanded a ransom of €4.5m.", {("demanded", "4500000")}),
        ("de", "Die Täter fordern ein Lösegeld von 3 Millionen Euro.", {("demanded", "3000000")}),
        ("nl", "De productie begint pas in 2029.", {("start", "2029")}),
        ("it", "La società ha smentito le dimissioni.", {("claim", "denied")}),
        ("sv", "Bolaget bekräftade affären.", {("claim", "confirmed")}),
        ("fr", "L'ouverture est reportée.", {("plan", "postponed")}),
    ],
)
def test_what_a_sentence_states(language: str, text: str, expected: set[tuple[str, str]]) -> None:
    assert {(m, str(v)) for m, v in stated(text, language)} == expected


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "Three more people have died."),  # no total
        ("de", "Zwei weitere Menschen sind gestorben."),
        ("en", "A man and two women died in the fire."),  # a part of those that died
        ("en", "Seven days after one firefighter died the search goes on."),
        ("en", "In 2019 a flood killed and 12 people were dead in the valley."),  # of then
        ("en", "The third man is missing."),
        ("en", "Several hundred protesters were there and 400 protesters were detained by police."),
        ("en", "The company would not confirm the sale."),
        ("nl", "Haar vader wilde het bericht bevestigen noch ontkennen."),
        ("de", "Das ist nicht bestätigt."),
        ("en", "They had originally asked for a ransom of €3m."),
        ("it", "Il sindaco ha 84 anni."),
    ],
)
def test_what_states_nothing(language: str, text: str) -> None:
    found = {m for m, _ in stated(text, language)}
    assert not found & {"dead", "missing", "attendance", "claim", "demanded", "arrested"}


def test_counts_develop_across_languages_newest_first() -> None:
    found = told(
        article("2024-03-04", "Three people have died and 27 have fallen ill in Torvik."),
        article("2024-03-06", "Vier Menschen sind in Torvik gestorben, 41 Infektionen wurden bestätigt.", "de"),
        article("2024-03-09", "Otto le vittime e 68 contagiati a Torvik.", "it"),
    )
    assert found["dead"] == [["8"], ["4"], ["3"]]
    assert found["ill"] == [["68"], ["41"], ["27"]]


def test_the_same_number_again_is_no_development() -> None:
    again = article("2024-03-05", "Drei Menschen starben.", "de")
    assert told(article("2024-03-04", "Three people have died."), again) == {}


def test_reports_of_one_day_that_differ_stand_side_by_side() -> None:
    a = article("2024-03-04", "The club will pay a release clause of €4m.", publisher="A")
    b = article("2024-03-04", "El club pagará la cláusula de 3,5 millones de euros.", "es", "B")
    (found,) = developments([of(a, b)])
    assert not found.changed
    assert found.now.conflicting
    assert {(r.publisher, r.value) for r in found.now.reports} == {("A", "4000000"), ("B", "3500000")}


def test_hours_order_what_a_day_does_not() -> None:
    early = article("2024-03-04T08:00", "Three people have died.")
    late = article("2024-03-04T18:30", "Seven people have died.")
    assert told(late, early)["dead"] == [["7"], ["3"]]


def test_a_publisher_does_not_contradict_itself() -> None:
    assert told(
        article("2024-03-04", "Three people have died.", publisher="A"),
        article("2024-03-04", "Five people have died.", publisher="A"),
    ) == {}  # fmt: skip


def test_rough_numbers_agree_with_exact_ones() -> None:
    assert told(
        article("2024-03-04", "More than 200 people were arrested."),
        article("2024-03-05", "214 people were arrested."),
    ) == {}  # fmt: skip
    assert told(
        article("2024-03-04", "About 100 people were arrested."),
        article("2024-03-05", "143 people were arrested."),
    )["arrested"] == [["143"], ["100"]]


def test_a_total_that_falls_is_a_contradiction_not_the_present_state() -> None:
    (found,) = developments(
        [of(article("2024-03-04", "Seven people have died."), article("2024-03-06", "Five people have died."))]
    )
    assert found.now.conflicting
    assert set(found.now.values) == {"7", "5"}


def test_the_missing_may_grow_fewer() -> None:
    later = article("2024-03-05", "One woman is safe. Four people are missing.")
    assert told(article("2024-03-04", "Five people are still missing."), later)["missing"] == [["4"], ["5"]]


def test_a_month_stands_where_its_total_must() -> None:
    found = told(
        article("2024-03-04", "Three people have died."),
        article("2024-03", "Five people have died."),
        article("2024-03-09", "Seven people have died."),
        article("2024-03", "Eight people have died."),
    )
    assert found["dead"] == [["8"], ["7"], ["5"], ["3"]]
    # Of the missing nobody knows: they may have been more before or after.
    assert told(article("2024-03-04", "Five people are missing."), article("2024-03", "Four people are missing.")) == {}


def test_a_rumour_is_denied_then_confirmed() -> None:
    found = told(
        article("2024-05-20", "Marco Valdi avrebbe raggiunto un accordo con il Torvik.", "it"),
        article("2024-05-21", "Das dementierte der Klub: Marco Valdi bleibe in Torvik, so Präsident Valdi.", "de"),
        article("2024-05-23", "The club confirmed on Thursday that Marco Valdi joins Torvik."),
    )
    assert found["claim"] == [["confirmed"], ["denied"], ["expected"]]


def test_another_mans_denial_is_no_development() -> None:
    assert told(
        article("2024-05-21", "Minister Olga Brandt denied that Hafenstadt is short of money."),
        article("2024-05-23", "The club confirmed on Thursday that Marco Valdi joins Torvik."),
    ) == {}  # fmt: skip


def test_a_plan_goes_on_over_the_stories_of_a_storyline_and_its_beginning_is_told_once() -> None:
    first = article("2022-03-22", "Norvel announced a chip plant in Grauburg.")
    later = article("2023-10-10", "Norvel verschiebt die Fabrik in Grauburg.", "de")
    last = article("2025-06-17", "Norvel scraps its plant in Grauburg.")
    again = article("2025-06-18", "The plant that Norvel announced for Grauburg is history.")
    (found,) = developments([of(first, story=1), of(later, story=2), of(last, again, story=3)])
    assert [s.values for s in found.states] == [("cancelled",), ("postponed",), ("planned",)]
    assert found.stories == (1, 2, 3)


def test_victims_of_two_events_of_a_storyline_are_two_matters() -> None:
    fire = article("2022-03-22", "Three people died when the Norvel plant in Grauburg burnt.")
    again = article("2024-03-22", "Seven people died when the Norvel plant in Grauburg burnt.")
    assert developments([of(fire, story=1), of(again, story=2)]) == ()


def test_numbers_of_another_place_are_left_alone() -> None:
    own = "The slope gave way above Pieve.\nThe road to Pieve is shut.\nRescuers came by helicopter.\nIt rains on."
    elsewhere = "Across the border a flood at Sankt Oswald in Styria has left five people dead."
    one = article("2024-08-18", f"{own}\n{elsewhere}")
    other = article("2024-08-20", "Two people have died in Pieve.")
    assert told(one, other) == {}
    # In a story that is about that place it counts.
    there = article("2024-08-20", "In Sankt Oswald seven people have died.")
    assert told(one, there)["dead"] == [["7"], ["5"]]


def test_the_order_of_arrival_changes_nothing() -> None:
    articles = [
        article("2024-03-04", "Three people have died in Torvik."),
        article("2024-03", "Five people have died in Torvik."),
        article("2024-03-09", "Seven people have died in Torvik."),
        article("2024-03-09", "Six people have died in Torvik."),
    ]
    expected = developments([of(*articles)])
    for order in itertools.permutations(articles):
        assert developments([of(*order)]) == expected


def test_the_lists_know_what_rises_and_where_axes_begin() -> None:
    assert {"dead", "ill"} <= rising()
    assert "missing" not in rising()
    assert first_stages()["plan"] == "planned"


def _shared_lines(shared: Path) -> dict[str, list[tuple[Story, Sequence[Article]]]]:
    rows = [json.loads(line) for line in (shared / "eval" / "authored-dev.jsonl").read_text().splitlines()]
    lines: dict[str, dict[str, list[Article]]] = {}
    for row in rows:
        text = row["text"]
        for noise in row["boilerplate"]:
            text = text.replace(noise, "")
        made = article(row["date"], text, row["lang"], row["id"], row["title"] or "")
        lines.setdefault(row["storyline"], {}).setdefault(row["event"], []).append(made)
    return {
        line: [of(*held, story=int(event[1:])) for event, held in sorted(events.items())]
        for line, events in lines.items()
    }


def test_planted_developments_are_found_and_nothing_else(shared: Path) -> None:
    lines = _shared_lines(shared)
    found: dict[str, set[tuple[str, int]]] = {}
    for line, held in lines.items():
        random.Random(line).shuffle(held)
        for d in developments(held):
            found.setdefault(line, set()).update((d.matter, story) for story in d.stories)
    assert found["S01"] == {("claim", 3)}
    assert found["S03"] == {("worth", 7), ("thieves", 7), ("find", 7), ("find", 8), ("find", 9)}
    assert found["S04"] == {("plan", 10), ("plan", 11), ("plan", 12)}
    assert found["S05"] == {("ill", 14), ("approval", 14), ("approval", 15)}
    assert found["S11"] == {("dead", 23), ("ill", 23)}
    assert found["S12"] == {("dead", 24), ("ill", 24)}
    assert found["S13"] == {("demanded", 25), ("postponed", 25)}
    assert found["S17"] == {("dead", 29), ("missing", 29)}
    assert found["S18"] == {("dead", 30)}
    assert found["S19"] == {("result", 31)}
    lines_that_develop = {"S01", "S03", "S04", "S05", "S11", "S12", "S13", "S17", "S18", "S19"}
    assert set(found) == lines_that_develop, "and of nothing else"


def test_strangers_stay_strangers(shared: Path) -> None:
    """All events of the set thrown into one story: what then develops is the little that shares all its words."""
    every = [a for held in _shared_lines(shared).values() for _, articles in held for a in articles]
    claims: list[Development] = [d for d in developments([of(*every)]) if d.kind == "status"]
    assert all(len({r.article for s in d.states for r in s.reports}) < 12 for d in claims)
