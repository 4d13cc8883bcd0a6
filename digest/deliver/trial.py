"""One mail for the operator's eyes, sent at once and by itself. It is on no ledger and is never sent again."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from dataclasses import dataclass

from digest.deliver.retry import classify
from digest.deliver.transports.base import Connection, Reply, Transport
from digest.errors import TransportError
from digest.model.delivery import DeliveryState


@dataclass(frozen=True, slots=True)
class Answered:
    """What a server said to a mail: `reason` is empty where it took it."""

    reply: str
    state: DeliveryState
    reason: str = ""

    @property
    def sent(self) -> bool:
        return self.state is DeliveryState.SENT


def send_one(transports: Sequence[Transport], sender: str, recipient: str, message: bytes) -> Answered:
    """Through the first that a connection can be had of. Raises TransportError where it can of none."""
    connection = _first(transports)
    try:
        agreed = _answered(connection.begin(sender, recipient))
        return agreed or _answered(connection.send(message)) or _open(recipient)
    finally:
        connection.close()


def _first(transports: Sequence[Transport]) -> Connection:
    *others, last = transports
    for transport in others:
        with contextlib.suppress(TransportError):
            return transport.open()
    return last.open()


def _answered(reply: Reply) -> Answered | None:
    """None where all is well so far, and the message is still to go."""
    if reply.ambiguous:
        reason = f"no answer to the end of the message: it may have arrived ({reply.text})"
        return Answered(str(reply), DeliveryState.UNCERTAIN, reason)
    verdict = classify(reply.code, reply.enhanced, reply.text, reply.stage)
    if verdict.state is None:
        return None
    reason = "" if verdict.state is DeliveryState.SENT else verdict.reason
    return Answered(str(reply), verdict.state, reason)


def _open(recipient: str) -> Answered:
    """A transport that answers the end of a message as if there were more to come."""
    return Answered("", DeliveryState.UNCERTAIN, f"the transport did not say whether {recipient} got it")
