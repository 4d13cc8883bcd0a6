"""Corrections by hand: what the operator's merge, split and their taking back do to the state.

Each makes a Change, from which the store writes down what moved. Ids stay: the older one wins, what is emptied
redirects, and what a correction had emptied comes back when it is taken back.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field

from digest.group.records import Merge
from digest.group.rulings import Level, Role, Ruling, Rulings
from digest.group.state import State

BY_HAND = "by hand"


@dataclass(frozen=True, slots=True)
class Change:
    """What moved, each as (before, now). `lines` tells of each story that moved, came or went its storyline.

    A story that is new has no storyline before (0), one that is gone none now.
    """

    articles: Mapping[int, tuple[int, int]]
    lines: Mapping[int, tuple[int, int]]
    redirects: tuple[Merge, ...] = ()
    roles: Mapping[int, Role] = field(default_factory=dict)

    @property
    def live(self) -> tuple[int, ...]:
        """Stories whose articles or storyline changed, and that are there now."""
        moved = {story for pair in self.articles.values() for story in pair}
        gone = {story for story, (_, now) in self.lines.items() if not now}
        return tuple(sorted((moved | self.lines.keys()) - gone))


class _Before:
    """The storylines that a correction concerns, as they stood before it."""

    def __init__(self, state: State, lines: Collection[int]) -> None:
        self._state = state
        self._articles = {a: state.members[a].story for line in lines for a in state.articles_of(line)}
        self._lines = {story: line for line in lines for story in state.lines[line]}

    def change(self, roles: Mapping[int, Role]) -> Change:
        """What is different now. What is gone leads to where most of it went."""
        state = self._state
        moved = {a: (s, state.members[a].story) for a, s in self._articles.items() if state.members[a].story != s}
        now = {s: state.line_of[s] for s in {*self._lines, *(s for _, s in moved.values())} if s in state.stories}
        every = {s: (self._lines.get(s, 0), now.get(s, 0)) for s in sorted({*self._lines, *now})}
        lines = {s: pair for s, pair in every.items() if pair[0] != pair[1]}
        gone = sorted({s for s, _ in moved.values() if s not in state.stories})
        emptied = sorted({line for line in self._lines.values() if line not in state.lines})
        redirects = [Merge("story", s, _most(n for b, n in moved.values() if b == s), BY_HAND) for s in gone]
        redirects += [Merge("storyline", line, _most(self._lines_after(line)), BY_HAND) for line in emptied]
        return Change(moved, lines, tuple(redirects), roles)

    def _lines_after(self, line: int) -> list[int]:
        return [self._state.members[a].storyline for a, s in self._articles.items() if self._lines[s] == line]


def _most(places: Iterable[int]) -> int:
    found = list(places)
    return max(found, key=lambda place: (found.count(place), -place))


def merge_stories(state: State, one: int, other: int, ruling: int) -> Change:
    """Two stories are one event. Their storylines become one as well, unless these were parted by hand."""
    winner, loser = sorted((one, other))
    to, was = state.line_of[winner], state.line_of[loser]
    before = _Before(state, {to, was})
    roles = dict.fromkeys(state.stories[winner], Role.JOINED) | dict.fromkeys(state.stories[loser], Role.TAKEN)
    if to != was and was in state.parted_lines(to):
        roles = dict.fromkeys(state.articles_of(to) | state.articles_of(was), Role.PAST) | roles
    elif to != was:
        state.merge_lines(max(to, was), min(to, was))
    state.merge_stories(loser, winner)
    return _ruled(state, before, Ruling(ruling, Level.STORY, roles))


def part_articles(state: State, articles: Collection[int], into: int, ruling: int) -> Change:
    """Articles of one story are another event. `into`: the story that they belong to, or a free id."""
    story = state.members[min(articles)].story
    line = state.line_of[story]
    to = state.line_of.get(into, line)
    before = _Before(state, {line, to})
    roles = {}
    if to != line:
        roles = dict.fromkeys(state.articles_of(to) | state.articles_of(line), Role.PAST)
    roles |= dict.fromkeys(state.stories[story], Role.KEPT if to == line else Role.LEFT)
    roles |= dict.fromkeys(state.stories.get(into, ()), Role.JOINED) | dict.fromkeys(articles, Role.TAKEN)
    for article in sorted(articles):
        state.move(article, into, to)
    return _ruled(state, before, Ruling(ruling, Level.STORY, roles))


def merge_lines(state: State, one: int, other: int, ruling: int) -> Change:
    """Two storylines are one."""
    winner, loser = sorted((one, other))
    before = _Before(state, {winner, loser})
    roles = dict.fromkeys(state.articles_of(winner), Role.JOINED) | dict.fromkeys(state.articles_of(loser), Role.TAKEN)
    state.merge_lines(loser, winner)
    return _ruled(state, before, Ruling(ruling, Level.STORYLINE, roles))


def part_stories(state: State, stories: Collection[int], into: int, ruling: int) -> Change:
    """Stories do not continue the rest of their storyline. `into`: the one that they do continue, or a free id."""
    line = state.line_of[min(stories)]
    before = _Before(state, {line} | ({into} if into in state.lines else set()))
    taken = {article for story in stories for article in state.stories[story]}
    roles = dict.fromkeys(state.articles_of(line), Role.KEPT)
    roles |= dict.fromkeys(state.articles_of(into) if into in state.lines else (), Role.JOINED)
    roles |= dict.fromkeys(taken, Role.TAKEN)
    for story in sorted(stories):
        state.move_story(story, into)
    return _ruled(state, before, Ruling(ruling, Level.STORYLINE, roles))


def _ruled(state: State, before: _Before, ruling: Ruling) -> Change:
    state.rulings.add(ruling)
    return before.change(ruling.roles)


@dataclass(frozen=True, slots=True)
class Former:
    """How a correction moved things, in the ids of then, and what these ids lead to now.

    `gone`: what the correction itself had emptied, as (level, id); its id comes back.
    """

    articles: Mapping[int, tuple[int, int]]  # article -> (story before, story that the correction put it in)
    lines: Mapping[int, tuple[int, int]]  # story -> (storyline before, storyline that the correction put it in)
    gone: Collection[tuple[Level, int]] = ()
    now: Mapping[tuple[Level, int], int] = field(default_factory=dict)  # of what was merged away

    def leads_to(self, level: Level, number: int) -> int:
        return self.now.get((level, number), number)

    def home(self, level: Level, number: int) -> int:
        """Where to go back to."""
        return number if (level, number) in self.gone else self.leads_to(level, number)

    def made(self, story: int) -> bool:
        return story in self.lines and not self.lines[story][0]


def take_back(state: State, former: Former, rulings: Rulings) -> Change:
    """Undo a correction as far as things are still where it put them; `rulings` are those that stay in force."""
    pairs = [*former.articles.values(), *((story, story) for story in former.lines)]
    stories = {former.leads_to(Level.STORY, s) for pair in pairs for s in pair}
    lines = {former.leads_to(Level.STORYLINE, line) for pair in former.lines.values() for line in pair}
    concerned = {state.line_of[s] for s in stories if s in state.stories} | (lines & state.lines.keys())
    before = _Before(state, concerned)
    state.rulings = rulings
    _articles_back(state, former)
    _stories_back(state, former)
    return before.change({})


def _articles_back(state: State, former: Former) -> None:
    for article, (was, put) in sorted(former.articles.items()):
        here, home = state.members[article].story, former.home(Level.STORY, was)
        if here == home or here != former.leads_to(Level.STORY, put):
            continue  # it is back already, or somebody moved it on
        if former.made(put) and here == put and home in state.stories:
            # The story that the correction had made goes as a whole, with what joined it since.
            state.merge_stories(here, home)
            continue
        line = state.line_of.get(home)
        if line is None and was in former.lines:
            line = former.home(Level.STORYLINE, former.lines[was][0])
        # Neither: the other articles of its home were removed since, and it comes back for this one.
        state.move(article, home, line or state.line_of[here])


def _stories_back(state: State, former: Former) -> None:
    for story, (was, put) in sorted(former.lines.items()):
        here = state.line_of.get(story)
        if here is None or not was or not put or here != former.leads_to(Level.STORYLINE, put):
            continue
        home = former.home(Level.STORYLINE, was)
        if home != here:
            state.move_story(story, home)


def violated(state: State) -> bool:
    """Whether the state goes against a ruling that is in force."""
    rulings, members = state.rulings, state.members
    for level in Level:
        place = {a: m.story if level is Level.STORY else m.storyline for a, m in members.items()}
        ruled = {a for ruling in rulings for a in ruling.roles if a in members}
        for article in rulings.parted(level):
            if any(place.get(other) == place.get(article) for other in rulings.apart_from(level, article)):
                return True
        if any(len({place[a] for a in block}) > 1 for block in rulings.blocks(level, ruled)):
            return True
    return False
