"""Progress of whatever takes longer than a second, on a terminal and nowhere else."""

from __future__ import annotations

import sys
import time
from typing import Any

_PATIENCE = 1.0  # seconds before anything is shown


class Bar:
    """Called by the pipeline with (what, done, total); draws a bar once a stage has taken a while."""

    def __init__(self) -> None:
        self._stage, self._since = "", 0.0
        self._progress: Any = None
        self._task: Any = None

    def __call__(self, what: str, done: int, total: int) -> None:
        if not sys.stderr.isatty():
            return
        now = time.monotonic()
        if what != self._stage:
            self.close()
            self._stage, self._since = what, now
        if self._progress is None and now - self._since >= _PATIENCE:
            self._start(total)
        if self._progress is not None:
            self._progress.update(self._task, completed=done, total=total or None)
        if total and done >= total:
            # A bar that is still drawn would run into what the command prints next.
            self.close()
            self._stage = ""

    def _start(self, total: int) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

        columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
        self._progress = Progress(*columns, console=Console(stderr=True), transient=True)
        self._progress.start()
        self._task = self._progress.add_task(self._stage, total=total or None)

    @property
    def drawn(self) -> bool:
        return self._progress is not None

    def close(self) -> None:
        if self._progress is not None:
            self._progress.stop()
        self._progress = None
