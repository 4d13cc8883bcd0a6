"""A few child processes and those who wait for them."""

from __future__ import annotations

import contextlib
import multiprocessing
import pickle
import signal
import threading
from collections.abc import Callable, Iterable
from concurrent.futures import Future, ThreadPoolExecutor
from functools import partial
from multiprocessing import forkserver
from multiprocessing.connection import Connection
from multiprocessing.context import ForkServerProcess
from types import TracebackType
from typing import Any, Self, TypeVar, cast, get_type_hints

import msgspec

from digest.errors import BadInput, DigestError
from digest.ingest.workers import child, wire
from digest.ingest.workers.limits import MEGABYTE, Limits

#: What the server loads before it forks the first child.
PRELOAD = ("digest.ingest.workers.ready",)
PAGES = ("digest.ingest.workers.ready_pages",)
_MEND = "it was given up, and nothing else with it"
_STARTING = 60.0
_DYING = 5.0  # seconds that a process has to be gone after its pipe is


T = TypeVar("T")


class ChildFault(Exception):
    """A task raised what nobody foresaw. The text is what it said; `traceback` is the child's, for the log."""

    def __init__(self, told: str, traceback: str) -> None:
        super().__init__(told)
        self.traceback = traceback
        self.add_note(traceback)


class _Lost(Exception):
    """The child is gone, or must go."""


class _Child:
    """One process and our end of the pipe to it. Used by one thread at a time."""

    def __init__(self, limits: Limits) -> None:
        context = multiprocessing.get_context("forkserver")
        self.limits = limits
        self.pipe: Connection
        self.pipe, theirs = context.Pipe()
        with theirs:
            self.process: ForkServerProcess = context.Process(target=child.serve, args=(theirs, limits), daemon=True)
            self.process.start()
        try:
            ready = self.pipe.poll(_STARTING) and self.pipe.recv_bytes(len(child.READY)) == child.READY
        except (EOFError, OSError):
            ready = False
        if not ready:  # no body is to blame for that
            self.end()
            raise ChildFault("a process for reading does not start", "")

    def send(self, task: bytes) -> None:
        """OSError where it died since the last task."""
        self.pipe.send_bytes(task)

    def answer(self) -> wire.Answer:
        try:
            if not self.pipe.poll(self.limits.wall_seconds):
                raise _Lost(f"took longer than {self.limits.wall_seconds:g} seconds to read")
            return wire.decode(self.pipe.recv_bytes(self.limits.answer_megabytes * MEGABYTE))
        except (EOFError, ConnectionError):
            raise _Lost(self._why_gone()) from None
        except OSError:
            raise _Lost(f"gave more than {self.limits.answer_megabytes} MB of articles") from None
        except msgspec.DecodeError:
            raise _Lost("broke the process that read it") from None

    def _why_gone(self) -> str:
        self.process.join(_DYING)
        if self.process.exitcode == -signal.SIGPROF:
            return f"took more than {self.limits.cpu_seconds:g} seconds of computing to read"
        return f"broke the process that read it ({_ending(self.process.exitcode)})"

    def end(self) -> None:
        self.pipe.close()
        self.process.kill()
        self.process.join(_DYING)
        with contextlib.suppress(ValueError):  # not gone even then: the system has to see to it
            self.process.close()


class Workers:
    """Does tasks in at most `size` children, which start when they are needed. For any number of threads.

    A task is a function at the top of a module, with arguments that can be pickled; it gives articles and BadInput.
    As with all of multiprocessing, a program that uses this keeps its doings under `if __name__ == "__main__"`.
    """

    def __init__(self, size: int, limits: Limits | None = None, *, pages: bool = False) -> None:
        """`pages`: some of what is read will be web pages, so that it is worth while to load what that takes."""
        self._limits = limits or Limits()
        self._waiting = ThreadPoolExecutor(size, thread_name_prefix="digest-worker")
        self._free: list[_Child] = []
        self._busy: set[_Child] = set()
        self._lock = threading.Lock()
        self._closed = False
        multiprocessing.get_context("forkserver").set_forkserver_preload([*PRELOAD, *(PAGES if pages else ())])

    def warm_up(self) -> None:
        """Start loading what children need; returns at once. Worth it where the first task is a moment away."""
        forkserver.ensure_running()

    def submit(
        self, function: Callable[..., Iterable[wire.Item]], *arguments: Any, where: str = ""
    ) -> Future[list[wire.Item]]:
        """What the function gives; a single BadInput about `where` if it takes too much; ChildFault if it raises."""
        return self._waiting.submit(self._do, pickle.dumps((function, arguments), pickle.HIGHEST_PROTOCOL), where)

    def run(self, function: Callable[..., T], *arguments: Any, where: str) -> T:
        """What one function gives: a single record, or None. Raises BadInput, DigestError, ChildFault."""
        found = self.submit(child.single, function, arguments, where=where).result()
        if len(found) == 1 and isinstance(found[0], DigestError):
            raise found[0]
        given = found[0] if found else None
        real = function.func if isinstance(function, partial) else function
        wanted = get_type_hints(real)["return"]
        if len(found) > 1 or not isinstance(given, wanted):
            raise BadInput("broke the process that read it", where=where, mend=_MEND)
        return cast(T, given)

    def _do(self, task: bytes, where: str) -> list[wire.Item]:
        worker = self._sent(task)
        fit = False
        try:
            answer = worker.answer()
            if answer.out_of_memory:
                raise _Lost(f"needs more than {self._limits.memory_megabytes} MB of memory to read")
            found = wire.unpack(answer.items)
            fit = not answer.last
        except _Lost as lost:
            return [BadInput(str(lost), where=where, mend=_MEND)]
        except (msgspec.ValidationError, msgspec.DecodeError, KeyError, ValueError):
            return [BadInput("broke the process that read it", where=where, mend=_MEND)]
        finally:
            self._back(worker, fit=fit)
        if answer.fault:
            raise ChildFault(answer.fault.told, answer.fault.traceback)
        return found

    def _sent(self, task: bytes) -> _Child:
        """A child that has the task. One that died while it was idle is no fault of the task's."""
        while True:
            with self._lock:
                if self._closed:
                    raise RuntimeError("the workers are closed")
                worker = self._free.pop() if self._free else None
            fresh = worker is None
            worker = worker or _Child(self._limits)
            with self._lock:
                self._busy.add(worker)
            try:
                worker.send(task)
            except OSError:
                self._back(worker, fit=False)
                if fresh:
                    raise
                continue
            return worker

    def _back(self, worker: _Child, *, fit: bool) -> None:
        with self._lock:
            self._busy.discard(worker)
            if fit and not self._closed:
                self._free.append(worker)
                return
        worker.end()

    def close(self) -> None:
        """Tasks that wait are cancelled; those that are being done are finished first."""
        self._waiting.shutdown(wait=True, cancel_futures=True)
        with self._lock:
            self._closed = True
            idle, self._free = self._free, []
        for worker in idle:
            worker.end()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if error is not None:  # an interrupt does not wait for what takes long
            with self._lock:
                busy = list(self._busy)
            for worker in busy:
                worker.process.kill()
        self.close()


def _ending(code: int | None) -> str:
    if code is not None and code < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"
