"""`digest fetch` is killed again and again while feeds change: each article is stored once, as it was told last, no
source remembers what was not stored, and no process stays behind. FETCH_KILLS and FETCH_SEED choose how often and what.
"""

from __future__ import annotations

import contextlib
import os
import random
import signal
import sqlite3
import subprocess
import sys
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from tests.support.home import make_home, word

KILLS = int(os.environ.get("FETCH_KILLS", "8"))
SEED = int(os.environ.get("FETCH_SEED", "20261121"))
SOURCES = 5
LONG = 3  # this one's body is read first and normalised in parts
MARK = "TEST_OF_FETCH"

Told = dict[int, int]  # number of an entry -> its version


@dataclass
class Feeds:
    """What each feed says, and has said under each of its ETags."""

    chance: random.Random
    now: list[Told] = field(default_factory=lambda: [{} for _ in range(SOURCES)])
    said: list[list[Told]] = field(default_factory=lambda: [[] for _ in range(SOURCES)])
    last: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def change(self) -> None:
        """New entries, updated ones, and the oldest drop off the end; a feed may also stay as it is."""
        with self.lock:
            for told in self.now:
                if told and self.chance.random() < 0.2:
                    continue
                for number in self.chance.sample(sorted(told), min(len(told), self.chance.randint(0, 3))):
                    told[number] += 1
                for _ in range(self.chance.randint(0, 4)):
                    self.last += 1
                    told[self.last] = 1
                for number in sorted(told)[:-15]:
                    del told[number]

    def answer(self, source: int) -> tuple[bytes, str]:
        """The body and its ETag."""
        with self.lock:
            told, said = dict(self.now[source]), self.said[source]
            if not said or said[-1] != told:
                said.append(told)
            return body(source, told), f'"{source}-{len(said) - 1}"'


def body(source: int, told: Told) -> bytes:
    order = sorted(told, reverse=True)
    items = "".join(item(number, told[number], 30_000 if source == LONG else 0) for number in order)
    return f"<rss version='2.0'><channel><title>Quay {source}</title>{items}</channel></rss>".encode()


