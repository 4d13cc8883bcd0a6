"""Sending, held against promise 3: effectively-once, whatever breaks and wherever it does."""

from __future__ import annotations

import threading
import time
from collections import Counter
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from digest.deliver import run as run_module
from digest.deliver.breaker import Breaker
from digest.deliver.relay import Relay
from digest.deliver.retry import Stage
from digest.deliver.send import Ready, Summary, send_all
from digest.deliver.testing import EPOCH, FakeTransport, MemoryLedger, make_delivery
from digest.deliver.transports.base import Reply
from digest.errors import Busy, DigestError, LoginRefused, TransportError
from digest.model.delivery import Delivery, DeliveryState, Uncertain

S = DeliveryState


@pytest.fixture(autouse=True)
def no_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(run_module, "_RETRIES", (0, 0))
    monkeypatch.setattr("digest.deliver.berth._FIRST_PAUSE", 0.0)
    return


def message_for(delivery: Delivery) -> Ready:
    return Ready("bounces@example.com", f"Message-ID: {delivery.message_id}\r\n\r\nhello\r\n".encode())


def send(ledger: Any, transport: Any, *, at: timedelta = timedelta(), **more: Any) -> Summary:
    values: dict[str, Any] = {
        "message_for": message_for,
        "clock": lambda: EPOCH + at,
        "stop": threading.Event(),
        "owner": "me",
        "batch": 3,
    }
    relay = Relay("fake", transport, more.pop("connections", 2))
    return send_all(ledger, [relay], **{**values, **more})


def ledger_of(count: int, **values: Any) -> MemoryLedger:
    return MemoryLedger([make_delivery(n, **values) for n in range(1, count + 1)])


def only(recipient: str, answer: Reply) -> Any:
    return lambda found: answer if found == recipient else None


def test_everything_is_sent_once_and_recorded() -> None:
    ledger, transport = ledger_of(20), FakeTransport()
    summary = send(ledger, transport)
    assert summary.sent == 20
    assert summary.done == 20
    assert set(ledger.states().values()) == {S.SENT}
    assert Counter(r for r, _ in transport.wire) == {f"reader{n}@example.org": 1 for n in range(1, 21)}
    assert ledger.rows[1].reply == "250 2.0.0 queued"
    assert send(ledger, transport).done == 0


def test_rows_are_taken_in_variant_order() -> None:
    ledger = MemoryLedger([make_delivery(1, variant=2), make_delivery(2, variant=1), make_delivery(3, variant=2)])
    transport = FakeTransport()
    send(ledger, transport, connections=1)
    assert [r for r, _ in transport.wire] == ["reader2@example.org", "reader1@example.org", "reader3@example.org"]


@pytest.mark.parametrize(
    ("stage", "code", "enhanced", "after"),
    [
        (Stage.MAIL, 451, "4.3.0", S.DEFERRED),
        (Stage.MAIL, 550, "5.7.1", S.DEFERRED),
        (Stage.RCPT, 450, "4.7.1", S.DEFERRED),
        (Stage.RCPT, 550, "5.1.1", S.FAILED),
        (Stage.RCPT, 421, "4.3.2", S.DEFERRED),
        (Stage.RCPT, 0, "", S.DEFERRED),
        (Stage.DATA, 451, "4.3.0", S.DEFERRED),
        (Stage.DATA, 554, "5.6.0", S.FAILED),
        (Stage.DATA, 0, "", S.DEFERRED),
        (Stage.DOT, 452, "4.3.1", S.DEFERRED),
        (Stage.DOT, 554, "5.7.1", S.FAILED),
        (Stage.DOT, 0, "", S.UNCERTAIN),
    ],
)
def test_each_reply_settles_as_it_should(stage: Stage, code: int, enhanced: str, after: S) -> None:
    ledger = ledger_of(3)
    answer = Reply(code, "no", stage, enhanced, ambiguous=stage is Stage.DOT and not code)
    hook = only("reader2@example.org", answer)
    early = stage in (Stage.MAIL, Stage.RCPT)
    transport = FakeTransport(on_begin=hook) if early else FakeTransport(on_send=hook)
    summary = send(ledger, transport, connections=1)
    assert ledger.states() == {1: S.SENT, 2: after, 3: S.SENT}
    assert getattr(summary, after.value) == 1
    row = ledger.rows[2]
    assert row.reason
    assert row.attempts == 1
    assert (row.next_attempt is not None) == (after in (S.DEFERRED, S.UNCERTAIN))


