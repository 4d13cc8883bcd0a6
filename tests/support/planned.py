"""A home with an edition planned, ready to be sent; and the books of it, held against what a relay took."""

from __future__ import annotations

import dataclasses
import shutil
import sqlite3
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from digest import app
from digest.model.delivery import DeliveryState, may_follow
from digest.pipeline.signing import keyring
from tests.support import home
from tests.support.relay import Relay, Taken
from tests.support.warm import Ended, Warm

S = DeliveryState
_FINAL = (S.SENT, S.FAILED, S.SUPPRESSED, S.EXPIRED, S.CANCELLED)
#: The keys of those who are disturbed, and of those who clean up after them: a second copy is signed as the first was.
_SELECTORS = ("s1", "s2")
#: How far on the clocks of the runs are that finish what was left: a deferred mail waits for minutes.
_LATER = (timedelta(minutes=12), timedelta(minutes=40), timedelta(minutes=80))


def reader(number: int) -> str:
    return f"reader{number}@example.org"


def make(folder: Path, *, readers: int, policy: str = "resend") -> Path:
    """To be copied, never to be used."""
    home.make_home(folder)
    with home.open_house(folder, DIGEST_MAIL_UNCERTAIN=policy) as house:
        house.clock.now = app.clock()
        home.take_in(house, 1, 2, 3)
        home.publication(house)
        for number in range(readers):
            home.subscribe(house, reader(number), language="en")
        assert home.publish_now(house).planned == readers
        for selector in _SELECTORS:
            keyring(house.services.home).make(selector)
    return folder


@dataclasses.dataclass(frozen=True, slots=True)
class Row:
    id: int
    address: str
    state: DeliveryState
    reason: str
    reply: str
    next_attempt: str | None


