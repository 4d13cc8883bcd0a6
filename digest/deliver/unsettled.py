"""What a lane was answered but has not yet written down.

An outcome travels with the mark of the lane's next message, in one transaction. Where that takes
long (a slow relay at MAIL or RCPT) it is written by itself: whatever is not yet durable when the
power goes is a mail that will be repeated.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Sequence

from digest.model.delivery import Outcome


class Unsettled:
    """The one outcome that a lane may have in hand. `write` makes it durable, or raises."""

    def __init__(self, write: Callable[[Outcome], None]) -> None:
        self._write = write
        self._lock = threading.Lock()  # held while the outcome is written: `take` waits for that
        self._outcome: Outcome | None = None
        self._since = 0.0

    def put(self, outcome: Outcome) -> None:
        with self._lock:
            assert self._outcome is None, "a lane has one message in hand"
            self._outcome, self._since = outcome, time.monotonic()

    def take(self) -> Outcome | None:
        """The outcome, now in the caller's care; None where there is none or it is durable already."""
        with self._lock:
            outcome, self._outcome = self._outcome, None
            return outcome

    def flush(self, older_than: float = 0.0) -> None:
        with self._lock:
            if self._outcome is not None and time.monotonic() - self._since >= older_than:
                self._write(self._outcome)
                self._outcome = None


class Flusher(threading.Thread):
    """Writes what lies in the lanes' hands for longer than `patience` seconds."""

    def __init__(self, boxes: Sequence[Unsettled], on_error: Callable[[BaseException], None], patience: float) -> None:
        super().__init__(name="digest-flush", daemon=True)
        self._boxes, self._on_error, self._patience = boxes, on_error, patience
        self._over = threading.Event()

    def run(self) -> None:
        while not self._over.wait(self._patience):
            for box in self._boxes:
                try:
                    box.flush(older_than=self._patience)
                except BaseException as error:  # noqa: BLE001 - it ends the run, and is raised where the run was started
                    self._on_error(error)
                    return

    def end(self) -> None:
        self._over.set()
        self.join()
