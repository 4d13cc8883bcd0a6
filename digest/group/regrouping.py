"""The second look at titles: stories come apart where they are loose, and the parts join what they are most like.

A title says so little that the story in which it was placed is often a guess. With all that came since, each two
titles are compared again (`pairs`), and by the average over such pairs stories are parted and joined.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from digest.group import scoring
from digest.group.linkage import Join, Links, link
from digest.group.merging import is_brief, merge_stories
from digest.group.pairs import Pairs
from digest.group.records import Merge, Split
from digest.group.scoring import Match
from digest.group.state import State

#: So many titles are looked at in one go, and no more: what links them takes some ten kilobytes each.
_AT_ONCE = 10_000
#: Pairs less likely than this count as not likely at all.
_NEGLIGIBLE = 0.02


@dataclass(frozen=True, slots=True)
class _Part:
    """Articles that are loose in their story."""

    story: int
    articles: tuple[int, ...]


def regroup(state: State, touched: Sequence[int], new: int) -> tuple[list[Split], list[Merge]]:
    """Look again at the touched stories that are told by titles alone; `new` is the first free number."""
    splits: list[Split] = []
    merges: list[Merge] = []
    for portion in list(_portions(state, [story for story in touched if is_brief(state, story)])):
        there = [story for story in portion if story in state.stories]  # else an earlier portion has joined it
        parted, joined = _regroup(state, there, new)
        new = max([new, *(split.new + 1 for split in parted)])
        splits += parted
        merges += joined
    return splits, merges


def _portions(state: State, stories: Sequence[int]) -> Iterator[list[int]]:
    """As many at a time as their pairs can be kept in memory."""
    portion: list[int] = []
    articles = 0
    for story in stories:
        if portion and articles + len(state.stories[story]) > _AT_ONCE:
            yield portion
            portion, articles = [], 0
        portion.append(story)
        articles += len(state.stories[story])
    if portion:
        yield portion


def _regroup(state: State, brief: Sequence[int], new: int) -> tuple[list[Split], list[Merge]]:
    links = _links(state, sorted(a for story in brief for a in state.stories[story]))
    least = 1.0 / (1.0 + math.exp(-state.scorer.bar("pair", 0.0)))
    loose = [part for story in brief for part in _loose(state, story, links, least)]
    parts = dict(enumerate(loose, new))
    joins = _joins(state, brief, parts, links, least)
    return _apply(state, parts, joins)


def _links(state: State, articles: Iterable[int]) -> Links:
    """Of each two articles, one of them among these, how likely they tell one event."""
    pairs, found = Pairs(state), defaultdict[int, dict[int, float]](dict)
    for article in articles:
        beside = pairs.beside(article)
        chances = beside.chances(state.scorer).round(6).tolist()
        for other, chance in zip(beside.articles, chances, strict=True):
            if chance >= _NEGLIGIBLE:
                found[article][other] = found[other][article] = max(chance, found[article].get(other, 0.0))
    return found


def _loose(state: State, story: int, links: Links, least: float) -> list[_Part]:
    """The parts of a story that are not tied to the one with its first article; none where the operator ruled."""
    if state.rulings.concern(state.stories[story]):
        return []
    held = {article: {article} for article in state.stories[story]}
    for join in link({article: [article] for article in sorted(held)}, links, least, {}):
        held[join.winner] |= held.pop(join.loser)
    start = min(state.stories[story], key=lambda a: (state.corpus.document(a).span.middle, a))
    return [_Part(story, tuple(sorted(part))) for _, part in sorted(held.items()) if start not in part]


def _joins(state: State, brief: Sequence[int], parts: dict[int, _Part], links: Links, least: float) -> list[Join]:
    members = state.members
    near = {members[b].story for story in brief for a in state.stories[story] for b in links.get(a, ())}
    groups = {story: set(state.stories[story]) for story in {*brief, *near} if is_brief(state, story)}
    apart = {story: state.parted_stories(story) for story in groups} if len(state.rulings) else {}
    for number, part in parts.items():
        groups[part.story] -= set(part.articles)
        groups[number] = set(part.articles)
        if apart:
            apart[number] = apart[part.story]
    return link({group: sorted(articles) for group, articles in groups.items()}, links, least, apart)


def _apply(state: State, parts: dict[int, _Part], joins: Sequence[Join]) -> tuple[list[Split], list[Merge]]:
    """What joins its own story again has never left; what joins another one comes into that one's storyline."""
    home: dict[int, int] = {}
    for join in reversed(joins):
        home[join.loser] = home.get(join.winner, join.winner)
    splits: list[Split] = []
    for number, part in parts.items():
        goal = home.get(number, number)
        if goal == home.get(part.story, part.story):
            continue
        line = state.line_of[parts[goal].story if goal in parts else goal]
        for article in part.articles:
            state.move(article, number, line)
        why = f"with other titles beside it, less like the rest of story {part.story}"
        splits.append(Split(part.story, number, line, part.articles, why))
    merges: list[Merge] = []
    for join in joins:
        goal = home.get(join.winner, join.winner)
        # Storylines joined meanwhile may be parted from this one.
        if join.loser in state.stories and goal not in state.parted_stories(join.loser):
            odds = math.log(join.mean / (1.0 - join.mean)) if join.mean < 1.0 else math.inf
            why = f"{scoring.sureness(odds)} on the average of their titles"
            merges += merge_stories(state, join.loser, Match(goal, join.mean, why))
    return splits, merges