@dataclasses.dataclass
class Case:
    """One home in trouble: its senders, its relay, and what was on record when each of them ended."""

    warm: Warm
    relay: Relay
    folder: Path
    policy: str = "resend"
    connections: int = 2
    settings: Mapping[str, str] = dataclasses.field(default_factory=dict)
    refused: frozenset[str] = frozenset()  # the relay will never take a mail for these
    ended: list[Ended] = dataclasses.field(default_factory=list)
    recorded: list[tuple[int, frozenset[str]]] = dataclasses.field(default_factory=list)
    selector: str = _SELECTORS[0]
    in_flight: frozenset[str] = frozenset()  # of a sender that was only asleep: their dots may come late
    doubted: frozenset[str] = frozenset()  # after `check`: for whom a dot may have been in flight, by the record

    @classmethod
    def copy(cls, warm: Warm, relay: Relay, template: Path, folder: Path, **more: object) -> Case:
        shutil.copytree(template, folder)
        return cls(warm, relay, folder, **more)  # type: ignore[arg-type]

    @property
    def environ(self) -> dict[str, str]:
        mine = {
            "DIGEST_MAIL_CONNECTIONS": str(self.connections),
            "DIGEST_DELIVER_BATCH": "4",
            "DIGEST_DKIM_SELECTOR": self.selector,
        }
        return {**self.relay.environ, **mine, **self.settings}

    def rows(self) -> dict[str, Row]:
        with sqlite3.connect(f"file:{self.folder}/digest.db?mode=ro", uri=True) as connection:
            query = "select id, address, state, reason, reply, next_attempt from delivery order by id"
            found = [Row(number, a, S(state), *rest) for number, a, state, *rest in connection.execute(query)]
        connection.close()
        return {row.address: row for row in found}

    def _uncertain_once(self) -> frozenset[str]:
        with sqlite3.connect(f"file:{self.folder}/digest.db?mode=ro", uri=True) as connection:
            query = "select address from delivery where id in (select delivery_id from delivery_event where after = ?)"
            found = frozenset(address for (address,) in connection.execute(query, ("uncertain",)))
        connection.close()
        return found

    def run(self, **more: object) -> Ended:
        """One sender, until it ends."""
        ended = self.warm.run(self.folder, self.environ, **more)  # type: ignore[arg-type]
        self.note(ended)
        return ended

    def note(self, ended: Ended) -> None:
        """Remember what is on record now that this sender has ended."""
        assert ended.killed or not ended.said.startswith("Traceback"), ended.said
        self.ended.append(ended)
        at, rows = self.relay.settled(), self.rows()
        sent = frozenset(a for a, row in rows.items() if row.state is S.SENT)
        received = {taken.recipient for taken in self.relay.taken}
        assert sent <= received, f"on record as sent, and never taken: {sent - received}"
        self.recorded.append((at, sent))

    def finish(self) -> None:
        """Senders that nobody disturbs, until nothing is left to be done."""
        self.selector = _SELECTORS[1]
        for ahead in _LATER:
            ended = self.run(ahead=ahead)
            assert ended.code == 0, ended.said
            if all(row.state in (*_FINAL, S.HELD) for row in self.rows().values()):
                return

    @property
    def repeats(self) -> int:
        """Mails that reached a reader once more."""
        return sum(len(arrived) - 1 for arrived in self.arrived().values())

    def arrived(self) -> dict[str, list[Taken]]:
        """What the readers got: all that the relay took but for the copies that it knew."""
        return {to: [copy for copy in copies if not copy.known] for to, copies in self.relay.copies().items()}

    def check(self, *, ambiguous: int) -> None:
        """The promises. `ambiguous`: how many dots can have been in flight when somebody died or hung up."""
        rows, received, self.doubted = self.rows(), self.arrived(), self._uncertain_once()
        self._each_is_accounted_for(rows)
        self._none_after_it_was_recorded()
        self._changes_are_in_the_table()
        sent = {address for address, row in rows.items() if row.state is S.SENT}
        held = {address for address, row in rows.items() if row.state is S.HELD}
        assert sent <= set(received), f"on record as sent, and never taken: {sent - set(received)}"
        for address, copies in self.relay.copies().items():
            assert len({(copy.sender, copy.message) for copy in copies}) == 1, f"{address} got two different mails"
            assert b"DKIM-Signature:" in copies[0].message
        repeated = {address for address, copies in received.items() if len(copies) > 1}
        if self.policy != "hold":
            assert set(received) == set(rows) - self.refused, "somebody was missed"
            assert not held
            assert self.repeats <= (ambiguous if self.policy == "resend" else 0)
            assert repeated <= self.doubted, "a repeat without a dot in flight"
        else:
            assert not repeated, "a repeat under hold"
            assert set(received) | held >= set(rows) - self.refused, "somebody was missed"
            assert len(held) <= ambiguous
            assert held <= self.doubted

    def _each_is_accounted_for(self, rows: Mapping[str, Row]) -> None:
        for address, row in rows.items():
            if row.state is S.SENT:
                assert row.reply.startswith("250"), (address, row)
            elif row.state is S.FAILED:
                assert address in self.refused, (address, row)
                assert row.reason, (address, row)
            else:
                assert row.state is S.HELD, (address, row)
                assert row.reason, (address, row)

    def _none_after_it_was_recorded(self) -> None:
        for at, sent in self.recorded:
            again: list[Taken] = [t for t in self.relay.taken[at:] if t.recipient in sent - self.in_flight]
            assert not again, f"mailed again after the 250 was on record: {[t.recipient for t in again]}"

    def _changes_are_in_the_table(self) -> None:
        now: dict[int, str] = {}
        with sqlite3.connect(f"file:{self.folder}/digest.db?mode=ro", uri=True) as connection:
            query = "select delivery_id, before, after from delivery_event order by id"
            for number, before, after in connection.execute(query):
                if before:
                    assert may_follow(S(before), S(after)), f"delivery {number}: {before} -> {after}"
                    assert now.get(number, before) == before, f"delivery {number}: {now[number]}, then from {before}"
                now[number] = after
            states = dict(connection.execute("select id, state from delivery").fetchall())
        connection.close()
        assert {number: states[number] for number in now} == now
