from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from digest.errors import BadInput, DigestError, FetchError, UsageError
from digest.ingest import arriving, feeds, fetch, robots
from digest.ingest.address import is_public
from digest.ingest.arriving import Mishap, Wanted
from digest.ingest.kinds import web
from digest.ingest.kinds.base import Batch, FetchOptions, SourceKind
from digest.ingest.kinds.feed import FeedSource
from digest.ingest.kinds.folder import FolderSource
from digest.ingest.normalise import Draft
from digest.ingest.robots import Robots
from digest.model.article import Article, RawArticle
from digest.model.publication import Source

OPTIONS = FetchOptions()
URL = "https://quay.example/feed.xml"
FEED = b'<rss version="2.0"><channel><title>Quay</title><item><title>t</title><guid>1</guid></item></channel></rss>'


def test_both_fulfil_the_protocol() -> None:
    kinds: list[SourceKind] = [FolderSource(), FeedSource()]
    assert [(kind.kind, kind.polled) for kind in kinds] == [("folder", False), ("feed", True)]


def test_folder_is_read_when_it_changed(tmp_path: Path, now: datetime) -> None:
    folder, source = FolderSource(), Source("mine", "folder", str(tmp_path))
    assert folder.check(str(tmp_path)) == str(tmp_path.resolve())
    assert folder.read(source, {}, now=now, options=OPTIONS).articles == []
    file = tmp_path / "a.txt"
    file.write_text("date 2025 one")
    first = folder.read(source, {}, now=now, options=OPTIONS)
    (article,) = first.articles
    assert isinstance(article, RawArticle)
    assert article.identity == "path:a.txt"
    again = folder.read(source, first.memory, now=now, options=OPTIONS)
    assert again == Batch(memory=first.memory, unchanged=True)
    os.utime(file, ns=(1, 1))
    assert not folder.read(source, first.memory, now=now, options=OPTIONS).unchanged


def test_a_broken_file_is_complained_of_until_it_is_mended(tmp_path: Path, now: datetime) -> None:
    (tmp_path / "a.txt").write_text("no date")
    batch = FolderSource().read(Source("mine", "folder", str(tmp_path)), {}, now=now, options=OPTIONS)
    assert isinstance(batch.articles[0], BadInput)
    assert batch.memory == {}


def test_folder_that_is_none(tmp_path: Path, now: datetime) -> None:
    with pytest.raises(UsageError):
        FolderSource().check(str(tmp_path / "none"))
    with pytest.raises(DigestError):
        FolderSource().read(Source("m", "folder", str(tmp_path / "none")), {}, now=now, options=OPTIONS)


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        (" https://quay.example/feed.xml#x ", URL),
        ("quay.example/feed.xml", URL),
        ("HTTP://quay.example/?b=1&a=2", "http://quay.example/?b=1&a=2"),
    ],
)
def test_feed_locations(given: str, kept: str) -> None:
    assert FeedSource().check(given) == kept


@pytest.mark.parametrize(
    "given", ["", "ftp://quay.example/", "https://", "https://u:p@quay.example/", "http://[::1", "http://a:99999/"]
)
def test_feed_locations_that_cannot_be(given: str) -> None:
    with pytest.raises(UsageError) as caught:
        FeedSource().check(given)
    assert caught.value.mend
    assert "u:p" not in str(caught.value)


class Server:
    """Stands in for the network: answers what it is told and notes what it was asked."""

    def __init__(self, **answer: Any) -> None:
        self.answer = {
            "status": 200,
            "body": FEED,
            "etag": '"e"',
            "last_modified": "L",
            "url": URL,
            "asked": URL,
        } | answer
        self.asked: list[dict[str, Any]] = []

    def get(self, url: str, **asked: Any) -> fetch.Fetched:
        self.asked.append({"url": url, **asked})
        return fetch.Fetched(**self.answer)


def read_feed(
    monkeypatch: pytest.MonkeyPatch, now: datetime, server: Server, memory: dict[str, str], **source: Any
) -> Batch:
    monkeypatch.setattr(fetch, "get", server.get)
    return FeedSource().read(Source("q", "feed", **({"location": URL} | source)), memory, now=now, options=OPTIONS)


