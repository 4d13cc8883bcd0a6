"""digest web and digest serve --web: processes of their own, ended by a signal."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path

import pytest

from digest.model.cause import Cause
from digest.pipeline import subscriptions
from tests.support.home import open_house, publication
from tests.support.web import ONE_CLICK, Site, over_http


class Running:
    """A process, and where its web part answers."""

    def __init__(self, home: Path, *arguments: str, **environ: str) -> None:
        command = [sys.executable, "-m", "digest", "--home", str(home), *arguments]
        self.host, self.port, self.log = "127.0.0.1", free_port(), home / "out.log"
        given = {**os.environ, "DIGEST_WEB_PORT": str(self.port), "PYTHONUNBUFFERED": "1", **environ}
        with self.log.open("wb") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, env=given)
        self.wait_for("The web part answers at")

    def wait_for(self, text: str) -> None:
        give_up = time.monotonic() + 30
        while text not in self.log.read_text():
            assert self.process.poll() is None, self.log.read_text()
            assert time.monotonic() < give_up, self.log.read_text()
            time.sleep(0.02)

    def end(self, number: int = signal.SIGTERM) -> int:
        self.process.send_signal(number)
        return self.process.wait(timeout=20)


def free_port() -> int:
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def running(home: Path, *arguments: str, **environ: str) -> Iterator[Running]:
    made = Running(home, *arguments, **environ)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()


@pytest.fixture
def home(tmp_path: Path, empty_home: Path) -> Path:
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


def readers(home: Path, number: int) -> list[int]:
    with open_house(home) as house:
        publication(house, "news")
        now = house.clock()
        with house.services.database.write() as connection:
            asked = [subscriptions.Wanted(f"r{n}@example.org", "news") for n in range(number)]
            made = [
                subscriptions.subscribe_in(connection, a, now, home=house.services.home, cause=Cause("test"))[0]
                for a in asked
            ]
    return [m.id for m in made]


def states(home: Path) -> dict[int, str]:
    with open_house(home) as house, house.services.database.read() as connection:
        return {s.id: str(s.state) for s in subscriptions.subscribers.listing(connection)}


def paths_of(home: Path, subscriptions: list[int]) -> list[str]:
    with open_house(home) as house:
        return [f"/u/{Site(house.services).token(s)}" for s in subscriptions]


@pytest.mark.parametrize("arguments", [("web",), ("serve", "--web")])
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_it_answers_until_it_is_told_to_end(home: Path, arguments: tuple[str, ...], number: int) -> None:
    (mine,) = readers(home, 1)
    (path,) = paths_of(home, [mine])
    with running(home, *arguments) as web:
        if "serve" in arguments:
            web.wait_for("a pass every 30 seconds")
        assert over_http(web, "GET", path).status == 200
        assert states(home) == {mine: "active"}
        assert over_http(web, "POST", path, ONE_CLICK).status == 200
        assert web.end(number) == 0
        lines = web.log.read_text().splitlines()
    assert states(home) == {mine: "unsubscribed"}
    assert lines[0] == f"The web part answers at http://127.0.0.1:{web.port}. Ctrl-C ends it."
    assert lines[-1] == "Stopped."
    assert not [line for line in lines if line.startswith("digest:")]


def test_what_was_asked_before_the_end_is_answered(home: Path) -> None:
    ids = readers(home, 30)
    paths = paths_of(home, ids)
    with running(home, "web") as web, ThreadPoolExecutor(8) as pool:

        def click(path: str) -> int:
            try:
                return over_http(web, "POST", path, ONE_CLICK).status
            except OSError:
                return 0  # it did not listen any more

        asked = [pool.submit(click, path) for path in paths]
        while not asked[3].done():
            time.sleep(0.005)
        assert web.end() == 0
        got = [a.result() for a in asked]
    assert set(got) <= {200, 0}
    after = states(home)
    assert all(after[i] == "unsubscribed" for i, status in zip(ids, got, strict=True) if status == 200)


@pytest.mark.parametrize("kills", [1, pytest.param(15, marks=pytest.mark.slow)])
def test_killed_at_any_moment_what_was_answered_holds(home: Path, kills: int) -> None:
    ids = readers(home, 60 * kills)
    paths = paths_of(home, ids)
    answered: list[int] = []
    for kill in range(kills):
        mine = range(60 * kill, 60 * kill + 60)
        with running(home, "web") as web, ThreadPoolExecutor(8) as pool:

            def click(number: int, web: Running = web) -> int:
                try:
                    return over_http(web, "POST", paths[number], ONE_CLICK).status
                except (OSError, HTTPException):
                    return 0

            asked = {n: pool.submit(click, n) for n in mine}
            while not asked[mine[5 + kill % 20]].done():
                time.sleep(0.001)
            assert web.end(signal.SIGKILL) == -signal.SIGKILL
            got = {n: a.result() for n, a in asked.items()}
        assert set(got.values()) <= {200, 0}
        answered += [n for n, status in got.items() if status == 200]
    after = states(home)
    assert len(answered) >= 5 * kills
    assert [n for n in answered if after[ids[n]] != "unsubscribed"] == []


def test_a_port_that_is_taken_is_one_line(home: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        done = run(home, "web", DIGEST_WEB_PORT=str(port))
    assert (done.returncode, done.stdout) == (2, "")
    why, mend = "cannot listen: Address already in use", "choose others by web.host and web.port"
    assert done.stderr == f"digest: 127.0.0.1:{port}: {why} ({mend})\n"


@pytest.mark.parametrize("missing", ["starlette", "uvicorn"])
def test_without_the_extra_it_says_how_to_install_it(home: Path, missing: str) -> None:
    program = (
        f"import sys; sys.modules[{missing!r}] = None; from digest.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    for arguments in (["web"], ["serve", "--web"]):
        command = [sys.executable, "-c", program, "--home", str(home), *arguments]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 2
        assert done.stderr == "digest: the web part is not installed (pip install 'storyline-digest[web]')\n"


def test_the_rest_does_without_it(home: Path) -> None:
    program = (
        "import sys\nfor m in ('starlette', 'uvicorn', 'anyio', 'h11'): sys.modules[m] = None\n"
        "from digest.cli.main import run; sys.exit(run(sys.argv[1:]))"
    )
    command = [sys.executable, "-c", program, "--home", str(home), "run"]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stdout) == (0, "Nothing was due.\n"), done.stderr


def run(home: Path, *arguments: str, **environ: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "digest", "--home", str(home), *arguments]
    return subprocess.run(
        command, capture_output=True, text=True, timeout=60, check=False, env={**os.environ, **environ}
    )
