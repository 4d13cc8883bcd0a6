"""What `digest group` and `digest run` say of a second look at the stories."""

from __future__ import annotations

from digest.cli.group import sentence
from digest.cli.run import lines
from digest.group.records import Merge, Split
from digest.pipeline.group import GroupReport
from digest.pipeline.run import PassReport

_SPLIT = Split(3, 9, 1, (7, 8), "another event")
_MERGES = (Merge("storyline", 4, 1, ""), Merge("story", 5, 2, ""))


def test_splits_are_told_as_merges_are() -> None:
    report = GroupReport(3, 2, 1, _MERGES, (_SPLIT, _SPLIT))
    assert sentence(report) == (
        "Grouped 3 articles into 2 new stories, 1 new storyline. "
        "Merged 1 story and 1 storyline into others that proved the same. "
        "Split 2 new stories off others that proved to tell two events."
    )
    assert lines(PassReport(grouped=report)) == [
        "Grouped 3 articles into 2 new stories, 1 new storyline.",
        "Merged 1 story and 1 storyline into others that proved the same.",
        "Split 2 new stories off others that proved to tell two events.",
    ]


def test_articles_that_joined_known_stories_are_not_grouped_into_none() -> None:
    said = "Grouped 4 articles into stories that were there already."
    assert sentence(GroupReport(4)) == said
    assert lines(PassReport(grouped=GroupReport(4))) == [said]


def test_what_an_earlier_run_left_to_look_at_is_told_too() -> None:
    """A crash between grouping and the second look: there is nothing new, and something happens all the same."""
    assert sentence(GroupReport(splits=(_SPLIT,))) == "Split 1 new story off others that proved to tell two events."
    assert sentence(GroupReport()) == "Nothing new to group."
