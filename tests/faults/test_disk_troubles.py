"""The disk is full, or does not keep what it is given, or somebody else holds the database: one clear line and a
non-zero exit; nothing counts as sent that was not; and when the trouble has passed, the next run sends the rest."""

from __future__ import annotations

import os
import shutil
import sqlite3
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from pathlib import Path

import pytest

from tests.support.disk import small_disk
from tests.support.planned import Case
from tests.support.relay import Relay, Taken
from tests.support.warm import Ended, Warm

READERS = 12
POLICIES = ("resend", "hold")
_ROOT = Path(__file__).resolve().parents[2]
Template = Callable[[int, str], Path]

pytestmark = pytest.mark.slow


def one_line(ended: Ended, words: str) -> None:
    assert ended.code not in (0, None), ended.said
    assert ended.said.startswith("digest: "), ended.said
    assert ended.said.count("\n") == 1, ended.said
    assert words in ended.said


def when_taken(relay: Relay, number: int, happens: Callable[[], None]) -> None:
    """Once, when the relay has taken so many messages. Until it has happened the relay answers nobody."""
    turn, todo = threading.Lock(), [happens]

    def on_dot(_taken: Taken) -> None:
        with turn:
            if len(relay.taken) >= number and todo:
                todo.pop()()

    relay.on_dot = on_dot


def shrink(home: Path) -> None:
    """Leave no free pages in the database, which could be used before it has to grow."""
    with closing(sqlite3.connect(home / "digest.db", isolation_level=None)) as connection:
        connection.execute("VACUUM")


@pytest.mark.parametrize("policy", POLICIES)
def test_the_database_may_not_grow(policy: str, warm: Warm, template: Template, tmp_path: Path) -> None:
    full = 0
    for pages in range(3):
        with Relay() as relay:
            home = tmp_path / f"pages{pages}"
            # So many that what is written down of them needs new pages.
            case = Case.copy(warm, relay, template(60, policy), home, policy=policy)
            shrink(home)
            ended = case.run(cli=["deliver"], extra_pages=pages)
            if ended.code != 0:
                full += 1
                one_line(ended, "the disk is full")
            case.finish()
            case.check(ambiguous=case.connections)
    assert full, "the database never was full: nothing was tried"


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("taken", [1, 5])
def test_the_disk_fills_up_on_the_way(policy: str, taken: int, warm: Warm, template: Template, tmp_path: Path) -> None:
    made = template(READERS, policy)
    size = sum(path.stat().st_size for path in made.rglob("*") if path.is_file()) // 1024
    with small_disk(tmp_path / "disk", kilobytes=size + 2000) as disk, Relay() as relay:
        case = Case.copy(warm, relay, made, disk / "home", policy=policy)
        ballast = disk / "ballast"

        def fill() -> None:
            with suppress(OSError), ballast.open("wb", buffering=0) as file:
                while True:
                    file.write(bytes(4096))

        when_taken(relay, taken, fill)
        sender = warm.start(case.folder, case.environ, cli=["deliver"])
        ended = warm.wait(sender)
        ballast.unlink()
        assert ended is not None
        assert ended.code == 1
        case.note(ended)
        case.finish()
        case.check(ambiguous=case.connections)


@contextmanager
def locked(home: Path) -> Iterator[None]:
    """Held by another process than the sender's: ours."""
    with closing(sqlite3.connect(home / "digest.db", isolation_level=None, check_same_thread=False)) as connection:
        connection.execute("BEGIN EXCLUSIVE")
        yield
        connection.execute("ROLLBACK")


BUSY = {"DIGEST_STORE_BUSY_SECONDS": "0.3"}


def test_a_database_that_is_locked_from_the_start(warm: Warm, template: Template, tmp_path: Path) -> None:
    with Relay() as relay:
        case = Case.copy(warm, relay, template(READERS, "resend"), tmp_path / "home", settings=BUSY)
        with locked(case.folder):
            one_line(case.run(cli=["deliver"]), "the database is locked by another process")
        assert relay.taken == []
        case.finish()
        case.check(ambiguous=0)


