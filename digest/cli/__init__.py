"""The command line: parsing and printing, nothing else."""

from __future__ import annotations

import sys


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 part failed, 2 usage."""
    from digest.cli.main import run

    sys.exit(run(sys.argv[1:]))
