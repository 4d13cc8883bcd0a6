"""Group commit: several connections' replies and marks become durable in one transaction.

A commit that is safe against a power cut costs milliseconds however little is in it. Whoever asks
while one is being made waits for the next, and shares it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from datetime import datetime

from digest.deliver.ledger import Commits, Mark
from digest.model.delivery import Outcome


class _Request:
    __slots__ = ("done", "error", "mark", "marked", "outcome")

    def __init__(self, outcome: Outcome | None, mark: Mark | None) -> None:
        self.outcome, self.mark = outcome, mark
        self.done = threading.Event()
        self.marked = False
        self.error: BaseException | None = None


class GroupCommitter:
    """Use as a context manager. Once a commit has failed every later request fails: nothing may be
    sent on the strength of a ledger that cannot be written."""

    def __init__(self, ledger: Commits, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._waiting: list[_Request] = []
        self._changed = threading.Condition()
        self._closing = False
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="digest-commit")

    def __enter__(self) -> GroupCommitter:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def submit(self, outcome: Outcome | None, mark: Mark | None) -> bool:
        """Settle the last message and mark the next one; returns once both are durable.

        True where the mark was made. Raises what the ledger raised.
        """
        request = _Request(outcome, mark)
        with self._changed:
            if self._broken is not None:
                raise self._broken
            self._waiting.append(request)
            self._changed.notify()
        request.done.wait()
        if request.error is not None:
            raise request.error
        return request.marked

    def _run(self) -> None:
        while True:
            with self._changed:
                while not self._waiting and not self._closing:
                    self._changed.wait()
                requests, self._waiting = self._waiting, []
            if not requests:
                return
            self._commit(requests)

    def _commit(self, requests: list[_Request]) -> None:
        try:
            if self._broken is not None:
                raise self._broken
            settled = [r.outcome for r in requests if r.outcome is not None]
            marking = [r.mark for r in requests if r.mark is not None]
            marked = self._ledger.commit(settled, marking, self._clock()).marked
            for request in requests:
                request.marked = request.mark is not None and request.mark.delivery in marked
        except BaseException as error:  # noqa: BLE001 - it belongs to the threads that wait, all of them
            self._broken = error
            for request in requests:
                request.error = error
        finally:
            for request in requests:
                request.done.set()
