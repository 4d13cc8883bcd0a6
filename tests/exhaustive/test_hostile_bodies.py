"""Megabytes that were made to take time or memory: sitemaps, pages, lists and mails end soon, in one line at most."""

from __future__ import annotations

import contextlib
import gzip
import time
import tracemalloc
from datetime import UTC, datetime

import pytest

from digest.errors import BadInput
from digest.ingest import discover, newsletter, opml, pages, sitemap
from digest.ingest.fetch import Fetched
from tests.unit.ingest.web import TEXT

HOME = "https://quay.example/"
MAP = "https://quay.example/sitemap.xml"


def test_an_unpacked_bomb_takes_no_more_memory_than_it_may() -> None:
    packed = gzip.compress(b"<urlset>" + b" " * 100_000_000)
    tracemalloc.start()
    with pytest.raises(BadInput, match="larger than"):
        sitemap.read(packed, MAP, max_bytes=1_000_000)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert most < 10_000_000


@pytest.mark.parametrize(
    "data",
    [
        b'<!DOCTYPE x [<!ENTITY a "boom">]><urlset><url><loc>http://q.example/&a;</loc></url></urlset>',
        b'<!DOCTYPE x [<!ENTITY % a SYSTEM "file:///etc/passwd"> %a;]><urlset/>',
        gzip.compress(b"<urlset>" + b" " * 50_000_000),
        gzip.compress(b"<urlset>")[:12],
    ],
    ids=["entity", "external entity", "gzip bomb", "cut gzip"],
)
def test_bombs_are_refused(data: bytes) -> None:
    with pytest.raises(BadInput):
        sitemap.read(data, MAP, max_bytes=10_000_000)


@pytest.mark.parametrize(
    "data",
    [
        b"<url>" * 300_000,
        b"<urlset>" + b"<url><loc>" + b"x" * 5_000_000,
        b"<urlset><url><loc>https://quay.example/1</loc></url></urlset>" * 2,
        b"<urlset " + b"a" * 10**6,
    ],
    ids=["deep", "long", "twice", "name"],
)  # fmt: skip
def test_hostile_sitemaps_are_read_in_no_time(data: bytes) -> None:
    before = time.process_time()
    try:
        sitemap.read(data, MAP, max_bytes=10_000_000)
    except BadInput as error:
        assert error.mend  # noqa: PT017 - either is fine, if it is quick
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "body",
    [
        b"<html><body>" + b"<div>" * 60_000 + TEXT.encode(),
        b"<html><body>" + b"<p>x " * 60_000,
        b"<html><body>" + b"<table><tr><td>" * 4000 + TEXT.encode(),
        b"<a href=" * 60_000,
        b"\0" * 10**6,
        bytes(range(256)) * 400,
        b"<html><body><p>" + b"a" * 10**6,
        b"<html><body>" + b"<p>x</p>" * 19_000,
        b"<html><body><p>" + b"&amp;" * 590_000,
        b"<html><body><p>" + b"word " * 2_000_000,
    ],
    ids=lambda body: body[:30].decode("latin-1"),
)  # fmt: skip
def test_hostile_pages_are_read_in_no_time(body: bytes) -> None:
    before = time.process_time()
    try:
        pages.extract(body, "p")
    except BadInput as error:
        assert error.where  # noqa: PT017 - either is fine, if it is quick
    assert time.process_time() - before < 6


@pytest.mark.parametrize(
    "data",
    [
        b"<outline " * 60_000,
        b"<!--" * 60_000,
        b'<outline text="' * 60_000,
        b"</outline>" * 60_000,
        b"<a></b>" * 60_000,
        b"<outline " + b"a" * 500_000 + b">",
        b"<outline a" + b" " * 500_000 + b">",
        b"<![CDATA[]]>" * 60_000,
        b"".join(b'<outline text="a" xmlUrl="http://q.example/%d">' % n for n in range(20_000)),
        b'<opml><outline xmlUrl="http://q.example/" category="' + b",".join(b"/%d" % n for n in range(50_000)) + b'">',
        b"".join(b'<outline text="%d"><outline xmlUrl="http://q.example/"/></outline>' % n for n in range(20_000)),
    ],
    ids=lambda data: data[:20].decode(),
)
def test_hostile_lists_are_read_in_no_time(data: bytes) -> None:
    """The slowest takes under a second; by listparser's own doors some take minutes."""
    before = time.process_time()
    with contextlib.suppress(BadInput):
        opml.read(data, "x")
    assert time.process_time() - before < 5


@pytest.mark.parametrize(
    "body",
    [
        b"<html>" + b"<div>" * 60_000,
        b"<!DOCTYPE" * 60_000,
        b"<!DOCTYPE " + b"a" * 500_000,
        b"<!--" * 60_000,
        b"<html><head>" + b'<link rel=alternate type="application/rss+xml" href=/x>' * 20_000,
        b"<html><body>" + b"<a href=/feed>" * 40_000,
    ],
    ids=lambda body: body[:20].decode(),
)
def test_feeds_are_looked_for_in_hostile_pages_in_no_time(body: bytes) -> None:
    before = time.process_time()
    discover.sniff(body)
    discover.links(body, HOME)
    discover.candidates((), Fetched(200, body, None, None, HOME, HOME))
    discover.reads_as_page(body)
    assert time.process_time() - before < 5


def nested(depth: int) -> bytes:
    parts = [f"Content-Type: multipart/mixed; boundary=b{n}\r\n\r\n--b{n}\r\n" for n in range(depth)]
    return ("Subject: deep\r\n" + "".join(parts) + "Content-Type: text/plain\r\n\r\nhello").encode()


@pytest.mark.parametrize(
    "data",
    [
        nested(150),
        nested(5000),
        b"Subject: x\r\nContent-Type: text/html; charset=punycode\r\n\r\n" + b"a-" * 200_000,
        b"Subject: " + b"=?utf-8?q?" * 50_000 + b"\r\n\r\ntext",
        b"From: " + b"(" * 100_000 + b"\r\nSubject: x\r\n\r\ntext",
        b"List-Id: " + b'"\\' * 100_000 + b"\r\nSubject: x\r\n\r\ntext",
        b"Content-Type: multipart/mixed; boundary=" + b"x" * 100_000 + b"\r\n\r\n",
        b"Subject: x\r\nContent-Transfer-Encoding: base64\r\n\r\n" + b"=" * 300_000,
        b"Subject: x\r\nContent-Transfer-Encoding: uuencode\r\n\r\nbegin 666 x\n" + b"\xff" * 1000,
        b"Subject: x\r\nContent-Type: text/html\r\n\r\n" + b"<div style=display:none>" * 100_000,
        b"Subject: x\r\nContent-Type: text/html\r\n\r\n" + b"<a href=unsubscribe>" * 4000 + b"x",
        b"\0" * 100_000,
        b"",
        b"A" * 1_000_000,
        b"X: y\r\n" * 200_000,
    ],
    ids=lambda data: f"{data[:40]!r}",
)
def test_hostile_mails_cost_one_line_at_most(data: bytes) -> None:
    before = time.process_time()
    try:
        newsletter.read(data, "m", "path:m", now=datetime(2026, 3, 1, tzinfo=UTC))
    except BadInput as error:
        assert error.mend  # noqa: PT017 - either is fine, if it is quick
    assert time.process_time() - before < 5
