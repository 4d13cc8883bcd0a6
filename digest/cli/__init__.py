"""The command line: parsing and printing, nothing else."""

from __future__ import annotations

import os
import sys


def main() -> None:
    """Entry point. Exit codes: 0 done, 1 part failed, 2 usage."""
    from digest.cli.main import run

    # Who reads what is nobody else's business: the database and the mails are their owner's alone.
    os.umask(0o077)
    sys.exit(run(sys.argv[1:]))
