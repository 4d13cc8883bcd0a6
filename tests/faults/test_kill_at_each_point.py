"""A sender is killed before and after each of its commits and each of its calls on a socket, once at each of them,
and its successors too. Whatever the point: nobody is missed, and a mail is repeated only where a dot was in flight."""

from __future__ import annotations

import os
import random
import shutil
from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from digest.model.delivery import DeliveryState
from tests.support.planned import Case, reader
from tests.support.relay import DROP, Relay
from tests.support.warm import Warm

READERS = int(os.environ.get("POINT_READERS", "6"))
#: With several connections every so-manieth point is tried; one after the other, all are.
STRIDE = int(os.environ.get("POINT_STRIDE", "3"))
PAIRS = int(os.environ.get("PAIRS", "40"))
POLICIES = ("resend", "hold", "idempotent")
_AT_ONCE = 4  # homes: a sender waits for its relay for half of its time
_REFUSED = frozenset({reader(2), reader(3)})
Template = Callable[[int, str], Path]

pytestmark = pytest.mark.slow


def trouble(relay: Relay) -> None:
    """Of the first readers each meets something else; the others are taken."""
    relay.script["RCPT", reader(0)] = ["450 4.2.0 greylisted"]
    relay.script["DOT", reader(1)] = [DROP]
    relay.script["RCPT", reader(2)] = ["550 5.1.1 no such user"] * 9
    relay.script["DOT", reader(3)] = ["554 5.7.1 spam"] * 9


class Tally:
    """What many runs came to, for people who want to know that something happened."""

    def __init__(self) -> None:
        self.kills: Counter[str] = Counter()
        self.repeats = self.uncertain = self.runs = 0

    def add(self, case: Case) -> None:
        self.runs += 1
        self.kills.update(ended.killed_at for ended in case.ended if ended.killed)
        self.repeats += case.repeats
        self.uncertain += len(case.doubted)

    def __str__(self) -> str:
        at = ", ".join(f"{n} {name}" for name, n in sorted(self.kills.items()))
        kills = self.kills.total()
        # In each run the relay hangs up once after a dot: that is no doing of ours.
        doubts, repeats = self.uncertain - self.runs, self.repeats - (self.runs if self.repeats else 0)
        return f"{kills} kills ({at}), {doubts} dots may have been in flight, {repeats} repeats"


def killed(warm: Warm, template: Path, folder: Path, policy: str, connections: int, points: list[int]) -> Case:
    """One home whose senders are killed at these points, one after the other, and that is finished then."""
    with Relay(idempotency="Idempotency-Key" if policy == "idempotent" else "") as relay:
        trouble(relay)
        case = Case.copy(warm, relay, template, folder, policy=policy, connections=connections, refused=_REFUSED)
        try:
            for at in points:
                case.run(at=at)
            case.finish()
            kills = sum(ended.killed for ended in case.ended)
            case.check(ambiguous=kills * connections + 1)  # the one is where the relay hung up
        except AssertionError as error:
            told = [(ended.killed_at, ended.code) for ended in case.ended]
            raise AssertionError(f"killed at {points}: {told}: {error}\n{case.rows()}") from error
    shutil.rmtree(folder)
    return case


def count(warm: Warm, template: Path, folder: Path, connections: int) -> int:
    """How many points a sender passes that nobody kills."""
    with Relay() as relay:
        trouble(relay)
        case = Case.copy(warm, relay, template, folder, connections=connections)
        return len(case.run().points)


@pytest.mark.parametrize("connections", [1, 3])
@pytest.mark.parametrize("policy", POLICIES)
def test_a_kill_at_each_point(policy: str, connections: int, warm: Warm, template: Template, tmp_path: Path) -> None:
    home, tally = template(READERS, policy), Tally()
    step, at, ended = 1 if connections == 1 else STRIDE, 1, 0

    def one(at: int) -> Case:
        return killed(warm, home, tmp_path / f"at{at}", policy, connections, [at])

    # How many points there are is not the same each time: what waits for long is committed by itself.
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        while ended < 3:
            for case in pool.map(one, range(at, at + 12 * step, step)):
                ended = 0 if case.ended[0].killed else ended + 1
                tally.add(case)
            at += 12 * step
    print(f"\n{policy}, {connections} connections: {tally}")
    assert tally.kills.total() > 12 * READERS // (1 if connections == 1 else STRIDE), "too few points: what was tried?"
    assert tally.uncertain > tally.runs, "no dot was in flight: nothing was tried"


@pytest.mark.parametrize("policy", POLICIES)
def test_who_cleans_up_is_killed_too(policy: str, warm: Warm, template: Template, tmp_path: Path) -> None:
    chance = random.Random(20261121)
    home, tally = template(READERS, policy), Tally()
    points = count(warm, home, tmp_path / "dry", 2)
    # The second has less to do; and most of what is its own to do, it does at its start.
    pairs = [
        [chance.randrange(1, points), chance.choice([chance.randrange(1, 12), chance.randrange(1, points)])]
        for _ in range(PAIRS)
    ]
    with ThreadPoolExecutor(_AT_ONCE) as pool:
        names = [tmp_path / f"pair{number}" for number in range(PAIRS)]
        for case in pool.map(lambda name, at: killed(warm, home, name, policy, 2, at), names, pairs):
            tally.add(case)
    print(f"\n{policy}, pairs: {tally}")
    assert tally.kills.total() > PAIRS


def test_what_was_held_goes_out_as_it_was_when_the_operator_says_so(
    warm: Warm, template: Template, tmp_path: Path
) -> None:
    home, retried = template(READERS, "hold"), 0
    for at in range(20, 80, 9):
        with Relay() as relay:
            case = Case.copy(warm, relay, home, tmp_path / f"at{at}", policy="hold")
            assert case.run(at=at).killed
            case.finish()
            case.check(ambiguous=case.connections)
            held = {row.address: row.id for row in case.rows().values() if row.state is DeliveryState.HELD}
            for number in held.values():
                assert case.run(cli=["delivery", "retry", str(number)]).code == 0
            retried += len(held)
            case.finish()
            case.policy = "resend"  # the operator's, from here on
            case.check(ambiguous=len(held))
    assert retried, "none was held: nothing was tried"
