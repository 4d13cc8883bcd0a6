"""Through a proxy: https by CONNECT, http by the whole address; what can be checked before is checked."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest

from digest.errors import FetchError, UsageError
from digest.ingest import fetch
from digest.ingest.fetch_connect import check_proxy
from digest.ingest.kinds.base import FetchOptions
from digest.model.publication import Source
from tests.support import forbidden
from tests.support.net import PUBLIC, Net, RawServer

OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nin"


def proxied(request: bytes, connection: socket.socket) -> None:
    if request.startswith(b"CONNECT "):
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\nContent-Length: 0\r\n\r\n")
    elif b"/0 " in request:
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: http://127.0.0.1/in\r\nContent-Length: 0\r\n\r\n")
    else:
        connection.sendall(OK)


def test_http_goes_by_the_whole_address_and_https_by_connect(monkeypatch: pytest.MonkeyPatch) -> None:
    with RawServer(proxied) as proxy:
        net = Net(0)
        net.names["public.example"] = [PUBLIC]
        net.install(monkeypatch)
        address = f"http://127.0.0.1:{proxy.port}"
        assert fetch.get("http://public.example/feed?a=1", proxy=address).body == b"in"
        with pytest.raises(FetchError, match="407"):
            fetch.get("https://public.example/feed", proxy=address)
    assert net.connected == ["127.0.0.1"] * 2, "the proxy alone"
    assert proxy.requests[0].startswith(b"GET http://public.example/feed?a=1 HTTP/1.1\r\nHost: public.example\r\n")
    assert proxy.requests[1].startswith(b"CONNECT public.example:443 HTTP/1.")
    assert b"storyline" not in proxy.requests[1]


def test_a_source_has_its_own_and_the_settings_the_others(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    token = tmp_path / "token"
    token.write_text("s3cret")
    token.chmod(0o600)
    with RawServer(proxied) as one, RawServer(proxied) as two:
        net = Net(0)
        net.names["public.example"] = [PUBLIC]
        net.install(monkeypatch)
        options = FetchOptions(proxy=f"http://127.0.0.1:{one.port}")
        fetch.ask(Source("a", "feed", "http://public.example/a"), options)
        own = f"http://127.0.0.1:{two.port}"
        fetch.ask(Source("b", "feed", "http://public.example/b", proxy=own, login=f"bearer:{token}"), options)
        with pytest.raises(FetchError):
            fetch.ask(Source("c", "feed", "https://public.example/c", proxy=own, login=f"bearer:{token}"), options)
    assert [r.split()[1] for r in one.requests] == [b"http://public.example/a"]
    assert [r.split()[1] for r in two.requests] == [b"http://public.example/b", b"public.example:443"]
    assert b"s3cret" not in two.requests[1], "behind CONNECT the proxy sees no login"


@pytest.mark.parametrize("host", [*forbidden.HOSTS, *(f"[{a}]" for a in forbidden.ADDRESSES if ":" in a)])
def test_forbidden_literals_are_refused_before_the_proxy_is_asked(host: str) -> None:
    with RawServer(proxied) as proxy:
        for scheme in ("http", "https"):
            with pytest.raises(FetchError, match=r"private|not a web address"):
                fetch.get(f"{scheme}://{host}/", proxy=f"http://127.0.0.1:{proxy.port}")
    assert proxy.requests == []


@pytest.mark.parametrize("address", forbidden.ADDRESSES)
def test_names_that_lead_inwards_here_too(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    with RawServer(proxied) as proxy:
        net = Net(0)
        net.names["inside.example"] = [address]
        net.install(monkeypatch)
        with pytest.raises(FetchError, match="private"):
            fetch.get("http://inside.example/", proxy=f"http://127.0.0.1:{proxy.port}")
    assert proxy.requests == []


def test_redirects_are_checked_and_a_name_unknown_here_is_the_proxys_to_know(monkeypatch: pytest.MonkeyPatch) -> None:
    def nothing(host: str, *_: object, **__: object) -> object:
        if host == "127.0.0.1":
            return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (host, proxy.port))]
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    with RawServer(proxied) as proxy:
        monkeypatch.setattr(socket, "getaddrinfo", nothing)
        address = f"http://127.0.0.1:{proxy.port}"
        assert fetch.get("http://unknown.example/", proxy=address).body == b"in"
        with pytest.raises(FetchError, match="private"):
            fetch.get("http://unknown.example/0", proxy=address)
        with pytest.raises(FetchError, match="not known"):
            fetch.get("http://unknown.example/")


def test_a_proxy_that_trickles_holds_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def trickle(_: bytes, connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 ")
        while not proxy.stop.wait(0.05):
            connection.sendall(b"x")

    with RawServer(trickle) as proxy:
        net = Net(0)
        net.names["public.example"] = [PUBLIC]
        net.install(monkeypatch)
        with pytest.raises(FetchError, match="too long"):
            fetch.get("https://public.example/", proxy=f"http://127.0.0.1:{proxy.port}", timeout=0.4)


@pytest.mark.parametrize(
    ("given", "kept"),
    [("proxy.example.org:3128", "http://proxy.example.org:3128"), ("HTTP://Proxy:8080/", "http://proxy:8080"),
     ("http://[::1]:3128", "http://[::1]:3128")],
)  # fmt: skip
def test_the_address_of_a_proxy(given: str, kept: str) -> None:
    assert check_proxy(given) == kept


@pytest.mark.parametrize(
    "given",
    ["", "proxy", "socks5://proxy:1080", "https://proxy:443", "http://u:p@proxy:1", "http://proxy:x", "http://p:1/x"],
)
def test_what_is_no_proxy(given: str) -> None:
    with pytest.raises(UsageError) as error:
        check_proxy(given)
    assert "u:p" not in str(error.value)
