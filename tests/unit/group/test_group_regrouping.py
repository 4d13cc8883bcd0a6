"""Titles are looked at again when more of them are there; what the operator ruled stays."""

from __future__ import annotations

from collections.abc import Callable, Iterable

import pytest

from digest.group import regrouping
from digest.group.features import extract
from digest.group.grouper import Grouper
from digest.group.linkage import Join, Links, link
from digest.group.records import Member
from digest.group.rulings import Level
from digest.group.state import State
from digest.model.article import Article

Make = Callable[..., Article]

FLOOD = (
    "Oster floods the market of Brakenheim",
    "Brakenheim under water: Oster floods market and schools",
    "Oster flood: schools of Brakenheim closed",
)
MERGER = ("Tolvex and Quandary merge their shipping lines", "Shipping lines merge: Quandary goes to Tolvex")


def placed(make: Make, *stories: tuple[str, ...]) -> Grouper:
    """Titles in the stories that are given, whatever the grouping would say."""
    grouper = Grouper(len(stories) + 1, len(stories) + 1, ())
    for story, titles in enumerate(stories, 1):
        for article in (make(title, "en", "2022-05-18") for title in titles):
            day, language = article.published, article.language
            grouper._state.add(Member(article.id, story, story, day, language, "", b"", extract(article)))
        grouper._touched.add(story)
    return grouper


def sizes(grouper: Grouper) -> list[int]:
    return sorted(len(articles) for articles in grouper._state.stories.values())


def test_titles_of_one_event_come_together(make: Make) -> None:
    grouper = placed(make, FLOOD[:1], FLOOD[1:], MERGER)
    review = grouper.review()
    assert sizes(grouper) == [2, 3]
    assert [(m.loser, m.winner) for m in review.merges if m.kind == "story"] == [(2, 1)]


def test_many_titles_are_looked_at_in_portions(make: Make, monkeypatch: pytest.MonkeyPatch) -> None:
    """What an earlier portion has joined is gone when its own portion comes."""
    seen: list[int] = []
    whole = regrouping._links

    def links(state: State, articles: Iterable[int]) -> Links:
        told = list(articles)
        seen.append(len(told))
        return whole(state, told)

    monkeypatch.setattr(regrouping, "_AT_ONCE", 2)
    monkeypatch.setattr(regrouping, "_links", links)
    grouper = placed(make, FLOOD[:1], MERGER[:1], FLOOD[1:2], FLOOD[2:], MERGER[1:])
    review = grouper.review()
    assert sizes(grouper) == [2, 3]
    assert max(seen) <= 2
    assert len(seen) > 1
    assert all(story in grouper._state.stories for story in {m.winner for m in review.merges if m.kind == "story"})


def test_what_leaves_one_story_for_another_comes_into_its_storyline(make: Make) -> None:
    grouper = placed(make, (*FLOOD, MERGER[0]), MERGER[1:])
    review = grouper.review()
    assert [len(split.articles) for split in review.splits] == [1]
    assert review.splits[0].storyline == 2
    assert [(m.kind, m.loser, m.winner) for m in review.merges] == [("story", review.splits[0].new, 2)]
    assert sizes(grouper) == [2, 3]
    assert set(grouper._state.lines) == {1, 2}, "the storylines stay two"


def test_a_second_review_finds_nothing_new(make: Make) -> None:
    grouper = placed(make, (*FLOOD, MERGER[0]), MERGER[1:])
    grouper.review()
    again = grouper.review(list(grouper._state.stories))
    assert (again.splits, again.merges) == ((), ())


def test_what_the_operator_parted_stays_apart(make: Make) -> None:
    grouper = placed(make, FLOOD, MERGER)
    leaving = sorted(grouper._state.stories[1])[1:]
    grouper.part_by_hand(Level.STORY, leaving, None, 1)
    grouper.review(list(grouper._state.stories))
    assert sizes(grouper) == [1, 2, 2]


def test_what_the_operator_joined_stays_together(make: Make) -> None:
    grouper = placed(make, FLOOD, MERGER)
    grouper.merge_by_hand(Level.STORY, 1, 2, 1)
    assert not grouper.review(list(grouper._state.stories)).splits
    assert sizes(grouper) == [5]


def test_the_likeliest_join_first_and_on_the_average() -> None:
    links = {1: {2: 0.9, 3: 0.8}, 2: {1: 0.9}, 3: {1: 0.8}}
    assert link({1: [1], 2: [2], 3: [3]}, links, 0.5, {}) == [Join(1, 2, 0.9)], "with both, 3 is alike at 0.4"
    both = link({1: [1], 2: [2], 3: [3]}, links, 0.3, {})
    assert [(j.winner, j.loser) for j in both] == [(1, 2), (1, 3)]
    assert both[1].mean == pytest.approx(0.4)
    assert link({1: [1], 2: [2], 3: [3]}, links, 0.3, {2: {3}}) == [Join(1, 2, 0.9)]
