"""The transport `sendmail`: what the end of a program means for the message that it was given."""

from __future__ import annotations

import os
import signal
import sys
import time
from pathlib import Path

import pytest

from digest.deliver.retry import classify
from digest.deliver.transports.base import Reply, TransportSettings
from digest.deliver.transports.sendmail import SendmailTransport, check_command
from digest.errors import TransportError, UsageError
from digest.model.delivery import DeliveryState

S = DeliveryState
LARGE = b"Subject: x\r\n\r\n" + b"y" * 60 + b"\r\n" * 100_000


def settings(folder: Path, program: str, *arguments: str, timeout: float = 20) -> TransportSettings:
    path = folder / "program.py"
    path.write_text(f"import os, signal, subprocess, sys, time\n{program}\n", encoding="utf-8")
    command = (sys.executable, "-ISX", "utf8", str(path), *(arguments or ("{sender}", "{recipient}")))
    return TransportSettings(command=command, command_timeout=timeout)


def carry(
    made: TransportSettings, message: bytes = b"Subject: x\r\n\r\nhello\r\n", to: str = "jan@example.org"
) -> Reply:
    connection = SendmailTransport(made).open()
    agreed = connection.begin("a@example.com", to)
    return connection.send(message) if agreed.ok else agreed


def state(reply: Reply) -> DeliveryState | None:
    return S.UNCERTAIN if reply.ambiguous else classify(reply.code, reply.enhanced, reply.text, reply.stage).state


@pytest.mark.parametrize(
    ("code", "after", "trouble"),
    [
        (os.EX_OK, S.SENT, False),
        (os.EX_NOUSER, S.FAILED, False),
        (os.EX_NOHOST, S.FAILED, False),
        (os.EX_DATAERR, S.FAILED, False),
        (os.EX_TEMPFAIL, S.DEFERRED, False),
        # What every message would meet fails none of them, and stops the run after a few.
        *((code, S.DEFERRED, True) for code in (*range(69, 75), os.EX_USAGE, os.EX_NOINPUT, os.EX_PROTOCOL)),
        (os.EX_NOPERM, S.DEFERRED, True),
        (os.EX_CONFIG, S.DEFERRED, True),
        (1, S.DEFERRED, True),
        (127, S.DEFERRED, True),
    ],
)
def test_each_exit_code(code: int, after: DeliveryState, trouble: bool, tmp_path: Path) -> None:
    program = f"sys.stdin.buffer.read(); print('first\\nlast words \\n\\n', file=sys.stderr); sys.exit({code})"
    reply = carry(settings(tmp_path, program))
    assert state(reply) is after
    assert classify(reply.code, reply.enhanced, reply.text, reply.stage).relay_trouble is trouble
    assert reply.text == "last words"


def test_a_program_that_says_nothing_is_told_by_its_code(tmp_path: Path) -> None:
    assert "exit code 75" in carry(settings(tmp_path, "sys.exit(75)")).text


def test_ended_by_a_signal_after_the_whole_message_nobody_can_know(tmp_path: Path) -> None:
    reply = carry(settings(tmp_path, "sys.stdin.buffer.read(); os.kill(os.getpid(), signal.SIGSEGV)"), LARGE)
    assert state(reply) is S.UNCERTAIN
    assert f"signal {signal.SIGSEGV.value}" in reply.text


def test_ended_by_a_signal_before_the_whole_message_it_sent_nothing(tmp_path: Path) -> None:
    reply = carry(settings(tmp_path, "os.read(0, 1000); os.kill(os.getpid(), signal.SIGKILL)"), LARGE)
    assert state(reply) is S.DEFERRED


@pytest.mark.parametrize(
    ("reads", "after"), [("sys.stdin.buffer.read()", S.UNCERTAIN), ("os.read(0, 1000)", S.DEFERRED)]
)
def test_a_program_whose_time_is_up_is_ended_with_all_that_it_started(
    reads: str, after: DeliveryState, tmp_path: Path
) -> None:
    late = tmp_path / "late"
    does = f"import time; time.sleep(1.5); open({str(late)!r}, 'w')"
    child = f"subprocess.Popen([sys.executable, '-c', {does!r}])"
    began = time.monotonic()
    reply = carry(settings(tmp_path, f"{reads}; {child}; time.sleep(60)", timeout=0.7), LARGE)
    assert time.monotonic() - began < 10
    assert state(reply) is after
    assert "time was up" in reply.text
    time.sleep(1.5)
    assert not late.exists()


def test_a_program_that_ends_well_without_reading_has_taken_nothing(tmp_path: Path) -> None:
    reply = carry(settings(tmp_path, "sys.exit(0)"))
    assert state(reply) is S.DEFERRED
    assert "read only 0 of" in reply.text


def test_what_a_program_leaves_running_is_not_waited_for(tmp_path: Path) -> None:
    program = "sys.stdin.buffer.read(); subprocess.Popen(['sleep', '4'], stdin=subprocess.DEVNULL)"
    began = time.monotonic()
    assert state(carry(settings(tmp_path, program))) is S.SENT
    assert time.monotonic() - began < 3


def test_no_shell_no_option_and_no_secret_reaches_the_program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("DIGEST_SMTP_PASSWORD", "geheim")
    told = tmp_path / "told"
    program = f"sys.stdin.buffer.read(); open({str(told)!r}, 'w').write(repr((sys.argv[1:], sorted(os.environ))))"
    made = settings(tmp_path, program, "-f", "{sender}", "--", "to={recipient}")
    to = "$HOME|`id`{sender}'jäger@example.org"
    assert state(carry(made, to=to)) is S.SENT
    arguments, names = eval(told.read_text())
    assert arguments == ["-f", "a@example.com", "--", f"to={to}"]
    assert not [name for name in names if name.startswith("DIGEST_")]


def test_an_address_that_looks_like_an_option_needs_a_guard(tmp_path: Path) -> None:
    program = "sys.stdin.buffer.read()"
    refused = carry(settings(tmp_path, program), to="-oQ/x@example.org")
    assert state(refused) is S.FAILED
    assert "--" in refused.text
    guarded = settings(tmp_path, program, "-f", "{sender}", "--", "{recipient}")
    assert state(carry(guarded, to="-oQ/x@example.org")) is S.SENT


def test_an_address_that_is_none_is_refused_and_nothing_runs(tmp_path: Path) -> None:
    assert state(carry(settings(tmp_path, "sys.exit(0)"), to="no address")) is S.FAILED


def test_a_program_that_cannot_be_started(tmp_path: Path) -> None:
    made = settings(tmp_path, "pass")
    connection = SendmailTransport(made).open()
    assert connection.begin("a@example.com", "jan@example.org").ok
    with pytest.raises(TransportError, match="no such program"):
        SendmailTransport(TransportSettings(command=("/no/such/sendmail", "{recipient}"))).open()
    broken = tmp_path / "broken"
    broken.write_text("\x7fELF nonsense")
    broken.chmod(0o755)
    reply = carry(TransportSettings(command=(str(broken), "{recipient}")))
    assert state(reply) is S.DEFERRED
    assert "format" in reply.text.lower()


@pytest.mark.parametrize(
    "command",
    [(), ("",), ("sendmail", "-t"), ("{recipient}",), ("sendmail", "{recipient}", "{from}"), ("sendmail", "{}")],
)
def test_a_template_that_is_none(command: tuple[str, ...]) -> None:
    with pytest.raises(UsageError, match="/usr/sbin/sendmail"):
        check_command(command)
    with pytest.raises(TransportError):
        SendmailTransport(TransportSettings(command=command)).open()
