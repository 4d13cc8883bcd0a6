"""A lane: one thread with one connection, that carries one message after another.

The order of its steps is the promise (effectively-once): agree on the recipient; settle the last
reply and mark this delivery, both durable; only then DATA. A refused mark is reset, and nothing of
the message has left.
"""

from __future__ import annotations

import threading

from digest.deliver.ledger import Claimed, Mark
from digest.deliver.retry import Stage, Verdict, backoff, classify
from digest.deliver.run import Run
from digest.deliver.transports.base import Connection, Reply
from digest.deliver.unsettled import Unsettled
from digest.errors import DigestError, TransportError
from digest.model.delivery import DeliveryState, Outcome

_S = DeliveryState
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0  # seconds between tries to connect


class Lane(threading.Thread):
    def __init__(self, run: Run, number: int) -> None:
        super().__init__(name=f"digest-lane-{number}")
        self._run = run
        self._connection: Connection | None = None
        self._carried = 0
        self.unsettled = Unsettled(run.settle)

    def run(self) -> None:
        try:
            while (claimed := self._run.feed.next()) is not None:
                self._carry(claimed)
        except BaseException as error:  # noqa: BLE001 - it ends the run, and is raised where the run was started
            self._run.fail(error)
        finally:
            try:
                self.unsettled.flush()
            except BaseException as error:  # noqa: BLE001 - as above
                self._run.fail(error)
            self._close()

    def _carry(self, claimed: Claimed) -> None:
        try:
            self._deliver(claimed)
        except BaseException:
            self._run.feed.put_back(claimed)  # given back where it is still claimed: then nothing of it has left
            raise

    def _deliver(self, claimed: Claimed) -> None:
        delivery = claimed.delivery
        try:
            sender, message = self._run.message_for(delivery)
        except (DigestError, LookupError, ValueError) as error:
            reason = f"the message cannot be built: {error!r}" if not isinstance(error, DigestError) else str(error)
            self._conclude(claimed, Verdict(_S.HELD, reason), "")
            return
        connection = self._connected()
        if connection is None:
            self._run.feed.put_back(claimed)
            return
        agreed = connection.begin(sender, delivery.address)
        verdict = _verdict(agreed)
        if verdict.state is not None:
            self._conclude(claimed, verdict, str(agreed))
            self._after(connection, verdict, reset=True)
            return
        if not self._marked(claimed):
            connection.reset()
            return
        self._carried += 1
        answer = connection.send(message)
        verdict = _verdict(answer)
        self._conclude(claimed, verdict, str(answer))
        self._after(connection, verdict, reset=answer.stage is Stage.DATA)

    def _marked(self, claimed: Claimed) -> bool:
        outcome = self.unsettled.take()
        marked = self._run.committer.submit(outcome, Mark(*claimed.row))
        if outcome is not None:
            self._run.book(outcome)
        if not marked:
            self._run.book_refusal(claimed)
        return marked

    def _conclude(self, claimed: Claimed, verdict: Verdict, reply: str) -> None:
        """Keep what became of the delivery, to be written with the next mark."""
        outcome = self._outcome(claimed, verdict, reply)
        if (earlier := self.unsettled.take()) is not None:  # its successor was turned down before its mark
            self._run.settle(earlier)
        self.unsettled.put(outcome)
        breaker = self._run.breaker
        if verdict.state is _S.SENT:
            breaker.accepted()
        elif verdict.relay_trouble or verdict.closes_session:
            breaker.trouble(verdict.reason)
        elif verdict.state in (_S.FAILED, _S.HELD):
            breaker.refused(verdict.reason)
        else:
            breaker.answered()

    def _outcome(self, claimed: Claimed, verdict: Verdict, reply: str) -> Outcome:
        delivery, state, reason = claimed.delivery, verdict.state, verdict.reason
        assert state is not None
        now = self._run.clock()
        if state is _S.DEFERRED and delivery.sent_before:
            # The first copy may have arrived, so this stays as open as it was, and bound to the same bytes.
            state = _S.UNCERTAIN
            if delivery.give_up_at is not None and delivery.give_up_at <= now:
                state, reason = _S.FAILED, f"gave up; an earlier attempt may have arrived; {reason}"
        waits = state in (_S.DEFERRED, _S.UNCERTAIN)
        retry_at = now + backoff(delivery.attempts + 1, delivery.key) if waits else None
        return Outcome(delivery.id, claimed.epoch, state, reply, reason, retry_at)

    def _after(self, connection: Connection, verdict: Verdict, *, reset: bool) -> None:
        if verdict.closes_session or self._carried >= self._run.messages_per_connection:
            self._close()
        elif reset:
            connection.reset()

    def _connected(self) -> Connection | None:
        """The connection, opened where there is none; None where the run ends before there is one."""
        while self._connection is None:
            try:
                self._connection, self._carried = self._run.transport.open(), 0
            except TransportError as error:
                tries = self._run.breaker.trouble(str(error))
                # What was answered before must not wait for the relay to come back.
                self.unsettled.flush()
                if self._run.pause(min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE)):
                    return None
        return self._connection

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _verdict(reply: Reply) -> Verdict:
    if reply.ambiguous:
        return Verdict(_S.UNCERTAIN, f"no answer to the end of the message ({reply.text})", closes_session=True)
    return classify(reply.code, reply.enhanced, reply.text, reply.stage)
