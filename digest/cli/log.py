"""The log in a home folder: tracebacks of what nobody foresaw, of which the terminal says one line each."""

from __future__ import annotations

import logging
import sys
import time
from collections.abc import Callable
from logging.handlers import RotatingFileHandler
from pathlib import Path

from digest.pipeline.faults import LOG, LOGGER

_LONGEST = 1_000_000  # bytes of the log; the one before it is kept


class _Handler(RotatingFileHandler):
    def handleError(self, record: logging.LogRecord) -> None:  # noqa: N802 - the library's name
        """Where the file cannot be written, the terminal is better than nothing."""
        print(self.format(record), file=sys.stderr)  # noqa: T201


def keep(folder: Path) -> Callable[[], None]:
    """Log into this home from now on, until the function that is returned is called. No fault, no file."""
    handler = _Handler(folder / LOG, maxBytes=_LONGEST, backupCount=1, encoding="utf-8", delay=True)
    formatter = logging.Formatter("%(asctime)s UTC %(message)s", "%Y-%m-%d %H:%M:%S")
    formatter.converter = time.gmtime
    handler.setFormatter(formatter)
    logger = logging.getLogger(LOGGER)
    logger.addHandler(handler)

    def close() -> None:
        logger.removeHandler(handler)
        handler.close()

    return close