def test_a_refused_mark_is_reset_and_nothing_leaves() -> None:
    ledger = ledger_of(2)

    def unsubscribes_now(recipient: str) -> None:
        if recipient == "reader1@example.org":
            ledger.suppressed.add(recipient)

    transport = FakeTransport(on_begin=unsubscribes_now)
    summary = send(ledger, transport, connections=1)
    assert ledger.states() == {1: S.SUPPRESSED, 2: S.SENT}
    assert (summary.suppressed, summary.sent) == (1, 1)
    assert transport.calls[:2] == [("begin", "reader1@example.org"), ("reset", "reader1@example.org")]
    assert ("send", "reader1@example.org") not in transport.calls


def test_a_row_that_another_sender_took_is_left_alone() -> None:
    ledger = ledger_of(1)

    def taken(_recipient: str) -> None:
        ledger.recover(EPOCH + timedelta(hours=1))
        ledger.claim(EPOCH, 1, "other", 900)

    transport = FakeTransport(on_begin=taken)
    summary = send(ledger, transport)
    assert summary.lost == 1
    assert transport.wire == []
    assert ledger.owners[1] == "other"


def test_the_suppressed_are_never_claimed() -> None:
    ledger, transport = ledger_of(2), FakeTransport()
    ledger.suppressed.add("reader1@example.org")
    send(ledger, transport)
    assert ledger.states() == {1: S.SUPPRESSED, 2: S.SENT}


def test_an_uncertain_row_is_sent_again_with_the_same_bytes() -> None:
    ledger = ledger_of(1)
    first = FakeTransport(on_send=lambda _: Reply(0, "gone", Stage.DOT, ambiguous=True))
    send(ledger, first)
    assert ledger.rows[1].sent_before
    second = FakeTransport()
    assert send(ledger, second).done == 0, "not before its time"
    send(ledger, second, at=timedelta(hours=2))
    assert ledger.states() == {1: S.SENT}
    assert first.wire == second.wire


def test_an_uncertain_row_under_hold_waits_for_the_operator() -> None:
    ledger = ledger_of(1, uncertain=Uncertain.HOLD)
    send(ledger, FakeTransport(on_send=lambda _: Reply(0, "gone", Stage.DOT, ambiguous=True)))
    ledger.recover(EPOCH)
    again = FakeTransport()
    send(ledger, again, at=timedelta(days=1))
    assert ledger.states() == {1: S.HELD}
    assert again.wire == []


def test_a_deferred_resend_stays_uncertain_until_it_is_given_up() -> None:
    row = make_delivery(1, state=S.UNCERTAIN, sent_before=True, give_up_at=EPOCH + timedelta(hours=4))
    busy = FakeTransport(on_begin=lambda _: Reply(451, "later", Stage.RCPT))
    ledger = MemoryLedger([row])
    send(ledger, busy)
    assert ledger.states() == {1: S.UNCERTAIN}
    send(ledger, busy, at=timedelta(hours=5))
    assert ledger.states() == {1: S.FAILED}
    assert "may have arrived" in ledger.rows[1].reason


def test_one_message_that_cannot_be_built_does_not_stop_the_others() -> None:
    def broken(delivery: Delivery) -> Ready:
        if delivery.id == 2:
            raise DigestError("its variant is damaged")
        return message_for(delivery)

    ledger = ledger_of(3)
    summary = send(ledger, FakeTransport(), message_for=broken)
    assert ledger.states() == {1: S.SENT, 2: S.HELD, 3: S.SENT}
    assert summary.held == 1


def test_the_breaker_stops_a_run_that_fails_across_the_board() -> None:
    ledger = ledger_of(100)
    transport = FakeTransport(on_begin=lambda _: Reply(550, "relay says no", Stage.MAIL, "5.7.1"))
    summary = send(ledger, transport)
    assert "10 times in a row" in summary.stopped
    counts = Counter(ledger.states().values())
    assert set(counts) == {S.DEFERRED, S.PLANNED}
    assert counts[S.DEFERRED] <= 11


