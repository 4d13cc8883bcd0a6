"""Pages, sitemaps and mails made to do harm: each costs its source a line, and neither the others nor this process."""

from __future__ import annotations

import dataclasses
import gzip
import time
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest.ingest import markup, newsletter, sitemap
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.ingest.workers import pool
from digest.ingest.workers.limits import Limits
from digest.model.article import Article, RawArticle
from digest.model.publication import Source
from digest.pipeline import fetching
from digest.pipeline import sources as source_pipeline
from digest.store import articles
from tests.support import tasks
from tests.support.home import House, open_house

trafilatura = pytest.importorskip("trafilatura", reason="pages are read by the extra `pages`")

WORDS = "The harbour of {0} was opened again on Monday, and the first ferry to {0} sailed at noon, the county said. "


def page(name: str) -> bytes:
    text = "".join(f"<p>{WORDS.format(name)}</p>" for _ in range(4))
    return f"<html><head><title>{name} sails again</title></head><body><article>{text}</article></body></html>".encode()


def inside(middle: bytes) -> bytes:
    return b"<html><head><title>A quay</title></head><body>" + middle + b"</body></html>"


PAGES = {
    "attributes": inside(b"<p " + b" ".join(b"a%d=1" % n for n in range(220_000)) + b">x</p>"),
    "deep": inside(b"<div>" * 19_000 + WORDS.encode()),
    "tags": inside(b"<p>x" * 50_000),
    "one word": inside(b"<p>" + b"a" * 2_900_000),
    "links": inside(b"".join(b"<a href=/%d>x</a>" % n for n in range(19_000))),
    "nothing": b"\0" * 2_900_000,
    "json": inside(b'<script type="application/ld+json">' + b"[" * 1_000_000 + b"</script>"),
    "large": inside(b"<p>word " * 500_000),
}

ENTRY = b"<url><loc>https://e.example/%d</loc><lastmod>2026-03-01</lastmod></url>"
MAPS = {
    "entities": b'<!DOCTYPE u [<!ENTITY a "b">]><urlset><url><loc>&a;</loc></url></urlset>',
    "deep": b"<urlset>" + b"<a>" * 3_000_000,
    "bomb": gzip.compress(b" " * 60_000_000),
    "no gzip": b"\x1f\x8b" + b"x" * 1000,
    "endless": b"<urlset>" + b"<url><loc>" + b"h" * 9_000_000,
}


def mail(subject: str, content: bytes, kind: str = "text/plain", *more: str) -> bytes:
    lines = [f"Subject: {subject}", f"Message-ID: <{subject[:40].replace(' ', '')}@e.example>", f"Content-Type: {kind}"]
    return "\n".join([*lines, *more, "", ""]).encode() + content


MAILS = {
    "deep": mail("Deep", b"<div>" * 400_000 + b"x", "text/html"),
    "parts": mail("Parts", b"--b\n\nx\n" * 300_000, "multipart/mixed; boundary=b"),
    "nested": mail(
        "Nested", b"".join(b"--b%d\nContent-Type: multipart/mixed; boundary=b%d\n\n" % (n, n + 1) for n in range(150)),
        "multipart/mixed; boundary=b0",
    ),
    "tables": mail("Tables", b"<table><tr><td style='display:none'>" * 100_000, "text/html"),
    "charset": mail("Charset", b"\xff" * 1_000_000, "text/plain; charset=utf-7"),
    "quoted": mail("Quoted", b"=\n" * 2_000_000, "text/html", "Content-Transfer-Encoding: quoted-printable"),
    "subject": mail("=?utf-8?q?" + "a=" * 500_000 + "?=", b"text"),
}  # fmt: skip


@pytest.fixture
def wide(tmp_path: Path, empty_home: Path) -> Iterator[House]:
    """A house whose sources may be on this machine."""
    settings = {"DIGEST_INGEST_ALLOW_PRIVATE": "true", "DIGEST_INGEST_HOST_SECONDS": "0"}
    with open_house(tmp_path / "home", template=empty_home, **settings) as opened:
        yield opened


