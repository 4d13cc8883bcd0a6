"""The SMTP transport and the sender against real servers: aiosmtpd, a scripted one, Postfix's smtp-sink."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import ssl
import subprocess
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword

from digest.deliver.relay import Relay
from digest.deliver.retry import Stage
from digest.deliver.send import Ready, Summary, send_all
from digest.deliver.testing import EPOCH, MemoryLedger, make_delivery
from digest.deliver.transports.base import TransportSettings
from digest.deliver.transports.smtp import SmtpTransport
from digest.errors import TransportError
from digest.model.delivery import Delivery, DeliveryState
from tests.support.scripted import Scripted

S = DeliveryState
MESSAGE = b"Subject: x\r\n\r\n.dot\r\n..two\r\n.\r\nend\r\n"


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


class Keeper:
    """Keeps what it is given."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's name
        self, server: Any, session: Any, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if address.endswith("@elsewhere.example"):
            return "550 5.7.1 not here"
        envelope.rcpt_tos.append(address)
        return "250 2.1.5 fine"

    async def handle_DATA(self, server: Any, session: Any, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's name
        self.mails.append(envelope)
        return "250 2.0.0 kept"


@contextlib.contextmanager
def aiosmtpd(**options: Any) -> Iterator[tuple[Keeper, int]]:
    keeper = Keeper()
    controller = Controller(keeper, hostname="127.0.0.1", port=free_port(), enable_SMTPUTF8=True, **options)
    controller.start()
    try:
        yield keeper, controller.port
    finally:
        controller.stop()


def settings(port: int, **more: Any) -> TransportSettings:
    return TransportSettings(
        **{"host": "127.0.0.1", "port": port, "timeout": 10.0, "helo": "client.example.org", **more}
    )


def carry(transport: SmtpTransport, recipient: str = "jan@example.org", message: bytes = MESSAGE) -> str:
    connection = transport.open()
    try:
        agreed = connection.begin("bounces@example.com", recipient)
        return str(connection.send(message)) if agreed.ok else str(agreed)
    finally:
        connection.close()


def run(ledger: MemoryLedger, port: int, connections: int = 2, **more: Any) -> Summary:
    def message_for(delivery: Delivery) -> Ready:
        head = f"Message-ID: {delivery.message_id}\r\nTo: {delivery.address}\r\n\r\n"
        return Ready("bounces@example.com", head.encode() + b"hello\r\n" * 100)

    return send_all(
        ledger,
        [Relay("smtp", SmtpTransport(settings(port)), connections)],
        message_for=message_for,
        clock=lambda: EPOCH,
        stop=threading.Event(),
        owner="me",
        **more,
    )


def test_the_bytes_arrive_as_they_were() -> None:
    with aiosmtpd() as (keeper, port):
        assert carry(SmtpTransport(settings(port))) == "250 2.0.0 kept"
    (mail,) = keeper.mails
    assert mail.original_content == MESSAGE
    assert (mail.mail_from, mail.rcpt_tos) == ("bounces@example.com", ["jan@example.org"])


def test_bare_line_ends_never_reach_the_wire() -> None:
    with aiosmtpd() as (keeper, port):
        carry(SmtpTransport(settings(port)), message=b"Subject: x\n\na\rb\r\n.\nc")
    assert keeper.mails[0].original_content == b"Subject: x\r\n\r\na\r\nb\r\n.\r\nc\r\n"


def test_international_addresses() -> None:
    with aiosmtpd() as (keeper, port):
        assert carry(SmtpTransport(settings(port)), "jäger@bücher.example").startswith("250")
    assert keeper.mails[0].rcpt_tos == ["jäger@xn--bcher-kva.example"]
    assert keeper.mails[0].smtp_utf8


def test_one_connection_carries_many_messages_after_a_reset() -> None:
    with aiosmtpd() as (keeper, port):
        connection = SmtpTransport(settings(port)).open()
        for number in range(3):
            assert not connection.begin("a@example.com", f"no{number}@elsewhere.example").ok
            assert connection.reset()
            assert connection.begin("a@example.com", f"yes{number}@example.org").ok
            assert connection.send(MESSAGE).ok
        connection.close()
    assert [m.rcpt_tos for m in keeper.mails] == [[f"yes{n}@example.org"] for n in range(3)]


def authenticate(*args: Any) -> AuthResult:
    data = args[-1]
    good = isinstance(data, LoginPassword) and (data.login, data.password) == (b"digest", b"secret")
    return AuthResult(success=good, handled=good)


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed")
    folder = tmp_path_factory.mktemp("tls")
    key, cert = folder / "key.pem", folder / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost"),
            *("-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout", str(key), "-out", str(cert)),
        ],
        check=True,
        capture_output=True,
    )
    return key, cert


