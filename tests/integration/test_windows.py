"""Promises 1 and 6: every revision falls in exactly one window, and nobody is sent the same news twice.

Each sentence names itself, so that it is found in the mails: what an article says is told once, however many of its
texts there are, and whichever of the mails that told them come back.
"""

from __future__ import annotations

import dataclasses
import itertools
import random
import re
from collections import Counter
from collections.abc import Callable
from datetime import datetime, timedelta
from pathlib import Path

import pytest

from digest.audience.rules import Action
from digest.deliver.transports.base import Reply
from digest.model.article import RawArticle
from digest.model.cause import Cause
from digest.model.delivery import Delivery, DeliveryState, Mark
from digest.model.ranges import Ranges
from digest.model.subscription import SubscriptionState
from digest.pipeline import calendar, deliver, group, ingest, publish, subscriptions
from digest.store import counters, subscribers
from digest.store.ledger import StoredLedger
from tests.support import home
from tests.support.home import House

S = DeliveryState
EVERYTHING, SPORT = "all@example.com", "sport@example.com"
READERS = (EVERYTHING, SPORT)
ANSWERS: dict[str, Reply | None] = {"ok": None, "deferred": home.DEFERRED, "refused": home.REFUSED, "lost": home.LOST}
MOSTLY = (True, True, True, False)
STEPS = 60
LIMITS = {
    "DIGEST_PUBLICATION_MAX_ENTRIES": "1000",
    "DIGEST_PUBLICATION_MAX_PER_SECTION": "1000",
    "DIGEST_SUMMARY_SENTENCES": "10",
}
LAST_VERSION = 4  # so that the whole text is quoted
_SENTENCE = re.compile(r"\bQ\d+n\d+\b")


def answer(house: House, reply: Reply | None) -> None:
    """What the relay says from now on."""
    house.transport.on_begin = lambda _to: reply if reply is not None and not reply.ambiguous else None
    house.transport.on_send = lambda _to: reply if reply is not None and reply.ambiguous else None


def covers(delivery: Delivery) -> bool:
    if delivery.state is S.SENT:
        return delivery.bounced_at is None
    held = delivery.state is S.HELD and delivery.sent_before
    return held or (delivery.state is S.UNCERTAIN and delivery.uncertain == "hold")


def told(house: House, reader: str, counted: Callable[[Delivery], bool] = covers) -> Counter[str]:
    """How often each article revision was told in the mails that count as received."""
    messages = deliver.Messages(house.services)
    found: Counter[str] = Counter()
    for delivery in home.listing(house):
        if delivery.subscriber == reader and counted(delivery):
            found.update(home.tokens(messages.of(delivery)[1]))
    return found


def received(house: House, reader: str) -> list[tuple[Delivery, str]]:
    """The mails that count as received, oldest first, with their plain text."""
    messages = deliver.Messages(house.services)
    mine = [d for d in home.listing(house) if d.subscriber == reader and covers(d)]
    return [(d, home.plain_of(messages.of(d)[1])) for d in mine]


def sentence(number: int, n: int) -> str:
    return f"Q{number}n{n}"


def sentences_of(number: int, version: int) -> tuple[str, ...]:
    """Version 1 has two; each later one has one more, and the third does without the second."""
    return tuple(sentence(number, n) for n in range(version + 1) if n != 1 or version < 3)


def article(number: int, version: int, now: datetime, *, topic: str, days_old: float) -> RawArticle:
    """One that is like no other, and so short that a summary has all of it."""
    made = home.raw(number, now, version=version, topic=topic, days_old=days_old)
    said = []
    for name in sentences_of(number, version):
        own = [home.word(100_000 + number * 331 + int(name.partition("n")[2]) * 17 + i) for i in range(4)]
        said.append(f"{own[0].capitalize()} {own[1]} {own[2]} {own[3]} {name}.")
    return dataclasses.replace(made, text=" ".join(said))


def last_number(house: House) -> int:
    with house.services.database.read() as connection:
        return counters.last(connection, counters.SEQUENCE)


