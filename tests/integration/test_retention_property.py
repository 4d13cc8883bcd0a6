"""Promises 1 and 6 where what is old is deleted at any moment: as in `test_windows`, whose events these are too.

What a reader was told is remembered here, since the program forgets it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.audience import tokens
from digest.model.delivery import Delivery
from digest.model.report import Report, ReportKind
from digest.pipeline import bounces, deliver, pruning
from digest.pipeline.pruning import Wanted
from digest.store.retention import deliveries, editions
from tests.integration.test_windows import _SENTENCE, LIMITS, READERS, STEPS, Windows, covers
from tests.support import home
from tests.support.home import House


class Forgetful(Windows):
    """Anything in any order, and what is settled may be deleted at once."""

    def __init__(self, house: House, seed: int) -> None:
        super().__init__(house, seed)
        self.told_by: dict[int, tuple[str, frozenset[str]]] = {}  # delivery -> reader, tokens
        self.said_by: dict[int, Counter[str]] = {}  # delivery -> sentences
        self.covers: dict[int, bool] = {}
        self.deleted = 0

    def happens(self) -> list[tuple[int, Callable[..., None], tuple[object, ...]]]:
        pick = self.chance.choice
        return [
            *super().happens(),
            (9, self.what_is_settled_is_deleted, (pick([("deliveries",), ("editions",), ("deliveries", "editions")]),)),
            (2, self.a_mail_bounces_whose_record_is_deleted, (pick(READERS),)),
        ]

    def what_is_settled_is_deleted(self, names: tuple[str, ...]) -> None:
        self.look()
        now = self.house.clock.go(minutes=1)
        parts = {
            "deliveries": (deliveries.Deliveries(now, now), deliveries.Skips(now, now), deliveries.Singles(now, now)),
            "editions": (editions.Editions(now, now), editions.Traces(now, now)),
        }
        report = pruning.prune(self.house.services, [Wanted(name, 1, now, parts[name]) for name in names])
        assert report.done
        self.deleted += report.total.rows

    def a_mail_bounces_whose_record_is_deleted(self, reader: str) -> None:
        self.look()
        known = {d.id for d in home.listing(self.house)}
        gone = [n for n, (who, _) in self.told_by.items() if who == reader and n not in known and self.covers[n]]
        if gone:
            number = self.chance.choice(gone)
            token = tokens.bounce_token(self.house.services.home.secret(), number)
            report = Report(ReportKind.SOFT, reader, status="4.2.2", token=token)
            bounces.take(self.house.services, [report])
            self.covers[number] = False

    def look(self) -> None:
        """Put down what was told as long as it can be read."""
        messages = deliver.Messages(self.house.services)
        for delivery in home.listing(self.house):
            if delivery.id not in self.told_by and covers(delivery):
                text = home.plain_of(messages.of(delivery)[1])
                self.told_by[delivery.id] = (delivery.subscriber, frozenset(home.tokens_in([text])))
                self.said_by[delivery.id] = Counter(_SENTENCE.findall(text))
            self.covers[delivery.id] = covers(delivery)

    def had(self, reader: str) -> Counter[str]:
        self.look()
        found: Counter[str] = Counter()
        for number, (who, names) in self.told_by.items():
            if who == reader and self.covers[number]:
                found.update(names)
        return found

    # --- what must hold ---

    def nobody_is_told_twice(self) -> None:
        """An article may be named again, for what only a mail had told that came back; no sentence comes again."""
        self.look()
        for reader in READERS:
            mine = [n for n, (who, _) in self.told_by.items() if who == reader and self.covers[n]]
            had = sum((self.said_by[number] for number in mine), Counter[str]())
            repeated = {sentence: n for sentence, n in had.items() if n > 1}
            assert not repeated, (reader, repeated)

    def no_new_topic_reaches_back(self) -> None:
        """Mails are not counted here: some are gone."""

    def everything_owed_was_told(self) -> None:
        had = self.had(READERS[0])
        missing = {name for n, v in self.versions.items() if not had[name := home.token(n, v)]}
        assert not missing, missing

    def every_sent_mail_was_on_the_wire(self) -> None:
        for delivery in home.listing(self.house, states=["sent"]):
            self.on_the_wire(delivery)

    def on_the_wire(self, delivery: Delivery) -> None:
        wire = self.house.transport.wire
        assert len({m for to, m in wire if to == delivery.address and delivery.message_id.encode() in m}) == 1


@pytest.mark.parametrize("uncertain", ["resend", "hold"])
@pytest.mark.parametrize("seed", range(3))
def test_what_is_deleted_is_neither_told_again_nor_lost(
    tmp_path: Path, empty_home: Path, uncertain: str, seed: int
) -> None:
    """Every seed is another course of events; print `course` to read it."""
    values = {**LIMITS, "DIGEST_MAIL_UNCERTAIN": uncertain, "DIGEST_BOUNCES_THRESHOLD": "1000"}
    with home.open_house(tmp_path / "home", template=empty_home, **values) as house:
        windows = Forgetful(house, seed)
        windows.begin()
        course: list[str] = []
        try:
            course.extend(windows.step() for _ in range(STEPS))
            windows.the_end()
            assert windows.deleted
        except AssertionError:
            print("\n".join(course))
            raise
