"""A story that tells two events comes apart; one that tells one does not."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from types import SimpleNamespace

from digest.group.features import extract
from digest.group.grouper import Grouper
from digest.group.records import Member
from digest.group.topics import default_topics
from digest.model.article import Article

Make = Callable[..., Article]

FLOOD = (
    """Oster floods the market of Brakenheim
The river Oster flooded the market of Brakenheim on Friday after a night of rain. Mayor Lotte Fenwick closed four
schools and the harbour; 300 people slept in the sports hall.""",
    """Brakenheim under water: 300 spend the night in a sports hall
After a night of rain the Oster burst its banks in Brakenheim on Friday. Four schools and the harbour were closed by
mayor Lotte Fenwick.""",
)
MERGER = (
    """Tolvex and Quandary merge their shipping lines
Tolvex and Quandary will merge their shipping lines by autumn, both boards said. Chief executive Imre Castel will lead
the company, which employs 12,500 people; unions fear for the yard in Sundvik.""",
    """Shipping: Quandary goes to Tolvex, unions fear for Sundvik
The boards of Tolvex and Quandary agreed to merge. The company with 12,500 people will be led by Imre Castel; unions
want guarantees for the yard in Sundvik.""",
)


def one_story(groups: Sequence[Sequence[Article]], story: int = 1, grouper: Grouper | None = None) -> Grouper:
    """All the articles in one story, as if they had been taken for one event."""
    grouper = grouper or Grouper(story + 1, story + 1, default_topics())
    for article in (a for group in groups for a in group):
        grouper._state.add(
            Member(article.id, story, story, article.published, article.language, "", b"", extract(article))
        )
        grouper._touched.add(story)
    return grouper


def written(make: Make, texts: Sequence[str], language: str = "en") -> list[Article]:
    return [make(text, language, "2022-05-18") for text in texts]


def parts(grouper: Grouper) -> set[frozenset[int]]:
    return {frozenset(articles) for articles in grouper._state.stories.values()}


def ids(articles: Sequence[Article]) -> frozenset[int]:
    return frozenset(a.id for a in articles)


def test_two_events_come_apart(make: Make) -> None:
    flood, merger = written(make, FLOOD), written(make, MERGER)
    grouper = one_story((flood, merger))
    review = grouper.review()
    assert parts(grouper) == {ids(flood), ids(merger)}
    (split,) = review.splits
    assert (split.story, split.storyline, split.articles) == (1, 1, tuple(sorted(ids(merger))))
    assert "another event than the rest of story 1" in split.why
    assert not review.merges


def test_three_events_come_apart(make: Make, news: SimpleNamespace) -> None:
    bridge = [make(news.bridge[code], code, "2022-05-18") for code in ("en", "nl")]
    flood, merger = written(make, FLOOD), written(make, MERGER)
    grouper = one_story((bridge, flood, merger))
    assert len(grouper.review().splits) == 2
    assert parts(grouper) == {ids(bridge), ids(flood), ids(merger)}


def test_one_event_stays_whole(make: Make, news: SimpleNamespace) -> None:
    bridge = [make(text, code, "2022-05-18") for code, text in news.bridge.items()]
    grouper = one_story((bridge,))
    assert grouper.review().splits == ()
    assert parts(grouper) == {ids(bridge)}


def test_a_single_stranger_is_not_an_event(make: Make) -> None:
    """One article proves little: it stays, until a second one tells the same."""
    flood, merger = written(make, FLOOD), written(make, MERGER)
    grouper = one_story((flood, written(make, FLOOD), merger[:1]))
    assert grouper.review().splits == ()
    assert len(parts(grouper)) == 1


def test_what_leaves_is_merged_with_the_story_it_belongs_to(make: Make) -> None:
    merger = written(make, MERGER)
    grouper = one_story((merger,), story=1)
    grouper._touched.clear()
    flood, strangers = written(make, FLOOD), written(make, MERGER)
    one_story((flood, strangers), story=2, grouper=grouper)
    grouper.next_story = 3
    review = grouper.review()
    assert [split.new for split in review.splits] == [3]
    assert [(merge.loser, merge.winner) for merge in review.merges if merge.kind == "story"] == [(3, 1)]
    assert parts(grouper) == {ids(flood), ids(merger) | ids(strangers)}
