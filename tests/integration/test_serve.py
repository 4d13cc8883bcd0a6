"""digest serve: a process of its own, with a clock that can be set to just before a slot"""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path

import pytest

from tests.support import desk
from tests.support.desk import Desk
from tests.support.home import token

A = "a@example.org"
SLOT = datetime(2024, 3, 4, 6, 0, tzinfo=UTC)  # seven in Brussels, a Monday
BEFORE, AFTER = SLOT.replace(hour=5, minute=59, second=58), SLOT.replace(minute=1)

#: `digest serve` with the time of day that is given, from where it goes on as clocks do.
_PROGRAM = """
import sys
from datetime import datetime
import time_machine
from digest.cli.main import run
with time_machine.travel(datetime.fromisoformat(sys.argv[2]), tick=True):
    sys.exit(run(["--home", sys.argv[1], "serve"]))
"""

#: The same, with a fault in every pass for as long as the home has a file of this name.
_FAULT = "fault"
_FAULTY = (
    """
import sys
from pathlib import Path
from digest.pipeline import compose, group

def faulty(original):
    def stand_in(*args, **kwargs):
        if (Path(sys.argv[1]) / "fault").exists():
            raise ZeroDivisionError("by design")
        return original(*args, **kwargs)
    return stand_in

compose.Composer.compose = faulty(compose.Composer.compose)
group.group = faulty(group.group)
"""
    + _PROGRAM
)


@dataclass
class Servers:
    """Starts `digest serve`; whatever still runs at the end is killed."""

    home: Path
    started: list[subprocess.Popen[bytes]] = field(default_factory=list)

    def start(self, at: datetime, program: str = _PROGRAM) -> subprocess.Popen[bytes]:
        environ = {**os.environ, "DIGEST_SCHEDULE_TICK_SECONDS": "1"}
        command = [sys.executable, "-c", program, str(self.home), at.isoformat()]
        with (self.home / "serve.log").open("ab") as log:
            process = subprocess.Popen(command, stdout=log, stderr=log, env=environ)
        self.started.append(process)
        return process

    def log(self) -> list[str]:
        path = self.home / "serve.log"
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def wait_for(self, what: Callable[[], object], process: subprocess.Popen[bytes]) -> None:
        give_up = time.monotonic() + 120
        while not what():
            assert process.poll() is None, self.log()
            assert time.monotonic() < give_up, self.log()
            time.sleep(0.02)

    def is_ready(self, number: int = 1) -> Callable[[], bool]:
        return lambda: sum(line.startswith("Serving ") for line in self.log()) == number


def end(process: subprocess.Popen[bytes], number: int = signal.SIGTERM) -> int:
    process.send_signal(number)
    return process.wait(timeout=10)


