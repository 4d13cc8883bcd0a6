"""Programs of this machine, run with a time limit and ended by their id, with all that they have started."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from digest.errors import DigestError


@dataclass(frozen=True, slots=True)
class Ran:
    code: int
    out: bytes
    err: bytes


def run(command: Sequence[str], *, seconds: float, given: bytes = b"", environ: Mapping[str, str] | None = None) -> Ran:
    """Raises DigestError where it cannot be started or does not end in time."""
    name = os.path.basename(command[0])  # noqa: PTH119 - a name, no path
    try:
        process = subprocess.Popen(  # noqa: S603 - no shell, and the operator's own programs
            list(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            env=None if environ is None else dict(environ),
            start_new_session=True,
        )
    except OSError as error:
        raise DigestError(f"cannot be started: {error.strerror or error}", where=command[0]) from None
    try:
        out, err = process.communicate(given, timeout=seconds)
    except subprocess.TimeoutExpired:
        raise DigestError(f"{name} did not end within {seconds:g} seconds", mend="try again") from None
    finally:
        _end(process)
    return Ran(process.returncode, out, err)


def _end(process: subprocess.Popen[bytes]) -> None:
    """It leads a session of its own: what it has left behind there ends with it."""
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for pipe in (process.stdin, process.stdout, process.stderr):
        if pipe is not None:
            with contextlib.suppress(OSError):
                pipe.close()
