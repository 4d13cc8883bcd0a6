"""A feed of teasers whose pages are read, from end to end."""

from __future__ import annotations

from pathlib import Path

import pytest
from pytest_httpserver import HTTPServer

from digest.ingest import pages
from tests.unit.cli.running import Runner, make_home
from tests.unit.ingest.web import TEXT, article_page

REST = "The council said that it would run every ten minutes from six in the morning until midnight."


@pytest.fixture
def digest(tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Runner:
    monkeypatch.setenv("DIGEST_INGEST_ALLOW_PRIVATE", "true")
    monkeypatch.setenv("DIGEST_INGEST_HOST_SECONDS", "0")
    return Runner(make_home(tmp_path / "home"), capsys)


class Feed:
    def __init__(self, server: HTTPServer) -> None:
        self.server = server
        self._answer("/robots.txt", "User-agent: *\nDisallow: /kept-back\n")
        self.page(TEXT + "\n" + REST)

    def says(self, teaser: str) -> None:
        """What the feed says from now on."""
        link = self.server.url_for("/story")
        facts = {"title": "Ferry opens", "guid": "1", "link": link, "description": teaser}
        entry = "<item>" + "".join(f"<{name}>{value}</{name}>" for name, value in facts.items()) + "</item>"
        self._answer("/feed", f"<rss version='2.0'><channel><title>Quay</title>{entry}</channel></rss>")

    def page(self, text: str, status: int = 200) -> None:
        self._answer("/story", article_page("Ferry opens", text).decode(), status)

    def _answer(self, path: str, body: str, status: int = 200) -> None:
        self.server._answers = {**getattr(self.server, "_answers", {}), path: (body, status)}  # type: ignore[attr-defined]
        self.server.clear_all_handlers()
        for known, (text, code) in self.server._answers.items():  # type: ignore[attr-defined]
            self.server.expect_request(known).respond_with_data(text, status=code)

    def asked(self) -> int:
        """How often the page was asked for since the last time."""
        count = sum(request.path == "/story" for request, _ in self.server.log)
        self.server.log.clear()
        return count


@pytest.fixture
def feed(httpserver: HTTPServer) -> Feed:
    return Feed(httpserver)


def texts(digest: Runner) -> list[str]:
    found = [digest.well("article", "show", row["key"], "--json").json for row in articles(digest)]
    return ["\n".join(article["paragraphs"]) for article in found]


def articles(digest: Runner) -> list[dict[str, str]]:
    listed: list[dict[str, str]] = digest.well("article", "list", "--json").json
    return listed


def test_each_page_is_read_once_for_each_revision(digest: Runner, feed: Feed, httpserver: HTTPServer) -> None:
    feed.says(TEXT[:60] + "…")
    digest.well("source", "add", httpserver.url_for("/feed"), "--name", "quay", "--full-text")
    feed.asked()
    digest.well("fetch")
    assert feed.asked() == 1
    assert REST in texts(digest)[0]
    digest.well("fetch", "--all")
    assert (feed.asked(), len(articles(digest))) == (0, 1)

    feed.says(TEXT[:70] + "…")  # another teaser of the same text
    digest.well("fetch", "--all")
    assert feed.asked() == 1
    digest.well("fetch", "--all")
    assert feed.asked() == 0

    feed.says("Update: " + TEXT[:60] + "…")
    feed.page(TEXT + "\n" + REST + "\nIt was stopped on Sunday because of the wind, the harbour master said.")
    assert "1 updated" in digest.well("fetch", "--all").out
    assert "because of the wind" in texts(digest)[0]


def test_a_page_that_fails_leaves_the_teaser_and_later_the_text_that_was_there(
    digest: Runner, feed: Feed, httpserver: HTTPServer
) -> None:
    feed.says(TEXT[:60] + "…")
    feed.page("", 404)
    digest.well("source", "add", httpserver.url_for("/feed"), "--name", "quay", "--full-text", "--kind", "feed")
    said = digest("fetch")
    assert said.code == 0
    assert f"digest: source quay: teaser kept: {httpserver.url_for('/story')}: the server answered 404" in said.err
    assert REST not in texts(digest)[0]
    feed.asked()
    digest.well("fetch", "--all")
    assert feed.asked() == 0

    feed.says(TEXT[:65] + "…")
    feed.page(TEXT + "\n" + REST)
    digest.well("fetch", "--all")
    assert REST in texts(digest)[0]
    feed.says(TEXT[:75] + "…")
    feed.page("", 404)
    digest("fetch", "--all")
    assert REST in texts(digest)[0], "a teaser does not take the place of the text"


def test_what_a_teaser_promotes_does_not_make_it_longer_than_the_text_that_was_there(
    digest: Runner, feed: Feed, httpserver: HTTPServer
) -> None:
    feed.says(TEXT[:65] + "…")
    digest.well("source", "add", httpserver.url_for("/feed"), "--name", "quay", "--full-text", "--kind", "feed")
    digest.well("fetch")
    assert REST in texts(digest)[0]
    offer = "Subscribe now to our newsletter and read all the news of the county for free in your mailbox!"
    promotion = "".join(f"<p>{offer} Offer {n}.</p>" for n in range(1 + len(texts(digest)[0]) // len(offer)))
    feed.says(f"<![CDATA[<p>{TEXT[:75]}…</p>{promotion}]]>")
    feed.page("", 404)
    digest("fetch", "--all")
    assert REST in texts(digest)[0]


def test_it_takes_a_feed_and_the_extra(digest: Runner, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "it is for feeds" in digest.refused("source", "add", str(tmp_path), "--full-text")
    monkeypatch.setattr(pages, "available", lambda: False)
    add = ("source", "add", "https://quay.example/f", "--kind", "feed", "--full-text")
    assert "pip install 'storyline-digest[pages]'" in digest.refused(*add)
