"""Promise 3: one suite over both ledgers, the stored one and the fake in memory."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
import sqlalchemy as sa

from digest.deliver.ledger import Ledger, Row
from digest.deliver.testing import EPOCH, MemoryLedger, make_delivery
from digest.model.delivery import Delivery, DeliveryState, Mark, Outcome, Uncertain
from digest.model.subscription import AddressState
from digest.store import deliveries, hot
from digest.store import tables as t
from digest.store.ledger import StoredLedger
from tests.support import home

S = DeliveryState
LATER = EPOCH + timedelta(hours=1)
LEASE = 900.0


class Books(Protocol):
    """A ledger to be tested, and a look behind it."""

    ledger: Ledger

    def row(self, number: int) -> Delivery: ...

    def suppress(self, number: int) -> None: ...


class MemoryBooks:
    def __init__(self, rows: Sequence[Delivery]) -> None:
        self.ledger = self.memory = MemoryLedger(rows)

    def row(self, number: int) -> Delivery:
        return self.memory.rows[number]

    def suppress(self, number: int) -> None:
        self.memory.suppressed.add(self.memory.rows[number].address)


class StoredBooks:
    def __init__(self, house: home.House, rows: Sequence[Delivery]) -> None:
        self.database = house.services.database
        self.ledger = StoredLedger(self.database)
        with self.database.write() as connection:
            for delivery in rows:
                _put(connection, delivery)

    def row(self, number: int) -> Delivery:
        with self.database.read() as connection:
            return deliveries.get(connection, str(number))

    def suppress(self, number: int) -> None:
        with self.database.write() as connection:
            mine = t.subscriber.c.id == number
            connection.execute(sa.update(t.subscriber).where(mine).values(address_state=AddressState.SUPPRESSED))


def _put(connection: sa.Connection, d: Delivery) -> None:
    """A confirmation, so that it needs neither an edition nor a subscription; one person each."""
    person = {"id": d.id, "email": d.address, "email_key": d.address, "name": "", "created_at": EPOCH}
    connection.execute(sa.insert(t.subscriber).values(**person, address_state="ok", address_reason=""))
    if not connection.execute(sa.select(t.variant.c.id).where(t.variant.c.id == d.variant)).first():
        look = {"key": str(d.variant), "look": "", "language": "en", "zone": "UTC", "ranges": [], "subject": ""}
        connection.execute(sa.insert(t.variant).values(id=d.variant, message=b"", more=0, **look))
    values: dict[str, Any] = {
        "id": d.id, "kind": "confirmation", "key": d.key, "subscriber_id": d.id, "variant_id": d.variant,
        "covers_hi": 1, "state": d.state, "uncertain": d.uncertain, "address": d.address, "message_id": d.message_id,
        "date": d.date, "splice": {}, "attempts": d.attempts, "epoch": d.epoch, "owner": "",
        "next_attempt": d.next_attempt, "give_up_at": d.give_up_at, "was_uncertain": d.sent_before, "reply": "",
        "reason": "", "planned_at": EPOCH,
    }  # fmt: skip
    connection.execute(sa.insert(t.delivery).values(values))


class Open(Protocol):
    def __call__(self, *rows: Delivery) -> Books: ...


@pytest.fixture(scope="session")
def empty(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return home.make_home(tmp_path_factory.mktemp("ledger"))


@pytest.fixture(params=["memory", "stored"])
def books(request: pytest.FixtureRequest, tmp_path: Path, empty: Path) -> Iterator[Open]:
    if request.param == "memory":
        yield lambda *rows: MemoryBooks(rows)
    else:
        with home.open_house(tmp_path / "home", template=empty) as house:
            yield lambda *rows: StoredBooks(house, rows)


def claim(books: Books, now: datetime = EPOCH, limit: int = 10, owner: str = "1-one") -> list[Row]:
    return [c.row for c in books.ledger.claim(now, limit, owner, LEASE)]


def outcome(row: Row, state: DeliveryState, **more: Any) -> Outcome:
    return Outcome(row[0], row[1], state, "250 2.0.0 queued", **more)


def marked(books: Books) -> Row:
    """The first due row, claimed and marked."""
    row = claim(books)[0]
    assert books.ledger.commit([], [Mark(*row)], EPOCH).marked == {row[0]}
    return row


def test_claims_what_is_due_in_the_order_of_variants(books: Open) -> None:
    rows = (
        make_delivery(1, variant=2),
        make_delivery(2, variant=1),
        make_delivery(3, state=S.DEFERRED, next_attempt=LATER),
        make_delivery(4, state=S.DEFERRED, next_attempt=EPOCH),
        make_delivery(5, state=S.UNCERTAIN, sent_before=True),
        make_delivery(6, state=S.UNCERTAIN, sent_before=True, uncertain=Uncertain.HOLD),
        make_delivery(7, state=S.HELD),
        make_delivery(8, state=S.SENT),
    )
    made = books(*rows)
    assert [number for number, _ in claim(made)] == [2, 4, 5, 1]
    assert made.row(1).state is S.CLAIMED
    assert made.row(1).epoch == 1
    assert made.row(1).lease_until == EPOCH + timedelta(seconds=LEASE)
    assert claim(made) == []


def test_a_claim_takes_no_more_than_its_limit(books: Open) -> None:
    made = books(*(make_delivery(n) for n in range(1, 6)))
    assert len(claim(made, limit=3)) == 3
    assert len(claim(made, limit=3)) == 2


def test_none_claimed_means_that_none_is_due(books: Open) -> None:
    made = books(*(make_delivery(n) for n in range(1, 6)))
    for number in (1, 2, 3):
        made.suppress(number)
    found: list[Row] = []
    while more := claim(made, limit=2):
        found += more
    assert sorted(number for number, _ in found) == [4, 5]
    assert {made.row(n).state for n in (1, 2, 3)} == {S.SUPPRESSED}


def test_marks_and_settles(books: Open) -> None:
    made = books(make_delivery(1), make_delivery(2))
    one, two = claim(made)
    done = made.ledger.commit([], [Mark(*one)], EPOCH)
    assert (done.marked, done.stale) == ({1}, set())
    assert made.row(1).state is S.COMMITTING
    done = made.ledger.commit([outcome(one, S.SENT)], [Mark(*two)], EPOCH)
    assert (done.marked, done.stale) == ({2}, set())
    sent = made.row(1)
    assert (sent.state, sent.attempts, sent.reply) == (S.SENT, 1, "250 2.0.0 queued")
    assert sent.settled_at == EPOCH


def test_a_suppressed_row_is_not_marked(books: Open) -> None:
    made = books(make_delivery(1))
    row = claim(made)[0]
    made.suppress(1)
    done = made.ledger.commit([], [Mark(*row)], EPOCH)
    assert (done.marked, done.suppressed) == (set(), {1})
    assert done.refused[1]
    assert made.row(1).state is S.SUPPRESSED


def test_who_lost_a_row_changes_nothing(books: Open) -> None:
    made = books(make_delivery(1))
    lost = claim(made)[0]
    made.ledger.recover(LATER)
    again = claim(made, LATER, owner="2-two")[0]
    assert again[1] > lost[1]
    done = made.ledger.commit([outcome(lost, S.DEFERRED)], [Mark(*lost)], LATER)
    assert (done.marked, done.stale) == (set(), {1})
    assert done.refused[1]
    assert made.ledger.release([lost], LATER) == 0
    assert made.row(1).state is S.CLAIMED
    assert made.ledger.commit([], [Mark(*again)], LATER).marked == {1}


def test_nothing_is_sent_without_a_mark(books: Open) -> None:
    made = books(make_delivery(1))
    row = claim(made)[0]
    assert made.ledger.commit([outcome(row, S.SENT)], [], EPOCH).stale == {1}
    assert made.row(1).state is S.CLAIMED


def test_a_recorded_answer_is_final(books: Open) -> None:
    made = books(make_delivery(1))
    row = marked(made)
    made.ledger.commit([outcome(row, S.SENT)], [], EPOCH)
    assert made.ledger.commit([outcome(row, S.FAILED)], [], EPOCH).stale == {1}
    assert made.ledger.recover(EPOCH + timedelta(days=9)) == 0
    assert claim(made, EPOCH + timedelta(days=9)) == []
    assert made.row(1).state is S.SENT


def test_a_deferred_row_comes_back_when_its_time_has_come(books: Open) -> None:
    made = books(make_delivery(1))
    row = marked(made)
    made.ledger.commit([outcome(row, S.DEFERRED, retry_at=LATER)], [], EPOCH)
    assert claim(made, LATER - timedelta(seconds=1)) == []
    assert [number for number, _ in claim(made, LATER)] == [1]


@pytest.mark.parametrize(
    ("policy", "state", "again"), [(Uncertain.RESEND, S.UNCERTAIN, [1]), (Uncertain.HOLD, S.HELD, [])]
)
def test_a_sender_that_dies_while_committing(
    books: Open, policy: Uncertain, state: DeliveryState, again: list[int]
) -> None:
    made = books(make_delivery(1, uncertain=policy))
    marked(made)
    assert made.ledger.recover(EPOCH) == 0, "its lease has not run out"
    assert made.ledger.recover(LATER) >= 1
    row = made.row(1)
    assert (row.state, row.sent_before, row.attempts) == (state, True, 1)
    assert [number for number, _ in claim(made, LATER)] == again


def test_a_sender_that_dies_with_a_claim_is_no_trouble(books: Open) -> None:
    made = books(make_delivery(1), make_delivery(2, state=S.UNCERTAIN, sent_before=True))
    claim(made)
    assert made.ledger.recover(LATER) == 2
    assert made.row(1).state is S.PLANNED
    assert made.row(2).state is S.UNCERTAIN, "it may have arrived before: it stays bound to the same bytes"


def test_a_late_answer_mends_what_became_uncertain(books: Open) -> None:
    made = books(make_delivery(1))
    row = marked(made)
    made.ledger.recover(LATER)
    done = made.ledger.commit([outcome(row, S.SENT)], [], LATER)
    assert made.row(1).state is S.SENT
    assert done.stale == set()
    assert claim(made, LATER) == []


def test_a_late_answer_comes_too_late_for_a_row_in_other_hands(books: Open) -> None:
    made = books(make_delivery(1))
    row = marked(made)
    made.ledger.recover(LATER)
    again = claim(made, LATER)[0]
    assert made.ledger.commit([outcome(row, S.SENT)], [], LATER).stale == {1}
    assert made.ledger.commit([], [Mark(*again)], LATER).marked == {1}


def test_leases_are_renewed_for_their_owner_alone(books: Open) -> None:
    made = books(make_delivery(1), make_delivery(2))
    claim(made, limit=1, owner="1-one")
    claim(made, limit=1, owner="2-two")
    assert made.ledger.renew("1-one", LATER, LEASE) == 1
    assert made.ledger.recover(LATER) == 1
    assert (made.row(1).state, made.row(2).state) == (S.CLAIMED, S.PLANNED)


def test_released_rows_are_due_again(books: Open) -> None:
    made = books(make_delivery(1), make_delivery(2, state=S.UNCERTAIN, sent_before=True))
    rows = claim(made)
    assert made.ledger.release(rows, EPOCH) == 2
    assert (made.row(1).state, made.row(2).state) == (S.PLANNED, S.UNCERTAIN)
    assert made.row(1).attempts == 0
    assert len(claim(made)) == 2


def test_a_marked_row_cannot_be_released(books: Open) -> None:
    made = books(make_delivery(1))
    row = marked(made)
    assert made.ledger.release([row], EPOCH) == 0
    assert made.row(1).state is S.COMMITTING


# --- of the stored one alone: what the fake has no notion of -----------------------------------------


@pytest.fixture
def stored(tmp_path: Path, empty: Path) -> Iterator[Open]:
    with home.open_house(tmp_path / "home", template=empty) as house:
        yield lambda *rows: StoredBooks(house, rows)


def test_gives_up_when_the_time_is_over(stored: Open) -> None:
    rows = [make_delivery(n, state=S.DEFERRED, next_attempt=EPOCH, give_up_at=LATER) for n in (1, 2, 3)]
    made = stored(*rows, make_delivery(4))
    assert [number for number, _ in claim(made, LATER, limit=2)] == [4]
    assert {made.row(n).state for n in (1, 2, 3)} == {S.FAILED}


def test_rows_of_a_dead_sender_need_not_wait_for_their_lease(stored: Open) -> None:
    made = stored(make_delivery(1))
    claim(made, owner="1-dead")
    assert isinstance(made, StoredBooks)
    assert StoredLedger(made.database, lambda owner: owner == "1-dead").recover(EPOCH) == 1
    assert made.row(1).state is S.PLANNED


def test_a_late_answer_mends_what_is_held_as_uncertain(stored: Open) -> None:
    made = stored(make_delivery(1, uncertain=Uncertain.HOLD))
    row = marked(made)
    made.ledger.recover(LATER)
    assert made.row(1).state is S.HELD
    assert made.ledger.commit([outcome(row, S.SENT)], [], LATER).stale == set()
    assert made.row(1).state is S.SENT


def test_a_claim_reads_what_it_takes_and_no_whole_edition(stored: Open) -> None:
    """Each query has its rows in the order of an index, and single mails are not searched for among the others."""
    made = stored(make_delivery(1))
    assert isinstance(made, StoredBooks)
    asked: list[tuple[str, Any]] = []
    kept = sa.event.listens_for(made.database.engine, "before_cursor_execute")
    kept(lambda _c, _cursor, statement, values, _context, _many: asked.append((statement, values)))
    claim(made)
    with made.database.read() as connection:
        due = hot._DUE._compiled(connection.dialect)
        asked.append((due.text, due.bound({"most": 10, "first": 0})))
        chosen = [(text, values) for text, values in asked if "ORDER BY delivery.variant_id" in text]
        assert len(chosen) >= 4
        for text, values in chosen:
            plan = str(connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {text}", tuple(values)).all())
            single = "kind <> 'edition'" in text
            assert ("ix_delivery_single" in plan) == single, (text, plan)
            assert single or "TEMP B-TREE" not in plan, (text, plan)