def test_the_breaker_stops_when_everybody_is_refused() -> None:
    ledger = ledger_of(40)
    transport = FakeTransport(on_begin=lambda _: Reply(550, "no relaying", Stage.RCPT, "5.7.1"))
    summary = send(ledger, transport, new_breaker=lambda: Breaker(refusal_limit=5))
    assert summary.stopped
    assert Counter(ledger.states().values())[S.PLANNED] >= 34


def test_a_relay_that_cannot_be_reached_leaves_all_as_it_was() -> None:
    def refuse() -> None:
        raise TransportError("connection refused", where="relay:25")

    ledger = ledger_of(5)
    summary = send(ledger, FakeTransport(on_open=refuse))
    assert "connection refused" in summary.stopped
    assert set(ledger.states().values()) == {S.PLANNED}
    assert all(d.attempts == 0 for d in ledger.rows.values())


def test_stop_finishes_what_is_in_hand_and_gives_back_the_rest() -> None:
    ledger, stop = ledger_of(50), threading.Event()
    transport = FakeTransport(on_send=lambda _: stop.set())
    summary = send(ledger, transport, stop=stop, batch=50)
    counts = Counter(ledger.states().values())
    assert set(counts) == {S.SENT, S.PLANNED}
    assert counts[S.SENT] == len(transport.wire) <= 2
    assert summary.released == counts[S.PLANNED]
    assert summary.stopped == "asked to stop"


def test_421_closes_the_session_and_the_next_message_gets_a_new_one() -> None:
    ledger = ledger_of(3)
    transport = FakeTransport(on_begin=only("reader1@example.org", Reply(421, "closing", Stage.RCPT)))
    send(ledger, transport, connections=1)
    assert transport.opened == 2
    assert ledger.states() == {1: S.DEFERRED, 2: S.SENT, 3: S.SENT}


def test_a_connection_carries_only_so_many_messages() -> None:
    transport = FakeTransport()
    send(ledger_of(9), transport, connections=1, messages_per_connection=3)
    assert transport.opened == 3


def test_an_answer_is_durable_while_the_next_recipient_is_slow() -> None:
    ledger, seen = ledger_of(2), []

    def slow(recipient: str) -> None:
        if recipient == "reader2@example.org":
            threading.Event().wait(0.3)
            seen.append(ledger.states()[1])

    send(ledger, FakeTransport(on_begin=slow), connections=1)
    assert seen == [S.SENT]


class Dead(BaseException):
    """The process died here: nothing that comes after it has any effect."""


class Mortal:
    """Dies at the nth call of any method of the ledger or the transport; `late`: the call itself still worked."""

    def __init__(self, at: int, *, late: bool) -> None:
        self.left, self.late, self.dead = at, late, False
        self.lock = threading.Lock()

    def wrap(self, inner: Any, names: set[str]) -> Any:
        return _Wrapped(self, inner, names)

    def call(self, function: Any, args: Any) -> Any:
        with self.lock:  # one call at a time, so that there is one moment of death
            if self.dead:
                raise Dead
            self.left -= 1
            self.dead = self.left <= 0
            if self.dead and not self.late:
                raise Dead
            result = function(*args)
            if self.dead:
                raise Dead
            return result


class _Wrapped:
    def __init__(self, mortal: Mortal, inner: Any, names: set[str]) -> None:
        self._mortal, self._inner, self._names = mortal, inner, names

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._inner, name)
        if name not in self._names:
            return found

        def called(*args: Any) -> Any:
            result = self._mortal.call(found, args)
            return self._mortal.wrap(result, {"begin", "send", "reset"}) if name == "open" else result

        return called


