"""The fakes beside the ports: a ledger in memory, and a transport that does as it is told."""

from __future__ import annotations

import threading
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from digest.deliver.ledger import Row
from digest.deliver.retry import Stage
from digest.deliver.transports.base import Reply
from digest.model.delivery import Delivery, DeliveryKind, DeliveryState, Mark, Outcome, Uncertain, may_follow

_S = DeliveryState
_IN_HAND = (_S.CLAIMED, _S.COMMITTING)
EPOCH = datetime(2025, 5, 24, 5, 0, tzinfo=UTC)


def make_delivery(number: int, **values: object) -> Delivery:
    made = Delivery(
        id=number,
        kind=DeliveryKind.EDITION,
        key=f"key-{number}",
        state=_S.PLANNED,
        address=f"reader{number}@example.org",
        message_id=f"<{number}@example.com>",
        date=EPOCH,
        variant=1,
    )
    return replace(made, **values)  # type: ignore[arg-type]


@dataclass(frozen=True, slots=True)
class MemoryClaimed:
    delivery: Delivery
    epoch: int

    @property
    def row(self) -> Row:
        return self.delivery.id, self.epoch


@dataclass(frozen=True, slots=True)
class MemoryCommitted:
    marked: frozenset[int] = frozenset()
    refused: Mapping[int, str] = field(default_factory=dict)
    suppressed: frozenset[int] = frozenset()
    stale: frozenset[int] = frozenset()


class MemoryLedger:
    """Keeps to the table of transitions, and remembers every change in `history`."""

    def __init__(self, deliveries: Sequence[Delivery]) -> None:
        self.rows = {d.id: d for d in deliveries}
        self.owners: dict[int, str] = {}
        self.suppressed: set[str] = set()  # addresses
        self.history: list[tuple[int, DeliveryState, DeliveryState]] = []
        self.commits = 0
        self._lock = threading.RLock()

    def states(self) -> dict[int, DeliveryState]:
        return {number: d.state for number, d in self.rows.items()}

    def claim(self, now: datetime, limit: int, owner: str, lease_seconds: float) -> list[MemoryClaimed]:
        with self._lock:
            due = sorted((d for d in self.rows.values() if _is_due(d, now)), key=lambda d: (d.variant, d.id))
            taken: list[MemoryClaimed] = []
            for delivery in due:
                if delivery.address in self.suppressed:
                    self._move(delivery, _S.SUPPRESSED)
                elif len(taken) < limit:
                    until = now + timedelta(seconds=lease_seconds)
                    moved = self._move(delivery, _S.CLAIMED, epoch=delivery.epoch + 1, lease_until=until)
                    self.owners[delivery.id] = owner
                    taken.append(MemoryClaimed(moved, moved.epoch))
            return taken

    def commit(self, settled: Sequence[Outcome], marking: Sequence[Mark], now: datetime) -> MemoryCommitted:
        with self._lock:
            self.commits += 1
            stale = frozenset(o.delivery for o in settled if not self._settle(o, now))
            marked, refused, suppressed = set(), {}, set()
            for number, epoch, relay, signed_with in marking:
                delivery = self.rows[number]
                if delivery.epoch != epoch or delivery.state is not _S.CLAIMED:
                    refused[number] = "it is in other hands now"
                elif delivery.address in self.suppressed:
                    self._move(delivery, _S.SUPPRESSED)
                    refused[number] = "the address is suppressed"
                    suppressed.add(number)
                else:
                    self._move(delivery, _S.COMMITTING, relay=relay, signed_with=signed_with)
                    marked.add(number)
            return MemoryCommitted(frozenset(marked), refused, frozenset(suppressed), stale)

    def renew(self, owner: str, now: datetime, lease_seconds: float) -> int:
        with self._lock:
            held = [d for d in self.rows.values() if d.state in _IN_HAND and self.owners.get(d.id) == owner]
            for delivery in held:
                self.rows[delivery.id] = replace(delivery, lease_until=now + timedelta(seconds=lease_seconds))
            return len(held)

    def release(self, rows: Sequence[Row], now: datetime, why: str = "") -> int:  # noqa: ARG002 - the port's signature
        with self._lock:
            held = [self.rows[n] for n, epoch in rows if self.rows[n].epoch == epoch]
            held = [d for d in held if d.state is _S.CLAIMED]
            for delivery in held:
                self._take_back(delivery)
            return len(held)

    def recover(self, now: datetime) -> int:
        with self._lock:
            left = [d for d in self.rows.values() if d.state in _IN_HAND and d.lease_until and d.lease_until <= now]
            for delivery in left:
                self._take_back(delivery)
            doubtful = [d for d in self.rows.values() if d.state is _S.UNCERTAIN and d.uncertain is Uncertain.HOLD]
            for delivery in doubtful:
                self._move(delivery, _S.HELD)
            return len(left) + len(doubtful)

    def _settle(self, outcome: Outcome, now: datetime) -> bool:
        delivery = self.rows[outcome.delivery]
        if delivery.epoch != outcome.epoch or not may_follow(delivery.state, outcome.state):
            return False
        self._move(
            delivery,
            outcome.state,
            attempts=delivery.attempts + outcome.tried,
            reply=outcome.reply,
            reason=outcome.reason,
            next_attempt=outcome.retry_at,
            settled_at=now,
            sent_before=delivery.sent_before or outcome.state is _S.UNCERTAIN,
        )
        return True

    def _take_back(self, delivery: Delivery) -> None:
        if delivery.state is _S.COMMITTING:
            self._move(delivery, _S.UNCERTAIN, sent_before=True, attempts=delivery.attempts + 1)
        else:
            self._move(delivery, _S.UNCERTAIN if delivery.sent_before else _S.PLANNED)

    def _move(self, delivery: Delivery, after: DeliveryState, **values: object) -> Delivery:
        assert may_follow(delivery.state, after), f"{delivery.state} -> {after} is not in the table"
        self.history.append((delivery.id, delivery.state, after))
        lease = {} if after in _IN_HAND else {"lease_until": None}
        self.rows[delivery.id] = replace(delivery, state=after, **{**lease, **values})  # type: ignore[arg-type]
        return self.rows[delivery.id]


