"""The fetcher against a real HTTP server on this machine."""

from __future__ import annotations

import gzip
import socket
import threading
import time
from collections.abc import Iterator

import pytest
from pytest_httpserver import HTTPServer
from werkzeug import Request, Response

from digest.errors import FetchError
from digest.ingest import fetch, fetch_connect


def get(url: str, **options: object) -> fetch.Fetched:
    return fetch.get(url, **({"allow_private": True, "timeout": 5.0} | options))  # type: ignore[arg-type]


def test_conditional_get_sends_back_what_was_sent(httpserver: HTTPServer) -> None:
    def answer(request: Request) -> Response:
        if (
            request.headers.get("If-None-Match") == 'W/"odd-etag'
            and request.headers.get("If-Modified-Since") == "once upon"
        ):
            return Response(status=304)
        return Response(b"body", headers={"ETag": 'W/"odd-etag', "Last-Modified": "once upon"})

    httpserver.expect_request("/feed").respond_with_handler(answer)
    first = get(httpserver.url_for("/feed"))
    assert (first.status, first.body, first.permanent_redirect_to) == (200, b"body", None)
    second = get(httpserver.url_for("/feed"), etag=first.etag, last_modified=first.last_modified)
    assert (second.status, second.body) == (304, b"")


def test_host_and_agent_headers(httpserver: HTTPServer) -> None:
    seen: list[dict[str, str]] = []

    def answer(request: Request) -> Response:
        seen.append(dict(request.headers))
        return Response(b"ok")

    httpserver.expect_request("/").respond_with_handler(answer)
    get(f"http://localhost:{httpserver.port}", user_agent="digest/1 (+https://example.org)")
    assert seen[0]["Host"] == f"localhost:{httpserver.port}"
    assert seen[0]["User-Agent"] == "digest/1 (+https://example.org)"


@pytest.mark.parametrize(
    ("codes", "moved_to"),
    [((301,), "/1"), ((308, 301), "/2"), ((302,), None), ((301, 302), "/1"), ((302, 301), None)],
)
def test_only_an_unbroken_chain_of_permanent_redirects_moves_a_feed(
    httpserver: HTTPServer, codes: tuple[int, ...], moved_to: str | None
) -> None:
    for n, code in enumerate(codes):
        httpserver.expect_request(f"/{n}").respond_with_data("", status=code, headers={"Location": f"/{n + 1}"})
    httpserver.expect_request(f"/{len(codes)}").respond_with_data("end")
    got = get(httpserver.url_for("/0"))
    assert (got.body, got.url) == (b"end", httpserver.url_for(f"/{len(codes)}"))
    assert got.permanent_redirect_to == (httpserver.url_for(moved_to) if moved_to else None)