@pytest.mark.parametrize("late", [False, True])
@pytest.mark.parametrize("at", range(1, 40))
def test_death_at_any_call_loses_nobody_and_repeats_only_what_was_in_flight(at: int, late: bool) -> None:
    ledger, transport = ledger_of(6), FakeTransport()
    mortal = Mortal(at, late=late)
    died = False
    try:
        send(
            mortal.wrap(ledger, {"claim", "commit", "release"}),
            mortal.wrap(transport, {"open"}),
            connections=1 + at % 2,
        )
    except Dead:
        died = True
    after_death = dict(ledger.rows)
    arrived = Counter(r for r, _ in transport.wire)
    for row in after_death.values():
        assert row.state is not S.SENT or arrived[row.address] == 1, "never a false sent"
        if row.state in (S.PLANNED, S.CLAIMED):
            assert arrived[row.address] == 0, "what had left is known to have been in flight"

    ledger.recover(EPOCH + timedelta(hours=1))
    send(ledger, transport, at=timedelta(hours=1))
    assert set(ledger.states().values()) == {S.SENT}
    copies = Counter(r for r, _ in transport.wire)
    for row in after_death.values():
        assert copies[row.address] >= 1, "nobody is missed"
        if copies[row.address] > 1:
            assert row.state is S.COMMITTING
            assert died
    assert len(set(transport.wire)) == 6, "repeats are byte-identical"


def test_a_ledger_that_fails_for_a_moment_loses_no_answer() -> None:
    ledger, transport = ledger_of(6), FakeTransport()
    whole, calls = ledger.commit, Counter[str]()

    def flaky(*args: Any) -> Any:
        calls["n"] += 1
        if calls["n"] % 3 == 0:
            raise OSError("the disk is busy")
        return whole(*args)

    ledger.commit = flaky  # type: ignore[method-assign]
    assert send(ledger, transport).sent == 6
    assert len(transport.wire) == 6


def test_a_ledger_that_stays_broken_ends_the_run_with_its_error() -> None:
    ledger, transport = ledger_of(6), FakeTransport()

    def broken(*_args: Any) -> Any:
        raise OSError("the disk is full")

    ledger.commit = broken  # type: ignore[method-assign]
    with pytest.raises(OSError, match="the disk is full"):
        send(ledger, transport)
    assert transport.wire == []
    assert set(ledger.states().values()) == {S.PLANNED}


def test_leases_are_renewed_while_a_relay_takes_its_time() -> None:
    ledger = ledger_of(1)
    renewed: list[int] = []
    whole = ledger.renew

    def renew(*args: Any) -> int:
        renewed.append(whole(*args))
        return renewed[-1]

    ledger.renew = renew  # type: ignore[method-assign]
    send(ledger, FakeTransport(on_send=lambda _: threading.Event().wait(0.2) and None), lease_seconds=0.09)
    assert renewed[0] == 1


# --- several relays ------------------------------------------------------------------------------------


def over(ledger: Any, *relays: Relay, **more: Any) -> Summary:
    common = {"message_for": message_for, "stop": threading.Event(), "owner": "me", "batch": 8}
    return send_all(ledger, relays, clock=lambda: EPOCH, **{**common, **more})


def closed() -> None:
    raise TransportError("connection refused", where="192.0.2.1:25")


def test_relays_share_the_work() -> None:
    def slowly(_recipient: str) -> None:
        time.sleep(0.002)

    one, two = FakeTransport(on_send=slowly), FakeTransport(on_send=slowly)
    ledger = ledger_of(40)
    assert over(ledger, Relay("one", one), Relay("two", two)).sent == 40
    assert one.wire
    assert two.wire
    assert len({r for r, _ in [*one.wire, *two.wire]}) == 40
    assert {d.relay for d in ledger.rows.values()} == {"one", "two"}


def test_a_relay_that_is_down_leaves_its_work_to_the_others() -> None:
    down, up = FakeTransport(on_open=closed), FakeTransport()
    ledger = ledger_of(20)
    summary = over(ledger, Relay("down", down, 2), Relay("up", up), new_breaker=lambda: Breaker(relay_limit=3))
    assert set(ledger.states().values()) == {S.SENT}
    assert summary.stopped == ""
    summary_of_down = summary.relays.get("down", "")
    assert summary_of_down == "" or "connection refused" in summary_of_down


