"""Two senders on one home: at once, one killed, one stopped for longer than its lease and woken again."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.model.delivery import DeliveryState
from tests.support.planned import Case, Row, reader
from tests.support.relay import Relay, wait_until
from tests.support.warm import Warm

S = DeliveryState
READERS = 8
STOPS = int(os.environ.get("STOPS", "10"))
LEASE = {"DIGEST_DELIVER_LEASE_SECONDS": "1", "DIGEST_STORE_BUSY_SECONDS": "0.5"}
Template = Callable[[int, str], Path]

pytestmark = pytest.mark.slow


def slowly(relay: Relay, seconds: float) -> None:
    relay.on_dot = lambda _taken: time.sleep(seconds)


def test_two_at_once_share_the_readers(warm: Warm, template: Template, tmp_path: Path) -> None:
    with Relay() as relay:
        slowly(relay, 0.01)
        case = Case.copy(warm, relay, template(40, "resend"), tmp_path / "home")
        both = [warm.start(case.folder, case.environ) for _ in range(2)]
        for pid in both:
            ended = warm.wait(pid)
            assert ended is not None
            assert ended.code == 0, ended.said
            assert "sent=0" not in ended.said, "one did all the work: nothing was tried"
            case.note(ended)
        case.check(ambiguous=0)
        assert len(relay.taken) == 40


@pytest.mark.parametrize("policy", ["resend", "hold"])
@pytest.mark.parametrize("at", [7, 25, 40, 61])
def test_one_of_two_is_killed(policy: str, at: int, warm: Warm, template: Template, tmp_path: Path) -> None:
    with Relay() as relay:
        slowly(relay, 0.01)
        case = Case.copy(warm, relay, template(40, policy), tmp_path / "home", policy=policy)
        first = warm.start(case.folder, case.environ, at=at)
        wait_until(lambda: relay.connected or (case.folder / f"killed.{first}").exists())
        ended = case.run()
        assert ended.code == 0, ended.said
        killed = warm.wait(first)
        assert killed is not None
        assert killed.killed, killed.said
        case.note(ended)
        case.finish()
        case.check(ambiguous=case.connections)


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_a_slow_answer_costs_no_lease(policy: str, warm: Warm, template: Template, tmp_path: Path) -> None:
    """A relay that takes longer over a message than a lease lasts: the lease is renewed, and nobody takes over."""
    with Relay() as relay:
        case = Case.copy(warm, relay, template(READERS, policy), tmp_path / "home", policy=policy, settings=LEASE)
        relay.on_dot = lambda taken: time.sleep(2.5 if taken.recipient == reader(1) else 0)
        slow = warm.start(case.folder, case.environ)
        wait_until(lambda: any(taken.recipient == reader(1) for taken in relay.taken))
        time.sleep(1.5)
        assert case.run().code == 0
        ended = warm.wait(slow)
        assert ended is not None
        assert ended.code == 0, ended.said
        case.finish()
        case.check(ambiguous=0)


def stopped(case: Case, at: int) -> tuple[int, set[str]] | None:
    """A sender stopped at this point: its id, and for whom its dot may be in flight. None: it ended before."""
    sender = case.warm.start(case.folder, case.environ, at=at, signal=signal.SIGSTOP)
    ended = case.warm.wait(sender, stopped=True)
    if ended is not None:
        case.note(ended)
        return None
    return sender, {address for address, row in case.rows().items() if row.state is S.COMMITTING}


@pytest.mark.parametrize("policy", ["resend", "hold"])
def test_stopped_past_its_lease_and_woken(policy: str, warm: Warm, template: Template, tmp_path: Path) -> None:
    """The other takes over. Who wakes up sends nothing more than what it was sending, and changes nothing."""
    home, tried, late = template(READERS, policy), 0, 0
    with Relay() as relay:
        points = len(Case.copy(warm, relay, home, tmp_path / "dry", settings=LEASE).run().points)
    for at in range(3, points, max(1, points // STOPS)):
        with Relay() as relay:
            case = Case.copy(warm, relay, home, tmp_path / f"at{at}", policy=policy, settings=LEASE)
            if (found := stopped(case, at)) is None:
                continue
            sender, in_flight = found
            time.sleep(1.2)  # its lease runs out
            took_over = other_takes_over(case)
            rows, taken = case.rows(), len(relay.taken)
            os.kill(sender, signal.SIGCONT)
            ended = warm.wait(sender)
            assert ended is not None
            case.in_flight = frozenset(in_flight)
            case.note(ended)
            if took_over:
                tried += 1
                late += len(relay.taken) - taken
                woke_up_harmless(case, rows, taken, f"point {at} ({ended.killed_at})")
            case.finish()
            case.check(ambiguous=len(in_flight))
    print(f"\n{policy}: {tried} stops of {points} points, {late} dots from a sender that had slept past its lease")
    assert tried >= STOPS // 3


def other_takes_over(case: Case) -> bool:
    """False where the sleeper holds the database's lock, which no lease can take from it: the other says so."""
    other = case.warm.run(case.folder, case.environ, cli=["deliver"])
    if "locked" in other.said:
        assert other.code == 1, other.said
        return False
    assert other.code == 0, other.said
    return True


def woke_up_harmless(case: Case, rows: dict[str, Row], taken: int, where: str) -> None:
    """Compared with what was on record and on the wire before it woke."""
    done = {address for address, row in rows.items() if row.state is S.SENT}
    assert len(done) >= READERS - len(case.in_flight), (where, rows)
    woken = {t.recipient for t in case.relay.taken[taken:]}
    assert woken <= case.in_flight, f"{where}: sent what it had lost: {woken - case.in_flight}"
    after = case.rows()
    assert not {address for address in done if after[address] != rows[address]}, where
