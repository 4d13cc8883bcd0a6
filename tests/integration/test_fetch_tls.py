"""TLS to a checked address: the certificate is that of the name, directly and behind a proxy's CONNECT."""

from __future__ import annotations

import contextlib
import socket
import ssl
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from digest.errors import FetchError
from digest.ingest import fetch, fetch_connect
from digest.ingest.fetch_login import Login
from tests.support.net import PUBLIC, Net, RawServer

# For public.example alone, signed by itself, made for these tests:
# openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 36500 -subj /CN=public.example
#   -addext subjectAltName=DNS:public.example -addext basicConstraints=critical,CA:TRUE
#   -addext keyUsage=critical,digitalSignature,keyCertSign
CERTIFICATE = Path(__file__).resolve().parents[1] / "support" / "public.example.pem"


def _answer(request: bytes, connection: socket.socket) -> None:
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin")


class TlsServer(RawServer):
    """A raw server that speaks TLS as public.example."""

    def __init__(self) -> None:
        super().__init__(_answer)
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(CERTIFICATE)
        self.names: list[str | None] = []
        self._context.sni_callback = lambda _socket, name, _context: self.names.append(name)

    def _one(self, connection: socket.socket) -> None:
        with contextlib.suppress(OSError):
            super()._one(self._context.wrap_socket(connection, server_side=True))


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[TlsServer]:
    trusting = ssl.create_default_context(cafile=str(CERTIFICATE))
    monkeypatch.setattr(fetch_connect, "_tls", lambda: trusting)
    with TlsServer() as made:
        net = Net(made.port)
        net.names |= {"public.example": [PUBLIC], "other.example": [PUBLIC]}
        net.install(monkeypatch)
        yield made


def relay(to: int) -> RawServer:
    """A proxy that takes CONNECT, and sends everything to one port here."""

    def answer(request: bytes, connection: socket.socket) -> None:
        assert request.startswith(b"CONNECT ")
        with socket.create_connection(("127.0.0.1", to)) as behind:
            connection.sendall(b"HTTP/1.1 200 Connection established\r\n\r\n")
            back = threading.Thread(target=_copy, args=(behind, connection))
            back.start()
            _copy(connection, behind)
            back.join()

    return RawServer(answer)


def _copy(one: socket.socket, other: socket.socket) -> None:
    with contextlib.suppress(OSError):
        while data := one.recv(65_536):
            other.sendall(data)
        other.shutdown(socket.SHUT_WR)


def test_directly(server: TlsServer) -> None:
    assert fetch.get("https://public.example/feed").body == b"in"
    assert server.names == ["public.example"]
    with pytest.raises(FetchError, match=r"doesn't match 'public\.example'"):
        fetch.get("https://other.example/feed")
    assert len(server.requests) == 1


def test_behind_connect_the_proxy_sees_neither_path_nor_login(server: TlsServer, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret")
    token.chmod(0o600)
    url = "https://public.example/private/feed"
    with relay(server.port) as proxy:
        address = f"http://127.0.0.1:{proxy.port}"
        got = fetch.get(url, proxy=address, login=Login(f"bearer:{token}", url))
        assert got.body == b"in"
        assert server.names == ["public.example"]
        with pytest.raises(FetchError, match=r"doesn't match 'public\.example'"):
            fetch.get("https://other.example/feed", proxy=address)
    assert b"GET /private/feed HTTP/1.1\r\nHost: public.example\r\n" in server.requests[0]
    assert b"Bearer s3cret" in server.requests[0]
    assert len(server.requests) == 1
    assert b"s3cret" not in b"".join(proxy.requests)
    assert b"private" not in b"".join(proxy.requests)
