"""Who writes when: those who wait share a transaction, and each is told what became of its own work."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any

import anyio
import anyio.from_thread
import pytest

from digest.errors import Busy, DigestError
from digest.web import turns as module
from digest.web.turns import Turns


class Base:
    """A database of which only the transactions are known: what each held, and what is durable."""

    def __init__(self) -> None:
        self.kept: list[list[int]] = []
        self.now: list[int] = []
        self.free = threading.Event()  # while it is not set, another process writes
        self.free.set()
        self.locked = self.broken = False

    @contextmanager
    def together(self) -> Iterator[None]:
        assert self.free.wait(10)
        if self.locked:
            raise Busy("the database is locked by another process")
        self.now = []
        yield
        if self.broken:
            raise DigestError("the disk is full")
        self.kept.append(self.now)

    def add(self, number: int) -> int:
        self.now.append(number)
        return number * 10


@pytest.fixture
def base() -> Base:
    return Base()


async def all_of(turns: Turns, works: list[Callable[[], Any]], then: Callable[[], None] = lambda: None) -> list[Any]:
    """What each comes to: a value or an exception; they come one after the other. `then`: when all wait."""
    found: list[Any] = [None] * len(works)

    async def one(place: int) -> None:
        try:
            found[place] = await turns.write(works[place])
        except Exception as error:  # noqa: BLE001 - it is what is looked at
            found[place] = error

    async with anyio.create_task_group() as group:
        for place in range(len(works)):
            group.start_soon(one, place)
        await anyio.sleep(0.05)
        then()
    return found


def adding(base: Base, *numbers: int) -> list[Callable[[], int]]:
    return [lambda n=n: base.add(n) for n in numbers]  # type: ignore[misc]


def test_who_waits_shares_one_transaction_in_the_order_of_coming(base: Base) -> None:
    base.free.clear()
    found = anyio.run(all_of, Turns(base.together), adding(base, *range(8)), base.free.set)
    assert found == [n * 10 for n in range(8)]
    assert base.kept == [list(range(8))]


def test_nobody_is_answered_before_the_commit(base: Base) -> None:
    answered: list[int] = []
    durable: list[bool] = []

    async def run() -> None:
        turns = Turns(base.together)

        async def one(number: int) -> None:
            await turns.write(lambda: base.add(number))
            answered.append(number)
            durable.append(any(number in kept for kept in base.kept))

        async with anyio.create_task_group() as group:
            for number in range(20):
                group.start_soon(one, number)

    anyio.run(run)
    assert sorted(answered) == list(range(20))
    assert all(durable)


def test_an_exception_goes_to_its_own_caller(base: Base) -> None:
    def fails() -> int:
        raise LookupError("mine")

    base.free.clear()
    works = [*adding(base, 1), fails, *adding(base, 2)]
    found = anyio.run(all_of, Turns(base.together), works, base.free.set)
    assert (found[0], found[2]) == (10, 20)
    assert isinstance(found[1], LookupError)
    assert base.kept == [[1, 2]]


class Panicked(BaseException):
    """What libraries of another language raise where they meet what they thought impossible."""


def test_a_panic_of_one_undoes_nothing_of_the_others(base: Base) -> None:
    def panics() -> int:
        raise Panicked

    caught: list[type[BaseException]] = []

    async def run() -> list[int]:
        turns, found = Turns(base.together), list[int]()

        async def one(work: Callable[[], int]) -> None:
            try:
                found.append(await turns.write(work))
            except Panicked as error:
                caught.append(type(error))

        async with anyio.create_task_group() as group:
            for work in (*adding(base, 1), panics, *adding(base, 2)):
                group.start_soon(one, work)
            await anyio.sleep(0.05)
            base.free.set()
        return found

    base.free.clear()
    assert anyio.run(run) == [10, 20]
    assert caught == [Panicked]
    assert base.kept == [[1, 2]], "who was told yes is on record"


def test_where_the_transaction_fails_nobody_is_told_otherwise(base: Base) -> None:
    def fails() -> int:
        raise LookupError("mine")

    base.free.clear()
    base.broken = True
    works = [*adding(base, 1), fails, *adding(base, 2)]
    found = anyio.run(all_of, Turns(base.together), works, base.free.set)
    assert [str(error) for error in found] == ["the disk is full", "mine", "the disk is full"]
    assert base.kept == []


def test_a_transaction_takes_nobody_in_for_ever(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.03)

    def slow(number: int) -> Callable[[], int]:
        def work() -> int:
            time.sleep(0.02)
            return base.add(number)

        return work

    base.free.clear()
    found = anyio.run(all_of, Turns(base.together), [slow(n) for n in range(6)], base.free.set)
    assert found == [n * 10 for n in range(6)]
    assert [n for kept in base.kept for n in kept] == list(range(6))
    assert max(map(len, base.kept)) < 6


def test_between_two_transactions_others_get_at_the_lock(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    """Another process looks for the lock only now and then: it must find it free."""
    now, waits = [1000.0], list[float]()

    def go(seconds: float) -> None:
        now[0] += seconds

    def sleep(seconds: float) -> None:
        waits.append(seconds)
        go(seconds)

    monkeypatch.setattr(module, "time", SimpleNamespace(monotonic=lambda: now[0], sleep=sleep))
    turns = Turns(base.together)
    anyio.run(all_of, turns, [lambda: go(0.06)] * 3)  # each is longer than a transaction may be
    assert waits == pytest.approx([0.0, 0.015, 0.015])
    go(0.02)
    anyio.run(all_of, turns, [lambda: None])
    assert waits[3:] == [0.0], "who comes alone does not wait"


def test_who_loses_patience_is_told_and_nothing_of_it_is_done(base: Base) -> None:
    base.free.clear()

    async def run() -> list[Any]:
        async with anyio.create_task_group() as group:

            async def later() -> None:
                await anyio.sleep(0.4)
                base.free.set()

            group.start_soon(later)
            return await all_of(Turns(base.together, patience=0.1), adding(base, 1, 2, 3))

    found = anyio.run(run)
    assert found[0] == 10, "it had begun, and was waited for"
    assert [type(error) for error in found[1:]] == [Busy, Busy]
    assert base.kept == [[1]]


def test_a_locked_database_is_told_to_who_met_it_and_the_next_one_tries(base: Base) -> None:
    base.free.clear()
    base.locked = True

    def unlock_for_the_next() -> None:
        base.free.set()

    async def run() -> list[Any]:
        turns = Turns(base.together)
        first = await all_of(turns, adding(base, 1, 2), unlock_for_the_next)
        base.locked = False
        return first + await all_of(turns, adding(base, 3))

    found = anyio.run(run)
    assert [type(error) for error in found[:2]] == [Busy, Busy]
    assert found[2] == 30
    assert base.kept == [[3]]


@pytest.mark.parametrize("leaves", [0, 1, 2])
def test_who_leaves_keeps_nobody_from_writing(base: Base, leaves: int) -> None:
    """The one that writes, the one that comes next, and the one behind it."""
    base.free.clear()
    found: dict[int, int] = {}

    async def run() -> None:
        turns = Turns(base.together)

        async def one(number: int, scope: anyio.CancelScope) -> None:
            with scope:
                found[number] = await turns.write(lambda: base.add(number))

        scopes = [anyio.CancelScope() for _ in range(3)]
        async with anyio.create_task_group() as group:
            for number, scope in enumerate(scopes):
                group.start_soon(one, number, scope)
            await anyio.sleep(0.05)
            scopes[leaves].cancel()
            await anyio.sleep(0.05)
            base.free.set()
        found[3] = await turns.write(lambda: base.add(3))

    with anyio.from_thread.start_blocking_portal() as portal:
        portal.start_task_soon(run).result(10)
    assert {n for n in found if n != leaves} == {0, 1, 2, 3} - {leaves}
    done = [n for kept in base.kept for n in kept]
    assert sorted(done) == [n for n in range(4) if n != leaves or leaves == 0], "what had begun is done"


def test_who_leaves_when_called_calls_the_next(base: Base, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "_LONGEST", 0.0)  # a transaction each
    base.free.clear()

    async def run() -> None:
        turns = Turns(base.together)
        second = anyio.CancelScope()

        async def one(number: int) -> None:
            await turns.write(lambda: base.add(number))
            second.cancel()

        async def leaving() -> None:
            with second:
                await turns.write(lambda: base.add(2))

        with anyio.fail_after(5):
            async with anyio.create_task_group() as group:
                for number in (1, 2, 3):
                    group.start_soon(*((leaving,) if number == 2 else (one, number)))
                    await anyio.sleep(0.01)
                base.free.set()

    anyio.run(run)
    assert base.kept == [[1], [3]]
