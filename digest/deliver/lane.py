"""A lane: one thread with one connection to one relay, that carries one message after another.

The order of its steps is the promise (effectively-once): agree on the recipient; settle the last
reply and mark this delivery, both durable; only then the message. Where the mark is refused the
connection is given up rather than the message sent.
"""

from __future__ import annotations

import threading
from datetime import timedelta

from digest.deliver.breaker import Breaker
from digest.deliver.ledger import Claimed
from digest.deliver.pace import asks_to_slow_down
from digest.deliver.relay import Rate, Relay
from digest.deliver.retry import Stage, Verdict, classify, outcome_of
from digest.deliver.run import Ready, Run
from digest.deliver.transports.base import Connection, Reply
from digest.deliver.unsettled import Unsettled
from digest.errors import DigestError, TransportError
from digest.model.delivery import DeliveryState, Mark, Outcome, Uncertain

_S = DeliveryState
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0  # seconds between tries to connect


class Lane(threading.Thread):
    def __init__(self, run: Run, relay: Relay, rate: Rate, number: int) -> None:
        super().__init__(name=f"digest-{relay.name}-{number}")
        self._run, self._relay, self._rate = run, relay, rate
        self._breaker: Breaker = run.breakers[relay.name]
        self._connection: Connection | None = None
        self._carried = 0
        self.unsettled = Unsettled(run.settle)

    def run(self) -> None:
        try:
            while not self._is_over() and (claimed := self._run.feed.next(self._relay.name)) is not None:
                self._carry(claimed)
        except BaseException as error:  # noqa: BLE001 - it ends the run, and is raised where the run was started
            self._run.fail(error)
        finally:
            try:
                self.unsettled.flush()
            except BaseException as error:  # noqa: BLE001 - as above
                self._run.fail(error)
            self._close()

    def _is_over(self) -> bool:
        return self._run.is_over() or self._breaker.tripped

    def _carry(self, claimed: Claimed) -> None:
        try:
            self._deliver(claimed)
        except BaseException:
            self._run.feed.put_back(claimed)  # given back where it is still claimed: then nothing of it has left
            raise

    def _deliver(self, claimed: Claimed) -> None:
        if self._put_off(claimed):
            return
        try:
            ready = self._ready(claimed)
        except (DigestError, LookupError, ValueError) as error:
            reason = f"the message cannot be built: {error!r}" if not isinstance(error, DigestError) else str(error)
            self._conclude(claimed, Verdict(_S.HELD, reason), "")
            return
        if self._run.pause(self._rate.reserve(), self._is_over) or (connection := self._connected()) is None:
            self._run.feed.put_back(claimed)
            return
        agreed = connection.begin(ready.sender, claimed.delivery.address)
        if self._carried and agreed.stage is Stage.MAIL and agreed.code in (0, 421):
            # It had become old: idle for too long, or with as many messages as the relay wants of one.
            self._close()
            if (connection := self._connected()) is None:
                self._run.feed.put_back(claimed)
                return
            agreed = connection.begin(ready.sender, claimed.delivery.address)
        verdict = _verdict(agreed)
        if verdict.state is not None:
            self._conclude(claimed, verdict, str(agreed))
            self._listen(claimed, agreed, verdict)
            self._after(connection, agreed, verdict)
            return
        if not self._marked(claimed, ready):
            if not connection.reset():
                self._close()
            return
        self._carried += 1
        answer = connection.send(ready.message)
        verdict = _verdict(answer)
        self._conclude(claimed, verdict, str(answer))
        self._listen(claimed, answer, verdict)
        self._after(connection, answer, verdict)

    def _put_off(self, claimed: Claimed) -> bool:
        """Whether its domain has asked for less: then it waits, unseen."""
        domain = _domain(claimed)
        wait = self._run.pace.wait(domain)
        if wait <= 0:
            return False
        reason = f"{domain} has asked us to slow down"
        later = timedelta(seconds=wait)
        self._keep(outcome_of(claimed, Verdict(_S.DEFERRED, reason), "", self._run.clock(), later))
        return True

    def _ready(self, claimed: Claimed) -> Ready:
        ready = self._run.message_for(claimed.delivery)
        if header := self._relay.idempotency_header:
            field = f"{header}: {claimed.delivery.message_id.strip('<>')}\r\n".encode("ascii")
            return ready._replace(message=type(ready.message)(field + ready.message))
        if claimed.delivery.sent_before and claimed.delivery.uncertain is Uncertain.IDEMPOTENT:
            raise DigestError(
                "it may have arrived, and this relay would not know the second copy", where=self._relay.name,
                mend="set its idempotency_header, or decide: digest delivery retry or cancel",
            )  # fmt: skip
        return ready

    def _marked(self, claimed: Claimed, ready: Ready) -> bool:
        outcome = self.unsettled.take()
        marked = self._run.committer.submit(outcome, Mark(*claimed.row, self._relay.name, ready.signed_with))
        if outcome is not None:
            self._run.book(outcome)
        if not marked:
            self._run.book_refusal(claimed)
        return marked

    def _conclude(self, claimed: Claimed, verdict: Verdict, reply: str) -> None:
        """Keep what became of the delivery, to be written with the next mark."""
        self._keep(outcome_of(claimed, verdict, reply, self._run.clock()))
        if verdict.state is _S.SENT:
            self._breaker.accepted()
        elif verdict.relay_trouble or verdict.closes_session:
            self._breaker.trouble(verdict.reason)
        elif verdict.state in (_S.FAILED, _S.HELD):
            self._breaker.refused(verdict.reason)
        else:
            self._breaker.answered()

    def _keep(self, outcome: Outcome) -> None:
        if (earlier := self.unsettled.take()) is not None:  # its successor was turned down before its mark
            self._run.settle(earlier)
        self.unsettled.put(outcome)

    def _listen(self, claimed: Claimed, reply: Reply, verdict: Verdict) -> None:
        """What the answer says of the recipient's domain."""
        if verdict.state is _S.SENT:
            self._run.pace.accepted(_domain(claimed))
        elif not verdict.relay_trouble and asks_to_slow_down(reply.code, reply.enhanced, reply.text):
            self._run.pace.slow(_domain(claimed))

    def _after(self, connection: Connection, reply: Reply, verdict: Verdict) -> None:
        over = reply.last or verdict.closes_session or self._carried >= self._run.messages_per_connection
        if over or (reply.stage is not Stage.DOT and not connection.reset()):
            self._close()
        if verdict.closes_session:
            self._wait_for_relay(self._breaker.troubles)

    def _connected(self) -> Connection | None:
        """The connection, opened where there is none; None where the lane ends before there is one."""
        while self._connection is None:
            try:
                self._connection, self._carried = self._relay.transport.open(), 0
            except TransportError as error:
                if self._wait_for_relay(self._breaker.trouble(str(error))):
                    return None
        return self._connection

    def _wait_for_relay(self, tries: int) -> bool:
        # What was answered before must not wait for the relay to come back.
        self.unsettled.flush()
        return self._run.pause(min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE), self._is_over)

    def _close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None


def _verdict(reply: Reply) -> Verdict:
    if reply.ambiguous:
        return Verdict(_S.UNCERTAIN, f"no answer to the end of the message ({reply.text})", closes_session=True)
    return classify(reply.code, reply.enhanced, reply.text, reply.stage)


def _domain(claimed: Claimed) -> str:
    return claimed.delivery.address.rpartition("@")[2].lower()
