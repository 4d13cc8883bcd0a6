"""Postfix's smtp-sink as a real SMTP server whose mail can be read back."""

from __future__ import annotations

import contextlib
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

_PATHS = "/usr/sbin:/usr/local/sbin:/usr/bin:/usr/local/bin"


def program() -> str:
    """The path of smtp-sink; skips the test where Postfix is not installed."""
    found = shutil.which("smtp-sink", path=_PATHS)
    if found is None:
        pytest.skip("Postfix (smtp-sink) is not installed")
    return found


def free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return int(listener.getsockname()[1])


@dataclass(frozen=True, slots=True)
class Received:
    sender: str
    recipient: str
    message: bytes


@dataclass(frozen=True, slots=True)
class Sink:
    port: int
    folder: Path

    def received(self) -> list[Received]:
        """Everything that was accepted with a final dot, in no order."""
        return [_parse(path.read_bytes()) for path in sorted(self.folder.glob("mail.*"))]


@contextlib.contextmanager
def running(*options: str) -> Iterator[Sink]:
    """A sink on a loopback port, until the block ends. It runs as nobody where we are root."""
    command = program()
    # Not pytest's own folder: the user nobody must be able to write here.
    folder = Path(tempfile.mkdtemp(prefix="digest-sink-"))
    folder.chmod(0o777)
    port = free_port()
    # The dump's name gets a random tail from the sink itself.
    arguments = [command, "-u", "nobody", *options, "-d", f"{folder}/mail.", f"127.0.0.1:{port}", "1024"]
    process = subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        _wait_for(port, process)
        yield Sink(port, folder)
    finally:
        process.terminate()
        process.wait(timeout=10)
        shutil.rmtree(folder, ignore_errors=True)


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    for _ in range(100):
        if process.poll() is not None:
            pytest.fail(f"smtp-sink ended at once with exit code {process.returncode}")
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=1):
            return
        time.sleep(0.05)
    pytest.fail("smtp-sink did not start")


def _parse(dump: bytes) -> Received:
    """A dump begins with lines X-Client-Addr … X-Rcpt-Args and a Received of the sink's own."""
    dump = dump.replace(b"\r\n", b"\n")
    sender = recipient = ""
    lines = dump.split(b"\n")
    at = 0
    while at < len(lines):
        line = lines[at]
        if line.startswith(b"X-Mail-Args:"):
            sender = _address(line)
        elif line.startswith(b"X-Rcpt-Args:"):
            recipient = _address(line)
        elif not line.startswith((b"X-", b"Received:", b" ", b"\t")):
            break
        at += 1
    return Received(sender, recipient, b"\n".join(lines[at:]))


def _address(line: bytes) -> str:
    return line.decode().partition("<")[2].partition(">")[0]
