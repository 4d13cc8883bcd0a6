"""`digest serve` is killed again and again in the middle of a send: nobody is missed, and nobody is mailed
twice but where a final dot was in flight, and then with the same bytes."""

from __future__ import annotations

import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest

from digest.resources import seeds
from tests.support import sink

KILLS = int(os.environ.get("KILLS", "200"))
READERS = int(os.environ.get("READERS", "3500"))
CONNECTIONS = 2


def digest(home: Path, *arguments: str) -> None:
    command = [sys.executable, "-m", "digest", "--home", str(home), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)
    assert done.returncode == 0, done.stderr


def make_home(home: Path, port: int) -> None:
    digest(home, "init", str(home), "--from", "News <news@example.org>", "--transport", "smtp")
    with (home / "digest.toml").open("a") as file:
        file.write("[schedule]\ntick_seconds = 1\n")
    text = (home / "digest.toml").read_text().replace("[schedule]\n# tick", "# tick")
    text = text.replace("[smtp]\n", f'[smtp]\nport = {port}\nhost = "127.0.0.1"\n')
    text = text.replace("[mail]\n", f"[mail]\nconnections = {CONNECTIONS}\n")
    (home / "digest.toml").write_text(text)
    digest(home, "ingest", str(seeds()))
    digest(home, "publication", "add", "news", "--every", "day")
    rows = [f"reader{n}@example.org,{['nl', 'de', 'en'][n % 3]}" for n in range(READERS)]
    (home / "readers.csv").write_text("email,language\n" + "\n".join(rows) + "\n")
    digest(home, "subscriber", "import", str(home / "readers.csv"), "--publication", "news", "--basis", "x")
    digest(home, "edition", "publish", "news")


def states(home: Path) -> dict[str, int]:
    with sqlite3.connect(home / "digest.db") as connection:
        return dict(connection.execute("select state, count(*) from delivery group by state"))


def serve(home: Path) -> subprocess.Popen[bytes]:
    command = [sys.executable, "-m", "digest", "--home", str(home), "serve"]
    with (home / "serve.log").open("ab") as log:
        return subprocess.Popen(command, stdout=log, stderr=log)


@pytest.mark.slow
def test_nobody_is_missed_or_mailed_other_bytes_when_serve_is_killed(tmp_path: Path) -> None:
    chance = random.Random(20261120)
    # One dot in ten waits for a second or more, so that kills find dots in flight.
    with sink.running("-W", ".:1:10") as server:
        make_home(tmp_path, server.port)
        for _ in range(KILLS):
            process = serve(tmp_path)
            before = states(tmp_path).get("sent", 0)
            give_up = time.monotonic() + 20
            while (
                states(tmp_path).get("sent", 0) == before
                and time.monotonic() < give_up
                and states(tmp_path) != {"sent": READERS}
            ):
                time.sleep(0.02)
            time.sleep(chance.uniform(0, 0.25))
            process.send_signal(signal.SIGKILL)
            process.wait()
        in_the_middle = states(tmp_path)
        assert in_the_middle != {"sent": READERS}, "all was sent before the last kill: take more READERS"
        (tmp_path / "serve.log").unlink()
        process = serve(tmp_path)
        give_up = time.monotonic() + 300
        # It may find nothing left to do: then it must at least have begun before it can end politely.
        while states(tmp_path) != {"sent": READERS} or "Serving" not in (tmp_path / "serve.log").read_text():
            assert process.poll() is None, (tmp_path / "serve.log").read_text()
            assert time.monotonic() < give_up, states(tmp_path)
            time.sleep(0.2)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0
        received = server.received()

    assert states(tmp_path) == {"sent": READERS}
    mails = defaultdict(list)
    for mail in received:
        mails[mail.recipient].append(mail.message)
    assert set(mails) == {f"reader{n}@example.org" for n in range(READERS)}, "somebody was missed"
    repeated = {address: copies for address, copies in mails.items() if len(copies) > 1}
    for address, copies in repeated.items():
        assert len(set(copies)) == 1, f"{address} got two different mails"
    with sqlite3.connect(tmp_path / "digest.db") as connection:
        in_flight = "select delivery_id from delivery_event where after = 'uncertain'"
        rows = connection.execute(f"select address from delivery where id in ({in_flight})").fetchall()
        ambiguous = {address for (address,) in rows}
    assert set(repeated) <= ambiguous, "a repeat without a dot in flight"
    assert sum(len(c) - 1 for c in repeated.values()) <= KILLS * CONNECTIONS
    print(f"{KILLS} kills, {len(ambiguous)} dots in flight, {len(repeated)} repeats; before the end: {in_the_middle}")
