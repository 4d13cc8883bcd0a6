"""Children that read hostile bytes: what one of them suffers concerns nobody else."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import BadInput
from digest.ingest.normalise import cleaned, normalise
from digest.ingest.workers import ChildFault, Limits, Workers, wire
from digest.model.article import RawArticle
from tests.support import tasks

FEED = b"""<rss version="2.0"><channel><title>Quay</title><item><title>The ferry sails again</title><guid>1</guid>
<link>https://quay.example/1</link><pubDate>Sat, 24 May 2025 17:00:00 +0200</pubDate><category>sea</category>
<description>The council of Marlow voted for the ferry on Tuesday.</description></item><item/></channel></rss>"""


@pytest.fixture(scope="module")
def workers() -> Iterator[Workers]:
    with Workers(2, Limits(cpu_seconds=1.0, wall_seconds=5.0, answer_megabytes=1)) as pool:
        yield pool


def line(found: list[wire.Item]) -> str:
    (error,) = found
    assert isinstance(error, BadInput)
    assert "\n" not in str(error)
    return str(error)


def test_what_comes_back_is_what_was_found(workers: Workers) -> None:
    here = list(tasks.parse(FEED, "feed.xml"))
    there = workers.submit(tasks.parse, FEED, "feed.xml").result()
    assert there[0] == here[0]
    assert [str(error) for error in there[1:]] == [str(error) for error in here[1:]]
    assert isinstance(here[0], RawArticle)
    (article, _) = workers.submit(tasks.parse_and_normalise, FEED, "feed.xml").result()
    assert cleaned(article) == normalise(here[0], source="s", publisher="", now=tasks.NOW)


@pytest.mark.parametrize(
    ("task", "argument", "told"),
    [
        (tasks.spin, 60, "takes: took more than 1 seconds of computing to read"),
        (tasks.sleep, 60, "takes: took longer than 5 seconds to read"),
        (tasks.hoard, 1000, "takes: needs more than 256 MB of memory to read"),
        (tasks.flood, 2_000_000, "takes: gave more than 1 MB of articles"),
        (tasks.crash, 0, "takes: broke the process that read it (SIGSEGV)"),
        (tasks.leave, 3, "takes: broke the process that read it (exit code 3)"),
        (tasks.lie, 0, "takes: broke the process that read it"),
    ],
)
def test_what_takes_too_much_gets_one_line_and_others_go_on(
    workers: Workers, task: object, argument: int, told: str
) -> None:
    others = [workers.submit(tasks.parse, FEED, str(n)) for n in range(5)]
    bad = workers.submit(task, argument, where="takes")  # type: ignore[arg-type]
    others += [workers.submit(tasks.parse, FEED, str(n)) for n in range(5)]
    assert line(bad.result(20)).startswith(told)
    assert [len(other.result(20)) for other in others] == [2] * 10


def test_memory_that_is_not_too_much_can_be_had(workers: Workers) -> None:
    assert line(workers.submit(tasks.hoard, 80).result()) == "held 80"
    assert line(workers.submit(tasks.hoard, 80).result()) == "held 80", "what one task took is there for the next"


def test_a_refusal_and_a_fault_are_told_apart(workers: Workers) -> None:
    assert line(workers.submit(tasks.refuse).result()) == "there: is not wanted (leave it)"
    with pytest.raises(ChildFault, match="KeyError") as caught:
        workers.submit(tasks.fail).result()
    assert "tasks.py" in caught.value.traceback
    with pytest.raises(ChildFault, match="object"):
        workers.submit(tasks.strange).result()


def test_a_child_is_used_again_and_replaced_when_it_died_idle() -> None:
    with Workers(1) as pool:
        first, second = (line(pool.submit(tasks.own_pid).result()) for _ in range(2))
        assert first == second
        os.kill(int(first), signal.SIGKILL)
        _wait_until_gone([int(first)])
        third = line(pool.submit(tasks.own_pid).result())
        assert third != first
    _wait_until_gone([int(third)])


def test_a_child_that_has_grown_is_replaced() -> None:
    with Workers(1) as pool:
        pids = [line(pool.submit(tasks.keep, megabytes).result()) for megabytes in (10, 10, 60, 10)]
    assert pids[0] == pids[1] == pids[2], "a little more is no reason"
    assert all(pid.isdecimal() for pid in pids), "there was room for all of it"
    assert pids[2] != pids[3]


def test_many_threads_at_once(workers: Workers) -> None:
    counts: list[int] = []

    def ask() -> None:
        counts.extend(len(workers.submit(tasks.parse, FEED, "f").result()) for _ in range(20))

    threads = [threading.Thread(target=ask) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert counts == [2] * 160


def test_nothing_starts_before_it_is_needed_and_an_error_does_not_wait() -> None:
    pool = Workers(2)
    assert not pool._free
    started = time.monotonic()
    with contextlib.suppress(KeyboardInterrupt), pool:
        waiting = pool.submit(tasks.sleep, 60)
        while not pool._busy:
            time.sleep(0.01)
        raise KeyboardInterrupt
    assert time.monotonic() - started < 20
    assert waiting.done()
    with pytest.raises(RuntimeError):
        pool.submit(tasks.nothing, b"")


def test_a_child_that_does_not_start_is_no_fault_of_a_body(tmp_path: Path) -> None:
    """A program that multiprocessing cannot import in a child: it comes from standard input."""
    program = """
