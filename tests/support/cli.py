"""The command line as its users have it: a process of its own."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Cli:
    """`digest --home HOME …`; every call asserts the exit code that it expects."""

    home: Path
    environ: dict[str, str] = field(default_factory=dict)

    def __call__(self, *arguments: str | Path, code: int = 0, stdin: str = "") -> str:
        return self.result(*arguments, code=code, stdin=stdin).stdout

    def errors(self, *arguments: str | Path, code: int, stdin: str = "") -> list[str]:
        """The lines on standard error."""
        return self.result(*arguments, code=code, stdin=stdin).stderr.splitlines()

    def json(self, *arguments: str | Path, code: int = 0) -> Any:
        return json.loads(self(*arguments, "--json", code=code))

    def result(self, *arguments: str | Path, code: int = 0, stdin: str = "") -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "-m", "digest", "--home", str(self.home), *map(str, arguments)]
        done = subprocess.run(
            command,
            input=stdin,
            capture_output=True,
            text=True,
            timeout=300,
            check=False,
            env={**os.environ, **self.environ},
        )
        assert done.returncode == code, f"{arguments}: exit code {done.returncode}\n{done.stdout}{done.stderr}"
        return done

    def init(self, *, port: int = 0) -> Cli:
        """A home; with a port, one that sends by SMTP to it on loopback."""
        transport = "smtp" if port else "maildir"
        self("init", self.home, "--from", "News <news@example.org>", "--transport", transport)
        if port:
            self.environ.update(DIGEST_SMTP_HOST="127.0.0.1", DIGEST_SMTP_PORT=str(port))
        return self
