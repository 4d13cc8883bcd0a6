"""How fast one-click unsubscribes are taken, each on disk before it is answered.

    python benchmarks/web.py [CLICKS] [--clients N] [--rounds N]

CLICKS readers (default 10,000) are unsubscribed by one POST each (RFC 8058), over N connections (32) that stay open.
Beside `digest web` stands what one would write for it in an afternoon, on the same libraries: a Starlette application
with one route that checks an HMAC and commits two rows to SQLite, under the same PRAGMAs. Server and clients share the
machine. Afterwards the books are read: each 200 must stand there, once.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import socket
import sqlite3
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

sys.path.insert(0, str(Path(__file__).parent))
from tables import show

CHECKOUT = Path(__file__).resolve().parents[1]
_BODY = b"List-Unsubscribe=One-Click"
_PEER = """
import hmac, sqlite3, sys, threading
import anyio.to_thread, uvicorn
from starlette.applications import Starlette
from starlette.responses import PlainTextResponse
from starlette.routing import Route
base, turn = sqlite3.connect(sys.argv[1], check_same_thread=False, isolation_level=None), threading.Lock()
base.execute("pragma journal_mode=wal")
base.execute("pragma synchronous=full")
base.execute("create table reader (id integer primary key, state text)")
base.execute("create table event (id integer primary key, reader integer, after text)")
base.execute("begin")
base.executemany("insert into reader values (?, 'active')", [(n,) for n in range(1, int(sys.argv[3]) + 1)])
base.execute("commit")
def end(number):
    with turn:
        base.execute("begin immediate")
        base.execute("update reader set state = 'unsubscribed' where id = ?", (number,))
        base.execute("insert into event (reader, after) values (?, 'unsubscribed')", (number,))
        base.execute("commit")
async def answer(request):
    number, _, mac = request.path_params["token"].partition(".")
    good = hmac.new(b"benchmark", number.encode(), "sha256").hexdigest()
    if not hmac.compare_digest(mac, good) or b"One-Click" not in await request.body():
        return PlainTextResponse("no", 404)
    await anyio.to_thread.run_sync(end, int(number))
    return PlainTextResponse("You are unsubscribed")
