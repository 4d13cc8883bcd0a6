"""Answers that are kept for a moment."""

from __future__ import annotations

import anyio
import pytest

from digest.web.kept import Kept


class Time:
    now = 100.0

    def __call__(self) -> float:
        return self.now


def made(kept: Kept[int], key: str, value: int) -> int:
    async def make() -> int:
        return value

    async def run() -> int:
        return await kept.get(key, make)

    return anyio.run(run)


def test_it_is_made_once_until_its_time_is_up() -> None:
    time = Time()
    kept: Kept[int] = Kept(5, clock=time)
    assert [made(kept, "a", n) for n in (1, 2)] == [1, 1]
    assert made(kept, "b", 3) == 3
    time.now += 5
    assert made(kept, "a", 4) == 4


def test_what_took_long_is_kept_longer() -> None:
    time = Time()
    kept: Kept[int] = Kept(5, share=20, clock=time)

    async def slow() -> int:
        time.now += 2
        return 1

    anyio.run(lambda: kept.get("a", slow))
    time.now += 39
    assert made(kept, "a", 2) == 1
    time.now += 2
    assert made(kept, "a", 2) == 2


def test_the_oldest_goes_first() -> None:
    kept: Kept[int] = Kept(60, most=2, clock=Time())
    for key in "abc":
        made(kept, key, 1)
    assert [made(kept, key, 2) for key in "cb"] == [1, 1]
    assert made(kept, "a", 2) == 2


def test_a_crowd_has_it_made_once_and_a_failure_is_not_kept() -> None:
    kept: Kept[int] = Kept(60, clock=Time())
    begun: list[int] = []

    async def make() -> int:
        begun.append(1)
        await anyio.sleep(0)
        if len(begun) == 1:
            raise ValueError("the first one fails")
        return 7

    found: list[int] = []

    async def ask() -> None:
        found.append(await kept.get("a", make))

    async def crowd() -> None:
        with pytest.raises(ValueError, match="the first one"):
            await kept.get("a", make)
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(ask)

    anyio.run(crowd)
    assert found == [7] * 20
    assert len(begun) == 2