def server_context(certificate: tuple[Path, Path]) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate[1], certificate[0])
    return context


def test_login_over_starttls(certificate: tuple[Path, Path]) -> None:
    secure = {"tls": "starttls", "ca_file": str(certificate[1]), "user": "digest"}
    options = {"tls_context": server_context(certificate), "require_starttls": True, "authenticator": authenticate}
    with aiosmtpd(auth_required=True, **options) as (keeper, port):
        assert carry(SmtpTransport(settings(port, password="secret", **secure))).startswith("250")
        with pytest.raises(TransportError, match="535"):
            SmtpTransport(settings(port, password="wrong", **secure)).open()
    assert len(keeper.mails) == 1


def test_a_certificate_that_nobody_vouches_for_is_refused(certificate: tuple[Path, Path]) -> None:
    with aiosmtpd(tls_context=server_context(certificate)) as (_, port), pytest.raises(TransportError, match="verif"):
        SmtpTransport(settings(port, tls="starttls")).open()


def test_starttls_that_is_not_offered_is_an_error() -> None:
    with aiosmtpd() as (_, port), pytest.raises(TransportError, match="STARTTLS"):
        SmtpTransport(settings(port, tls="starttls")).open()


def test_off_this_machine_nothing_is_sent_in_the_open_unless_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    """`auto`, the default. The server is near; what tells that is made to say that it is not."""
    with aiosmtpd() as (keeper, port):
        assert carry(SmtpTransport(settings(port, tls="auto"))).startswith("250")
        monkeypatch.setattr("digest.deliver.transports.smtp._is_loopback", lambda _sock: False)
        with pytest.raises(TransportError, match="not sent in the open"):
            SmtpTransport(settings(port, tls="auto")).open()
        assert carry(SmtpTransport(settings(port, tls="none"))).startswith("250")
    assert len(keeper.mails) == 2


def test_nobody_there() -> None:
    with pytest.raises(TransportError, match="refused"):
        SmtpTransport(settings(free_port())).open()


def test_a_relay_that_takes_nobody_leaves_the_rest_planned(scripted: Callable[..., Scripted]) -> None:
    server = scripted(Stage.CONNECT, "554 5.7.1 go away", times=10**6)
    ledger = MemoryLedger([make_delivery(n) for n in range(1, 30)])
    summary = run(ledger, server.port)
    assert "go away" in summary.stopped
    assert set(ledger.states().values()) == {S.PLANNED}


@pytest.mark.parametrize("pipelining", [False, True])
def test_an_answer_to_nothing_is_not_taken_for_the_answer_to_a_message(
    scripted: Callable[..., Scripted], pipelining: bool
) -> None:
    server = scripted(Stage.DATA, "354 go on\r\n250 stray", pipelining=pipelining)
    ledger = MemoryLedger([make_delivery(1)])
    assert run(ledger, server.port).deferred == 1
    assert server.taken == []
    assert "not asked" in ledger.rows[1].reply


@pytest.mark.parametrize("address", ["a b@example.org", "nobody", "a@x.org\r\nDATA", "a\0@x.org"])
def test_an_address_that_cannot_be_written_costs_nobody_else_a_mail(
    scripted: Callable[..., Scripted], address: str
) -> None:
    server = scripted(None, "", pipelining=True)
    ledger = MemoryLedger([make_delivery(1, address=address), make_delivery(2)])
    assert run(ledger, server.port).sent == 1
    assert ledger.states() == {1: S.FAILED, 2: S.SENT}
    assert len([command for command in server.commands if command.startswith(b"RCPT")]) == 1


