"""Work that waits for the disk goes into threads, and in turns: SQLite takes one writer at a time.

Those who wait to write share a transaction: what a commit costs, the wait for the disk above all, is paid once for all
of them. Each is answered after that commit, and what goes wrong in one's work hurts none of the others.
"""

from __future__ import annotations

import threading
import time
from collections import deque
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Generic, TypeVar

import anyio
import anyio.to_thread

from digest.errors import Busy

T = TypeVar("T")

_READERS = 4
#: Seconds after which a transaction takes in nobody else: other processes want to write too.
_LONGEST = 0.05
#: How much of a transaction's time the lock is free behind it: who waits for it elsewhere only looks now and then.
_FREE = 0.25


class _Turn(Generic[T]):
    """One who wants to write, and what became of it. `called`: it is done, or this one may begin."""

    def __init__(self, work: Callable[[], T]) -> None:
        self._work = work
        self._made: list[T] = []
        self.called = anyio.Event()
        self.done = False
        self.error: BaseException | None = None

    def run(self) -> None:
        try:
            self._made.append(self._work())
        except BaseException as error:  # noqa: BLE001 - its own caller gets it, also where a library panicked
            self.error = error

    def result(self) -> T:
        if self.error is not None:
            raise self.error
        if not self._made:
            raise Busy("the service is ending", mend="try again later")
        return self._made[0]


class _Line:
    """Who waits to write: they come and give up in the event loop, and are taken by the thread that writes."""

    def __init__(self) -> None:
        self._waiting: deque[_Turn[Any]] = deque()
        self._lock = threading.Lock()

    def join(self, turn: _Turn[Any]) -> None:
        with self._lock:
            self._waiting.append(turn)

    def leave(self, turn: _Turn[Any]) -> bool:
        """False where it was taken already."""
        with self._lock:
            found = turn in self._waiting
            if found:
                self._waiting.remove(turn)
            return found

    def take(self) -> _Turn[Any] | None:
        with self._lock:
            return self._waiting.popleft() if self._waiting else None


class Turns:
    """`together`: all that is written in its block is one transaction (`Database.together`). `patience` is how many
    seconds a request waits for its turn. Once begun, work is always waited for: an answer must not be given before it
    is known what was done."""

    def __init__(self, together: Callable[[], AbstractContextManager[None]], patience: float = 10.0) -> None:
        self._together, self._patience = together, patience
        self._line, self._writing = _Line(), False
        self._free_until = 0.0
        self._read, self._work = anyio.Semaphore(_READERS), anyio.Semaphore(_READERS)

    async def write(self, work: Callable[[], T]) -> T:
        """What `work` gives, once it is durable. Work is done in the order in which it came; in a line of our own,
        since writers that wait in SQLite's are served by chance. Raises Busy.
        """
        mine = _Turn(work)
        if self._writing:
            self._line.join(mine)
            await self._wait(mine)
        if not mine.done:
            await self._begin(mine)
        return mine.result()

    async def read(self, work: Callable[[], T]) -> T:
        return await self._run(self._read, work)

    async def compute(self, work: Callable[[], T]) -> T:
        """What takes its time without the database: a signature, a certificate from elsewhere."""
        return await self._run(self._work, work)

    async def _run(self, line: anyio.Semaphore, work: Callable[[], T]) -> T:
        with anyio.move_on_after(self._patience) as waited:
            await line.acquire()
        if waited.cancelled_caught:
            raise _too_many()
        try:
            return await anyio.to_thread.run_sync(work)
        finally:
            line.release()

    async def _wait(self, mine: _Turn[Any]) -> None:
        """Until another's transaction has done it, or it may begin one."""
        try:
            with anyio.move_on_after(self._patience):
                await mine.called.wait()
            if not mine.called.is_set() and self._line.leave(mine):
                raise _too_many()
            await mine.called.wait()
        except anyio.get_cancelled_exc_class():
            if not self._line.leave(mine) and mine.called.is_set() and not mine.done:
                self._call_next()
            raise

    async def _begin(self, mine: _Turn[Any]) -> None:
        """A transaction, for this one and for those who wait."""
        self._writing = True
        begun = [mine]
        try:
            await anyio.to_thread.run_sync(self._transact, begun)
        finally:
            for turn in begun:
                turn.done = True
                turn.called.set()
            self._call_next()

    def _call_next(self) -> None:
        following = self._line.take()
        self._writing = following is not None
        if following is not None:
            following.called.set()

    def _transact(self, begun: list[_Turn[Any]]) -> None:
        """[in a thread] The others join when it has the lock: until then they may still lose patience."""
        time.sleep(max(0.0, self._free_until - time.monotonic()))
        began = 0.0
        try:
            with self._together():
                began = time.monotonic()
                begun[0].run()
                while time.monotonic() < began + _LONGEST and (turn := self._line.take()) is not None:
                    begun.append(turn)
                    turn.run()
        except BaseException as error:  # noqa: BLE001 - nothing is kept of all that they did, and each is told
            for turn in begun:
                turn.error = turn.error or error
        ended = time.monotonic()
        self._free_until = ended + (ended - began) * _FREE if began else 0.0


def _too_many() -> Busy:
    return Busy("too many requests are waiting", mend="try again later")
