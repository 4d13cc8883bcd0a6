"""Megabytes that were made to take time or memory: sitemaps, pages and lists end soon, in one line at most."""

from __future__ import annotations

import contextlib
import gzip
import time
import tracemalloc

import pytest

from digest.errors import BadInput
from digest.ingest import opml, pages, sitemap
from tests.unit.ingest.web import TEXT

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
