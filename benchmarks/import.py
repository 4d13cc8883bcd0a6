"""How fast subscribers are taken in from a file, with bad lines among them, and how much memory that takes.

    python benchmarks/import.py [LINES] [--bad PERCENT] [--rounds N]

The file has LINES lines (default 100,000) of an address, a name, topics and tags; PERCENT of them (1) are broken in one
of five ways. Beside `digest subscriber import` stands a bare loop of the standard library (`csv` and one `executemany`
for each table, one transaction, no checks, no history) that writes the same good rows: what a script of one's own would
do. Whole processes are timed by the clock on the wall; memory is the most that each has held. Then the same command
once more, when everybody is known, an import that is killed in the middle and goes on, and searches.
"""

from __future__ import annotations

import argparse
import csv
import os
import resource
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tables import show

CHECKOUT = Path(__file__).resolve().parents[1]
_HEAD = "email,name,topics,tags,zone,state"
_BAD = ("no address,,,,,", 'reader{n}@example.org,"open,,,,', "reader{n}@example.org,,,,Nowhere/Land,",
        "reader{n}@example.org,,,,,asleep", "reader{n}@example.org,,no such topic,,,")  # fmt: skip
_PEER = """
import csv, sqlite3, sys
base = sqlite3.connect(sys.argv[2])
base.execute("pragma journal_mode=wal")
base.execute("pragma synchronous=full")
base.execute("create table subscriber (id integer primary key, email text, key text unique, name text)")
base.execute("create table subscription (id integer primary key, subscriber integer, topics text, state text)")
base.execute("create table tag (subscriber integer, tag text, primary key (subscriber, tag))")
rows = []
with open(sys.argv[1], newline="") as file:
    for row in csv.DictReader(file):
        if "@" in row["email"] and row["zone"] != "Nowhere/Land" and not row["state"]:
            rows.append((len(rows) + 1, row["email"], row["name"], row["topics"], row["tags"]))
with base:
    base.executemany("insert or ignore into subscriber values (?, ?, lower(?2), ?)", [r[:3] for r in rows])
    base.executemany("insert into subscription values (?, ?1, ?, 'active')", [(r[0], r[3]) for r in rows])
    base.executemany("insert into tag values (?, ?)", [(r[0], t) for r in rows for t in r[4].split(";") if t])
print(len(rows))
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds on the wall and of the processor, the most bytes at a time, and what was printed."""

    wall: float
    processor: float
    memory: int
    said: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("lines", nargs="?", type=int, default=100_000)
    parser.add_argument("--bad", type=float, default=1.0, metavar="PERCENT")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="digest-import-") as folder:
        measure(Path(folder), options)


def measure(place: Path, options: argparse.Namespace) -> None:
    file = place / "people.csv"
    bad = write(file, options.lines, options.bad)
    ours, again, peers = [], [], []
    for round_ in range(options.rounds):
        home = make_home(place / f"home{round_}")
        ours.append(timed(importing(home, file, place / "report.csv"), allowed=(0, 1)))
        check_report(place / "report.csv", options.lines, bad)
        again.append(timed(importing(home, file), allowed=(0, 1)))
        peers.append(timed([sys.executable, "-c", _PEER, str(file), str(place / f"peer{round_}.db")]))
    told = ["what", "seconds", "processor, s", "lines/s", "times ours", "memory, MiB"]
    mine = statistics.median(run.wall for run in ours)
    rows = [row(*each, options.lines, mine) for each in (
        ("digest subscriber import", ours), ("the same, everybody known", again), ("csv and sqlite3 alone", peers)
    )]  # fmt: skip
    show(f"{options.lines:,} lines, {bad:,} of them bad", told, rows)
    print(f"\n{ours[0].said.strip()}\nonce more: {again[0].said.strip()}")
    resumed(place, file, mine)
    searches(place / "home0")


def write(file: Path, lines: int, percent: float) -> int:
    """How many are bad."""
    every = round(100 / percent) if percent else lines + 1
    bad = 0
    with file.open("w") as out:
        print(_HEAD, file=out)
        for n in range(1, lines + 1):
            if n % every == 0:
                print(_BAD[bad % len(_BAD)].format(n=n), file=out)
                bad += 1
            else:
                topics, tags = ("sport;politics" if n % 3 == 0 else ""), ("vip;book club" if n % 10 == 0 else "")
                print(f"reader{n}@mail{n % 500}.example.org,Reader Nr {n},{topics},{tags},,", file=out)
    return bad