@pytest.fixture
def digest(
    tmp_path: Path, empty_home: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> Desk:
    """One reader, one article of news, and a slot two seconds after BEFORE."""
    made = desk.set_up(tmp_path / "home", empty_home, capsys, monkeypatch)
    made.clock.now = SLOT.replace(hour=3)
    made.well("publication", "add", "p", "--every", "day", "--at", "07:00", "--zone", "Europe/Brussels")
    made.well("subscriber", "add", "--basis", "form", A, "--publication", "p")
    made.news(1)
    return made


@pytest.fixture
def servers(digest: Desk) -> Iterator[Servers]:
    made = Servers(digest.home)
    yield made
    for process in made.started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.wait()


def editions(digest: Desk) -> list[str]:
    return [e["edition"] for e in digest.well("edition", "list", "--json").json]


def test_it_publishes_and_delivers_once_when_the_slot_has_come(digest: Desk, servers: Servers) -> None:
    process = servers.start(BEFORE)
    servers.wait_for(servers.is_ready(), process)
    assert digest.mails() == []
    servers.wait_for(digest.mails, process)
    time.sleep(1.5)  # a tick or two more
    assert end(process) == 0
    assert editions(digest) == ["p/day/1"]
    assert digest.states() == [(A, "sent")]
    (mail,) = digest.mails(A)
    assert token(1) in desk.text_of(mail)
    first, *passes, last = servers.log()
    assert first == f"Serving {digest.home}, a pass every 1 seconds. Ctrl-C ends it."
    assert [line.split(" ", 2)[2] for line in passes] == ["p/day/1: 1 mail planned (1 variant).", "Mails: 1 sent."]
    assert passes[0].startswith("2024-03-04 06:00:0"), "each line has its time"
    assert last == "Stopped."


def test_only_one_serves_a_home(digest: Desk, servers: Servers) -> None:
    first = servers.start(BEFORE)
    servers.wait_for(servers.is_ready(), first)
    digest.well("subscriber", "add", "--basis", "form", "b@example.org", "--publication", "p")
    command = [sys.executable, "-m", "digest", "--home", str(digest.home), "serve"]
    second = subprocess.run(command, capture_output=True, text=True, timeout=30, check=False)
    assert (second.returncode, second.stdout) == (1, "")
    assert second.stderr.count("\n") == 1
    assert f"another digest process (pid {first.pid}) is at it" in second.stderr
    servers.wait_for(lambda: len(digest.mails()) == 2, first)
    assert end(first, signal.SIGINT) == 0
    third = servers.start(AFTER)
    servers.wait_for(servers.is_ready(2), third)
    assert end(third) == 0


def test_killed_before_the_slot_it_publishes_late_and_once(digest: Desk, servers: Servers) -> None:
    process = servers.start(BEFORE.replace(minute=50))
    servers.wait_for(servers.is_ready(), process)
    assert end(process, signal.SIGKILL) == -signal.SIGKILL
    assert editions(digest) == []
    process = servers.start(AFTER.replace(hour=8))
    servers.wait_for(digest.mails, process)
    time.sleep(1.2)
    assert end(process) == 0
    assert editions(digest) == ["p/day/1"]
    assert len(digest.mails(A)) == 1
    (edition,) = digest.well("edition", "list", "--json").json
    assert edition["lateness"] == "late"


def test_killed_while_it_delivers_nobody_is_missed(digest: Desk, servers: Servers) -> None:
    readers = [f"r{n}@example.org" for n in range(400)]

    def arrived() -> int:  # counted, not read: the kill must come before the last
        return sum(1 for _ in (digest.home / "maildir").glob("*/new/*"))

    digest.typed("email\n" + "\n".join(readers) + "\n")
    digest.well("subscriber", "import", "-", "--publication", "p", "--basis", "form")
    at = BEFORE
    for kill in (1, 2):
        process = servers.start(at)
        before = arrived()
        servers.wait_for(lambda before=before: arrived() > before, process)  # type: ignore[misc]
        end(process, signal.SIGKILL)
        assert arrived() < len(readers) + 1, "it was killed too late"
        at = AFTER.replace(minute=kill)
    process = servers.start(at)
    servers.wait_for(lambda: set(dict(digest.states()).values()) == {"sent"}, process)
    assert end(process) == 0
    assert editions(digest) == ["p/day/1"]
    assert {str(mail["To"]) for mail in digest.mails()} == {A, *readers}
    assert len(digest.mails()) == len(readers) + 1, "a mail that is sent again replaces itself in a mail folder"


def test_a_pass_that_fails_is_told_and_the_next_one_mends_it(digest: Desk, servers: Servers) -> None:
    own = digest.home / "templates" / "edition" / "paper"
    own.mkdir(parents=True)
    (own / "subject.txt").write_text("{{ broken")
    process = servers.start(AFTER)
    servers.wait_for(lambda: any("subject.txt:1:" in line for line in servers.log()), process)
    assert digest.mails() == []
    (own / "subject.txt").unlink()
    servers.wait_for(digest.mails, process)
    assert end(process) == 0
    assert editions(digest) == ["p/day/1"]


def test_a_fault_ends_no_service(digest: Desk, servers: Servers) -> None:
    (digest.home / _FAULT).touch()
    process = servers.start(AFTER, _FAULTY)
    said = "digest: edition p/day/1 in en: failed unexpectedly: ZeroDivisionError: by design"
    servers.wait_for(lambda: sum(line.startswith(said) for line in servers.log()) > 1, process)
    assert any(line.startswith("digest: group: failed unexpectedly") for line in servers.log())
    assert not any("Traceback" in line for line in servers.log())
    assert "Traceback" in (digest.home / "digest.log").read_text(encoding="utf-8")
    assert digest.mails() == []
    (digest.home / _FAULT).unlink()
    servers.wait_for(digest.mails, process)
    assert end(process) == 0
    assert editions(digest) == ["p/day/1"]
    assert len(digest.mails(A)) == 1
