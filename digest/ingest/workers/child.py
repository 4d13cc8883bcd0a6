"""The other side: a process that does one task after another, and is killed by the kernel where one takes too much."""

from __future__ import annotations

import contextlib
import fcntl
import multiprocessing
import os
import pickle
import resource
import signal
import sys
import traceback
from collections.abc import Callable, Iterable
from multiprocessing.connection import Connection, wait
from pathlib import Path
from typing import Any

from digest.errors import DigestError
from digest.ingest.workers import wire
from digest.ingest.workers.limits import MEGABYTE, Limits

READY = b"ready"
_SPARE = 8 * MEGABYTE  # for the stack and what else is not counted
_LEAST = 32 * MEGABYTE
_GROWN = 64 * MEGABYTE  # what a child may keep after a task; a new one costs a few milliseconds


def serve(connection: Connection, limits: Limits) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # the parent's end is ours too, without a traceback
    _be_silent()
    _die_with_parent()
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    start = _sizes().get("VmRSS", 0)
    _limit_memory(limits.memory_megabytes * MEGABYTE)
    exhausted = wire.encode(wire.Answer(out_of_memory=True, last=True))  # made while there is memory to make it
    connection.send_bytes(READY)
    while True:
        try:
            function, arguments = pickle.loads(connection.recv_bytes())  # noqa: S301 - from the parent
        except (EOFError, OSError):
            return
        # The default action of this signal is death, also in the middle of a library's loop.
        signal.setitimer(signal.ITIMER_PROF, limits.cpu_seconds)
        try:
            answer = _answer(function, arguments)
            answer.last = _sizes().get("VmRSS", 0) > start + _GROWN
            data = wire.encode(answer)
        except MemoryError:
            answer, data = wire.Answer(last=True), exhausted
        signal.setitimer(signal.ITIMER_PROF, 0)
        with contextlib.suppress(OSError):
            connection.send_bytes(data)
        if answer.last:
            return
        del function, arguments, answer, data


def single(function: Callable[..., Any], arguments: tuple[Any, ...]) -> list[wire.Item]:
    """The one thing that a function gives, or nothing where that is None."""
    found = function(*arguments)
    return [] if found is None else [found]


def _answer(function: Callable[..., Iterable[wire.Item]], arguments: tuple[Any, ...]) -> wire.Answer:
    try:
        return wire.Answer(items=wire.pack(function(*arguments)))
    except MemoryError:
        raise
    except DigestError as error:
        return wire.Answer(items=wire.pack([error]))
    except Exception as error:  # noqa: BLE001 - it is told to the parent, whose work goes on
        told = "".join(traceback.format_exception_only(error)).strip()
        return wire.Answer(fault=wire.Fault(_sound(told[:500]), _sound(traceback.format_exc()[-5000:])))


def _sound(text: str) -> str:
    return text.encode("utf-8", "replace").decode()


def _die_with_parent() -> None:
    """The pipe that ends with the parent asks the kernel for a signal, which kills us in the middle of any task.

    The fork server cannot see to it: it lives as long as one of its children.
    """
    parent = multiprocessing.parent_process()
    assert parent is not None
    flags = fcntl.fcntl(parent.sentinel, fcntl.F_GETFL)
    fcntl.fcntl(parent.sentinel, fcntl.F_SETOWN, os.getpid())
    fcntl.fcntl(parent.sentinel, fcntl.F_SETFL, flags | os.O_ASYNC)
    if wait([parent.sentinel], 0):
        os._exit(1)


def _limit_memory(most: int) -> None:
    """All that it may hold is `most`. The kernel counts what is reserved, so room is given on top of that."""
    sizes = _sizes()
    room = max(most - sizes.get("VmRSS", 0) - _SPARE, _LEAST)
    for limit, name in ((resource.RLIMIT_DATA, "VmData"), (resource.RLIMIT_AS, "VmSize")):
        if name in sizes:
            with contextlib.suppress(ValueError, OSError):  # a lower limit is set from outside
                resource.setrlimit(limit, (sizes[name] + room, sizes[name] + room))


def _be_silent() -> None:
    """What Python and libraries say where they find no memory is nothing for the operator: the parent tells that."""
    sys.unraisablehook = lambda _: None
    nowhere = os.open(os.devnull, os.O_WRONLY)
    os.dup2(nowhere, 2)
    os.close(nowhere)


def _sizes() -> dict[str, int]:
    """In bytes, from Linux; nothing elsewhere, where memory is not limited then."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return {}
    return {
        name: int(rest.split()[0]) * 1024 for name, _, rest in (line.partition(":") for line in lines) if "Vm" in name
    }