def test_what_a_server_says_is_fit_to_be_kept_and_shown(scripted: Callable[..., Scripted]) -> None:
    hostile = "".join(f"550-5.1.1 \x1b]0;title\x07 \0 \u202e {'y' * 5000}\r\n" for _ in range(20))
    server = scripted(Stage.RCPT, f"{hostile}550 5.1.1 no")
    ledger = MemoryLedger([make_delivery(1)])
    assert run(ledger, server.port).failed == 1
    reply = ledger.rows[1].reply
    assert reply.startswith("550 5.1.1 ]0;title")
    assert reply.isprintable()
    assert len(reply) < 1100


@pytest.mark.parametrize("host", ["a..b", f"{'x' * 70}.example"])
def test_a_host_that_is_no_name(host: str) -> None:
    with pytest.raises(TransportError, match="label"):
        SmtpTransport(settings(25, host=host)).open()


def test_a_password_that_cannot_be_sent_is_not_shown() -> None:
    with (
        aiosmtpd(auth_require_tls=False, authenticator=authenticate) as (_, port),
        pytest.raises(TransportError, match="outside ASCII") as raised,
    ):
        SmtpTransport(settings(port, user="digest", password="s\xe9cret")).open()
    assert "\xe9" not in str(raised.value)
    assert "e9" not in str(raised.value)


@pytest.fixture
def sink() -> Iterator[Callable[..., tuple[int, Path]]]:
    program = shutil.which("smtp-sink") or shutil.which("smtp-sink", path="/usr/sbin")
    if program is None:
        pytest.skip("Postfix's smtp-sink is not installed")
    running: list[subprocess.Popen[bytes]] = []
    folders: list[Path] = []

    def start(*flags: str) -> tuple[int, Path]:
        port = free_port()
        # Not under tmp_path: smtp-sink writes as another user, who cannot enter there.
        folder = Path(tempfile.mkdtemp(prefix="sink-"))
        folders.append(folder)
        folder.chmod(0o777)
        as_nobody = ["-u", "nobody"] if os.getuid() == 0 else []
        command = [program, *as_nobody, "-R", str(folder), "-d", "%M.", *flags, f"127.0.0.1:{port}", "128"]
        running.append(subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL))
        for _ in range(100):
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), 1):
                return port, folder
            time.sleep(0.05)
        raise AssertionError("smtp-sink did not start")

    yield start
    for process in running:
        process.kill()
        process.wait()
    for folder in folders:
        shutil.rmtree(folder)


def test_five_hundred_into_smtp_sink(sink: Callable[..., tuple[int, Path]]) -> None:
    port, folder = sink()
    ledger = MemoryLedger([make_delivery(n) for n in range(1, 501)])
    assert run(ledger, port, connections=4, messages_per_connection=50).sent == 500
    arrived = Counter(
        line for f in folder.iterdir() for line in f.read_bytes().splitlines() if line[:10] == b"Message-ID"
    )
    assert len(arrived) == 500
    assert set(arrived.values()) == {1}


def test_smtp_sink_that_drops_after_the_dot(sink: Callable[..., tuple[int, Path]]) -> None:
    port, _ = sink("-q", ".")
    ledger = MemoryLedger([make_delivery(n) for n in range(1, 40)])
    summary = run(ledger, port)
    counts = Counter(ledger.states().values())
    assert summary.sent == 0
    assert summary.stopped
    assert counts[S.UNCERTAIN] == summary.uncertain >= 10
    assert set(counts) == {S.UNCERTAIN, S.PLANNED}


def test_tls_from_the_first_byte(certificate: tuple[Path, Path]) -> None:
    with aiosmtpd(ssl_context=server_context(certificate)) as (keeper, port):
        assert carry(SmtpTransport(settings(port, tls="tls", ca_file=str(certificate[1])))).startswith("250")
        with pytest.raises(TransportError, match="verif"):
            SmtpTransport(settings(port, tls="tls")).open()
    assert len(keeper.mails) == 1


def test_a_password_is_not_sent_in_the_open(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("digest.deliver.transports.smtp._is_loopback", lambda _socket: False)
    with aiosmtpd() as (_, port), pytest.raises(TransportError, match="in the open"):
        SmtpTransport(settings(port, tls="none", user="digest", password="secret")).open()
