"""More senders beside this one, each a process of its own: one program hardly fills more than one processor."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from digest.errors import DigestError


class Sender:
    """`digest deliver` with its share of the connections. It ends when nothing is due, or when we do: its standard
    input tells it, whatever happens to us.
    """

    def __init__(self, folder: Path, environ: Mapping[str, str], share: int) -> None:
        command = [sys.executable, "-m", "digest", "--home", str(folder), "deliver", "--share", str(share)]
        self._process = subprocess.Popen(  # noqa: S603 - our own program
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env=dict(environ)
        )

    def stop(self) -> None:
        """Let it finish the messages in hand and end."""
        if self._process.stdin is not None:
            self._process.stdin.close()

    def end(self) -> None:
        """Wait until it has ended, which it is asked to; whatever it would still say is of no interest."""
        self.stop()
        if self._process.stdout is not None:
            self._process.stdout.close()
        self._process.wait()

    def result(self) -> dict[str, Any]:
        """What it did, once it has ended. Raises DigestError where it failed; what it held is taken back later."""
        assert self._process.stdout is not None
        with self._process.stdout as out:
            said = out.read()
        self._process.wait()
        self.stop()
        try:
            found = json.loads(said)
        except ValueError:
            code = self._process.returncode
            mend = "what it held is taken back by the next: digest deliver"
            raise DigestError(f"a sender beside this one ended with exit code {code}", mend=mend) from None
        assert isinstance(found, dict)
        return found