@pytest.mark.parametrize("policy", POLICIES)
def test_a_database_that_is_locked_on_the_way(policy: str, warm: Warm, template: Template, tmp_path: Path) -> None:
    with Relay() as relay:
        home = tmp_path / "home"
        case = Case.copy(warm, relay, template(READERS, policy), home, policy=policy, settings=BUSY)
        lock = locked(home)
        when_taken(relay, 4, lock.__enter__)
        ended = case.run(cli=["deliver"])
        one_line(ended, "the database is locked by another process")
        stopped = len(relay.taken)
        lock.__exit__(None, None, None)
        assert stopped <= 4 + case.connections, "it went on sending though nothing could be written down"
        case.finish()
        case.check(ambiguous=case.connections)


def test_a_lock_that_passes_is_only_waited_for(warm: Warm, template: Template, tmp_path: Path) -> None:
    with Relay() as relay:
        home = tmp_path / "home"
        case = Case.copy(warm, relay, template(READERS, "resend"), home)

        def hold() -> None:
            lock = locked(home)
            lock.__enter__()
            threading.Timer(0.8, lambda: lock.__exit__(None, None, None)).start()

        when_taken(relay, 4, hold)
        ended = case.run(cli=["deliver"])
        assert ended.code == 0, ended.said
        case.check(ambiguous=0)
        assert len(relay.taken) == READERS


@pytest.fixture(scope="module")
def shim(tmp_path_factory: pytest.TempPathFactory) -> Path:
    gcc = shutil.which("gcc")
    if gcc is None:
        pytest.skip("gcc is not installed: no fsync can be made to fail")
    library = tmp_path_factory.mktemp("shim") / "failing_sync.so"
    source = _ROOT / "tests" / "support" / "failing_sync.c"
    subprocess.run([gcc, "-shared", "-fPIC", "-O1", "-o", str(library), str(source), "-ldl"], check=True)
    return library


def preloaded(case: Case, shim: Path, **more: str) -> Ended:
    """The program in a process of its own, with our fsync in the way."""
    command = [sys.executable, "-m", "digest", "--home", str(case.folder), "deliver"]
    environ = {**os.environ, **case.environ, "LD_PRELOAD": str(shim), **more}
    done = subprocess.run(command, cwd=_ROOT, env=environ, capture_output=True, text=True, timeout=60, check=False)
    ended = Ended(done.returncode, done.stdout + done.stderr, [])
    case.note(ended)
    return ended


@pytest.mark.parametrize("policy", POLICIES)
def test_an_fsync_that_fails(policy: str, shim: Path, warm: Warm, template: Template, tmp_path: Path) -> None:
    made = template(READERS, policy)
    with Relay() as relay:
        case = Case.copy(warm, relay, made, tmp_path / "dry", policy=policy)
        assert preloaded(case, shim, SYNC_COUNT=str(tmp_path / "count")).code == 0
        case.check(ambiguous=0)
    calls = int((tmp_path / "count").read_text())
    assert calls > READERS / case.connections, "not every commit is made durable"
    failed = 0
    for number in (2, calls // 2, calls - 1):
        with Relay() as relay:
            case = Case.copy(warm, relay, made, tmp_path / f"from{number}", policy=policy)
            ended = preloaded(case, shim, SYNC_FAILS_FROM=str(number))
            if ended.code != 0:
                failed += 1
                one_line(ended, "disk I/O error")
            sent = {a for a, row in case.rows().items() if row.state == "sent"}
            assert len(relay.taken) - len(sent) <= case.connections, "it went on sending on a disk that keeps nothing"
            case.finish()
            case.check(ambiguous=case.connections)
    assert failed >= 2


def test_the_shim_is_in_the_way(shim: Path, tmp_path: Path) -> None:
    program = "import os, sys\nfor n in range(3):\n  try: os.fsync(1); print(n, 'kept')\n"
    program += "  except OSError as error: print(n, error.strerror)"
    environ = {**os.environ, "LD_PRELOAD": str(shim), "SYNC_FAILS_FROM": "2"}
    with (tmp_path / "out").open("w") as out:
        subprocess.run([sys.executable, "-c", program], env=environ, stdout=out, check=True)
    assert (tmp_path / "out").read_text().splitlines() == ["0 kept", "1 Input/output error", "2 Input/output error"]
