"""A terminal of a given width, for commands that fit what they print to it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import pty
import re
import struct
import subprocess
import sys
import termios
from pathlib import Path


def on_terminal(folder: Path, columns: int, *arguments: str) -> list[str]:
    """What the command prints on a terminal of this width, without its colours."""
    leader, follower = pty.openpty()
    fcntl.ioctl(follower, termios.TIOCSWINSZ, struct.pack("HHHH", 40, columns, 0, 0))
    command = [sys.executable, "-m", "digest", "--home", str(folder), *arguments]
    environ = {k: v for k, v in os.environ.items() if k not in ("COLUMNS", "LINES", "NO_COLOR")} | {"TERM": "xterm"}
    with subprocess.Popen(command, stdout=follower, stdin=subprocess.DEVNULL, env=environ) as process:
        os.close(follower)
        found = b""
        with contextlib.suppress(OSError):  # what a terminal gives once nobody writes to it any more
            while piece := os.read(leader, 65536):
                found += piece
    os.close(leader)
    assert process.returncode == 0
    return re.sub(r"\x1b\[[0-9;]*m", "", found.decode()).replace("\r", "").splitlines()