def test_when_all_relays_are_down_the_run_says_which_and_why() -> None:
    ledger = ledger_of(5)
    relays = [Relay(name, FakeTransport(on_open=closed)) for name in ("one", "two")]
    summary = over(ledger, *relays, new_breaker=lambda: Breaker(relay_limit=2))
    assert "one: " in summary.stopped
    assert "two: " in summary.stopped
    assert set(ledger.states().values()) == {S.PLANNED}
    assert summary.released == 5


def test_a_refused_login_is_not_tried_again() -> None:
    transport = FakeTransport(on_open=refused_login)
    ledger = ledger_of(5)
    summary = over(ledger, Relay("one", transport))
    assert "535" in summary.stopped
    assert tries == [1]
    assert set(ledger.states().values()) == {S.PLANNED}


tries: list[int] = []


def refused_login() -> None:
    tries.append(1)
    raise LoginRefused("535 5.7.8 no", where="192.0.2.1:25")


def lost_once(transport: FakeTransport) -> None:
    """The first end of a message is never answered."""
    answers = [Reply(0, "gone", Stage.DOT, ambiguous=True)]
    transport.on_send = lambda _recipient: answers.pop() if answers else None


def test_a_second_copy_under_idempotent_goes_to_the_relay_that_knows_it() -> None:
    one, two = FakeTransport(), FakeTransport()
    ledger = ledger_of(1, uncertain=Uncertain.IDEMPOTENT)
    lost_once(one)
    knows = {"idempotency_header": "X-Once"}
    assert over(ledger, Relay("one", one, **knows)).uncertain == 1
    assert ledger.rows[1].relay == "one"
    later = {"clock": lambda: EPOCH + timedelta(hours=1)}
    values = {"message_for": message_for, "stop": threading.Event(), "owner": "me", **later}
    send_all(ledger, [Relay("two", two, **knows), Relay("one", one, **knows)], **values)
    assert two.wire == []
    first, second = one.wire
    assert first == second
    assert first[1].startswith(b"X-Once: 1@example.com\r\n")


def test_a_second_copy_is_held_where_the_relay_would_not_know_it() -> None:
    transport = FakeTransport()
    ledger = ledger_of(1, uncertain=Uncertain.IDEMPOTENT)
    lost_once(transport)
    over(ledger, Relay("one", transport))
    values = {"message_for": message_for, "stop": threading.Event(), "owner": "me"}
    send_all(ledger, [Relay("one", transport)], clock=lambda: EPOCH + timedelta(hours=1), **values)
    assert ledger.states() == {1: S.HELD}
    assert len(transport.wire) == 1


def test_a_domain_that_asks_for_less_waits_unseen_while_others_go_on() -> None:
    busy = Reply(451, "too many messages from you", Stage.RCPT, "4.7.0")
    ledger = MemoryLedger(
        [make_delivery(n, address=f"r{n}@{'slow' if n % 2 else 'well'}.example") for n in range(1, 21)]
    )
    transport = FakeTransport(on_begin=lambda recipient: busy if recipient.endswith("@slow.example") else None)
    summary = over(ledger, Relay("one", transport))
    assert (summary.sent, summary.deferred) == (10, 10)
    tried = [r for call, r in transport.calls if call == "begin" and r.endswith("@slow.example")]
    assert len(tried) == 1
    waiting = [d for d in ledger.rows.values() if d.state is S.DEFERRED]
    assert sorted(d.attempts for d in waiting) == [0] * 9 + [1]
    assert all(d.next_attempt and d.next_attempt > EPOCH for d in waiting)


def test_an_old_connection_that_has_ended_costs_nobody_a_try() -> None:
    """A relay closes what was idle for long, or has carried as many as it likes."""
    transport = FakeTransport()
    count = Counter[str]()

    def ends(_recipient: str) -> Reply | None:
        count["begun"] += 1
        return Reply(0, "closed", Stage.MAIL, last=True) if count["begun"] % 3 == 0 else None

    transport.on_begin = ends
    ledger = ledger_of(10)
    assert send(ledger, transport, connections=1).sent == 10
    assert transport.opened > 3


# --- several connections in one thread ----------------------------------------------------------------


