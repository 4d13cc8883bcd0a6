"""The web part in a process of its own, and readers for it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from digest.model.cause import Cause
from digest.pipeline import subscriptions
from tests.support.home import open_house, publication
from tests.support.sink import free_port
from tests.support.web import Site


class Running:
    """A process, and where its web part answers."""

    def __init__(self, home: Path, *arguments: str, port: int = 0, **environ: str) -> None:
        command = [sys.executable, "-m", "digest", "--home", str(home), *arguments]
        self.host, self.port, self.log = "127.0.0.1", port or free_port(), home / "out.log"
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


@contextmanager
def running(home: Path, *arguments: str, port: int = 0, **environ: str) -> Iterator[Running]:
    made = Running(home, *arguments, port=port, **environ)
    try:
        yield made
    finally:
        if made.process.poll() is None:
            made.process.kill()
        made.process.wait()


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
