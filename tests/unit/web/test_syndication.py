"""Feeds of editions, as feed readers read them."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import UTC, datetime

import feedparser

from digest.web.syndication import Feed, Item, atom, json_feed

AT = datetime(2026, 3, 2, 6, 30, tzinfo=UTC)
ITEM = Item(
    id="tag:news.example.org,2026-03-02:edition/7",
    url="https://news.example.org/a/news/day/7",
    title="No. 7 · A & B <quarrel>",
    summary="A · B",
    html='<div lang="ar" dir="rtl"><p>نص &amp; more</p></div>',
    language="ar",
    at=AT,
)
FEED = Feed(
    id="tag:news.example.org,2026-01-01:publication/1",
    title="The “Morning” & more",
    about="Every day",
    author="The Desk",
    language="nl",
    page="https://news.example.org/a/news",
    url="https://news.example.org/a/news/feed.atom",
    updated=AT,
    items=[ITEM],
)


def test_atom_is_well_formed_and_says_it_all() -> None:
    read = feedparser.parse(atom(FEED))
    assert read.bozo == 0
    assert read.version == "atom10"
    assert (read.feed.id, read.feed.title, read.feed.subtitle) == (FEED.id, FEED.title, "Every day")
    assert (read.feed.author, read.feed.language, read.feed.updated) == ("The Desk", "nl", "2026-03-02T06:30:00Z")
    assert {(link.rel, link.href) for link in read.feed.links} == {("self", FEED.url), ("alternate", FEED.page)}
    (entry,) = read.entries
    assert (entry.id, entry.link, entry.summary) == (ITEM.id, ITEM.url, "A · B")
    assert entry.title == "No. 7 · A & B <quarrel>" or entry.title == "No. 7 · A & B &lt;quarrel&gt;"
    assert (entry.published, entry.updated) == ("2026-03-02T06:30:00Z", "2026-03-02T06:30:00Z")
    (content,) = entry.content
    assert (content.type, content.language) == ("text/html", "ar")
    assert "نص &amp; more" in content.value


def test_what_xml_cannot_hold_is_left_out() -> None:
    bad = replace(ITEM, title="a\x00b\x0b\ufffe\ud800c", html="<p>\x1b</p>")
    read = feedparser.parse(atom(replace(FEED, items=[bad])))
    assert read.bozo == 0
    assert read.entries[0].title == "abc"


def test_an_empty_one_is_valid_too() -> None:
    read = feedparser.parse(atom(replace(FEED, items=[], about="")))
    assert read.bozo == 0
    assert "subtitle" not in read.feed
    assert json.loads(json_feed(replace(FEED, items=[], about="")))["items"] == []


def test_json_feed() -> None:
    told = json.loads(json_feed(FEED))
    assert told["version"] == "https://jsonfeed.org/version/1.1"
    assert (told["title"], told["home_page_url"], told["feed_url"]) == (FEED.title, FEED.page, FEED.url)
    assert (told["description"], told["authors"], told["language"]) == ("Every day", [{"name": "The Desk"}], "nl")
    (item,) = told["items"]
    assert (item["id"], item["url"], item["title"], item["language"]) == (ITEM.id, ITEM.url, ITEM.title, "ar")
    assert (item["content_html"], item["summary"]) == (ITEM.html, "A · B")
    assert item["date_published"] == "2026-03-02T06:30:00Z"