class Windows:
    """Anything in any order; two readers, one of whom takes up politics now and then."""

    def __init__(self, house: House, seed: int) -> None:
        self.house, self.chance = house, random.Random(seed)
        self.versions: dict[int, int] = {}
        self.topics: dict[int, str] = {}
        self.numbers: dict[str, int] = {}  # token -> sequence number
        self.pending: list[str] = []
        self.politics_since: int | None = None
        self.mails_before = 0
        self.next = itertools.count(1)

    def begin(self) -> None:
        home.publication(self.house)
        home.subscribe(self.house, EVERYTHING)
        home.subscribe(self.house, SPORT, topics=("sport",))

    def step(self) -> str:
        """One thing that happens, and what must hold after it."""
        happens = self.happens()
        ((_, action, values),) = self.chance.choices(happens, [weight for weight, *_ in happens])
        action(*values)
        self.holds()
        return f"{action.__name__}{values}"

    def happens(self) -> list[tuple[int, Callable[..., None], tuple[object, ...]]]:
        """What can happen, and how often it does."""
        pick = self.chance.choice
        reader = pick(READERS)
        return [
            (6, self.an_article_comes, (pick(["sport", "politics"]), pick([True, False]), pick(MOSTLY))),
            (3, self.an_article_is_updated, (pick(MOSTLY),)),
            (4, self.time_passes, (pick([0.5, 0.5, 2, 9, 24]),)),
            (3, self.what_is_due_is_published, ()),
            (9, self.an_extra_edition_is_published, (pick(["", "ok", "ok", "ok", "deferred", "refused", "lost"]),)),
            (4, self.mails_are_sent, (pick(sorted(ANSWERS)),)),
            (3, self.a_sender_dies, (pick([True, False]), pick(["", "plan"]))),
            (5, self.a_mail_bounces, (reader,)),
            (2, self.a_reader_pauses_or_resumes, (reader, pick([Action.PAUSE, Action.RESUME]))),
            (3, self.a_reader_takes_up_or_drops_politics, ()),
            (2, self.the_operator_steers, (pick(["retry", "resume"]),)),
        ]

    def holds(self) -> None:
        self.nobody_is_told_twice()
        self.no_new_topic_reaches_back()

    # --- what can happen ---

    def an_article_comes(self, topic: str, late: bool, grouped: bool) -> None:
        number = self._number()
        self.topics[number] = topic
        self._take_in(number, 1, days_old=400 if late else 0)
        if grouped:
            self.they_are_grouped()

    def an_article_is_updated(self, grouped: bool) -> None:
        short = sorted(number for number, version in self.versions.items() if version < LAST_VERSION)
        if not short:
            return
        number = self.chance.choice(short)
        self._take_in(number, self.versions[number] + 1)
        if grouped:
            self.they_are_grouped()

    def _take_in(self, number: int, version: int, days_old: float = 0) -> None:
        self.versions[number] = version
        report = ingest.ingest(self.house.services, [self._made(number, version, days_old)])
        assert (report.new, report.updated) == ((1, 0) if version == 1 else (0, 1))
        self.pending.append(home.token(number, version))

    def _number(self) -> int:
        return next(self.next)

    def _made(self, number: int, version: int, days_old: float) -> RawArticle:
        return article(number, version, self.house.clock(), topic=self.topics[number], days_old=days_old)

    def they_are_grouped(self) -> None:
        first = last_number(self.house) + 1
        group.group(self.house.services)
        self.numbers |= {name: first + n for n, name in enumerate(self.pending)}
        self.pending.clear()
        assert last_number(self.house) == max(self.numbers.values(), default=0)

    def time_passes(self, hours: float) -> None:
        self.house.clock.go(hours=hours)

    def what_is_due_is_published(self) -> None:
        calendar.cut_due_editions(self.house.services)
        publish.plan_open_editions(self.house.services)

    def an_extra_edition_is_published(self, sent: str) -> None:
        home.publish_now(self.house)
        if sent:
            self.mails_are_sent(sent)

    def mails_are_sent(self, reply: str) -> None:
        answer(self.house, ANSWERS[reply])
        home.deliver_all(self.house)
        answer(self.house, None)

    def a_sender_dies(self, marked: bool, between: str) -> None:
        """After claiming, or between the mark and the answer; an edition may be planned before anybody notices."""
        ledger = StoredLedger(self.house.services.database)
        claimed = ledger.claim(self.house.clock(), 100, "1-dead", 900)
        if marked:
            ledger.commit([], [Mark(*c.row) for c in claimed], self.house.clock())
        if between:
            publish.plan_open_editions(self.house.services)

    def a_mail_bounces(self, reader: str) -> None:
        sent = [d for d in home.listing(self.house, states=["sent"]) if d.subscriber == reader and not d.bounced_at]
        if sent:
            home.bounce(self.house, self.chance.choice(sent))

    def a_reader_pauses_or_resumes(self, reader: str, action: Action) -> None:
        subscriptions.act(self.house.services, reader, "", action, Cause("holiday"))

    def a_reader_takes_up_or_drops_politics(self) -> None:
        adds = self.politics_since is None
        topics = ("politics", "sport") if adds else ("sport",)
        subscriptions.edit(self.house.services, subscriptions.Wanted(SPORT, "news", topics=topics))
        self.politics_since = last_number(self.house) if adds else None
        self.mails_before = len(home.listing(self.house))

    def the_operator_steers(self, action: str) -> None:
        for found in home.listing(self.house, states=["failed", "deferred", "held"]):
            if found.uncertain == "hold" and found.sent_before:
                continue  # an operator who resends these has decided to risk a repeat
            try:
                deliver.steer(self.house.services, action, delivery=str(found.id))
            except deliver.UsageError:
                continue

    # --- what must hold ---

    def nobody_is_told_twice(self) -> None:
        for reader in READERS:
            named: set[str] = set()
            had = Counter[str]()
            for delivery, text in received(self.house, reader):
                ranges = home.ranges_of(self.house, delivery.variant)
                for name in home.tokens_in([text]):
                    assert name not in named or self.an_older_text_is_owed(name, ranges), (reader, name)
                    named.add(name)
                had += Counter(_SENTENCE.findall(text))
            repeated = {name: n for name, n in had.items() if n > 1}
            assert not repeated, (reader, repeated)

    def an_older_text_is_owed(self, name: str, ranges: Ranges) -> bool:
        """Whether a mail may name an article once more: for what only a mail had told that came back."""
        number, _, version = name[2:].partition("v")
        older = (self.numbers[home.token(int(number), v)] for v in range(1, int(version)))
        return self.numbers[name] not in ranges and any(seq in ranges for seq in older)

    def no_new_topic_reaches_back(self) -> None:
        if self.politics_since is not None:
            later = {d.id for d in home.listing(self.house)[self.mails_before :]}
            names = told(self.house, SPORT, lambda d: d.id in later)
            old = {n for n in names if self._topic(n) == "politics" and self.numbers[n] <= self.politics_since}
            assert not old, old

    def _topic(self, name: str) -> str:
        return self.topics[int(name[2:].partition("v")[0])]

    def the_end(self) -> None:
        """All is well again, time passes, and a last edition is mailed."""
        house = self.house
        answer(house, None)
        for reader in READERS:
            subscriptions.act(house.services, reader, "", Action.RESUME, Cause("back"))
        with house.services.database.read() as connection:
            assert all(s.state is SubscriptionState.ACTIVE for s in subscribers.listing(connection))
        for _ in range(3):
            house.clock.now = (house.clock.now + timedelta(days=1)).replace(hour=7, minute=5)  # a slot is due
            self.they_are_grouped()
            home.pass_(house)
            home.pass_(house)
        self.nobody_is_told_twice()
        self.everything_owed_was_told()
        self.every_sent_mail_was_on_the_wire()

    def everything_owed_was_told(self) -> None:
        gone = self.house.clock() - timedelta(days=14) > home.START
        if gone:
            return  # the catch-up limit has its own tests
        newest = {home.token(n, v): self.topics[n] for n, v in self.versions.items()}
        had = {reader: told(self.house, reader) for reader in READERS}
        missing = {name for name in newest if not had[EVERYTHING][name]}
        assert not missing, missing
        self.every_sentence_was_told()
        since = self.politics_since
        wanted = {
            name
            for name, topic in newest.items()
            if topic == "sport" or (since is not None and self.numbers[name] > since)
        }
        missing = {name for name in wanted if not had[SPORT][name]}
        assert not missing, missing

    def every_sentence_was_told(self) -> None:
        """Of the texts that stand now; what a later one did away with is owed to nobody."""
        for reader in READERS:
            had = {name for _, text in received(self.house, reader) for name in _SENTENCE.findall(text)}
            mine = {n: v for n, v in self.versions.items() if reader == EVERYTHING or self.topics[n] == "sport"}
            missing = {name for n, v in mine.items() for name in sentences_of(n, v)} - had
            assert not missing, (reader, missing)

    def every_sent_mail_was_on_the_wire(self) -> None:
        wire = self.house.transport.wire
        for delivery in home.listing(self.house, states=["sent"]):
            copies = {m for to, m in wire if to == delivery.address and delivery.message_id.encode() in m}
            assert len(copies) == 1, "a false sent, or a resend that was not byte-identical"


@pytest.mark.parametrize("uncertain", ["resend", "hold"])
@pytest.mark.parametrize("seed", range(5))
def test_each_revision_is_told_once_whatever_happens(
    tmp_path: Path, empty_home: Path, uncertain: str, seed: int
) -> None:
    """Every seed is another course of events; print `course` to read it."""
    values = {**LIMITS, "DIGEST_MAIL_UNCERTAIN": uncertain}
    with home.open_house(tmp_path / "home", template=empty_home, **values) as house:
        windows = Windows(house, seed)
        windows.begin()
        course: list[str] = []
        try:
            course.extend(windows.step() for _ in range(STEPS))
            windows.the_end()
        except AssertionError:
            print("\n".join(course))
            raise
