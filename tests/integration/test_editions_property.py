"""Promise 6 over random courses of events: stories of many articles that go on, limits that are reached, approval.

As in `test_windows`, whose events these are too; what was told is read from the views as they were stored.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from digest.audience.rules import Action
from digest.compose import stored
from digest.model.article import RawArticle
from digest.model.cause import Cause
from digest.model.dates import PartialDate, Precision
from digest.model.delivery import Delivery, DeliveryState
from digest.model.edition import Approval, View
from digest.model.ranges import Ranges
from digest.pipeline import approving, replay, subscriptions
from digest.store import editions
from digest.store import tables as t
from tests.integration.test_windows import ANSWERS, EVERYTHING, READERS, SPORT, Windows, answer, covers
from tests.support import home
from tests.support.home import House, word

STEPS = 40
MOST = 2
LIMITS = {"DIGEST_PUBLICATION_MAX_ENTRIES": str(MOST), "DIGEST_PUBLICATION_MAX_PER_SECTION": str(MOST)}
_EACH = 1000  # articles of story 7 are 7001, 7002 …
_SENTENCE = re.compile(r"\bS[abc]\d+v\d+\b")


def article(number: int, now: datetime, *, version: int, topic: str, days_old: float) -> RawArticle:
    """One of a story: names in common with its other articles, and sentences of its own that name themselves."""
    story = number // _EACH
    names = [word(story * 97 + n).capitalize() for n in range(5)]
    own = [word(500_000 + number * 31 + n) for n in range(12)]
    sentences = [
        f"{names[0]} {names[1]} met {names[2]} near {names[3]} {own[0]} {own[1]} {own[2]} for {names[4]} Sa{number}v1.",
        f"After {own[3]} {own[4]} the {own[5]} of {names[0]} {own[6]} {own[7]} {own[8]} Sb{number}v1.",
    ]
    for n in range(2, version + 1):
        new = [word(900_000 + number * 331 + n * 17 + i) for i in range(6)]
        sentences.append(f"Then {names[1]} has {new[0]} {new[1]} {new[2]} {new[3]} {new[4]} {new[5]} Sc{number}v{n}.")
    return RawArticle(
        text=" ".join(sentences),
        origin=f"{number}.txt",
        identity=f"id:{number}",
        external_id=str(number),
        title=f"{names[0]} {names[1]} {names[2]} {own[0]} {home.token(number, version)}",
        language="en",
        date=PartialDate(now - timedelta(days=days_old), Precision.MINUTE),
        publisher=f"Paper {number % _EACH}",
        topics=(topic,),
    )


@dataclass(frozen=True)
class Read:
    """What one stored view tells."""

    view: View
    ranges: Ranges
    entries: tuple[frozenset[str], ...]  # tokens of articles, by entry
    sentences: frozenset[str]
    text: str


def read(row: sa.RowMapping) -> Read:
    view = stored.unpack(row["view"])
    # Steps that are not news are context, and stand there again and again.
    told = (q.text for e in view.entries for q in (*e.summary, *(s.quote for s in e.timeline if s.fresh)))
    return Read(
        view,
        Ranges.of((lo, hi) for lo, hi in row["ranges"]),
        tuple(frozenset(home.tokens_in(s.title for s in e.sources)) for e in view.entries),
        frozenset(_SENTENCE.findall(" ".join(told))),
        home.plain_of(row["message"]),
    )


class Editions(Windows):
    """Anything in any order, and the operator says yes or no."""

    def __init__(self, house: House, seed: int, unapproved: str) -> None:
        super().__init__(house, seed)
        self.unapproved = unapproved
        self.reads: dict[int, Read] = {}

    def begin(self) -> None:
        asked = {"approval_hours": 3.0, "unapproved": self.unapproved} if self.unapproved else {}
        home.publication(self.house, **asked)
        home.subscribe(self.house, EVERYTHING)
        home.subscribe(self.house, SPORT, topics=("sport",))

    def happens(self) -> list[tuple[int, Callable[..., None], tuple[object, ...]]]:
        pick = self.chance.choice
        return [
            *super().happens(),
            (9, self.a_story_goes_on, (pick([True, False]),)),
            (6 if self.unapproved else 0, self.the_operator_answers, (pick([True, True, False]),)),
        ]

    def a_story_goes_on(self, late: bool) -> None:
        stories = sorted({number // _EACH for number in self.versions})
        if not stories:
            return
        story = self.chance.choice(stories)
        before = [number for number in self.versions if number // _EACH == story]
        self.topics[max(before) + 1] = self.topics[before[0]]
        self._take_in(max(before) + 1, 1, days_old=3 if late else 0)
        self.they_are_grouped()

    def the_operator_answers(self, yes: bool) -> None:
        for name in sorted({w.edition.name for w in approving.waiting(self.house.services)}):
            (approving.approve if yes else approving.reject)(self.house.services, name)

    def _number(self) -> int:
        return next(self.next) * _EACH + 1

    def _made(self, number: int, version: int, days_old: float) -> RawArticle:
        return article(number, self.house.clock(), version=version, topic=self.topics[number], days_old=days_old)

    # --- what must hold ---

    def holds(self) -> None:
        for reader in READERS:
            received = [(d, self._read(d)) for d in home.listing(self.house) if d.subscriber == reader and covers(d)]
            self.nothing_is_told_twice(reader, [r for _, r in received])
            for _, one in received:
                self.a_mail_is_within_limits_and_counts_what_is_not(one)
                self.each_entry_has_news(one)
                self.all_that_it_covers_is_told_or_counted(reader, one)
        self.nothing_left_without_approval()
        self.no_new_topic_reaches_back()

    def nothing_is_told_twice(self, reader: str, received: Iterable[Read]) -> None:
        told, named = Counter[str](), set[str]()
        for one in received:
            told += Counter(one.sentences)
            names = [name for tokens in one.entries for name in tokens]
            assert len(set(names)) == len(names), (reader, names)
            again = {name for name in names if name in named and not self.an_older_text_is_owed(name, one.ranges)}
            assert not again, (reader, again)
            named.update(names)
        repeated = {name: n for name, n in told.items() if n > 1}
        assert not repeated, (reader, repeated)

    def a_mail_is_within_limits_and_counts_what_is_not(self, one: Read) -> None:
        assert len(one.view.entries) <= MOST
        assert len(one.view.over) >= one.view.more
        assert bool(one.view.over) == bool(one.view.more)
        if one.view.more:
            noun = "story" if one.view.more == 1 else "stories"
            assert f"{one.view.more} more {noun} did not fit" in one.text

    def each_entry_has_news(self, one: Read) -> None:
        """What was over the limits, or stood in an earlier mail, comes back only where its story goes on."""
        for tokens in one.entries:
            owed = (self.numbers[name] in one.ranges or self.an_older_text_is_owed(name, one.ranges) for name in tokens)
            assert any(owed), tokens

    def all_that_it_covers_is_told_or_counted(self, reader: str, one: Read) -> None:
        told = {name for tokens in one.entries for name in tokens}
        stories = {story for entry in one.view.entries for story, _ in entry.stories}
        somewhere = stories | {*one.view.over, *one.view.left_out}
        mine = [n for n, seq in self.numbers.items() if seq in one.ranges]
        for name in mine:
            if self._topic(name) == "sport" or reader == EVERYTHING:
                story = self._story(name)
                assert story in somewhere, (reader, name)
                replaced = self._replaced(name, one.view.edition.cutoff)
                assert story not in stories or replaced or name in told, (reader, name)

    def no_new_topic_reaches_back(self) -> None:
        """Who takes up a topic is told a story of it whole, but only once it goes on."""
        if self.politics_since is None:
            return
        for delivery in home.listing(self.house)[self.mails_before :]:
            if delivery.subscriber == SPORT and covers(delivery):
                for tokens in self._read(delivery).entries:
                    if {self._topic(name) for name in tokens} == {"politics"}:
                        assert any(self.numbers[name] > self.politics_since for name in tokens), tokens

    def nothing_left_without_approval(self) -> None:
        with self.house.services.database.read() as connection:
            known = {e.id: e for e in editions.listing(connection)}
        may = {Approval.NONE, Approval.APPROVED} | ({Approval.LAPSED} if self.unapproved == "send" else set())
        for delivery in home.listing(self.house, states=[DeliveryState.SENT, DeliveryState.UNCERTAIN]):
            if delivery.edition is not None:
                assert known[delivery.edition].approval in may, delivery.edition_name

    def everything_owed_was_told(self) -> None:
        """As every mail tells or counts what it covers, it is enough that every number is covered."""
        received = [self._read(d) for d in home.listing(self.house) if d.subscriber == EVERYTHING and covers(d)]
        if self.house.clock() - timedelta(days=14) > home.START:
            return  # the catch-up limit has its own tests
        newest = {home.token(n, v) for n, v in self.versions.items()}
        missing = {name for name in newest if not any(self.numbers[name] in one.ranges for one in received)}
        assert not missing, missing

    def a_replay_finds_the_same(self) -> None:
        wanted = replay.Wanted("news", datetime(2026, 1, 1), datetime(2027, 1, 1))  # noqa: DTZ001 - local times
        for one in replay.replay(self.house.services, wanted).variants:
            assert one.same, (one.id, one.difference)

    def the_end(self) -> None:
        """All is well again, time passes, and a last edition is mailed."""
        house = self.house
        answer(house, ANSWERS["ok"])
        for reader in READERS:
            subscriptions.act(house.services, reader, "", Action.RESUME, Cause("back"))
        for _ in range(3):
            house.clock.now = (house.clock.now + timedelta(days=1)).replace(hour=7, minute=5)  # a slot is due
            self.they_are_grouped()
            for _ in range(2):
                home.pass_(house)
                self.the_operator_answers(True)
            home.pass_(house)
        self.holds()
        self.everything_owed_was_told()
        self.every_sent_mail_was_on_the_wire()
        self.a_replay_finds_the_same()

    # --- looking it up ---

    def _read(self, delivery: Delivery) -> Read:
        """A variant never changes: it is read once."""
        if delivery.variant not in self.reads:
            with self.house.services.database.read() as connection:
                query = sa.select(t.variant).where(t.variant.c.id == delivery.variant)
                self.reads[delivery.variant] = read(connection.execute(query).mappings().one())
        return self.reads[delivery.variant]

    def _replaced(self, name: str, cutoff: int) -> bool:
        number, _, version = name[2:].partition("v")
        later = self.numbers.get(home.token(int(number), int(version) + 1))
        return later is not None and later <= cutoff

    def _story(self, name: str) -> int:
        a, s = t.article.c, t.story_article.c
        query = sa.select(s.story_id).join(t.article, a.id == s.article_id)
        with self.house.services.database.read() as connection:
            number = name[2:].partition("v")[0]
            return int(connection.execute(query.where(a.external_id == number)).scalar_one())


@pytest.mark.parametrize("unapproved", ["", "send", "drop"])
@pytest.mark.parametrize("seed", range(3))
def test_each_reader_gets_all_news_once_or_counted(
    tmp_path: Path, empty_home: Path, seed: int, unapproved: str
) -> None:
    """Every seed is another course of events; print `course` to read it."""
    with home.open_house(tmp_path / "home", template=empty_home, **LIMITS) as house:
        course: list[str] = []
        windows = Editions(house, seed, unapproved)
        windows.begin()
        try:
            course.extend(windows.step() for _ in range(STEPS))
            windows.the_end()
        except AssertionError:
            print("\n".join(course))
            raise
