"""Work that waits for the disk goes into threads, and in turns: SQLite takes one writer at a time."""

from __future__ import annotations

from collections.abc import Callable
from typing import TypeVar

import anyio
import anyio.to_thread

from digest.errors import Busy

T = TypeVar("T")

_READERS = 4


class Turns:
    """`patience` is how many seconds a request waits for its turn. Once begun, work is always waited for:
    an answer must not be given before it is known what was done."""

    def __init__(self, patience: float = 10.0) -> None:
        self._patience = patience
        self._write, self._read = anyio.Semaphore(1), anyio.Semaphore(_READERS)
        self._work = anyio.Semaphore(_READERS)

    async def write(self, work: Callable[[], T]) -> T:
        """In a line of our own: writers that wait in SQLite's are served by chance. Raises Busy."""
        return await self._run(self._write, work)

    async def read(self, work: Callable[[], T]) -> T:
        return await self._run(self._read, work)

    async def compute(self, work: Callable[[], T]) -> T:
        """What takes its time without the database: a signature, a certificate from elsewhere."""
        return await self._run(self._work, work)

    async def _run(self, line: anyio.Semaphore, work: Callable[[], T]) -> T:
        with anyio.move_on_after(self._patience) as waited:
            await line.acquire()
        if waited.cancelled_caught:
            raise Busy("too many requests are waiting", mend="try again later")
        try:
            return await anyio.to_thread.run_sync(work)
        finally:
            line.release()
