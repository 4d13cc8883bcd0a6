"""Addresses that nobody may lead a fetch to: given directly, by a redirect, by a name whose answer changes."""

from __future__ import annotations

import socket

import pytest
from pytest_httpserver import HTTPServer

from digest.errors import FetchError
from digest.ingest import fetch
from tests.support import forbidden
from tests.support.net import PUBLIC, Net, RawServer

#: By what they are, not by a look-up that happened to fail.
REFUSED = "private|not a web address|not http or https|what is no address"
#: In a redirect these are paths on the host that redirects: nothing inwards about them.
RELATIVE = ("http:127.0.0.1", "http:/127.0.0.1/", "http:///127.0.0.1/")


@pytest.fixture
def net(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> Net:
    made = Net(httpserver.port)
    made.names["public.example"] = [PUBLIC]
    made.install(monkeypatch)
    return made


def get(url: str) -> fetch.Fetched:
    return fetch.get(url, timeout=5.0)


def test_there_are_forms_enough_and_the_net_leads_to_the_server(net: Net, httpserver: HTTPServer) -> None:
    assert len(set(forbidden.ADDRESSES)) >= 40
    assert len(set(forbidden.HOSTS)) >= 40
    httpserver.expect_request("/").respond_with_data("in")
    assert get("http://public.example/").body == b"in"
    assert net.connected == [PUBLIC]


@pytest.mark.parametrize("host", forbidden.HOSTS)
@pytest.mark.parametrize("scheme", ["http", "https"])
def test_directly(net: Net, httpserver: HTTPServer, scheme: str, host: str) -> None:
    for form in (f"{scheme}://{host}:{httpserver.port}/", f"{scheme}://{host}/"):
        with pytest.raises(FetchError, match=REFUSED):
            get(form)
    assert net.connected == []
    assert not httpserver.log


@pytest.mark.parametrize("url", forbidden.OTHERS)
def test_other_kinds_of_address(net: Net, url: str) -> None:
    with pytest.raises(FetchError, match=REFUSED):
        get(url)
    assert net.connected == []


@pytest.mark.parametrize("target", [*(f"http://{host}/in" for host in forbidden.HOSTS), *forbidden.OTHERS[:-1]])
def test_through_a_redirect(monkeypatch: pytest.MonkeyPatch, target: str) -> None:
    def answer(request: bytes, connection: socket.socket) -> None:
        if request.startswith(b"GET /0 "):
            connection.sendall(b"HTTP/1.1 302 Found\r\nContent-Length: 0\r\nLocation: " + target.encode() + b"\r\n\r\n")
        else:
            connection.sendall(b"HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\n\r\n")

    with RawServer(answer) as server:
        net = Net(server.port)
        net.names["public.example"] = [PUBLIC]
        net.install(monkeypatch)
        if target in RELATIVE:
            assert get("http://public.example/0").status == 404
        else:
            with pytest.raises(FetchError, match=REFUSED):
                get("http://public.example/0")
            assert len(server.requests) == 1
    assert set(net.connected) == {PUBLIC}


@pytest.mark.parametrize("address", forbidden.ADDRESSES)
def test_as_the_answer_to_a_name(net: Net, address: str) -> None:
    net.names["inside.example"] = [address]
    with pytest.raises(FetchError, match="private"):
        get("http://inside.example/")
    assert net.connected == []


@pytest.mark.parametrize("address", forbidden.ADDRESSES)
def test_an_answer_that_changes_between_the_check_and_the_connection(
    net: Net, httpserver: HTTPServer, address: str
) -> None:
    """The connection is made to the address that was checked: nobody is asked a second time."""
    httpserver.expect_request("/").respond_with_data("public")
    net.names["turning.example"] = [PUBLIC, address]
    assert get("http://turning.example/").body == b"public"
    assert net.asked == ["turning.example"]
    assert net.connected == [PUBLIC]
    with pytest.raises(FetchError, match="private"):
        get("http://turning.example/")
    assert net.connected == [PUBLIC]


def test_an_answer_that_changes_between_two_hops(net: Net, httpserver: HTTPServer) -> None:
    httpserver.expect_request("/0").respond_with_data("", status=301, headers={"Location": "/1"})
    net.names["turning.example"] = [PUBLIC, "127.0.0.1"]
    with pytest.raises(FetchError, match="private"):
        get("http://turning.example/0")
    assert net.connected == [PUBLIC]


def test_one_public_address_among_private_ones_is_the_one_that_is_taken(
    net: Net, httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    httpserver.expect_request("/").respond_with_data("public")
    mixed = [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, 80)) for a in ("127.0.0.1", PUBLIC, "10.0.0.1")]
    real = socket.getaddrinfo
    monkeypatch.setattr(socket, "getaddrinfo", lambda h, *a, **k: mixed if h == "mixed.example" else real(h, *a, **k))
    assert get("http://mixed.example/").body == b"public"
    assert net.connected == [PUBLIC]
