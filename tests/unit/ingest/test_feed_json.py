"""JSON Feed, whole and broken."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.ingest import feeds, files
from digest.model.article import RawArticle

VERSION = "https://jsonfeed.org/version/1.1"
ITEM = {
    "id": 17,
    "url": "https://quay.example/1?utm_source=feed",
    "title": "Ferry &amp; quay",
    "content_html": "<p>It sails.</p>",
    "content_text": "It sails.",
    "summary": "Sails.",
    "date_published": "2025-05-24T17:00:00+02:00",
    "date_modified": "2025-05-25T09:00:00Z",
    "tags": ["sea", "sea", 5, None],
    "language": "en-GB",
}


def read(document: Any, now: datetime | None = None) -> list[RawArticle | BadInput]:
    data = document if isinstance(document, bytes) else json.dumps(document).encode()
    return list(feeds.read(data, "feed.json", base="https://quay.example/feed.json", now=now))


def test_an_item(now: datetime) -> None:
    (article,) = read({"version": VERSION, "title": "Quay", "language": "fr", "items": [ITEM]}, now)
    assert isinstance(article, RawArticle)
    assert (article.title, article.url, article.identity) == ("Ferry & quay", "https://quay.example/1", "id:17")
    assert (article.text, article.markup, article.publisher) == ("<p>It sails.</p>", True, "Quay")
    assert article.date is not None
    assert article.date.iso() == "2025-05-24T15:00Z"
    assert (article.topics, article.language) == (("sea", "5"), "en-GB")


def test_plain_text_is_not_markup_and_links_may_be_relative(now: datetime) -> None:
    item = {"id": "a", "content_text": "a < b", "url": "/1", "date_published": "2125-01-01T00:00:00Z"}
    (article,) = read({"version": "https://jsonfeed.org/version/1", "language": "fr", "items": [item]}, now)
    assert isinstance(article, RawArticle)
    assert (article.text, article.markup, article.url) == ("a < b", False, "https://quay.example/1")
    assert (article.language, article.date) == ("fr", None)


@pytest.mark.parametrize(
    "document",
    [
        b'{"version": "https://jsonfeed.org/version/1.1", "items": [',
        b'{"version": "https://jsonfeed.org/version/1.1", "items": {}}',
        b'{"version": 1, "items": []}',
        b'{"items": []}',
        b"{}",
        b'{"version": "https://jsonfeed.org/version/1.1", "title": "\\ud800", "items": []}',
        b'{"a":' * 100_000,
        b'{"version": "https://jsonfeed.org/version/1.1", "items": ' + b"[" * 100_000,
        b"{\xff}",
    ],
)
def test_what_is_broken_gets_one_line(document: bytes) -> None:
    (error,) = read(document)
    assert isinstance(error, BadInput)
    assert "\n" not in str(error)
    assert len(str(error)) < 300


def test_wrong_types_cost_an_item_no_more_than_themselves() -> None:
    items = [None, 5, [], "x", {"id": {}, "title": ["t"], "tags": {}}, {"title": True}, ITEM | {"url": 5, "tags": 7}]
    found = read({"version": VERSION, "items": items})
    assert [type(one) for one in found] == [RawArticle, BadInput]
    assert "and 5 more like it" in str(found[1])


@given(st.recursive(st.none() | st.booleans() | st.floats() | st.integers() | st.text(), st.lists), st.data())
def test_no_value_anywhere_raises(value: Any, data: st.DataObject) -> None:
    key = data.draw(st.sampled_from([*ITEM, "items", "title", "home_page_url", "version"]))
    whole = {"version": VERSION, "items": [ITEM | {key: value}]}
    for document in (whole, whole | {key: value}):
        for found in read(document):
            assert isinstance(found, RawArticle | BadInput)
            str(found).encode()


def test_a_file_is_told_from_an_article_in_json() -> None:
    feed = json.dumps({"version": VERSION, "items": [ITEM]}).encode()
    for suffix in (".json", ""):
        (article,) = files.read_bytes(feed, "f", suffix=suffix)
        assert isinstance(article, RawArticle)
        assert article.external_id == "17"
    (article,) = files.read_bytes(b'{"title": "t", "text": "x"}', "f.json", suffix=".json")
    assert isinstance(article, RawArticle)
    assert article.title == "t"
