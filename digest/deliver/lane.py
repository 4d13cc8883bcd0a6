"""A lane: one thread that drives its berths, each as far as it can go without waiting.

The order of its steps is the promise (effectively-once): agree on the recipients; settle the last
replies and mark these deliveries, all durable in one transaction; only then the messages. Where a
mark is refused the connection is given up rather than the message sent.

Several berths in one thread share the commit: handing the processor from thread to thread for each
step would cost more than the steps.
"""

from __future__ import annotations

import select
import threading
import time
from collections.abc import Sequence

from digest.deliver.berth import Berth
from digest.deliver.run import Run

_LOOK = 1.0  # seconds between looks at who has waited for too long


class Lane(threading.Thread):
    def __init__(self, run: Run, berths: Sequence[Berth], name: str) -> None:
        super().__init__(name=f"digest-{name}")
        self._run, self.berths = run, berths
        self._asked: list[Berth] = []  # they wait to hear whether they may go on
        self._agreed: list[Berth] = []  # they need their mark
        self._handed: list[Berth] = []  # they wait for the answer to their message

    def run(self) -> None:
        try:
            while self._load():
                self._hear()
                if self._agreed:
                    self._hear(wait=False)  # whoever has an answer by now shares the commit
                    self._send()
        except BaseException as error:  # noqa: BLE001 - it ends the run, and is raised where the run was started
            self._run.fail(error)
        finally:
            self._leave()

    def _load(self) -> bool:
        """Give the idle their next deliveries; whether anything is under way."""
        for berth in self.berths:
            if berth in self._asked or berth in self._agreed or berth in self._handed:
                continue
            # One that has no connection waits for it where no other has work.
            if berth.load(patient=not (self._asked or self._agreed or self._handed)):
                berth.ask()
                self._asked.append(berth)
        return bool(self._asked or self._agreed or self._handed)

    def _hear(self, *, wait: bool = True) -> None:
        """Go on with those that have an answer."""
        ready = _ready([*self._asked, *self._handed], wait=wait and not self._agreed)
        for berth in [each for each in self._handed if each in ready]:
            self._handed.remove(berth)
            berth.finish()
        for berth in [each for each in self._asked if each in ready]:
            self._asked.remove(berth)
            if berth.agree():
                self._agreed.append(berth)

    def _send(self) -> None:
        """The messages of those whose mark is durable, and with it what was answered before."""
        agreed, self._agreed = self._agreed, []
        outcomes = [outcome for berth in self.berths if (outcome := berth.unsettled.take()) is not None]
        wanted = [(berth, berth.mark()) for berth in agreed]
        found = self._run.committer.submit(outcomes, [mark for _, mark in wanted])
        for outcome in outcomes:
            self._run.book(outcome)
        for berth, mark in wanted:
            if mark.delivery not in found:
                berth.give_up()
        going = [berth for berth, mark in wanted if mark.delivery in found]
        for berth in going:
            berth.hand_over()
            self._handed.append(berth)
        for berth in going:  # there is time while the relay works
            berth.look_ahead(once=True)

    def _leave(self) -> None:
        for berth in self._handed:  # after an error: the answers come all the same, and are to be on record
            try:
                berth.finish()
            except BaseException as error:  # noqa: BLE001 - as above
                self._run.fail(error)
        for berth in self.berths:
            berth.put_back()
        for berth in self.berths:
            try:
                berth.unsettled.flush()
            except BaseException as error:  # noqa: BLE001 - as above
                self._run.fail(error)
            berth.close()


def _ready(waiting: Sequence[Berth], *, wait: bool) -> set[Berth]:
    """Those that have an answer, or have waited for too long for one."""
    ready = {berth for berth in waiting if berth.connection.is_ready()}
    if len(waiting) == 1 and wait:
        return set(waiting)  # it may as well wait by itself
    while True:
        watched = {berth.connection.fileno(): berth for berth in waiting if berth not in ready}
        poll = select.poll()
        for number in watched:
            poll.register(number, select.POLLIN)
        found = poll.poll(0 if ready or not wait else _LOOK * 1000)
        now = time.monotonic()
        ready |= {watched[number] for number, _ in found}
        ready |= {berth for berth in watched.values() if berth.connection.deadline <= now}
        if ready or not wait or not watched:
            return ready
