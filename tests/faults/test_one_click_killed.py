"""`digest web` is killed again and again while 32 clients unsubscribe: what was answered with 200 is on disk, whoever
asks again is served, and nothing is done twice.

CLICK_KILLS, CLICK_READERS and CLICK_SEED choose how often, how many and when.
"""

from __future__ import annotations

import os
import queue
import random
import signal
import sqlite3
import threading
import time
from collections import Counter
from http.client import HTTPException
from pathlib import Path

import pytest

from tests.support.home import make_home
from tests.support.served import Running, paths_of, readers
from tests.support.sink import free_port
from tests.support.web import FORM, ONE_CLICK, over_http

KILLS = int(os.environ.get("CLICK_KILLS", "5"))
READERS = int(os.environ.get("CLICK_READERS", "1500"))
SEED = int(os.environ.get("CLICK_SEED", "20261122"))
CLIENTS = 32


class Clients:
    """Each takes a reader, and asks until the answer is 200: what a mailbox provider does."""

    def __init__(self, paths: list[str], port: int) -> None:
        self.host, self.port, self.paths = "127.0.0.1", port, paths
        self.answered: list[int] = []  # in the order of the answers
        self.statuses: Counter[int] = Counter()
        self.broken = 0  # by a kill, or before it listened again
        self._todo: queue.SimpleQueue[int] = queue.SimpleQueue()
        for place in range(len(paths)):
            self._todo.put(place)
        self._threads = [threading.Thread(target=self._work, daemon=True) for _ in range(CLIENTS)]
        for thread in self._threads:
            thread.start()

    def _work(self) -> None:
        while True:
            try:
                place = self._todo.get_nowait()
            except queue.Empty:
                return
            while not self._asked(place):
                time.sleep(0.2)
            self.answered.append(place)

    def _asked(self, place: int) -> bool:
        try:
            got = over_http(self, "POST", self.paths[place], ONE_CLICK, {"Content-Type": FORM})
        except (OSError, HTTPException):
            self.broken += 1
            return False
        self.statuses[got.status] += 1
        return got.status == 200

    def wait(self, seconds: float) -> None:
        give_up = time.monotonic() + seconds
        for thread in self._threads:
            thread.join(max(0.0, give_up - time.monotonic()))
            assert not thread.is_alive(), f"{len(self.answered)} of {len(self.paths)} were answered"


def ended(home: Path) -> Counter[int]:
    """How often each subscription was ended, by the books."""
    with sqlite3.connect(home / "digest.db") as connection:
        query = "select subscription_id from subscription_event where action = 'unsubscribe' and via = 'one-click'"
        return Counter(number for (number,) in connection.execute(query))


@pytest.mark.slow
def test_every_answer_holds_whenever_the_web_part_is_killed(tmp_path: Path) -> None:
    print(f"CLICK_SEED={SEED} CLICK_KILLS={KILLS} CLICK_READERS={READERS}")
    chance, home = random.Random(SEED), make_home(tmp_path / "home")
    ids = readers(home, READERS)
    clients = Clients(paths_of(home, ids), free_port())
    midway = 0
    for kill in range(1, KILLS + 1):
        web = Running(home, "web", port=clients.port)
        enough = READERS * kill // (KILLS + 2)  # answers, after which it is killed
        give_up = time.monotonic() + 60
        while len(clients.answered) < enough:
            assert web.process.poll() is None, web.log.read_text()
            assert time.monotonic() < give_up
            time.sleep(0.001)
        time.sleep(chance.uniform(0, 0.03))
        web.end(signal.SIGKILL)
        time.sleep(0.1)  # what was answered has arrived
        answered = list(clients.answered)
        midway += len(answered) < READERS
        lost = [place for place in answered if not ended(home)[ids[place]]]
        assert not lost, f"{len(lost)} answers were not on disk after kill {kill}"
    assert midway == KILLS, "no reader was left for the last kill: take more CLICK_READERS"
    web = Running(home, "web", port=clients.port)
    try:
        clients.wait(120)
        assert web.end() == 0
    finally:
        if web.process.poll() is None:
            web.process.kill()
    assert sorted(clients.answered) == list(range(READERS))
    assert set(clients.statuses) == {200}
    assert clients.broken >= KILLS, "each kill met a client that waited"
    assert ended(home) == dict.fromkeys(ids, 1), "each once, however often it was asked for"
    with sqlite3.connect(home / "digest.db") as connection:
        states = dict(connection.execute("select state, count(*) from subscription group by state"))
        assert connection.execute("pragma integrity_check").fetchone() == ("ok",)
    assert states == {"unsubscribed": READERS}
    print(f"{KILLS} kills, {clients.broken} requests without an answer")