def make_home(home: Path) -> Path:
    run = [sys.executable, "-m", "digest", "--home", str(home)]
    timed([*run, "init", str(home), "--from", "News <news@example.org>", "--transport", "maildir"])
    timed([*run, "publication", "add", "news", "--every", "day"])
    return home


def importing(home: Path, file: Path, report: Path | None = None) -> list[str]:
    command = [sys.executable, "-m", "digest", "--home", str(home), "subscriber", "import", str(file)]
    command += ["--publication", "news", "--basis", "a benchmark"]
    return [*command, "--report", str(report)] if report else command


def timed(command: Sequence[str], allowed: Sequence[int] = (0,)) -> Run:
    begin = time.perf_counter()
    with tempfile.TemporaryFile("w+") as output:
        process = subprocess.Popen(command, stdout=output, stderr=subprocess.DEVNULL, env=environment())
        _, status, used = os.wait4(process.pid, 0)
        process.returncode = os.waitstatus_to_exitcode(status)
        wall = time.perf_counter() - begin
        output.seek(0)
        said = output.read()
    if process.returncode not in allowed:
        raise SystemExit(f"{' '.join(command[:4])} … ended with {process.returncode}")
    return Run(wall, used.ru_utime + used.ru_stime, memory_of(used), said)


def memory_of(used: resource.struct_rusage) -> int:
    return used.ru_maxrss * (1 if sys.platform == "darwin" else 1024)


def environment() -> dict[str, str]:
    return os.environ | {"PYTHONPATH": str(CHECKOUT)}


def check_report(report: Path, lines: int, bad: int) -> None:
    with report.open(newline="") as file:
        found = Counter(row["outcome"] for row in csv.DictReader(file))
    if found != {"added": lines - bad, "failed": bad}:
        raise SystemExit(f"the report tells of {dict(found)}, not of {lines - bad} added and {bad} failed")


def row(name: str, runs: Sequence[Run], lines: int, mine: float) -> list[str]:
    wall = statistics.median(run.wall for run in runs)
    memory = statistics.median(run.memory for run in runs)
    processor = statistics.median(run.processor for run in runs)
    return [
        name,
        f"{wall:.1f}",
        f"{processor:.1f}",
        f"{lines / wall:,.0f}",
        f"{wall / mine:.2f}",
        f"{memory / 2**20:,.0f}",
    ]


def resumed(place: Path, file: Path, whole: float) -> None:
    """Killed halfway, and once more: nobody is there twice."""
    home = make_home(place / "killed")
    process = subprocess.Popen(importing(home, file), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
                               env=environment())  # fmt: skip
    time.sleep(whole / 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    rest = timed(importing(home, file), allowed=(0, 1))
    base = sqlite3.connect(home / "digest.db")
    people, orders = (base.execute(f"select count(*) from {t}").fetchone()[0] for t in ("subscriber", "subscription"))
    base.close()
    print(f"killed after {whole / 2:.1f} s, the rest took {rest.wall:.1f} s: {rest.said.strip()}")
    print(f"then there are {people:,} people with {orders:,} subscriptions")


def searches(home: Path) -> None:
    asked = {
        "nothing": [],
        "--search 'NR 4711'": ["--search", "NR 4711"],
        "--tag vip": ["--tag", "vip"],
        "--since 2020": ["--since", "2020"],
        "--state active --lang en --zone UTC": ["--state", "active", "--lang", "en", "--zone", "UTC"],
    }
    run = [sys.executable, "-m", "digest", "--home", str(home), "subscriber", "list", "--count"]
    rows = []
    for name, arguments in asked.items():
        found = min((timed([*run, *arguments]) for _ in range(3)), key=lambda r: r.wall)
        rows.append([name, found.said.strip(), f"{found.wall:.2f}", f"{found.processor:.2f}"])
    show("subscriber list --count, whole processes", ["with", "found", "seconds", "processor, s"], rows)


if __name__ == "__main__":
    main()