@pytest.fixture
def broken_here(monkeypatch: pytest.MonkeyPatch) -> None:
    """In this process nothing of the kind can be read: what is read was read in another."""

    def never(*_: object, **__: object) -> None:
        raise AssertionError("read in the main process")

    monkeypatch.setattr(trafilatura, "bare_extraction", never)
    monkeypatch.setattr(sitemap, "_Reader", never)
    monkeypatch.setattr(newsletter, "_article", never)
    monkeypatch.setattr(markup, "to_paragraphs", never)
    monkeypatch.setattr("digest.ingest.normalise.signature", never)


def add(house: House, kind: str, location: str, name: str, **more: bool) -> None:
    source_pipeline.add(house.services, source_pipeline.Asked(kind, location, name=name, **more))  # type: ignore[arg-type]


def stored(house: House, source: str = "") -> list[Article]:
    with house.services.database.read() as connection:
        listed = articles.listing(connection, source=source)
        texts = articles.with_text(connection, [article.id for article in listed])
        return [texts[article.id] for article in listed]


def add_good_ones(house: House, server: HTTPServer, maildir: Path) -> None:
    """One source of each kind: page, sitemap behind an index, feed with teasers, maildir."""
    server.expect_request("/robots.txt").respond_with_data("", status=404)
    for name in ("Orme", "Kell", "Brill"):
        server.expect_request(f"/good/{name}").respond_with_data(page(name), content_type="text/html")
    add(house, "page", server.url_for("/good/Orme"), "a page")
    index = f"<sitemapindex><sitemap><loc>{server.url_for('/good/news.xml')}</loc></sitemap></sitemapindex>"
    listed = f"<urlset><url><loc>{server.url_for('/good/Kell')}</loc></url></urlset>"
    server.expect_request("/good/index.xml").respond_with_data(index)
    server.expect_request("/good/news.xml").respond_with_data(listed)
    add(house, "sitemap", server.url_for("/good/index.xml"), "a sitemap")
    teaser = f"<description>{WORDS.format('Brill')[:50]}</description>"
    item = f"<item><title>Brill sails again</title><link>{server.url_for('/good/Brill')}</link>{teaser}</item>"
    server.expect_request("/good/feed").respond_with_data(f"<rss><channel>{item}</channel></rss>")
    add(house, "feed", server.url_for("/good/feed"), "a feed", full_text=True)
    for folder in ("new", "cur", "tmp"):
        (maildir / folder).mkdir(parents=True)
    html = f"<p>{WORDS.format('Stowe') * 3}</p>".encode()
    (maildir / "new" / "1.good").write_bytes(mail("Stowe sails again", html, "text/html"))
    add(house, "maildir", str(maildir), "a maildir")


@pytest.mark.usefixtures("broken_here")
def test_what_others_wrote_is_read_in_another_process(wide: House, httpserver: HTTPServer, tmp_path: Path) -> None:
    add_good_ones(wide, httpserver, tmp_path / "mails")
    found = fetching.fetch(wide.services, everything=True)
    assert (found.failed, found.articles.errors, found.notes) == ({}, [], [])
    for name, place in (("a page", "Orme"), ("a sitemap", "Kell"), ("a feed", "Brill"), ("a maildir", "Stowe")):
        (article,) = stored(wide, name)
        assert f"The harbour of {place} was" in article.text, name
        assert "sailed at noon" in article.text, name