def test_an_error_behind_a_permanent_redirect_moves_nothing(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/0").respond_with_data("", status=301, headers={"Location": "/gone"})
    httpserver.expect_request("/gone").respond_with_data("", status=404)
    got = get(httpserver.url_for("/0"))
    assert (got.status, got.permanent_redirect_to) == (404, None)


def test_redirect_limits(httpserver: HTTPServer) -> None:
    httpserver.expect_request("/loop").respond_with_data("", status=302, headers={"Location": "/loop"})
    with pytest.raises(FetchError, match="redirects more than 5"):
        get(httpserver.url_for("/loop"))
    assert len(httpserver.log) == fetch.MAX_HOPS + 1
    httpserver.expect_request("/file").respond_with_data("", status=302, headers={"Location": "file:///etc/passwd"})
    with pytest.raises(FetchError, match="not http"):
        get(httpserver.url_for("/file"))


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0.0.0.0", "[::ffff:127.0.0.1]"])
def test_private_addresses_are_refused_before_anything_is_sent(httpserver: HTTPServer, host: str) -> None:
    with pytest.raises(FetchError, match="private"):
        get(f"http://{host}:{httpserver.port}/", allow_private=False)
    assert not httpserver.log


def test_every_hop_is_checked(httpserver: HTTPServer, monkeypatch: pytest.MonkeyPatch) -> None:
    httpserver.expect_request("/0").respond_with_data(
        "", status=302, headers={"Location": f"http://localhost:{httpserver.port}/in"}
    )
    # Only the literal address of the first hop counts as public here; the name's does not.
    answers = iter([True])
    monkeypatch.setattr(fetch_connect, "names_private", lambda _: False)
    monkeypatch.setattr(fetch_connect, "is_public", lambda _: next(answers, False))
    with pytest.raises(FetchError, match="private"):
        get(f"http://127.0.0.1:{httpserver.port}/0", allow_private=False)
    assert [request.path for request, _ in httpserver.log] == ["/0"]


def test_the_cap_counts_what_is_unpacked(httpserver: HTTPServer) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)
    httpserver.expect_request("/bomb").respond_with_data(bomb, headers={"Content-Encoding": "gzip"})
    with pytest.raises(FetchError, match="larger than 1,000,000"):
        get(httpserver.url_for("/bomb"), max_bytes=1_000_000)
    httpserver.expect_request("/fine").respond_with_data(gzip.compress(b"fine"), headers={"Content-Encoding": "gzip"})
    assert get(httpserver.url_for("/fine")).body == b"fine"


@pytest.mark.parametrize("status", [304, 404, 410, 429, 503])
def test_other_statuses_are_reported(httpserver: HTTPServer, status: int) -> None:
    httpserver.expect_request("/").respond_with_data("", status=status, headers={"Retry-After": "120"})
    got = get(httpserver.url_for("/"))
    assert got.status == status
    assert got.retry_after is not None


@pytest.mark.parametrize("value", ["soon", "-5", "Mon, 01 Jan 2001 00:00:00 GMT", ""])
def test_unusable_retry_after(httpserver: HTTPServer, value: str) -> None:
    httpserver.expect_request("/").respond_with_data("", status=503, headers={"Retry-After": value})
    assert get(httpserver.url_for("/")).retry_after is None


ANSWERS = {
    "in a header": b"HTTP/1.1 200 OK\r\nX: ",
    "until it closes": b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n",
    "and closes, length known": b"HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1000\r\n\r\n",
    "and keeps alive": b"HTTP/1.1 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1000\r\n\r\n",
    "in a chunk": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3e8\r\n",
}


@pytest.fixture(params=ANSWERS.values(), ids=ANSWERS.keys())
def trickle(request: pytest.FixtureRequest) -> Iterator[str]:
    """A server that sends a byte now and then for three seconds, and never gets to the end of its answer."""
    listener = socket.create_server(("127.0.0.1", 0))
    stop = threading.Event()

    def serve() -> None:
        try:
            connection, _ = listener.accept()
            with connection:
                connection.recv(4096)
                connection.sendall(request.param)
                until = time.monotonic() + 3
                while not stop.wait(0.05) and time.monotonic() < until:
                    connection.sendall(b"x")
        except OSError:
            return

    thread = threading.Thread(target=serve)
    thread.start()
    yield f"http://127.0.0.1:{listener.getsockname()[1]}/"
    stop.set()
    listener.close()
    thread.join()


def test_the_deadline_is_for_the_whole_request(trickle: str) -> None:
    begun = time.monotonic()
    with pytest.raises(FetchError, match="too long"):
        get(trickle, timeout=0.4)
    assert time.monotonic() - begun < 1.5


def test_no_answer(unused_port: int) -> None:
    with pytest.raises(FetchError, match="refused"):
        get(f"http://127.0.0.1:{unused_port}/")


@pytest.fixture
def unused_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


@pytest.mark.parametrize("url", ["ftp://127.0.0.1/", "file:///etc/passwd", "http://", "nonsense", "http://a b/"])
def test_no_web_address(url: str) -> None:
    with pytest.raises(FetchError, match="not a web address"):
        get(url)