def near(transport: Any, connections: int) -> Relay:
    return Relay("one", transport, connections, near=True)


@pytest.mark.parametrize("batch", [1, 2])
def test_a_small_batch_sends_all_the_same(batch: int) -> None:
    assert send(ledger_of(5), FakeTransport(), batch=batch).sent == 5


def test_a_relay_that_takes_fewer_connections_gets_all_over_those() -> None:
    class OneOnly(FakeTransport):
        taken = False

        def open(self) -> Any:
            if self.taken:
                raise TransportError("421 too many connections")
            self.taken = True
            return super().open()

    ledger = ledger_of(30)
    summary = over(ledger, near(OneOnly(), 4), near_lanes=1)
    assert (summary.sent, summary.stopped) == (30, "")


def test_an_answer_is_on_record_though_the_next_claim_fails() -> None:
    ledger = ledger_of(12)
    claim, claims = ledger.claim, Counter[str]()

    def fails_once(*values: Any) -> Any:
        claims["made"] += 1
        if claims["made"] == 2:
            raise DigestError("the database is locked")
        return claim(*values)

    ledger.claim = fails_once  # type: ignore[method-assign]
    transport = FakeTransport()
    with pytest.raises(DigestError, match="locked"):
        over(ledger, near(transport, 2), batch=6)
    assert transport.wire
    assert set(ledger.states().values()) == {S.SENT, S.PLANNED}


def test_an_answer_does_not_wait_while_a_whole_domain_is_put_off() -> None:
    busy = Reply(451, "too many messages from you", Stage.RCPT, "4.7.0")
    slow = [make_delivery(n, address=f"r{n}@slow.example") for n in (1, *range(3, 100))]
    ledger = MemoryLedger([*slow, make_delivery(2, address="r2@well.example")])
    at: list[int] = []
    transport = FakeTransport(
        on_begin=lambda recipient: busy if recipient.endswith("@slow.example") else None,
        on_send=lambda _recipient: at.append(ledger.commits),
    )
    over(ledger, near(transport, 1))
    assert ledger.rows[2].state is S.SENT
    assert at[0] < 10


@pytest.mark.parametrize("error", [TypeError("no text"), AttributeError("x"), RuntimeError("y")])
def test_whatever_is_wrong_with_one_message_the_others_go_out(error: Exception) -> None:
    def fails_for_one(delivery: Delivery) -> Ready:
        if delivery.id == 2:
            raise error
        return message_for(delivery)

    ledger = ledger_of(4)
    assert send(ledger, FakeTransport(), message_for=fails_for_one).sent == 3
    assert ledger.states()[2] is S.HELD


def test_a_locked_database_holds_no_mail() -> None:
    def locked(delivery: Delivery) -> Ready:
        raise Busy("the database is locked by another process")

    ledger = ledger_of(3)
    with pytest.raises(Busy):
        send(ledger, FakeTransport(), message_for=locked)
    assert set(ledger.states().values()) == {S.PLANNED}


# --- bound to a relay ---------------------------------------------------------------------------------


def bound_to(relay: str, *numbers: int) -> list[Delivery]:
    values = {"state": S.UNCERTAIN, "sent_before": True, "uncertain": Uncertain.IDEMPOTENT, "next_attempt": EPOCH}
    return [make_delivery(n, relay=relay, **values) for n in numbers]


def test_what_waits_for_a_relay_that_rests_is_in_nobodys_way() -> None:
    ledger = MemoryLedger([*bound_to("two", *range(1, 9)), *(make_delivery(n) for n in range(10, 60))])
    transport = FakeTransport()
    values = {"batch": 6, "resting": {"two"}}
    assert over(ledger, Relay("one", transport, 2, idempotency_header="X-Once"), **values).sent == 50
    assert {ledger.rows[n].state for n in range(1, 9)} == {S.UNCERTAIN}


def test_a_second_copy_is_held_where_its_relay_is_gone() -> None:
    ledger = MemoryLedger(bound_to("gone", 1))
    transport = FakeTransport()
    assert over(ledger, Relay("one", transport, idempotency_header="X-Once")).held == 1
    assert "is gone" in ledger.rows[1].reason
    assert transport.wire == []
