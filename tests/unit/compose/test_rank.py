"""What stands before what, and why."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.compose.candidates import Sent, SentStory, StorylineHistory
from digest.compose.edit import edit
from digest.compose.entry import outline
from digest.compose.folding import Fold, fold
from digest.compose.novelty import assess
from digest.compose.rank import nearness
from digest.model.ranking import EVEN, Ranking
from tests.support.making import BRIDGE, NOW, article, day, request, story

TODAY = day("2025-05-26")
ONLY = Ranking(coverage=0, languages=0, articles=0, freshness=0, novelty=0, topics=0)


def line(*articles: object, topics: tuple[str, ...] = (), sent: Sent | None = None, fresh: object = None) -> Fold:
    news = assess(story(1, *articles, topics=topics, fresh=fresh), sent or Sent())  # type: ignore[arg-type]
    assert news is not None
    return fold([news])[0]


def scored(of: Fold, weights: Ranking = EVEN, wanted: tuple[str, ...] = ()) -> tuple[float, str]:
    entry = outline(of, "nl", NOW, wanted, weights).entry
    return entry.score, entry.reason


def test_each_measure_counts_by_its_weight() -> None:
    two = line(
        article(1, *BRIDGE, publisher="A", published=TODAY),
        article(2, "Die alte Brücke öffnet.", "Ab Montag für Räder.", language="de", publisher="B", published=TODAY),
        topics=("sport", "politics"),
    )
    assert scored(two, replace(ONLY, coverage=2))[0] == pytest.approx(2 * math.log2(3), abs=1e-3)
    assert scored(two, replace(ONLY, languages=3))[0] == 3
    assert scored(two, replace(ONLY, articles=1))[0] == pytest.approx(math.log2(3), abs=1e-3)
    assert scored(two, replace(ONLY, novelty=4))[0] == 4
    assert scored(two, replace(ONLY, topics=1), ("politics",))[0] == 0.5
    assert scored(two, replace(ONLY, topics=1), ("sport", "politics"))[0] == 1
    assert scored(two, replace(ONLY, topics=1))[0] == 0
    assert scored(two, ONLY)[0] == 0


def test_news_gets_old() -> None:
    fresh = scored(line(article(1, *BRIDGE, published=TODAY)))
    old = scored(line(article(1, *BRIDGE, published=day("2025-05-16"))))
    assert fresh[0] > old[0]
    assert fresh[1].endswith("today")
    assert "10 days old" in old[1]


def test_what_a_reader_has_half_of_counts_half() -> None:
    first = article(1, *BRIDGE[:2], title="De Schiebrug gaat open", publisher="A", published=TODAY)
    again = article(2, BRIDGE[1], BRIDGE[2], title="Brug", publisher="B", published=TODAY, seq=9)
    known = line(first, again, sent=Sent({1: SentStory(1)}), fresh=frozenset({2}))
    score, reason = scored(known, replace(ONLY, novelty=1))
    assert score == 0.5
    assert "50 % of it new to the reader" in reason


def test_the_reason_names_the_readers_topic() -> None:
    of = line(article(1, *BRIDGE, published=TODAY), topics=("sport", "politics"))
    assert scored(of, wanted=("sport",))[1].endswith("the reader's topic")
    assert scored(of, wanted=("politics",))[1].endswith("also the reader's topic")
    assert "topic" not in scored(of)[1]


def test_a_readers_topics_move_a_story_up() -> None:
    one = story(1, article(1, *BRIDGE, published=TODAY), topics=("economy", "sport"))
    other = story(2, article(2, "Er komt een haven bij Delft.", "Die is diep.", published=TODAY), topics=("sport",))
    view = edit(request(topics=("sport",)), [one, other], StorylineHistory(), Sent())
    assert view is not None
    assert [e.story for e in view.entries] == [2, 1]


@given(st.lists(st.sampled_from("abcdef"), unique=True), st.lists(st.sampled_from("abcdef"), unique=True))
def test_nearness_is_the_place_of_the_best_topic(named: list[str], wanted: list[str]) -> None:
    of = line(article(1, *BRIDGE), topics=tuple(named))
    near = nearness(of, wanted)
    assert (near == 0) == (not set(named) & set(wanted))
    if near:
        assert named[round(1 / near) - 1] in wanted
        assert not set(named[: round(1 / near) - 1]) & set(wanted)


@pytest.mark.parametrize(("language", "other"), [("nl", "de"), ("de", "nl")])
def test_the_first_picture_is_that_of_the_article_whose_headline_is_shown(language: str, other: str) -> None:
    dutch = article(1, *BRIDGE, publisher="A", published=TODAY)
    german = article(2, "Die alte Brücke öffnet.", "Ab Montag für Räder.", language="de", published=TODAY)
    two = line(*(replace(one, image_url=f"https://x.se/{one.language}.jpg") for one in (dutch, german)))
    entry = outline(two, language, NOW).entry
    assert entry.headline_language == language
    assert [lead.url[-6:-4] for lead in entry.images] == [language, other]
