"""A berth: one connection to a relay, and the one delivery that it carries at a time, step by step."""

from __future__ import annotations

import time
from datetime import timedelta

from digest.deliver.ledger import Claimed
from digest.deliver.pace import asks_to_slow_down
from digest.deliver.relay import Rate, Relay
from digest.deliver.retry import Stage, Verdict, classify, outcome_of
from digest.deliver.run import Ready, Run
from digest.deliver.transports.base import Overlapping, Reply, overlapping
from digest.deliver.unsettled import Unsettled
from digest.errors import Busy, DigestError, LoginRefused, TransportError
from digest.model.delivery import Delivery, DeliveryState, Mark, Outcome, Uncertain

_S = DeliveryState
_FIRST_PAUSE, _LONGEST_PAUSE = 0.2, 2.0  # seconds between tries to connect


class Berth:
    """`load`, `ask`, `agree`, then with the mark of the ledger `hand_over` and `finish`; or `give_up` without it."""

    def __init__(self, run: Run, relay: Relay, rate: Rate) -> None:
        self._run, self._relay, self._rate = run, relay, rate
        self._breaker = run.breakers[relay.name]
        self._connection: Overlapping | None = None
        self._carried = 0
        self._rests_until = 0.0  # no new connection is asked for meanwhile, where others go on
        self._claimed: Claimed | None = None
        self._next: tuple[Claimed, Ready] | None = None
        self._ready = Ready("", b"")
        self.unsettled = Unsettled(run.settle)

    def is_over(self) -> bool:
        return self._run.is_over() or self._breaker.tripped

    # --- the steps --------------------------------------------------------------------------------

    def look_ahead(self, *, once: bool = False) -> None:
        """Take the next delivery that can be sent, and make its message ready: there is time while the relay works.

        `once`: no more than one is looked at, since the relay's answer should not lie about for long.
        """
        while self._next is None and not self.is_over() and (claimed := self._run.feed.next(self._relay.name)):
            if not self._put_off(claimed) and (ready := self._made(claimed)) is not None:
                self._next = (claimed, ready)
            if once:
                return

    def load(self, *, patient: bool = True) -> bool:
        """Turn to the next delivery, with a connection for it. False: there is none, or the run ends.

        Not `patient`: there are others that can go on meanwhile. A relay that takes no more connections than it has
        is no trouble then.
        """
        if not patient and self._connection is None and time.monotonic() < self._rests_until:
            return False
        self.look_ahead(once=not patient)
        if self._next is None:
            return False
        if self._connected(patient=patient) is None:
            if not patient:
                self.put_back()
            return False
        if self._run.pause(self._rate.reserve(), self.is_over):
            return False
        (self._claimed, self._ready), self._next = self._next, None
        return True

    @property
    def connection(self) -> Overlapping:
        """The one that an answer is waited for on."""
        assert self._connection is not None
        return self._connection

    def ask(self) -> None:
        """Announce it; the answer is waited for in `agree`."""
        self.connection.ask(self._ready.sender, self._delivery.address)

    def agree(self) -> bool:
        """Whether only its text is missing now. A refusal is concluded."""
        agreed = self.connection.agreed()
        if self._carried and agreed.stage is Stage.MAIL and agreed.code in (0, 421):
            # It had become old: idle for too long, or with as many messages as the relay wants of one.
            self.close()
            if self._connected(patient=False) is None:
                self.put_back()
                return False
            self.ask()
            agreed = self.connection.agreed()
        verdict = _verdict(agreed)
        if verdict.state is None:
            return True
        self._conclude(verdict, agreed)
        return False

    def mark(self) -> Mark:
        assert self._claimed is not None
        return Mark(*self._claimed.row, self._relay.name, self._ready.signed_with)

    def give_up(self) -> None:
        """Its mark was refused: nothing of the text leaves."""
        assert self._claimed is not None
        assert self._connection is not None
        self._run.book_refusal(self._claimed)
        self._claimed = None
        if not self._connection.reset():
            self.close()

    def hand_over(self) -> None:
        self._carried += 1
        self.connection.hand_over(self._ready.message)

    def finish(self) -> None:
        """What the relay says of it is kept, to be written with the next mark."""
        answer = self.connection.answered()
        self._conclude(_verdict(answer), answer)

    def put_back(self) -> None:
        """Given back where they are still claimed: then nothing of them has left."""
        ahead = [self._next[0]] if self._next is not None else []
        for claimed in [*ahead, *([self._claimed] if self._claimed is not None else [])]:
            self._run.feed.put_back(claimed)
        self._next = self._claimed = None

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None

    # --- making it ready --------------------------------------------------------------------------

    @property
    def _delivery(self) -> Delivery:
        assert self._claimed is not None
        return self._claimed.delivery

    def _put_off(self, claimed: Claimed) -> bool:
        """Whether its domain has asked for less: then it waits, unseen."""
        domain = _domain(claimed)
        wait = self._run.pace.wait(domain)
        if wait <= 0:
            return False
        verdict = Verdict(_S.DEFERRED, f"{domain} has asked us to slow down")
        self._run.settle(outcome_of(claimed, verdict, "", self._run.clock(), timedelta(seconds=wait)))
        return True

    def _made(self, claimed: Claimed) -> Ready | None:
        """The message, as this relay is to have it."""
        try:
            return self._as_known(claimed.delivery, self._run.message_for(claimed.delivery))
        except Busy:  # nothing is wrong with the message
            self._run.feed.put_back(claimed)
            raise
        except Exception as error:  # noqa: BLE001 - whatever is wrong with this one, the others go out
            reason = f"the message cannot be built: {error!r}" if not isinstance(error, DigestError) else str(error)
            self._run.settle(outcome_of(claimed, Verdict(_S.HELD, reason), "", self._run.clock()))
            self._breaker.refused(reason)
            return None

    def _as_known(self, delivery: Delivery, ready: Ready) -> Ready:
        if delivery.sent_before and delivery.uncertain is Uncertain.IDEMPOTENT:
            self._check_known(delivery)
        if header := self._relay.idempotency_header:
            field = f"{header}: {delivery.message_id.strip('<>')}\r\n".encode("ascii")
            return ready._replace(message=type(ready.message)(field + ready.message))
        return ready

    def _check_known(self, delivery: Delivery) -> None:
        if delivery.relay not in ("", self._relay.name):
            raise DigestError(
                "it may have arrived, and the relay that would know a second copy is gone",
                where=delivery.relay,
                mend="decide: digest delivery retry or cancel",
            )
        if not self._relay.idempotency_header:
            raise DigestError(
                "it may have arrived, and this relay would not know the second copy",
                where=self._relay.name,
                mend="set its idempotency_header, or decide: digest delivery retry or cancel",
            )

    def _connected(self, *, patient: bool) -> Overlapping | None:
        """The connection, opened where there is none; None where the run, or our patience, ends before there is one."""
        while self._connection is None:
            try:
                self._connection, self._carried = overlapping(self._relay.transport.open()), 0
            except LoginRefused as error:
                self._breaker.trip(_said(error))
                return None
            except TransportError as error:
                self._rests_until = time.monotonic() + _LONGEST_PAUSE
                if not patient or self._wait_for_relay(self._breaker.trouble(_said(error))):
                    return None
        return self._connection

    # --- what came of it --------------------------------------------------------------------------

    def _conclude(self, verdict: Verdict, reply: Reply) -> None:
        assert self._claimed is not None
        domain = _domain(self._claimed)
        self._keep(outcome_of(self._claimed, verdict, str(reply), self._run.clock()))
        self._tell(verdict, reply, domain)
        over = reply.last or verdict.closes_session or self._carried >= self._run.messages_per_connection
        if self._connection is not None and (over or (reply.stage is not Stage.DOT and not self._connection.reset())):
            self.close()
        if verdict.closes_session:
            self._wait_for_relay(self._breaker.troubles)

    def _keep(self, outcome: Outcome) -> None:
        self._claimed = None
        if (earlier := self.unsettled.take()) is not None:  # its successor was turned down before its mark
            self._run.settle(earlier)
        self.unsettled.put(outcome)

    def _tell(self, verdict: Verdict, reply: Reply, domain: str) -> None:
        """What the answer says of the relay, and of the recipient's domain."""
        if verdict.state is _S.SENT:
            self._breaker.accepted()
            self._run.pace.accepted(domain)
            return
        if verdict.relay_trouble or verdict.closes_session:
            self._breaker.trouble(verdict.reason)
        elif verdict.state is _S.FAILED:
            self._breaker.refused(verdict.reason)
        else:
            self._breaker.answered()
        if not verdict.relay_trouble and asks_to_slow_down(reply.code, reply.enhanced, reply.text):
            self._run.pace.slow(domain)

    def _wait_for_relay(self, tries: int) -> bool:
        # What was answered before must not wait for the relay to come back.
        self.unsettled.flush()
        return self._run.pause(min(_FIRST_PAUSE * 2**tries, _LONGEST_PAUSE), self.is_over)


def _said(error: TransportError) -> str:
    """In a line that is kept with each delivery: without the cause, which says the same in another language."""
    said = f"{error.where}: {error.what}" if error.where else error.what
    return f"{said} ({error.mend})" if error.mend else said


def _domain(claimed: Claimed) -> str:
    return claimed.delivery.address.rpartition("@")[2].lower()


def _verdict(reply: Reply) -> Verdict:
    if reply.ambiguous:
        return Verdict(_S.UNCERTAIN, f"no answer to the end of the message ({reply.text})", closes_session=True)
    return classify(reply.code, reply.enhanced, reply.text, reply.stage)
