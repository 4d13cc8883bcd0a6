"""A lane: one thread that drives its berths in rounds.

The order of its steps is the promise (effectively-once): agree on the recipients; settle the last
replies and mark these deliveries, all durable in one transaction; only then the messages. Where a
mark is refused the connection is given up rather than the message sent.

Several berths in one thread share the commit and hardly ever wait for each other where the relay is near:
handing the processor from thread to thread for each step would cost more than the steps.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from digest.deliver.berth import Berth
from digest.deliver.run import Run


class Lane(threading.Thread):
    def __init__(self, run: Run, berths: Sequence[Berth], name: str) -> None:
        super().__init__(name=f"digest-{name}")
        self._run, self.berths = run, berths

    def run(self) -> None:
        try:
            while loaded := [berth for berth in self.berths if berth.load()]:
                self._round(loaded)
        except BaseException as error:  # noqa: BLE001 - it ends the run, and is raised where the run was started
            self._run.fail(error)
        finally:
            self._leave()

    def _round(self, loaded: Sequence[Berth]) -> None:
        for berth in loaded:
            berth.ask()
        agreed = [berth for berth in loaded if berth.agree()]
        if not agreed:
            return
        marked = self._marked(agreed)
        for berth in marked:
            berth.hand_over()
        for berth in marked:
            berth.look_ahead()
        for berth in marked:
            berth.finish()

    def _marked(self, agreed: Sequence[Berth]) -> list[Berth]:
        """Those whose mark is durable, and with it what was answered before."""
        outcomes = [outcome for berth in self.berths if (outcome := berth.unsettled.take()) is not None]
        wanted = [(berth, berth.mark()) for berth in agreed]
        found = self._run.committer.submit(outcomes, [mark for _, mark in wanted])
        for outcome in outcomes:
            self._run.book(outcome)
        for berth, mark in wanted:
            if mark.delivery not in found:
                berth.give_up()
        return [berth for berth, mark in wanted if mark.delivery in found]

    def _leave(self) -> None:
        for berth in self.berths:
            berth.put_back()
        for berth in self.berths:
            try:
                berth.unsettled.flush()
            except BaseException as error:  # noqa: BLE001 - as above
                self._run.fail(error)
            berth.close()
