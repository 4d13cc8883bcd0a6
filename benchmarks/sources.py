"""How fast many feeds are taken in, beside two programs that people would take instead, in one run.

    python benchmarks/sources.py [FEEDS] [--entries N] [--latency MS] [--peers FOLDER] [--rounds N]

A server on this machine has FEEDS feeds (default 1,000) of N entries (30). Each program starts with an empty store that
knows the feeds, reads them all (cold), and reads them again when nothing has changed (warm: all 304). Whole processes
are timed, from start to end, by the clock on the wall; memory is that of the process and all its children, the highest
of many looks. FOLDER is a virtual environment with `reader` and `rss2email`; without it only we are timed.
"""

from __future__ import annotations

import argparse
import json
import os
import signal
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tables import show

CHECKOUT = Path(__file__).resolve().parents[1]
_READER = """
import sys
from reader import make_reader
with make_reader(sys.argv[1]) as reader:
    for url in sys.argv[3:]:
        reader.add_feed(url, exist_ok=True)
    if sys.argv[2] == "update":
        for result in reader.update_feeds_iter(scheduled=False, workers=int({workers})):
            if isinstance(result.value, Exception):
                raise result.value
        print(reader.get_entry_counts().total)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds on the wall, seconds of the processor, and the most bytes at a time."""

    wall: float
    processor: float
    memory: int


@dataclass(frozen=True, slots=True)
class Program:
    """`prepare` makes an empty store that knows the feeds; `command` reads them all; `count` says how many entries
    it has then."""

    name: str
    prepare: Callable[[Path], None]
    command: Callable[[Path], Sequence[str]]
    count: Callable[[Path], int]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("feeds", nargs="?", type=int, default=1000)
    parser.add_argument("--entries", type=int, default=30)
    parser.add_argument("--latency", type=float, default=0.0, metavar="MS", help="of each answer")
    parser.add_argument("--peers", type=Path, metavar="FOLDER", help="a virtual environment with reader and rss2email")
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    with serving(options.feeds, options.entries, options.latency) as (port, size):
        urls = [f"http://127.0.0.1:{port}/feed/{number}.xml" for number in range(options.feeds)]
        programs = [ours(urls), *(peers(options.peers.absolute(), urls) if options.peers else ())]
        measure(programs, options, size)


def measure(programs: Sequence[Program], options: argparse.Namespace, size: int) -> None:
    wanted = options.feeds * options.entries
    found: dict[str, list[tuple[Run, Run]]] = {program.name: [] for program in programs}
    for _ in range(options.rounds):
        for program in programs:
            with tempfile.TemporaryDirectory(prefix="digest-sources-") as folder:
                place = Path(folder)
                program.prepare(place)
                cold = timed(program.command(place), place)
                if (there := program.count(place)) != wanted:
                    raise SystemExit(f"{program.name} has {there} entries, not {wanted}")
                found[program.name].append((cold, timed(program.command(place), place)))
                print(f"  {program.name}: cold {cold.wall:.1f} s, warm {found[program.name][-1][1].wall:.1f} s",
                      file=sys.stderr, flush=True)  # fmt: skip
    mine = _medians(found[programs[0].name])
    rows = [_row(program.name, _medians(found[program.name]), mine, wanted) for program in programs]
    late = f", {options.latency:g} ms late" if options.latency else ""
    show(
        f"{options.feeds:,} feeds of {options.entries} entries, {size / 1000:.0f} KB each{late}",
        ["program", "cold, s", "processor, s", "entries/s", "times ours", "memory, MiB", "warm, s", "times ours, warm"],
        rows,
    )


def _row(name: str, runs: tuple[Run, Run], mine: tuple[Run, Run], entries: int) -> list[str]:
    cold, warm = runs
    told = [name, f"{cold.wall:.1f}", f"{cold.processor:.1f}", f"{entries / cold.wall:,.0f}"]
    told += [f"{cold.wall / mine[0].wall:.1f}", f"{cold.memory / 2**20:,.0f}"]
    return [*told, f"{warm.wall:.1f}", f"{warm.wall / mine[1].wall:.1f}"]


def _medians(runs: Sequence[tuple[Run, Run]]) -> tuple[Run, Run]:
    cold, warm = (_median(part) for part in zip(*runs, strict=True))
    return cold, warm


def _median(runs: Sequence[Run]) -> Run:
    wall, processor, memory = zip(*((r.wall, r.processor, r.memory) for r in runs), strict=True)
    return Run(statistics.median(wall), statistics.median(processor), int(statistics.median(memory)))