def test_feed_remembers_validators_as_they_were_sent(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    server = Server()
    batch = read_feed(monkeypatch, now, server, {})
    known = {"etag": '"e"', "last_modified": "L", "location": URL}
    assert batch.memory == known | {"body": fetch.Fetched(**server.answer).body_hash}
    read_feed(monkeypatch, now, server, batch.memory)
    assert (server.asked[1]["etag"], server.asked[1]["last_modified"]) == ('"e"', "L")
    read_feed(monkeypatch, now, server, batch.memory, location="https://quay.example/other.xml")
    assert server.asked[2]["etag"] is None


def test_feed_that_moved_keeps_its_validators_for_the_new_address(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    moved = "https://quay.example/new.xml"
    batch = read_feed(monkeypatch, now, Server(url=moved, permanent_redirect_to=moved), {})
    assert (batch.location, batch.memory["location"]) == (moved, moved)


def test_what_a_feed_says_is_left_to_be_read_elsewhere(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    batch = read_feed(monkeypatch, now, Server(), {})
    assert batch.unread
    assert batch.unread.size == len(FEED)
    (article,) = batch.unread.reader(*batch.unread.arguments)
    assert isinstance(article, RawArticle)
    assert (article.title, article.publisher) == ("t", "Quay")


def test_a_server_that_heeds_no_validators_has_nothing_new_where_its_body_is_the_same(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    first = read_feed(monkeypatch, now, Server(etag='W/"1"'), {})
    again = read_feed(monkeypatch, now, Server(etag='W/"2"', last_modified=None), first.memory)
    assert (again.unchanged, again.unread) == (True, None)
    assert (again.memory["etag"], "last_modified" in again.memory) == ('W/"2"', False), "what it said last"
    changed = read_feed(monkeypatch, now, Server(body=FEED.replace(b"</", b" </", 1)), again.memory)
    assert not changed.unchanged
    assert changed.unread


def test_how_long_a_feed_stays_as_it_is(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    body = FEED.replace(b"<channel>", b"<channel><ttl>120</ttl>")
    assert body != FEED
    first = read_feed(monkeypatch, now, Server(body=body), {})
    assert first.hint == timedelta(hours=2)
    assert read_feed(monkeypatch, now, Server(status=304, body=b""), first.memory).hint == timedelta(hours=2)
    longer = Server(status=304, body=b"", max_age=timedelta(hours=3))
    assert read_feed(monkeypatch, now, longer, first.memory).hint == timedelta(hours=3)


def test_operator_s_words_go_before_the_feed_s(now: datetime) -> None:
    source = Source("m", "feed", URL, publisher="My Quay", language="en", topics=("sea",))
    given = partial(feeds.read, base=URL, now=now)
    (article,) = arriving.read(given, (FEED, URL), Wanted(source, ("en", "de"), now))
    assert isinstance(article, Article)
    assert (article.publisher, article.language, article.topic_hints) == ("My Quay", "en", ("sea",))


def test_a_fault_that_nobody_foresaw_is_told_of_its_article_alone(
    monkeypatch: pytest.MonkeyPatch, now: datetime
) -> None:
    raw = [RawArticle(text=f"Harbour news number {n}.", origin=f"entry {n}") for n in (1, 2)]
    whole = arriving.draft

    def brittle(article: RawArticle, **given: Any) -> Draft | None:
        if article.origin == "entry 1":
            raise KeyError("x")
        return whole(article, **given)

    monkeypatch.setattr(arriving, "draft", brittle)
    broken, fine = arriving.taken_in(raw, Wanted(Source("m", "feed", URL), ("en",), now))
    assert isinstance(broken, Mishap)
    assert (broken.where, broken.told) == ("entry 1", "KeyError: 'x'")
    assert "in brittle" in broken.traceback
    assert isinstance(fine, Article)


@pytest.mark.parametrize(
    ("text", "at_once"),
    [
        ("The council of Upper Sedge met at noon. It will mend the bridge in spring. " * 20, False),
        ("The council of Upper Sedge met at noon. It will mend the bridge in spring. " * 200, True),
        ("No. " * 300, True),
        ("橋。" * 300, True),
        ("No. " * 20, False),
    ],
)
def test_what_takes_long_to_clean_is_cleaned_where_nobody_is_hurt(text: str, at_once: bool) -> None:
    now = datetime(2026, 3, 2, tzinfo=UTC)
    raw = RawArticle(text=text, origin="x", title="The bridge of Upper Sedge")
    (article,) = arriving.taken_in([raw], Wanted(Source("m", "feed", URL), ("en",), now))
    assert isinstance(article, Article)
    assert article.cleaned is at_once


def test_statuses(monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    memory = {"etag": '"e"'}
    unchanged = read_feed(monkeypatch, now, Server(status=304, body=b""), memory)
    assert (unchanged.unchanged, unchanged.memory) == (True, memory)
    assert read_feed(monkeypatch, now, Server(status=410, body=b""), memory).gone
    with pytest.raises(FetchError) as caught:
        read_feed(monkeypatch, now, Server(status=503, body=b"", retry_after=now), memory)
    assert (caught.value.status, caught.value.retry_after) == (503, now)


@pytest.mark.parametrize(
    "address", ["93.184.215.14", "2606:2800:21f:cb07:6820:80da:af6b:8b2c", "64:ff9b::5db8:d70e", "::ffff:8.8.8.8"]
)
def test_public_addresses(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "10.1.2.3",
        "172.31.0.1",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "0.0.0.0",
        "224.0.0.1",
        "255.255.255.255",
        "198.18.0.1",
        "::1",
        "::",
        "fe80::1",
        "fe80::1%eth0",
        "fc00::1",
        "fec0::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::127.0.0.1",
        "2002:7f00:1::",
        "2002:a9fe:a9fe::",
        "64:ff9b::7f00:1",
        "64:ff9b::a9fe:a9fe",
        "64:ff9b:1::1",
        "2001:0:7f00:1::",
        "2001:db8::1",
        "localhost",
        "127.1",
    ],
)
def test_private_addresses(address: str) -> None:
    assert not is_public(address)


def test_each_sites_rules_are_asked_for_once_and_those_of_the_source_are_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []

    def consult(url: str, *_: Any, **__: Any) -> Robots:
        asked.append(url)
        return Robots(robots.origin(url), 404, "ua", {"robots": robots.origin(url)})

    monkeypatch.setattr(robots, "consult", consult)
    at = web.Pages(Source("s", "feed", "https://a.example/feed"), {}, OPTIONS, datetime(2026, 3, 2, tzinfo=UTC))
    at.check("https://b.example/1")
    assert at.remembered == {"robots": "https://b.example"}
    for url in ("https://a.example/1", "https://b.example/2", "https://c.example/1", "https://a.example/2"):
        at.check(url)
    assert asked == ["https://b.example/1", "https://a.example/1", "https://c.example/1"]
    assert at.remembered == {"robots": "https://a.example"}