@pytest.mark.slow
def test_hostile_ones_cost_a_line_each_and_hurt_no_other(wide: House, httpserver: HTTPServer, tmp_path: Path) -> None:
    add_good_ones(wide, httpserver, tmp_path / "mails")
    for name, body in PAGES.items():
        httpserver.expect_request(f"/page/{name}").respond_with_data(body, content_type="text/html")
        add(wide, "page", httpserver.url_for(f"/page/{name}".replace(" ", "%20")), f"page {name}")
    for name, body in MAPS.items():
        httpserver.expect_request(f"/map/{name}").respond_with_data(body)
        add(wide, "sitemap", httpserver.url_for(f"/map/{name}".replace(" ", "%20")), f"map {name}")
    for number, body in enumerate(MAILS.values()):
        (tmp_path / "mails" / "new" / f"9{number}.bad").write_bytes(body)
    begun = time.thread_time()
    found = fetching.fetch(wide.services, everything=True)
    print(f"{time.thread_time() - begun:.1f} s of this thread; failed: {sorted(found.failed)}")
    lines = [str(error) for error in (*found.failed.values(), *found.articles.errors)]
    print("\n".join(line[:200] for line in lines))
    assert all(len(line) < 400 and line.isprintable() for line in lines)
    assert "took more than 2 seconds of computing" in str(found.failed["page attributes"])
    assert {f"map {name}" for name in ("entities", "bomb", "no gzip")} <= found.failed.keys()
    assert len(found.articles.errors) <= len(MAPS) + len(MAILS)
    assert {"a page", "a sitemap", "a feed", "a maildir"}.isdisjoint(found.failed)
    for name in ("a page", "a sitemap", "a feed", "a maildir"):
        assert any("sails again" in article.title for article in stored(wide, name)), name
    with wide.services.database.read() as connection:
        assert len(articles.with_text(connection, [a.id for a in stored(wide)])) == len(stored(wide))


class Broken:
    """A kind whose second thing breaks whoever reads it."""

    kind, polled = "broken", True

    def check(self, location: str) -> str:
        return location

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        task = {"crash": tasks.crash, "fault": tasks.fail, "other": tasks.mistaken}[source.name]
        options.run(task, where="https://e.example/2")
        return Batch(articles=[RawArticle(text="Never reached.", origin="x")])


def test_what_breaks_its_process_is_a_line_and_what_lies_is_not_believed(wide: House) -> None:
    wide.services = dataclasses.replace(wide.services, load_source_kind=lambda _kind: Broken())
    for name in ("crash", "fault", "other"):
        add(wide, "feed", f"https://e.example/{name}", name)
    found = fetching.fetch(wide.services, everything=True)
    told = {name: str(error) for name, error in found.failed.items()}
    assert "broke the process that read it" in told["crash"]
    assert "failed unexpectedly: ChildFault: KeyError" in told["fault"]
    assert "digest.log" in told["fault"]
    assert told["other"].startswith("https://e.example/2: broke the process")


class Several:
    """A kind with articles at hand, one of which takes too much."""

    kind, polled = "several", True
    bad = 1

    def check(self, location: str) -> str:
        return location

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        bomb = "<b>" * 3_000_000
        text = [bomb if n < self.bad else WORDS.format(f"Quay{n}") for n in range(self.bad + 9)]
        return Batch(articles=[RawArticle(text, f"mail {n}", markup=True) for n, text in enumerate(text)])


@pytest.mark.parametrize("bad", [1, 8])
def test_one_article_that_takes_too_much_costs_no_other_of_its_source(
    wide: House, bad: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    # It is memory that is to run out: on a slow machine the seconds would be first.
    monkeypatch.setattr(pool, "Limits", lambda: Limits(cpu_seconds=120.0, wall_seconds=240.0))
    kind = Several()
    kind.bad = bad
    wide.services = dataclasses.replace(wide.services, load_source_kind=lambda _kind: kind)
    add(wide, "feed", "https://e.example/", "several")
    found = fetching.fetch(wide.services, everything=True)
    assert len(stored(wide)) == 9
    lost = sorted(str(error) for error in found.articles.errors)
    assert [line.partition(":")[0] for line in lost] == [f"mail {n}" for n in range(bad)]
    assert all("memory to read" in line for line in lost), lost
