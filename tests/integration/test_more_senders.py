"""A long edition is sent by several processes that share the connections; each ends with the one that started it."""

from __future__ import annotations

import os
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from digest.adapters.senders import Sender
from digest.deliver.relay import Relay, shared
from digest.deliver.testing import FakeTransport
from digest.errors import DigestError
from digest.pipeline import deliver
from tests.support import home, sink
from tests.support.home import House

pytestmark = pytest.mark.slow
READERS = 60


@pytest.fixture
def planned(house: House) -> House:
    home.publication(house)
    for number in range(READERS):
        home.subscribe(house, f"r{number}@example.org")
    home.take_in(house, 1)
    assert home.publish_now(house).planned == READERS
    return house


def environ(port: int, **more: str) -> dict[str, str]:
    mail = {"DIGEST_MAIL_TRANSPORT": "smtp", "DIGEST_MAIL_CONNECTIONS": "4"}
    return {**mail, "DIGEST_SMTP_HOST": "127.0.0.1", "DIGEST_SMTP_PORT": str(port), **more}


def owners(folder: Path) -> set[str]:
    with sqlite3.connect(folder / "digest.db") as connection:
        return {owner for (owner,) in connection.execute("select distinct owner from delivery where owner <> ''")}


def test_the_readers_are_shared_and_each_gets_one(planned: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whole processes, with a relay that takes its time, so that each of them has its part in it."""
    monkeypatch.setattr(deliver, "_MANY", 10)
    folder, started = planned.services.home.folder, list[int]()
    with sink.running("-W", ".:1:8") as server:
        settings = environ(server.port, DIGEST_DELIVER_PROCESSES="3", DIGEST_DELIVER_BATCH="4")

        class Counted(Sender):
            def __init__(self, *arguments: Any) -> None:
                started.append(1)
                super().__init__(*arguments)

        monkeypatch.setattr("digest.app.Sender", Counted)
        with home.open_house(folder, **settings) as house:
            from digest import app

            services = app.services(folder, settings)
            summary = deliver.deliver(services)
            services.database.close()
            assert house.mails() == []
        received = Counter(mail.recipient for mail in server.received())
    assert started == [1, 1]
    assert summary.sent == READERS
    assert received == {f"r{n}@example.org": 1 for n in range(READERS)}


def test_a_sender_ends_with_the_one_that_started_it(planned: House) -> None:
    folder = planned.services.home.folder
    with sink.running("-W", ".:1:1") as server:  # every answer takes a second
        script = (
            "import sys, time; from pathlib import Path; from digest.adapters.senders import Sender; import os;"
            f"Sender(Path({str(folder)!r}), os.environ, 2); time.sleep(60)"
        )
        parent = subprocess.Popen([sys.executable, "-c", script], env={**os.environ, **environ(server.port)})
        give_up = time.monotonic() + 30
        while not owners(folder):
            assert time.monotonic() < give_up
            time.sleep(0.05)
        parent.send_signal(signal.SIGKILL)
        parent.wait()
        while owners(folder):
            assert time.monotonic() < give_up, "it goes on without its parent"
            time.sleep(0.05)
    with sqlite3.connect(folder / "digest.db") as connection:
        states = dict(connection.execute("select state, count(*) from delivery group by state"))
    assert set(states) <= {"sent", "planned"}, "what it had in hand was finished, the rest given back"


def test_one_that_fails_is_told(planned: House, tmp_path: Path) -> None:
    failing = Sender(tmp_path / "nothing", dict(os.environ), 2)
    with pytest.raises(DigestError, match="exit code 2"):
        failing.result()


def test_shares_ask_no_more_of_a_relay_than_one_would() -> None:
    relay = Relay("one", FakeTransport(), connections=9, per_second=50)
    share = shared(relay, 3)
    assert (share.connections, share.per_second) == (3, pytest.approx(50 / 3))
    assert shared(relay, 1) is relay
    assert shared(Relay("one", FakeTransport()), 4).connections == 1


def test_none_outlives_a_run_that_breaks(planned: House, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliver, "_MANY", 10)
    made: list[Sender] = []

    class Kept(Sender):
        def __init__(self, *arguments: Any) -> None:
            super().__init__(*arguments)
            made.append(self)

    def breaks(*_: Any, **__: Any) -> None:
        raise DigestError("the disk is full")

    monkeypatch.setattr("digest.app.Sender", Kept)
    monkeypatch.setattr(deliver, "send_all", breaks)
    with sink.running() as server:
        from digest import app

        services = app.services(planned.services.home.folder, environ(server.port, DIGEST_DELIVER_PROCESSES="2"))
        with pytest.raises(DigestError, match="disk"):
            deliver.deliver(services)
        services.database.close()
    assert [each._process.poll() is not None for each in made] == [True]
