"""Faults that nobody foresaw: one edition, source or article that has one must not stop the others.

Whoever catches an exception that is no DigestError has it put on record here, and leaves what it concerns as it
was, to be tried again. KeyboardInterrupt and SystemExit are never caught.
"""

from __future__ import annotations

import logging
import traceback
from pathlib import Path

from digest.errors import Unexpected
from digest.pipeline.services import Services

#: In the home folder. Written by whoever runs the pipeline from the command line.
LOG = "digest.log"
#: The logger that gets the tracebacks.
LOGGER = "digest"

_LONGEST = 160  # characters of what the exception says: a statement of SQL, or a whole article, may be in it
_PACKAGE = Path(__file__).parents[1]


def unexpected(services: Services, error: Exception, where: str) -> Unexpected:
    """Log the traceback, and say the same in a line."""
    mend = f"it is tried again; the traceback is in {services.home.folder / LOG}"
    told = Unexpected(f"failed unexpectedly: {describe(error)}", where=where, mend=mend)
    logging.getLogger(LOGGER).error("%s", told, exc_info=error)
    return told


def describe(error: Exception) -> str:
    """`KeyError: 'x', at compose/edit.py:88`: kind, what it says, and where in our code it came from."""
    said = " ".join(str(error).split())
    said = said if len(said) <= _LONGEST else said[:_LONGEST] + "…"
    told = f"{type(error).__name__}: {said}" if said else type(error).__name__
    frames = traceback.extract_tb(error.__traceback__)
    ours = [f for f in frames if Path(f.filename).is_relative_to(_PACKAGE)]
    if not ours:
        return told
    return f"{told}, at {Path(ours[-1].filename).relative_to(_PACKAGE).as_posix()}:{ours[-1].lineno}"
