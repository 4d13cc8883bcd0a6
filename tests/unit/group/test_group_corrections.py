"""Corrections by hand stick: whatever comes after them, what the operator ruled holds."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from types import SimpleNamespace

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest.group.correcting import Change, Former, violated
from digest.group.features import extract
from digest.group.grouper import Grouper
from digest.group.records import Member, Merge
from digest.group.rulings import Level, Role, Ruling, Rulings
from digest.group.topics import default_topics
from digest.model.article import Article
from tests.support.examples import up_to

Make = Callable[..., Article]
STORY, LINE = Level.STORY, Level.STORYLINE


@dataclass
class Desk:
    """A grouper, and what a store would keep of it: redirects, rulings, how each correction moved things."""

    grouper: Grouper = field(default_factory=lambda: Grouper(1, 1, default_topics()))
    articles: dict[int, Article] = field(default_factory=dict)
    redirects: dict[tuple[Level, int], int] = field(default_factory=dict)
    rulings: dict[int, Ruling] = field(default_factory=dict)
    changes: dict[int, Change] = field(default_factory=dict)
    next_ruling: int = 1
    reviewed: bool = False

    @property
    def state(self):  # type: ignore[no-untyped-def]
        return self.grouper._state

    def place(self, *articles: Article) -> None:
        for article in articles:
            self.grouper.place(article)
            self.articles[article.id] = article

    def follow(self, merges: tuple[Merge, ...]) -> None:
        for merge in merges:
            self.redirects[Level(merge.kind), merge.loser] = merge.winner

    def pass_(self) -> None:
        self.reviewed = True
        self.follow(self.grouper.review(self.state.stories).merges)

    def _ruled(self, level: Level, change: Change) -> Change:
        self.rulings[self.next_ruling] = Ruling(self.next_ruling, level, change.roles)
        self.changes[self.next_ruling] = change
        self.next_ruling += 1
        self.follow(change.redirects)
        return change

    def merge(self, level: Level, one: int, other: int) -> Change:
        return self._ruled(level, self.grouper.merge_by_hand(level, one, other, self.next_ruling))

    def part(self, level: Level, parts: list[int], into: int | None = None) -> Change:
        return self._ruled(level, self.grouper.part_by_hand(level, parts, into, self.next_ruling))

    def latest(self, ruling: int) -> bool:
        """Whether no later ruling speaks of any of its articles."""
        mine = self.rulings[ruling].roles.keys()
        return not any(mine & r.roles.keys() for i, r in self.rulings.items() if i > ruling)

    def undo(self, ruling: int) -> None:
        before = self.members()
        change, held = self.changes.pop(ruling), self.rulings.pop(ruling)
        gone = [(Level(m.kind), m.loser) for m in change.redirects]
        former = Former(change.articles, change.lines, gone, {key: self.resolve(*key) for key in self.redirects})
        back = self.grouper.take_back(former, self.rulings.values())
        if back is None:
            # What was grouped since stands in the way of another ruling: refused, and all is as it was.
            assert self.reviewed
            self.changes[ruling], self.rulings[ruling] = change, held
            self.grouper = self.rebuilt(before)
            return
        self.follow(back.redirects)
        self.redirects = {
            (level, i): to
            for (level, i), to in self.redirects.items()
            if i not in (self.state.stories if level is STORY else self.state.lines)
        }

    def members(self) -> list[Member]:
        """As the store keeps them."""
        return [
            replace(self.grouper.member(a), features=extract(self.articles[a]))
            for a in sorted(self.articles, reverse=True)
        ]

    def rebuilt(self, members: list[Member]) -> Grouper:
        new = Grouper(self.grouper.next_story, self.grouper.next_storyline, default_topics())
        new.restore(members, self.rulings.values())
        return new

    def restart(self) -> None:
        new = self.rebuilt(self.members())
        for name in ("members", "stories", "lines", "line_of", "names"):
            mine = {k: v for k, v in getattr(self.state, name).items() if v}
            assert mine == {k: v for k, v in getattr(new._state, name).items() if v}, name
        self.grouper = new

    def resolve(self, level: Level, number: int) -> int:
        seen = []
        while (level, number) in self.redirects:
            assert number not in seen, "redirects in a circle"
            seen.append(number)
            number = self.redirects[level, number]
        return number

    def story(self, article: Article) -> int:
        return self.grouper.member(article.id).story

    def line(self, article: Article) -> int:
        return self.grouper.member(article.id).storyline

    def check(self) -> None:
        assert sorted(a for held in self.state.stories.values() for a in held) == sorted(self.articles)
        assert sorted(s for held in self.state.lines.values() for s in held) == sorted(self.state.stories)
        assert not violated(self.state)
        for level, there in ((STORY, self.state.stories), (LINE, self.state.lines)):
            ids = range(1, self.grouper.next_story if level is STORY else self.grouper.next_storyline)
            assert all(self.resolve(level, i) in there for i in ids), "every id that ever was leads to a live one"
            assert all(i == self.resolve(level, i) for i in there), "a live id is itself"
        self._check_pairs()

    def _check_pairs(self) -> None:
        """The newest ruling that speaks of two articles holds: told anew, pair by pair."""
        for level in Level:
            verdict: dict[tuple[int, int], bool | None] = {}
            for ruling in self.rulings.values():
                for one, part in ruling.roles.items():
                    for other, other_part in ruling.roles.items():
                        said = speaks(ruling.level, level, part, other_part)
                        if one != other and said != "nothing":
                            verdict[one, other] = verdict[other, one] = {"one": True, "two": False, "open": None}[said]
            for (one, other), together in verdict.items():
                a, b = self.grouper.member(one), self.grouper.member(other)
                same = a.story == b.story if level is STORY else a.storyline == b.storyline
                assert together is None or same == together, (level, one, other)


def speaks(ruled: Level, level: Level, one: Role, other: Role) -> str:
    if one is not Role.TAKEN:
        both = one is Role.JOINED and other is Role.JOINED
        return "one" if both and (ruled is level or ruled is STORY) else "nothing"
    if other in (Role.TAKEN, Role.JOINED):
        return "one" if ruled is level or ruled is STORY else "nothing"
    if other in (Role.KEPT, Role.LEFT) and ruled is level:
        return "two"
    return "open" if level is LINE and other in (Role.LEFT, Role.PAST) else "nothing"


@pytest.fixture
def bridge(make: Make, news: SimpleNamespace) -> list[Article]:
    return [make(text, language, "2022-05-17") for language, text in news.bridge.items()]


def test_parted_articles_stay_apart_however_alike(make: Make, bridge: list[Article], news: SimpleNamespace) -> None:
    desk = Desk()
    desk.place(*bridge)
    desk.pass_()
    change = desk.part(STORY, [bridge[1].id])
    assert change.articles == {bridge[1].id: (1, 2)}
    assert desk.line(bridge[0]) == desk.line(bridge[1]), "they continue each other still"
    for _ in range(2):
        desk.pass_()
        desk.place(make(news.bridge["en"], "en", "2022-05-18"), bridge[1])
        desk.restart()
    desk.pass_()
    assert desk.story(bridge[1]) == 2
    assert {desk.story(a) for a in bridge if a is not bridge[1]} == {1}
    desk.check()


def test_without_the_ruling_they_would_be_one_again(bridge: list[Article]) -> None:
    desk = Desk()
    desk.place(*bridge)
    desk.part(STORY, [bridge[1].id])
    desk.rulings.clear()
    desk.restart()
    desk.pass_()
    assert {desk.story(a) for a in bridge} == {1}


def test_a_new_article_joins_the_better_of_the_parted_stories(
    make: Make, bridge: list[Article], news: SimpleNamespace
) -> None:
    desk = Desk()
    far = make(news.elsewhere, "en", "2022-05-18")
    desk.place(*bridge, far)
    desk.merge(STORY, 1, 2)
    desk.part(STORY, [far.id])
    here, there = make(news.bridge["en"], "en", "2022-05-18"), make(news.elsewhere, "en", "2022-05-18")
    desk.place(here, there)
    assert desk.story(here) == desk.story(bridge[0])
    assert desk.story(there) == desk.story(far) != desk.story(here)


def test_merged_strangers_stay_one_and_their_storylines_with_them(
    make: Make, bridge: list[Article], news: SimpleNamespace
) -> None:
    far = make(news.elsewhere, "en", "2022-05-18")
    desk = Desk()
    desk.place(*bridge, far)
    assert desk.line(far) != desk.line(bridge[0])
    change = desk.merge(STORY, desk.story(far), desk.story(bridge[0]))
    assert {(m.kind, m.loser, m.winner) for m in change.redirects} == {("story", 2, 1), ("storyline", 2, 1)}
    desk.place(far)
    desk.restart()
    assert desk.story(far) == desk.story(bridge[0])
    assert desk.grouper._state.rulings.blocks(STORY, [a.id for a in [*bridge, far]]) == [
        frozenset(a.id for a in [*bridge, far])
    ]


def test_the_newer_ruling_wins(bridge: list[Article]) -> None:
    desk = Desk()
    desk.place(*bridge)
    desk.part(STORY, [bridge[1].id])
    desk.merge(STORY, 1, 2)
    desk.check()
    assert {desk.story(a) for a in bridge} == {1}
    desk.part(STORY, [bridge[0].id, bridge[1].id])
    desk.check()
    assert [desk.story(a) for a in bridge] == [3, 3, 1, 1]


def test_a_story_leaves_its_storyline_and_stays_out(make: Make, bridge: list[Article], news: SimpleNamespace) -> None:
    trial = [make(text, language, "2024-03-11") for language, text in news.trial.items()]
    desk = Desk()
    desk.place(*bridge, *trial)
    desk.pass_()
    assert desk.line(trial[0]) == desk.line(bridge[0])
    desk.part(LINE, [desk.story(trial[0])])
    desk.pass_()
    desk.restart()
    desk.pass_()
    assert desk.line(trial[0]) != desk.line(bridge[0])
    desk.merge(LINE, desk.line(trial[0]), desk.line(bridge[0]))
    desk.check()
    assert desk.line(trial[0]) == desk.line(bridge[0]) == 1


def test_moving_an_article_into_a_story_of_another_storyline(
    make: Make, bridge: list[Article], news: SimpleNamespace
) -> None:
    far, trial = make(news.elsewhere, "en", "2022-05-18"), make(news.trial["en"], "en", "2024-03-11")
    desk = Desk()
    desk.place(*bridge, far, trial)
    desk.merge(LINE, desk.line(trial), desk.line(bridge[0]))
    change = desk.part(STORY, [bridge[3].id], into=desk.story(far))
    assert change.roles[trial.id] is Role.PAST
    desk.check()
    assert (desk.story(bridge[3]), desk.line(bridge[3])) == (desk.story(far), desk.line(far))


def test_taking_back_brings_the_old_ids_back(make: Make, bridge: list[Article], news: SimpleNamespace) -> None:
    far = make(news.elsewhere, "en", "2022-05-18")
    desk = Desk()
    desk.place(*bridge, far)
    desk.merge(STORY, 1, 2)
    late = make(news.bridge["nl"], "nl", "2022-05-18")
    desk.place(late)
    desk.undo(1)
    desk.check()
    assert (desk.story(far), desk.line(far)) == (2, 2)
    assert {desk.story(a) for a in (*bridge, late)} == {1}
    desk.part(STORY, [bridge[1].id])
    desk.undo(2)
    desk.check()
    assert {desk.story(a) for a in bridge} == {1}


WORDS = ["Valkenrade", "Dewolf", "Brakel", "Oster", "bridge", "court", "48", "1931", "Caldermouth", "Lammens", "goal"]


@settings(max_examples=up_to(75), deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(data=st.data())
def test_any_course_of_events_keeps_the_rulings(make: Make, data: st.DataObject) -> None:
    desk = Desk()
    texts = st.lists(st.sampled_from(WORDS), min_size=1, max_size=8).map(" ".join)
    dates = st.sampled_from(["2022-05", "2022-05-17", "2022-05-20", "2024-03-11"])
    steps = ["place", "place", "place", "revise", "pass", "merge", "part", "move", "merge line", "part line", "undo"]
    for step in data.draw(st.lists(st.sampled_from([*steps, "restart"]), min_size=3, max_size=25)):
        _do(desk, step, data, lambda: make(data.draw(texts), "en", data.draw(dates)))
        desk.check()
    desk.restart()
    desk.pass_()
    desk.check()


def _do(desk: Desk, step: str, data: st.DataObject, new: Callable[[], Article]) -> None:
    stories, lines = sorted(desk.state.stories), sorted(desk.state.lines)
    if step == "place" or not desk.articles:
        desk.place(new())
    elif step == "revise":
        old = data.draw(st.sampled_from(sorted(desk.articles)))
        changed = new()
        desk.articles[old] = type(changed)(**{**{f: getattr(changed, f) for f in changed.__slots__}, "id": old})
        desk.grouper.place(desk.articles[old])
    elif step == "pass":
        desk.pass_()
    elif step == "restart":
        desk.restart()
    elif step == "merge" and len(stories) > 1:
        desk.merge(STORY, *data.draw(st.permutations(stories))[:2])
    elif step == "merge line" and len(lines) > 1:
        desk.merge(LINE, *data.draw(st.permutations(lines))[:2])
    elif step in ("part", "move"):
        _part(desk, data, [s for s in stories if len(desk.state.stories[s]) > 1], stories if step == "move" else [])
    elif step == "part line" and (several := [line for line in lines if len(desk.state.lines[line]) > 1]):
        line = data.draw(st.sampled_from(several))
        held = sorted(desk.state.lines[line])
        into = data.draw(st.sampled_from([None, *(i for i in lines if i != line)]))
        desk.part(LINE, data.draw(st.permutations(held))[: data.draw(st.integers(1, len(held) - 1))], into)
    elif step == "undo" and (free := [i for i in desk.rulings if desk.latest(i)]):
        desk.undo(data.draw(st.sampled_from(free)))


def _part(desk: Desk, data: st.DataObject, several: list[int], others: list[int]) -> None:
    if not several:
        return
    story = data.draw(st.sampled_from(several))
    held = sorted(desk.state.stories[story])
    into = data.draw(st.sampled_from([None, *(i for i in others if i != story)]))
    desk.part(STORY, data.draw(st.permutations(held))[: data.draw(st.integers(1, len(held) - 1))], into)


def test_what_a_ruling_opens_is_open(make: Make) -> None:
    """A later ruling that two are one forgets that they were two, whoever was there besides."""
    parted = Ruling(1, STORY, {1: Role.TAKEN, 2: Role.KEPT, 3: Role.KEPT})
    merged = Ruling(2, STORY, {1: Role.TAKEN, 2: Role.JOINED})
    rulings = Rulings([merged, parted])
    assert rulings.apart_from(STORY, 1) == {3}
    assert rulings.apart_from(STORY, 2) == frozenset()
    assert rulings.blocks(STORY, [1, 2, 4]) == [frozenset({1, 2}), frozenset({4})]
