"""digest web and digest serve --web: processes of their own, ended by a signal."""

from __future__ import annotations

import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from tests.support.served import paths_of, readers, running, states
from tests.support.web import ONE_CLICK, over_http


@pytest.fixture
def home(tmp_path: Path, empty_home: Path) -> Path:
    return Path(shutil.copytree(empty_home, tmp_path / "home"))


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
