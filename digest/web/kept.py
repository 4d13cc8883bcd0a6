"""Answers that are the same for everybody, kept for a moment: a crowd costs what one visitor costs."""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

import anyio

T = TypeVar("T")


class Kept(Generic[T]):
    """`seconds` is how long; `share`: and at least so many times as long as it took to make. `most` are kept."""

    def __init__(
        self, seconds: float, *, share: float = 0.0, most: int = 200, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._seconds, self._share, self._most, self._clock = seconds, share, most, clock
        self._found: OrderedDict[Hashable, tuple[float, T]] = OrderedDict()
        self._making: dict[Hashable, anyio.Lock] = {}

    async def get(self, key: Hashable, make: Callable[[], Awaitable[T]]) -> T:
        """What is kept under the key, else what `make` gives. Whoever asks meanwhile waits for the same."""
        lock = self._making.setdefault(key, anyio.Lock())
        async with lock:
            until, value = self._found.get(key, (None, None))
            if until is not None and self._clock() < until:
                return value  # type: ignore[return-value]
            try:
                began = self._clock()
                made = await make()
                self._keep(key, made, self._clock() - began)
                return made
            finally:
                if self._making.get(key) is lock and not lock.statistics().tasks_waiting:
                    del self._making[key]

    def _keep(self, key: Hashable, made: T, took: float) -> None:
        self._found[key] = (self._clock() + max(self._seconds, took * self._share), made)
        self._found.move_to_end(key)
        while len(self._found) > self._most:
            self._found.popitem(last=False)
