"""Group commit: several connections' replies and marks become durable in one transaction.

A commit that is safe against a power cut costs milliseconds however little is in it. Whoever asks
while one is being made waits for the next, and shares it.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime

from digest.deliver.ledger import Commits
from digest.model.delivery import Mark, Outcome


class _Request:
    __slots__ = ("error", "leads", "marked", "marks", "outcomes", "woken")

    def __init__(self, outcomes: Sequence[Outcome], marks: Sequence[Mark]) -> None:
        self.outcomes, self.marks = outcomes, marks
        self.woken = threading.Lock()  # held until it is: the barest of what the threads offer
        self.woken.acquire()
        self.leads = False
        self.marked: frozenset[int] = frozenset()
        self.error: BaseException | None = None


class GroupCommitter:
    """The first to ask writes for all who asked by then; of those who came meanwhile the first writes next.

    Once a commit has failed every later request fails: nothing may be sent on the strength of a ledger
    that cannot be written.
    """

    def __init__(self, ledger: Commits, clock: Callable[[], datetime]) -> None:
        self._ledger, self._clock = ledger, clock
        self._waiting: list[_Request] = []
        self._busy = False
        self._lock = threading.Lock()
        self._broken: BaseException | None = None

    def submit(self, outcomes: Sequence[Outcome], marks: Sequence[Mark]) -> frozenset[int]:
        """Settle the last messages and mark the next ones; returns once all is durable.

        The deliveries whose mark was made. Raises what the ledger raised.
        """
        request = _Request(outcomes, marks)
        with self._lock:
            self._waiting.append(request)
            request.leads, self._busy = not self._busy, True
        if not request.leads:
            request.woken.acquire()
        if request.leads:
            self._lead()
        if request.error is not None:
            raise request.error
        return request.marked

    def _lead(self) -> None:
        with self._lock:
            requests, self._waiting = self._waiting, []
        try:
            self._commit(requests)
        finally:
            with self._lock:
                following = self._waiting[0] if self._waiting else None
                self._busy = following is not None
                if following is not None:
                    following.leads = True
            if following is not None:
                following.woken.release()
            for request in requests:
                if not request.leads:
                    request.woken.release()

    def _commit(self, requests: list[_Request]) -> None:
        try:
            if self._broken is not None:
                raise self._broken
            settled = [outcome for request in requests for outcome in request.outcomes]
            marking = [mark for request in requests for mark in request.marks]
            marked = self._ledger.commit(settled, marking, self._clock()).marked
            for request in requests:
                request.marked = marked
        except BaseException as error:  # noqa: BLE001 - it belongs to the threads that wait, all of them
            self._broken = error
            for request in requests:
                request.error = error