def item(number: int, version: int, length: int) -> str:
    words = [word(number * 50 + n).capitalize() for n in range(9)]
    text = f"The {words[0]} of {words[1]} was opened by {words[2]} {words[3]} with {words[4]} and {words[5]}."
    text += "".join(f" Later {word(number * 50 + 10 + v)} wrote of {words[6]}." for v in range(version))
    text += "".join(f"\n<p>{word(number * 50)}{n} {word(number * 50 + n % 50)}.</p>" for n in range(length // 25))
    text = text.replace("<", "&lt;")
    title = f"{words[7]} {words[8]} N{number}V{version}"
    return f"<item><title>{title}</title><guid>n{number}</guid><description>{text}</description></item>"


@contextmanager
def serving(feeds: Feeds) -> Iterator[int]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            source = int(self.path.rpartition("/")[2])
            content, tag = feeds.answer(source)
            same = self.headers.get("If-None-Match") == tag
            time.sleep(0.02 * source)
            self.send_response(304 if same else 200)
            self.send_header("ETag", tag)
            self.send_header("Content-Length", "0" if same else str(len(content)))
            self.end_headers()
            if not same:
                half = len(content) // 2
                self.wfile.write(content[:half])
                time.sleep(0.02 * source)
                self.wfile.write(content[half:])

        def log_message(self, *_: Any) -> None:
            pass

        def handle(self) -> None:
            with contextlib.suppress(ConnectionError):  # the one who asked was killed
                super().handle()

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield server.server_port
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


@dataclass
class Home:
    folder: Path
    mark: str = field(default_factory=lambda: uuid.uuid4().hex)

    def start(self, *arguments: str) -> subprocess.Popen[bytes]:
        environ = os.environ | {
            "DIGEST_INGEST_ALLOW_PRIVATE": "true",
            "DIGEST_INGEST_HOST_SECONDS": "0",
            "DIGEST_INGEST_HOST_CONNECTIONS": "8",
            MARK: self.mark,
        }
        command = [sys.executable, "-m", "digest", "--home", str(self.folder), *arguments]
        with (self.folder / "fetch.log").open("ab") as log:
            return subprocess.Popen(command, stdout=log, stderr=log, env=environ)

    def run(self, *arguments: str) -> None:
        process = self.start(*arguments)
        assert process.wait(timeout=120) == 0, (self.folder / "fetch.log").read_text()[-3000:]

    def processes(self) -> list[int]:
        """Those that we started and their children: all that inherited the mark."""
        wanted, found = f"{MARK}={self.mark}".encode(), []
        for entry in Path("/proc").iterdir():
            if entry.name.isdigit():
                try:
                    environ = (entry / "environ").read_bytes()
                    alive = b") Z " not in (entry / "stat").read_bytes()
                except OSError:
                    continue
                if alive and wanted in environ.split(b"\0"):
                    found.append(int(entry.name))
        return found

    def rows(self, query: str) -> list[tuple[Any, ...]]:
        with sqlite3.connect(self.folder / "digest.db") as connection:
            found = connection.execute(query).fetchall()
        connection.close()
        return found


REVISIONS = """select source.name, article.external_id, revision.ordinal, revision.title
from revision join article on article.id = revision.article_id join source on source.id = article.source_id
order by article.id, revision.ordinal"""


def stored(home: Home) -> dict[tuple[int, int], int]:
    """(source, entry) -> its newest version; and that each stands there once, and never goes back."""
    versions: dict[tuple[int, int], list[int]] = {}
    for name, external, ordinal, title in home.rows(REVISIONS):
        number, version = map(int, title.rpartition("N")[2].split("V"))
        assert external == f"n{number}"
        mine = versions.setdefault((int(name[1:]), number), [])
        mine.append(version)
        assert ordinal == len(mine), f"{external} stands there twice, or lacks a revision"
    assert all(found == sorted(set(found)) for found in versions.values()), "a revision was written twice, or went back"
    assert home.rows("select count(*) from revision_body") == home.rows("select count(*) from revision")
    return {key: found[-1] for key, found in versions.items()}


def check(home: Home, feeds: Feeds) -> None:
    """What is remembered of a feed is stored, whenever the process was killed."""
    found = stored(home)
    for name, tag in home.rows("select name, json_extract(memory, '$.etag') from source"):
        if tag:
            source, place = map(int, tag.strip('"').split("-"))
            assert name == f"s{source}"
            for number, version in feeds.said[source][place].items():
                assert found.get((source, number), 0) >= version, f"{tag} is remembered, and n{number} is not stored"


def gone(home: Home) -> bool:
    give_up = time.monotonic() + 10
    while home.processes():
        if time.monotonic() > give_up:
            return False
        time.sleep(0.05)
    return True


@pytest.mark.slow
@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="processes are found by /proc, which is not here")
def test_each_article_is_stored_once_whenever_a_fetch_is_killed(tmp_path: Path) -> None:
    print(f"FETCH_SEED={SEED} FETCH_KILLS={KILLS}")
    chance = random.Random(SEED)
    home, feeds = Home(make_home(tmp_path / "home")), Feeds(chance)
    feeds.change()
    with serving(feeds) as port:
        for source in range(SOURCES):
            at = f"http://127.0.0.1:{port}/{source}"
            home.run("source", "add", "--kind", "feed", at, "--name", f"s{source}")
        begun = time.monotonic()
        home.run("fetch", "--all")
        whole = time.monotonic() - begun
        owed = {(source, number) for source, told in enumerate(feeds.now) for number in told}
        assert stored(home).keys() == owed
        midway = with_children = 0
        for _ in range(KILLS):
            feeds.change()
            before = stored(home)
            runs = [home.start("fetch", "--all") for _ in range(chance.choice((1, 1, 1, 2)))]
            time.sleep(whole * chance.uniform(0.3, 1.3))
            victim = chance.choice(runs)
            with_children += len(home.processes()) > len(runs)
            midway += victim.poll() is None
            victim.send_signal(signal.SIGKILL)
            for process in runs:
                code = process.wait(timeout=120)
                assert process is victim or code == 0, (home.folder / "fetch.log").read_text()[-3000:]
                if code == 0:
                    owed |= {(source, number) for source, told in enumerate(feeds.now) for number in told}
            assert gone(home), "processes stay behind"
            check(home, feeds)
            after = stored(home)
            assert all(after.get(key, 0) >= version for key, version in before.items()), "what was stored is gone"
        home.run("fetch", "--all")
        assert gone(home)
    found = stored(home)
    for source, told in enumerate(feeds.now):
        assert {number: found.get((source, number)) for number in told} == told, "told last is stored last"
    assert owed <= found.keys(), "an article is lost"
    assert midway, "no kill met a fetch that was still running"
    print(
        f"{KILLS} kills, {midway} midway, {with_children} with children; {len(found)} articles; a fetch: {whole:.1f} s"
    )
