"""What a hostile server can cost: bytes on the wire and unpacked, time, redirects, headers."""

from __future__ import annotations

import gzip
import resource
import socket
import time
import zlib
from collections.abc import Callable

import pytest

from digest.errors import FetchError
from digest.ingest import fetch
from tests.support.net import RawServer

MAX = 1_000_000
HEAD = b"HTTP/1.1 200 OK\r\n"
Answer = Callable[[socket.socket, RawServer], None]


def get(server: RawServer, **options: object) -> fetch.Fetched:
    given = {"allow_private": True, "timeout": 1.5, "max_bytes": MAX} | options
    return fetch.get(server.url, **given)  # type: ignore[arg-type]


def serving(answer: Answer) -> RawServer:
    server = RawServer(lambda _, connection: answer(connection, server))
    return server


def encoded(encoding: str, body: bytes) -> Answer:
    def answer(connection: socket.socket, _: RawServer) -> None:
        head = HEAD + f"Content-Encoding: {encoding}\r\nContent-Length: {len(body)}\r\n\r\n".encode()
        connection.sendall(head + body)

    return answer


def endless(head: bytes, piece: bytes, first: bytes = b"") -> Answer:
    def answer(connection: socket.socket, server: RawServer) -> None:
        connection.sendall(head + first)
        while not server.stop.is_set():
            connection.sendall(piece)

    return answer


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


BOMB = gzip.compress(b"0" * 60_000_000)
PACKER = zlib.compressobj(9, wbits=31)
ENDLESS_GZIP = PACKER.compress(b"0" * 40_000_000) + PACKER.flush(zlib.Z_FULL_FLUSH)
NOTHING_IN_IT = b"\x00\x00\x00\xff\xff" * 13_000  # stored blocks of no bytes: deflate that never says anything
CHUNKED = HEAD + b"Transfer-Encoding: chunked\r\nContent-Encoding: gzip\r\n\r\n"
GZIP_HEAD = b"\x1f\x8b\x08\x00\x00\x00\x00\x00\x00\x03"
HOSTILE: dict[str, Answer] = {
    "a gzip bomb": encoded("gzip", BOMB),
    "a deflate bomb": encoded("deflate", zlib.compress(b"0" * 60_000_000)),
    "a bomb in a bomb": encoded("gzip, gzip", gzip.compress(BOMB)),
    "a bomb under many coats": encoded(", ".join(["gzip"] * 50), BOMB),
    "a length that is too much": endless(HEAD + b"Content-Length: 99999999999\r\n\r\n", b""),
    "a length beyond numbers": endless(HEAD + b"Content-Length: " + b"9" * 5000 + b"\r\n\r\n", b"x"),
    "no end": endless(HEAD + b"\r\n", b"x" * 65_536),
    "no end, in chunks": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", chunk(b"x" * 10_000)),
    "no end, packed": endless(CHUNKED, chunk(ENDLESS_GZIP[10:]), chunk(ENDLESS_GZIP)),
    "no end, packed, with nothing in it": endless(CHUNKED, chunk(NOTHING_IN_IT), chunk(GZIP_HEAD)),
    "no end of a file name": endless(
        CHUNKED, chunk(b"n" * 60_000), chunk(b"\x1f\x8b\x08\x08\x00\x00\x00\x00\x00\x03")
    ),
    "one chunk without end": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\nfffffffffff\r\n", b"x" * 65_536),
    "a chunk's length without end": endless(HEAD + b"Transfer-Encoding: chunked\r\n\r\n", b"0" * 65_536),
    "a thousand headers": endless(HEAD + b"".join(b"X-%d: y\r\n" % n for n in range(1000)) + b"\r\n", b"x"),
    "headers without end": endless(HEAD, b"X: y\r\n"),
    "one header without end": endless(HEAD + b"X: ", b"y" * 65_536),
    "a status without end": endless(b"HTTP/1.1 200 ", b"y" * 65_536),
    "always about to answer": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n"),
    "no HTTP": endless(b"", b"\x00\xff" * 1000),
    "silence": endless(b"", b""),
    "packed as nobody asked": encoded("br", b"x"),
    "damaged gzip": encoded("gzip", BOMB[:50] + b"\xff" * 2000),
}  # fmt: skip


@pytest.mark.parametrize("answer", HOSTILE.values(), ids=HOSTILE.keys())
def test_hostile_answers_end_in_one_error(answer: Answer) -> None:
    before, begun = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss, time.monotonic()
    with serving(answer) as server:
        with pytest.raises(FetchError) as error:
            get(server)
        assert time.monotonic() - begun < 4
        assert "\n" not in str(error.value)
        assert len(str(error.value)) < 400
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 100_000, "kilobytes"


def test_a_redirect_in_circles_over_several_addresses_and_its_body_is_not_read() -> None:
    def answer(request: bytes, connection: socket.socket) -> None:
        there = b"/b" if b" /a " in request else b"/a"
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: " + there + b"\r\nContent-Length: 99999999999\r\n\r\n")
        if there == b"/b":
            connection.sendall(b"x" * 500_000)

    with RawServer(answer) as server:
        with pytest.raises(FetchError, match="redirects more than 5 times"):
            get(server)
        assert len(server.requests) == fetch.MAX_HOPS + 1


def test_the_time_is_for_all_hops_together() -> None:
    def answer(_: bytes, connection: socket.socket) -> None:
        time.sleep(0.3)
        connection.sendall(b"HTTP/1.1 302 Found\r\nLocation: /on\r\nContent-Length: 0\r\n\r\n")

    with RawServer(answer) as server:
        begun = time.monotonic()
        with pytest.raises(FetchError, match="too long"):
            get(server, timeout=0.7)
        assert time.monotonic() - begun < 1.5


def test_what_is_just_small_enough_comes_through() -> None:
    body = gzip.compress(b"0" * MAX)
    with serving(encoded("gzip", body)) as server:
        assert get(server).body == b"0" * MAX
        with pytest.raises(FetchError, match="larger than 999,999"):
            get(server, max_bytes=MAX - 1)
        assert get(server, max_bytes=MAX - 1, cut=True).body == b"0" * (MAX - 1)


def test_a_body_that_is_shorter_than_it_says_is_no_answer() -> None:
    def answer(_: bytes, connection: socket.socket) -> None:
        connection.sendall(HEAD + b"Content-Length: 100\r\n\r\nhalf")

    with RawServer(answer) as server, pytest.raises(FetchError, match="cannot be fetched"):
        get(server)


RAW = zlib.compressobj(wbits=-15)
PLAIN = b"<rss/>" * 1000
FORMS = {
    "gzip": gzip.compress(PLAIN),
    "x-gzip": gzip.compress(PLAIN),
    " GZIP ": gzip.compress(PLAIN[:3000]) + gzip.compress(PLAIN[3000:]),
    "gzip ": gzip.compress(PLAIN) + b"\0" * 512,
    "deflate": zlib.compress(PLAIN),
    "Deflate": RAW.compress(PLAIN) + RAW.flush(),
    "identity": PLAIN,
}


@pytest.mark.parametrize("coding", FORMS)
def test_what_honest_servers_send_is_unpacked(coding: str) -> None:
    with serving(encoded(coding, FORMS[coding])) as server:
        assert get(server).body == PLAIN


@pytest.mark.parametrize("name", ["no end, packed, with nothing in it", "no end of a file name"])
def test_the_cap_holds_for_the_wire_too(name: str) -> None:
    with serving(HOSTILE[name]) as server, pytest.raises(FetchError, match="larger than"):
        get(server, timeout=30.0)