@contextmanager
def serving(feeds: int, entries: int, latency: float) -> Iterator[tuple[int, int]]:
    """The server's port, and the mean size of a feed."""
    command = [sys.executable, str(Path(__file__).with_name("feed_server.py")), str(feeds), str(entries), str(latency)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as server:
        try:
            assert server.stdout
            line = server.stdout.readline().split()
            if len(line) != 2:
                raise SystemExit("the server of feeds did not start")
            yield int(line[0]), int(line[1])
        finally:
            server.terminate()


def timed(command: Sequence[str], folder: Path) -> Run:
    """Raises CalledProcessError where the program fails."""
    begin = time.perf_counter()
    with (folder / "output").open("w+b") as output:
        process = subprocess.Popen(
            command, cwd=folder, stdout=output, stderr=output, start_new_session=True, env=_environment(folder)
        )
        watch = Watch(process.pid)
        watch.start()
        process.wait()
        end = time.perf_counter()
        watch.stop()
        output.seek(0)
        if process.returncode:
            raise SystemExit(f"{command[0]}: {output.read()[-2000:].decode(errors='replace')}")
    return Run(end - begin, watch.processor, watch.most)


def _environment(folder: Path) -> dict[str, str]:
    own = {"HOME": str(folder), "XDG_CONFIG_HOME": str(folder), "XDG_DATA_HOME": str(folder)}
    # What is installed has been compiled, and a checkout that runs for the second time too.
    return {name: value for name, value in os.environ.items() if name != "PYTHONDONTWRITEBYTECODE"} | own


class Watch(threading.Thread):
    """Looks at a session's processes: their memory (proportional share of what they have in common), and the
    processor's time of each as it was last seen, for not all of them are waited for by their parents."""

    def __init__(self, session: int) -> None:
        super().__init__(daemon=True)
        self.most = 0
        self._ticks: dict[str, int] = {}
        self._session, self._end = session, threading.Event()

    def run(self) -> None:
        while not self._end.wait(0.1):
            there = list(self._processes())
            self.most = max(self.most, sum(map(_memory, there)))
            self._ticks |= {process.name: ticks for process in there if (ticks := _ticks(process))}

    @property
    def processor(self) -> float:
        """Seconds."""
        return sum(self._ticks.values()) / os.sysconf("SC_CLK_TCK")

    def stop(self) -> None:
        self._end.set()
        self.join()

    def _processes(self) -> Iterator[Path]:
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    if os.getsid(int(entry.name)) == self._session:
                        yield entry
                except ProcessLookupError:
                    continue


def _memory(process: Path) -> int:
    try:
        lines = (process / "smaps_rollup").read_text(encoding="ascii").splitlines()
    except OSError:  # it has just ended
        return 0
    return sum(1024 * int(line.split()[1]) for line in lines if line.startswith("Pss:"))


def _ticks(process: Path) -> int:
    try:
        told = (process / "stat").read_text(encoding="utf-8", errors="replace").rpartition(")")[2].split()
    except OSError:
        return 0
    return int(told[11]) + int(told[12])


def ours(urls: Sequence[str]) -> Program:
    digest = [sys.executable, "-m", "digest"]

    def prepare(folder: Path) -> None:
        from digest import app
        from digest.pipeline import sources

        app.init(folder / "home", sender="digest@example.org", transport="console", environ={})
        settings = folder / "home" / "digest.toml"
        text = settings.read_text(encoding="utf-8")
        # One server stands for as many hosts as there are feeds, so turns at a host are left out.
        said = "[ingest]\nallow_private = true\nhost_seconds = 0\nhost_connections = 1000\n"
        settings.write_text(text.replace("[ingest]\n", said), encoding="utf-8")
        services = app.services(folder / "home", environ={})
        for number, url in enumerate(urls):
            sources.add(services, sources.Asked("feed", url, name=f"paper{number}"))
        services.database.close()

    def count(folder: Path) -> int:
        return _number(folder / "home" / "digest.db", "select count(*) from article")

    return Program("digest", prepare, lambda folder: [*digest, "--home", str(folder / "home"), "fetch", "--all"], count)


def peers(venv: Path, urls: Sequence[str]) -> list[Program]:
    python, r2e = str(venv / "bin" / "python"), str(venv / "bin" / "r2e")
    script = _READER.format(workers=os.cpu_count() or 1)

    def add_to_reader(folder: Path) -> None:
        subprocess.run([python, "-c", script, "reader.db", "add", *urls], cwd=folder, check=True)

    def add_to_rss2email(folder: Path) -> None:
        run = [r2e, "-c", "rss2email.cfg", "-d", "rss2email.json"]
        environment = _environment(folder)
        subprocess.run([*run, "new", "reader@example.org"], cwd=folder, check=True, env=environment)
        # What `r2e add` writes, without starting it a thousand times.
        with (folder / "rss2email.cfg").open("a", encoding="utf-8") as file:
            file.writelines(f"\n[feed.paper{number}]\nurl = {url}\n" for number, url in enumerate(urls))

    def seen(folder: Path) -> int:
        feeds = json.loads((folder / "rss2email.json").read_text(encoding="utf-8"))["feeds"]
        return sum(len(feed["seen"]) for feed in feeds)

    return [
        Program(
            "reader",
            add_to_reader,
            lambda _: [python, "-c", script, "reader.db", "update"],
            lambda folder: _number(folder / "reader.db", "select count(*) from entries"),
        ),
        Program(
            "rss2email",
            add_to_rss2email,
            lambda _: [r2e, "-c", "rss2email.cfg", "-d", "rss2email.json", "run", "--no-send"],
            seen,
        ),
    ]


def _number(database: Path, query: str) -> int:
    connection = sqlite3.connect(database)
    try:
        return int(connection.execute(query).fetchone()[0])
    finally:
        connection.close()


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    main()