def _is_due(delivery: Delivery, now: datetime) -> bool:
    come = delivery.next_attempt is None or delivery.next_attempt <= now
    again = delivery.state is _S.UNCERTAIN and delivery.uncertain is not Uncertain.HOLD
    return delivery.state is _S.PLANNED or (come and (delivery.state is _S.DEFERRED or again))


ACCEPTED = Reply(250, "queued", Stage.DOT, "2.0.0")


class FakeTransport:
    """Takes everything, unless `on_begin` or `on_send` (given the recipient) answer otherwise or raise.

    `wire` is what a relay would have in hand: (recipient, message) for each end of message that arrived.
    """

    name = "fake"

    def __init__(
        self,
        on_begin: Callable[[str], Reply | None] = lambda _recipient: None,
        on_send: Callable[[str], Reply | None] = lambda _recipient: None,
        on_open: Callable[[], None] = lambda: None,
    ) -> None:
        self.on_begin, self.on_send, self.on_open = on_begin, on_send, on_open
        self.wire: list[tuple[str, bytes]] = []
        self.calls: list[tuple[str, str]] = []
        self.opened = 0

    def open(self) -> FakeConnection:
        self.on_open()
        self.opened += 1
        return FakeConnection(self)


class FakeConnection:
    def __init__(self, transport: FakeTransport) -> None:
        self._transport = transport
        self._recipient = ""

    def begin(self, sender: str, recipient: str) -> Reply:  # noqa: ARG002 - the port's signature
        self._recipient = recipient
        self._transport.calls.append(("begin", recipient))
        return self._transport.on_begin(recipient) or Reply(250, "go on", Stage.RCPT, "2.1.5")

    def send(self, message: bytes) -> Reply:
        self._transport.calls.append(("send", self._recipient))
        answer = self._transport.on_send(self._recipient) or ACCEPTED
        if answer.ok or answer.ambiguous:
            self._transport.wire.append((self._recipient, message))
        return answer

    def reset(self) -> bool:
        self._transport.calls.append(("reset", self._recipient))
        return True

    def close(self) -> None:
        self._transport.calls.append(("close", self._recipient))
