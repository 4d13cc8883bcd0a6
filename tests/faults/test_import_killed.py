"""`digest subscriber import` is killed again and again: run once more it goes on, and nobody is there twice.

IMPORT_KILLS and IMPORT_SEED choose how often and when.
"""

from __future__ import annotations

import csv
import os
import random
import signal
import sqlite3
import subprocess
import sys
import time
from collections import Counter
from pathlib import Path

import pytest

from tests.support.home import make_home

KILLS = int(os.environ.get("IMPORT_KILLS", "6"))
SEED = int(os.environ.get("IMPORT_SEED", "20261122"))
LINES = 6_000


def start(home: Path, *arguments: str) -> subprocess.Popen[str]:
    command = [sys.executable, "-m", "digest", "--home", str(home), *arguments]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def one(home: Path, query: str) -> int:
    connection = sqlite3.connect(home / "digest.db")
    found = connection.execute(query).fetchone()
    connection.close()
    return int(found[0]) if found and found[0] is not None else 0


@pytest.mark.slow
def test_each_line_is_done_once_whenever_an_import_is_killed(tmp_path: Path) -> None:
    print(f"IMPORT_SEED={SEED} IMPORT_KILLS={KILLS}")
    chance, home = random.Random(SEED), make_home(tmp_path / "home")
    made = start(home, "publication", "add", "news", "--every", "day")
    made.communicate(timeout=120)
    assert made.returncode == 0
    file, report = tmp_path / "people.csv", tmp_path / "report.csv"
    lines = [f"r{n}@example.org,vip" if n % 100 else f"nobody{n}," for n in range(1, LINES + 1)]
    file.write_text("email,tags\n" + "\n".join(lines) + "\n")
    command = ["subscriber", "import", str(file), "--publication", "news", "--basis", "x", "--report", str(report)]
    midway = 0
    for _ in range(KILLS):
        process, before = start(home, *command), one(home, "select line from import_run")
        wanted = min(before + chance.choice((1, 400, 900)), LINES - 500)  # lines, until it is killed
        while process.poll() is None and one(home, "select line from import_run") < wanted:
            time.sleep(0.005)
        time.sleep(chance.uniform(0, 0.05))
        midway += process.poll() is None
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=120)
        done = one(home, "select line from import_run")
        people = one(home, "select count(*) from subscriber")
        assert done >= before, "what was done is done again"
        assert people == one(home, "select added from import_run"), "what is counted is stored, and the other way round"
    assert midway, "no kill met an import that was still running"
    process = start(home, *command)
    said, wrong = process.communicate(timeout=300)
    assert process.returncode == 1, wrong
    assert "an earlier run was interrupted after" in said
    bad = LINES // 100
    for table in ("subscriber", "subscription", "subscription_event", "subscriber_tag"):
        assert one(home, f"select count(*) from {table}") == LINES - bad
    assert one(home, "select count(*) from import_run where ended_at is not null") == 1
    assert (one(home, "select added from import_run"), one(home, "select failed from import_run")) == (LINES - bad, bad)
    with report.open(newline="") as found:
        told = list(csv.DictReader(found))
    assert [int(row["line"]) for row in told] == list(range(2, LINES + 2)), "the report has each line once"
    assert Counter(row["outcome"] for row in told) == {"added": LINES - bad, "failed": bad}
    print(f"{KILLS} kills, {midway} midway")
