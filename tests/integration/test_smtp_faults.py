"""The matrix of faults: whatever goes wrong at whichever command, the delivery is in the right state, and what was
recorded as taken is never sent again."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from digest.deliver.breaker import Breaker
from digest.deliver.relay import Relay
from digest.deliver.retry import Stage
from digest.deliver.send import Ready, Summary, send_all
from digest.deliver.testing import EPOCH, MemoryLedger, make_delivery
from digest.deliver.transports import smtp
from digest.deliver.transports.base import TransportSettings
from digest.deliver.transports.smtp import SmtpTransport
from digest.model.delivery import Delivery, DeliveryState, Uncertain
from tests.support.scripted import RESET, SILENCE, Scripted

S = DeliveryState
TEXT = b"hello\r\n" * 2000
PATIENCE = 0.4  # seconds

#: What becomes of the delivery that meets the fault, by where it does. Before there is a delivery it concerns, the
#: connection is made anew and nothing is lost.
MATRIX = {
    "421 4.3.2 closing": {"mail": S.DEFERRED, "rcpt": S.DEFERRED, "data": S.DEFERRED, "dot": S.DEFERRED},
    "450 4.2.0 try again": {"mail": S.DEFERRED, "rcpt": S.DEFERRED, "data": S.DEFERRED, "dot": S.DEFERRED},
    "451 4.3.0 local error": {"mail": S.DEFERRED, "rcpt": S.DEFERRED, "data": S.DEFERRED, "dot": S.DEFERRED},
    # A sender that is refused would be so for every reader: it waits until somebody has mended that.
    "550 5.7.1 no": {"mail": S.DEFERRED, "rcpt": S.FAILED, "data": S.FAILED, "dot": S.FAILED},
    SILENCE: {"mail": S.DEFERRED, "rcpt": S.DEFERRED, "data": S.DEFERRED, "dot": S.UNCERTAIN},
    RESET: {"mail": S.DEFERRED, "rcpt": S.DEFERRED, "data": S.DEFERRED, "dot": S.UNCERTAIN},
    "what?": {"mail": S.DEFERRED, "rcpt": S.DEFERRED, "data": S.DEFERRED, "dot": S.UNCERTAIN},
}
CELLS = [(answer, Stage(stage), after) for answer, row in MATRIX.items() for stage, after in row.items()]


@pytest.fixture(autouse=True)
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(smtp, "_DOT_SECONDS", PATIENCE)
    monkeypatch.setattr("digest.deliver.berth._FIRST_PAUSE", 0.0)


def message_for(delivery: Delivery) -> Ready:
    return Ready("bounces@example.com", f"Message-ID: {delivery.message_id}\r\n\r\n".encode() + TEXT)


def run(ledger: MemoryLedger, server: Scripted, *, at: timedelta = timedelta(), **more: Any) -> Summary:
    settings = TransportSettings(host="127.0.0.1", port=server.port, timeout=PATIENCE, helo="client.example.org")
    return send_all(
        ledger,
        [Relay("smtp", SmtpTransport(settings))],
        message_for=message_for,
        clock=lambda: EPOCH + at,
        stop=threading.Event(),
        owner="me",
        **more,
    )


def takings(server: Scripted) -> Counter[bytes]:
    return Counter(text.partition(b"\r\n")[0] for text in server.taken)


@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "pipelined"])
@pytest.mark.parametrize(("answer", "stage", "after"), CELLS)
def test_each_fault_at_each_command(
    scripted: Callable[..., Scripted], answer: str, stage: Stage, after: S, pipelining: bool
) -> None:
    server = scripted(stage, answer, pipelining=pipelining)
    ledger = MemoryLedger([make_delivery(n) for n in (1, 2, 3)])
    run(ledger, server)
    assert ledger.states() == {1: after, 2: S.SENT, 3: S.SENT}
    assert ledger.rows[1].reason
    assert any(b"DATA" in line for line in server.commands)

    run(ledger, server, at=timedelta(hours=2))  # and once more, when all is well
    first = S.FAILED if after is S.FAILED else S.SENT
    assert ledger.states() == {1: first, 2: S.SENT, 3: S.SENT}
    found = takings(server)
    assert found[b"Message-ID: <2@example.com>"] == found[b"Message-ID: <3@example.com>"] == 1
    copies = {text for text in server.taken if text.startswith(b"Message-ID: <1@example.com>")}
    assert len(copies) <= 1, "a second copy is the same to the byte"
    at_the_dot = 1 if stage is Stage.DOT else 0
    assert found[b"Message-ID: <1@example.com>"] == at_the_dot + (first is S.SENT)


@pytest.mark.parametrize("pipelining", [False, True], ids=["one by one", "pipelined"])
@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.EHLO])
@pytest.mark.parametrize("answer", MATRIX)
def test_a_fault_before_the_first_mail_costs_nobody_anything(
    scripted: Callable[..., Scripted], answer: str, stage: Stage, pipelining: bool
) -> None:
    server = scripted(stage, answer, pipelining=pipelining)
    ledger = MemoryLedger([make_delivery(n) for n in (1, 2, 3)])
    run(ledger, server)
    assert set(ledger.states().values()) == {S.SENT}
    assert [d.attempts for d in ledger.rows.values()] == [1, 1, 1]
    assert set(takings(server).values()) == {1}


@pytest.mark.parametrize("policy", [Uncertain.RESEND, Uncertain.HOLD])
@pytest.mark.parametrize("answer", [RESET, SILENCE])
def test_what_is_uncertain_is_sent_again_or_held(
    scripted: Callable[..., Scripted], policy: Uncertain, answer: str
) -> None:
    server = scripted(Stage.DOT, answer)
    ledger = MemoryLedger([make_delivery(1, uncertain=policy)])
    run(ledger, server)
    later = timedelta(hours=2)
    ledger.recover(EPOCH + later)
    run(ledger, server, at=later)
    again = policy is Uncertain.RESEND
    assert ledger.states() == {1: S.SENT if again else S.HELD}
    assert len(server.taken) == (2 if again else 1)


def test_a_server_that_says_go_on_to_nobody_is_given_no_text(scripted: Callable[..., Scripted]) -> None:
    """RFC 2920, 3.1: the reply to DATA may come although every recipient was refused."""
    server = scripted(Stage.RCPT, "550 5.1.1 nobody", pipelining=True, generous=True)
    ledger = MemoryLedger([make_delivery(n) for n in (1, 2)])
    run(ledger, server)
    assert ledger.states() == {1: S.FAILED, 2: S.SENT}
    assert takings(server) == {b"Message-ID: <2@example.com>": 1}


@pytest.mark.parametrize("stage", [Stage.CONNECT, Stage.MAIL, Stage.RCPT, Stage.DATA, Stage.DOT])
def test_a_storm_of_421_stops_the_run_and_fails_nobody(scripted: Callable[..., Scripted], stage: Stage) -> None:
    server = scripted(stage, "421 4.7.0 too much", times=10**6, pipelining=True)
    ledger = MemoryLedger([make_delivery(n) for n in range(1, 40)])
    summary = run(ledger, server, new_breaker=lambda: Breaker(relay_limit=4))
    assert "4 times in a row" in summary.stopped
    states = Counter(ledger.states().values())
    assert set(states) <= {S.PLANNED, S.DEFERRED}
    assert states[S.PLANNED] >= 30
    server.times = 0
    run(ledger, server, at=timedelta(hours=2))
    assert set(ledger.states().values()) == {S.SENT}


def test_a_refused_mark_leaves_no_text_on_the_wire(scripted: Callable[..., Scripted]) -> None:
    server = scripted(None, "", pipelining=True)
    ledger = MemoryLedger([make_delivery(n) for n in (1, 2)])
    whole = ledger.commit

    def unsubscribes(settled: Any, marking: Any, now: Any) -> Any:
        if any(mark.delivery == 1 for mark in marking):
            ledger.suppressed.add("reader1@example.org")
        return whole(settled, marking, now)

    ledger.commit = unsubscribes  # type: ignore[method-assign]
    run(ledger, server)
    assert ledger.states() == {1: S.SUPPRESSED, 2: S.SENT}
    assert takings(server) == {b"Message-ID: <2@example.com>": 1}


def test_the_commands_go_together_only_where_the_server_offers_it(scripted: Callable[..., Scripted]) -> None:
    for pipelining in (False, True):
        server = scripted(None, "", pipelining=pipelining)
        ledger = MemoryLedger([make_delivery(n) for n in range(1, 6)])
        assert run(ledger, server).sent == 5
        assert server.most_together == (3 if pipelining else 1)


def test_a_server_that_hangs_up_in_the_middle_is_heard(scripted: Callable[..., Scripted]) -> None:
    """Its last words, like 552 for a mail that is too long, decide; not that the text could not be written."""
    import socket

    listener = socket.create_server(("127.0.0.1", 0))

    def serve() -> None:
        client, _ = listener.accept()
        with client, client.makefile("rwb") as file:
            for say, expect in ((b"220 hi", b"ehlo"), (b"250 ok", b"MAIL"), (b"250 ok", b"RCPT"), (b"250 ok", b"DATA")):
                file.write(say + b"\r\n")
                file.flush()
                assert file.readline().lower().startswith(expect.lower())
            file.write(b"354 go on\r\n")
            file.flush()
            client.recv(1000)
            file.write(b"552 5.3.4 too long\r\n")
            file.flush()
            client.shutdown(socket.SHUT_WR)
            while client.recv(65536):
                pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    settings = TransportSettings(host="127.0.0.1", port=listener.getsockname()[1], timeout=5, helo="c.example.org")
    connection = SmtpTransport(settings).open()
    assert connection.begin("a@example.com", "b@example.org").ok
    reply = connection.send(b"x" * 70 + b"\r\n")
    connection.close()
    listener.close()
    assert (reply.code, reply.enhanced) == (552, "5.3.4")
