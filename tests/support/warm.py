"""A process that has imported digest once and forks senders off itself, each in a few milliseconds.

Run as a program it reads orders, a line of JSON each, and answers each with one. It starts no thread,
so that its forks are safe. `Warm` is the other end of the line.
"""

from __future__ import annotations

import dataclasses
import gc
import json
import os
import signal
import subprocess
import sys
import threading
import time
from datetime import timedelta
from pathlib import Path
from typing import Any, NoReturn

_ROOT = Path(__file__).resolve().parents[2]


@dataclasses.dataclass(frozen=True, slots=True)
class Ended:
    """How a sender ended: `code` below 0 is the signal. `said`: its output and errors."""

    code: int
    said: str
    points: list[str]
    killed_at: str = ""

    @property
    def killed(self) -> bool:
        return self.code == -signal.SIGKILL


class Warm:
    """Use as a context manager."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._homes: dict[int, Path] = {}
        environment = {n: v for n, v in os.environ.items() if not n.startswith("DIGEST_")}
        environment |= {"PYTHONPATH": str(_ROOT), "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
        command = [sys.executable, "-m", "tests.support.warm"]
        self._process = subprocess.Popen(
            command, cwd=_ROOT, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Warm:
        return self

    def __exit__(self, *_: object) -> None:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.close()
        assert self._process.wait(timeout=30) == 0
        self._process.stdout.close()

    def start(
        self,
        home: Path,
        environ: dict[str, str],
        *,
        at: int = 0,
        signal: int = signal.SIGKILL,
        ahead: timedelta = timedelta(),
        extra_pages: int | None = None,
        cli: list[str] | None = None,
    ) -> int:
        """A sender on this home; its process id. `at`: the point at which the signal comes. `ahead`: its clock is
        this much fast. With `cli` it is the program with these arguments, on the real clock."""
        order = {
            "home": str(home), "environ": environ, "at": at, "signal": int(signal), "ahead": ahead.total_seconds(),
            "extra_pages": extra_pages, "cli": cli,
        }  # fmt: skip
        pid = int(self._ask({"start": order}))
        self._homes[pid] = home
        return pid

    def wait(self, pid: int, seconds: float = 60, *, stopped: bool = False) -> Ended | None:
        """Until it has ended; with `stopped` until it was stopped, which is None."""
        give_up = time.monotonic() + seconds
        while (found := self._ask({"wait": pid})) is None or (found == "stopped" and not stopped):
            if time.monotonic() > give_up:
                os.kill(pid, signal.SIGKILL)
                raise AssertionError(f"the sender {pid} does not end")
            time.sleep(0.002)
        if found == "stopped":
            return None
        home = self._homes.pop(pid)
        points, told = home / f"points.{pid}", home / f"killed.{pid}"
        return Ended(
            int(found),
            (home / f"said.{pid}").read_text(encoding="utf-8"),
            json.loads(points.read_text()) if points.exists() else [],
            told.read_text() if told.exists() else "",
        )

    def run(self, home: Path, environ: dict[str, str], **more: Any) -> Ended:
        ended = self.wait(self.start(home, environ, **more))
        assert ended is not None
        return ended

    def _ask(self, order: dict[str, Any]) -> Any:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        with self._lock:
            self._process.stdin.write(json.dumps(order) + "\n")
            self._process.stdin.flush()
            return json.loads(self._process.stdout.readline())


# --- the program ----------------------------------------------------------------------------------


def main() -> None:
    from tests.support import points

    points.install()
    # All that a sender imports, so that no fork does it again.
    import sqlalchemy.dialects.sqlite  # noqa: F401

    import digest.app
    import digest.cli.delivery
    import digest.cli.main
    import digest.deliver.transports.smtp
    import digest.pipeline.deliver
    import digest.pipeline.signing  # noqa: F401

    assert threading.active_count() == 1
    gc.collect()
    gc.freeze()
    for line in sys.stdin:
        order = json.loads(line)
        answer: Any = None
        if "start" in order:
            answer = _start(order["start"])
        else:
            pid, status = os.waitpid(order["wait"], os.WNOHANG | os.WUNTRACED)
            if pid:
                answer = "stopped" if os.WIFSTOPPED(status) else os.waitstatus_to_exitcode(status)
        print(json.dumps(answer), flush=True)


def _start(order: dict[str, Any]) -> int:
    pid = os.fork()
    return pid or _send(order)


def _send(order: dict[str, Any]) -> NoReturn:
    from tests.support import points

    home, code = Path(order["home"]), 70
    plan = points.Plan(order["at"], order["signal"], home / f"killed.{os.getpid()}", order["extra_pages"])
    try:
        said = os.open(home / f"said.{os.getpid()}", os.O_WRONLY | os.O_CREAT, 0o600)
        os.dup2(os.open(os.devnull, os.O_RDONLY), 0)
        os.dup2(said, 1)
        os.dup2(said, 2)
        points.use(plan)
        os.environ.update(order["environ"])
        code = _cli(order) if order["cli"] else _deliver(order)
    except BaseException:  # noqa: BLE001 - nothing may get back into the loop of the process that forked us
        import traceback

        traceback.print_exc()
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        (home / f"points.{os.getpid()}").write_text(json.dumps(plan.passed))
        os._exit(code)


def _cli(order: dict[str, Any]) -> int:
    from digest.cli.main import run

    return run(["--home", order["home"], *order["cli"]])


def _deliver(order: dict[str, Any]) -> int:
    from digest import app
    from digest.pipeline.deliver import deliver

    ahead = timedelta(seconds=order["ahead"])
    made = app.services(Path(order["home"]), order["environ"])
    print(deliver(dataclasses.replace(made, clock=lambda: app.clock() + ahead)))
    made.database.close()
    return 0


if __name__ == "__main__":
    main()