app = Starlette(routes=[Route("/u/{token}", answer, methods=["POST"])])
uvicorn.run(app, port=int(sys.argv[2]), log_level="error", loop="asyncio", http="h11", access_log=False)
"""


@dataclass(frozen=True, slots=True)
class Run:
    """Seconds in all, and of each request."""

    wall: float
    waits: list[float]

    def at(self, share: float) -> float:
        """Milliseconds within which so many were answered."""
        return sorted(self.waits)[min(len(self.waits) - 1, int(share * len(self.waits)))] * 1000


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("clicks", nargs="?", type=int, default=10_000)
    parser.add_argument("--clients", type=int, default=32)
    parser.add_argument("--rounds", type=int, default=1)
    options = parser.parse_args()
    ours, peers = [], []
    for _ in range(options.rounds):
        with tempfile.TemporaryDirectory(prefix="digest-web-") as folder:
            ours.append(digest(Path(folder) / "home", options.clicks, options.clients))
        with tempfile.TemporaryDirectory(prefix="digest-web-") as folder:
            peers.append(peer(Path(folder) / "peer.db", options.clicks, options.clients))
    told = ["what", "a second", "half within, ms", "99 % within, ms", "all within, ms"]
    rows = [row("digest web", ours), row("Starlette and sqlite3 alone", peers)]
    show(f"{options.clicks:,} one-click POSTs over {options.clients} connections", told, rows)


def row(name: str, runs: Sequence[Run]) -> tuple[object, ...]:
    rate = statistics.median(len(run.waits) / run.wall for run in runs)
    within = [f"{statistics.median(run.at(share) for run in runs):.0f}" for share in (0.5, 0.99, 1.0)]
    return (name, f"{rate:,.0f}", *within)


def digest(home: Path, clicks: int, clients: int) -> Run:
    run = [sys.executable, "-m", "digest", "--home", str(home)]
    command([*run, "init", str(home), "--from", "News <news@example.org>", "--transport", "maildir"])
    command([*run, "publication", "add", "news", "--every", "day"])
    people = home / "people.csv"
    people.write_text("email\n" + "".join(f"reader{n}@example.org\n" for n in range(clicks)))
    command([*run, "subscriber", "import", str(people), "--publication", "news", "--basis", "a benchmark"])
    from digest.audience import tokens
    from digest.home import read_home
    from digest.pipeline.envelope import UNSUBSCRIBE

    secret = read_home(home, {}).secret()
    paths = [f"/u/{tokens.sign(secret, UNSUBSCRIBE, str(n))}" for n in range(1, clicks + 1)]
    found = served([*run, "web"], paths, clients)
    count(home / "digest.db", "select count(distinct subscription_id), count(*) from subscription_event "
          "where action = 'unsubscribe' and via = 'one-click'", clicks)  # fmt: skip
    return found


def peer(file: Path, clicks: int, clients: int) -> Run:
    import hmac

    macs = [hmac.new(b"benchmark", str(n).encode(), "sha256").hexdigest() for n in range(1, clicks + 1)]
    paths = [f"/u/{n}.{mac}" for n, mac in enumerate(macs, 1)]
    found = served([sys.executable, "-c", _PEER, str(file), "PORT", str(clicks)], paths, clients)
    count(file, "select count(distinct reader), count(*) from event", clicks)
    return found


def count(file: Path, query: str, clicks: int) -> None:
    with sqlite3.connect(file) as base:
        found = base.execute(query).fetchone()
    if found != (clicks, clicks):
        raise SystemExit(f"{file.name}: {clicks} were answered, and these are on disk: {found}")


def command(words: Sequence[str]) -> None:
    subprocess.run(words, check=True, stdout=subprocess.DEVNULL, env=environment())


def environment(**more: str) -> dict[str, str]:
    kept = {name: value for name, value in os.environ.items() if not name.startswith("DIGEST_")}
    return {**kept, "PYTHONPATH": str(CHECKOUT), **more}


def served(words: Sequence[str], paths: Sequence[str], clients: int) -> Run:
    """All of these asked of a server that is started for it, and killed afterwards: what it promised must be there."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command_ = [str(port) if word == "PORT" else word for word in words]
    process = subprocess.Popen(command_, stdout=subprocess.DEVNULL, env=environment(DIGEST_WEB_PORT=str(port)))
    try:
        give_up = time.monotonic() + 60
        while not answers(port):
            if process.poll() is not None or time.monotonic() > give_up:
                raise SystemExit(f"{words[2]} does not answer")
            time.sleep(0.05)
        return asyncio.run(asked(port, paths, clients))
    finally:
        process.send_signal(signal.SIGKILL)
        process.wait()


def answers(port: int) -> bool:
    with socket.socket() as line:
        return line.connect_ex(("127.0.0.1", port)) == 0


async def asked(port: int, paths: Sequence[str], clients: int) -> Run:
    waits: list[float] = []
    todo = iter(paths)

    async def client() -> None:
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        for path in todo:
            began = time.perf_counter()
            head = f"POST {path} HTTP/1.1\r\nHost: a\r\nContent-Type: application/x-www-form-urlencoded\r\n"
            writer.write(f"{head}Content-Length: {len(_BODY)}\r\n\r\n".encode() + _BODY)
            await answered(reader, path)
            waits.append(time.perf_counter() - began)
        writer.close()

    began = time.perf_counter()
    await asyncio.gather(*(client() for _ in range(clients)))
    return Run(time.perf_counter() - began, waits)


async def answered(reader: asyncio.StreamReader, path: str) -> None:
    head = await reader.readuntil(b"\r\n\r\n")
    if not head.startswith(b"HTTP/1.1 200 "):
        raise SystemExit(f"{path}: {head.splitlines()[0].decode()}")
    length = next(line for line in head.lower().splitlines() if line.startswith(b"content-length:"))
    await reader.readexactly(int(length.partition(b":")[2]))


if __name__ == "__main__":
    main()