from digest.ingest.workers import ChildFault, Workers
from tests.support import tasks
with Workers(1) as pool:
    try:
        print(pool.submit(tasks.own_pid).result())
    except ChildFault as error:
        print(error)
"""
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run(
        [sys.executable], input=program, capture_output=True, text=True, env=environment, cwd=tmp_path, check=True
    )
    assert done.stdout == "a process for reading does not start\n"


NOISY = """
from digest.ingest.workers import Workers
from tests.support import tasks

if __name__ == "__main__":
    with Workers(1) as pool:
        print(pool.submit(tasks.die_loudly, where="x").result()[0])
"""


def test_what_a_child_says_as_it_dies_is_not_shown(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(NOISY)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "x: broke the process that read it (SIGABRT) (it was given up, and nothing else with it)\n"
    assert done.stderr == ""


PROGRAM = """
import sys, time
from digest.ingest.workers import Workers
from tests.support import tasks

if __name__ == "__main__":
    pool = Workers(2)
    pids = [str(pool.submit(tasks.own_pid).result()[0])]
    pool.submit(tasks.sleep, 0.5), pool.submit(tasks.sleep, 300)
    other = pool.submit(tasks.own_pid)
    print(*pids, other.result()[0], flush=True)
    pool.submit(tasks.sleep, 300)
    time.sleep(300)
"""


MANY_CORES = """
from digest.ingest.workers import Workers
from tests.support import tasks

if __name__ == "__main__":
    with Workers(1) as pool:
        print(pool.submit(tasks.sign, 30, 2600, where="feed").result()[0])
"""


def test_on_a_machine_of_many_cores_a_child_stays_within_its_memory(tmp_path: Path) -> None:
    """A thread for each core would have a stack for each, and the library that signs cannot do without one of them."""
    program = tmp_path / "program.py"
    program.write_text(MANY_CORES)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2]), "RAYON_NUM_THREADS": "128"}
    done = subprocess.run([sys.executable, program], capture_output=True, text=True, env=environment, check=True)
    assert done.stdout == "signed 30\n"


def test_no_child_outlives_a_parent_that_is_killed(tmp_path: Path) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    parent = subprocess.Popen([sys.executable, program], stdout=subprocess.PIPE, env=environment, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout:
        pids = {int(word) for word in parent.stdout.readline().split()}
        assert pids
        family = pids | {int(_parent_of(pid)) for pid in pids}
        parent.kill()
    _wait_until_gone(family)


def _parent_of(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[1]


def _wait_until_gone(pids: Iterator[int] | list[int] | set[int]) -> None:
    left = set(pids)
    end = time.monotonic() + 10
    while left and time.monotonic() < end:
        left = {pid for pid in left if _runs(pid)}
        time.sleep(0.02)
    assert not left


def _runs(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False
