"""The merge pass: stories and storylines that turned out the same. The older id wins, nothing is renumbered.

What the operator parted is never a candidate.
"""

from __future__ import annotations

from collections.abc import Iterator
from heapq import heapify, heappop, heappush

from digest.group import scoring
from digest.group.matching import find_line, measure_pair, twins
from digest.group.records import Member, Merge
from digest.group.scoring import Match
from digest.group.state import State

#: So many articles stand for a story; comparing more does not change the outcome.
_REPRESENTATIVES = 6


def is_brief(state: State, story: int) -> bool:
    """Whether a story is told by titles alone; two such stories are joined by `regrouping`."""
    return all(state.corpus.document(article).bare for article in state.stories[story])


def merge_all(state: State, touched: list[int]) -> Iterator[Merge]:
    """Merge what is the same around the touched stories, until each of them stands alone."""
    queue = [(-match.score, story, match.target, match) for story in touched if (match := _same_story(state, story))]
    heapify(queue)
    while queue:
        _, story, _, match = heappop(queue)
        if story not in state.stories:
            continue
        # What was merged meanwhile may have changed the likeness: the most certain first, as things stand now.
        now = _same_story(state, story)
        if now and now != match:
            heappush(queue, (-now.score, story, now.target, now))
        elif now:
            yield from merge_stories(state, story, now)
            winner = min(story, now.target)
            if again := _same_story(state, winner):
                heappush(queue, (-again.score, winner, again.target, again))
    for story in touched:
        if story in state.stories and (match := _same_line(state, story)):
            yield _merge_lines(state, state.line_of[story], match.target, match.why)


def _representatives(state: State, story: int) -> list[Member]:
    """First, last and evenly between: by id, so that the choice is stable."""
    articles = sorted(state.stories[story])
    if len(articles) > _REPRESENTATIVES:
        step = (len(articles) - 1) / (_REPRESENTATIVES - 1)
        articles = [articles[round(i * step)] for i in range(_REPRESENTATIVES)]
    return [state.members[a] for a in articles]


def _same_story(state: State, story: int) -> Match | None:
    """Another story that tells the same event."""
    best: Match | None = None
    without, brief = state.parted_stories(story), is_brief(state, story)
    for group in twins(state, story):
        bar = state.scorer.bar("merge", group.fullness)
        scores = group.scores(state.scorer, "merge").tolist()
        for row, (other, score) in enumerate(zip(group.stories, scores, strict=True)):
            if other in without or score < bar or (brief and is_brief(state, other)):
                continue
            both = round((score + _seen_from(state, other, story)) / 2, 6)
            if both >= bar and (best is None or (both, -other) > (best.score, -best.target)):
                best = Match(other, both, group.why(row, both))
    return best


def _seen_from(state: State, other: int, story: int) -> float:
    """A short report in a long one is more like it than the long one in the short: both sides are asked."""
    here, there = ([state.members[a] for a in state.stories[s]] for s in (other, story))
    return measure_pair(state, here, there)[0]


def _same_line(state: State, story: int) -> Match | None:
    """Another storyline that most of this story's articles continue."""
    own = state.line_of[story]
    members = _representatives(state, story)
    links: dict[int, list[Match]] = {}
    without = {own} | state.parted_lines(own)
    for member in members:
        document = state.corpus.document(member.article)
        match = find_line(state, document, state.names[member.article], member.language, without)
        if match:
            links.setdefault(match.target, []).append(match)
    if not links:
        return None
    best = max(links, key=lambda line: (len(links[line]), -line))
    score = sum(m.score for m in links[best]) / len(members)
    # Two sagas are joined with more care than a lone story is added to one.
    single = min(len(state.lines[own]), len(state.lines[best])) == 1
    bar = scoring.MERGE_LONE_LINE if single else scoring.MERGE_STORYLINES
    return links[best][0] if score >= bar and 2 * len(links[best]) >= len(members) else None


def merge_stories(state: State, story: int, match: Match) -> Iterator[Merge]:
    """A story and the one that it matches are one, and so are their storylines."""
    winner, loser = sorted((story, match.target))
    if state.line_of[winner] != state.line_of[loser]:
        yield _merge_lines(state, state.line_of[winner], state.line_of[loser], "their stories are one")
    why = match.why if story == loser else _why_seen_from(state, loser, winner, match.score) or match.why
    state.merge_stories(loser, winner)
    yield Merge("story", loser, winner, why)


def _why_seen_from(state: State, loser: int, winner: int, score: float) -> str:
    """The match in words for the articles that move: most like one of those that they come to."""
    for group in twins(state, loser):
        if winner in group.stories:
            row = group.stories.index(winner)
            return group.why(row, score)
    return ""


def _merge_lines(state: State, one: int, other: int, why: str) -> Merge:
    winner, loser = sorted((one, other))
    state.merge_lines(loser, winner)
    return Merge("storyline", loser, winner, why)
