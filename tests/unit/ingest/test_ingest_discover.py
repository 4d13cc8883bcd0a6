from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.errors import FetchError, UsageError
from digest.ingest import discover
from digest.ingest.fetch import Fetched

RSS = b'<?xml version="1.0"?><rss version="2.0"><channel><title>Quay</title></channel></rss>'
ATOM = b'\xef\xbb\xbf\n<!-- x --><feed xmlns="http://www.w3.org/2005/Atom"></feed>'
JSON_FEED = b'{"version": "https://jsonfeed.org/version/1.1", "title": "Quay", "items": []}'
TEXT = b"<p>" + b"The ferry line across the harbour opened on Saturday. " * 8 + b"</p>"
PLAIN = b"<html><head><title>Quay</title></head><body>" + TEXT + b"</body></html>"


def page(head: str, body: bytes = TEXT) -> bytes:
    return f"<!DOCTYPE html><html><head>{head}</head><body>".encode() + body + b"</body></html>"


def link(href: str, kind: str = "application/rss+xml", title: str = "") -> str:
    return f'<link rel="alternate" type="{kind}" href="{href}" title="{title}">'


class Web:
    """Addresses and what stands there; notes what was asked for."""

    def __init__(self, **_: object) -> None:
        self.there: dict[str, bytes] = {}
        self.asked: list[str] = []
        self.moved: dict[str, str] = {}

    def get(self, url: str) -> Fetched:
        self.asked.append(url)
        body = self.there.get(url)
        status = 404 if body is None else 200
        return Fetched(status, body or b"", None, None, self.moved.get(url, url), url, self.moved.get(url))


HOME = "https://quay.example/"


def find(there: dict[str, bytes], url: str = HOME) -> tuple[discover.Found, list[str]]:
    web = Web()
    web.there = there
    return discover.find(url, web.get), web.asked


@pytest.mark.parametrize(
    ("body", "kind"),
    [
        (RSS, "feed"),
        (ATOM, "feed"),
        (JSON_FEED, "feed"),
        (RSS.decode().encode("utf-16"), "feed"),
        (b'<rdf:RDF xmlns:rdf="x" xmlns="http://purl.org/rss/1.0/"></rdf:RDF>', "feed"),
        (b'<?xml version="1.0"?><!DOCTYPE rss PUBLIC "x" "y" [<!ELEMENT a (b)>]><rss version="0.91"/>', "feed"),
        (b"<br />\n<b>Warning</b>: include() failed<br />\n" + RSS, "feed"),
        (b'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9"></urlset>', "sitemap"),
        (b"<sitemapindex/>", "sitemap"),
        (b"\x1f\x8b\x08rest", "sitemap"),
        (b'<opml version="2.0"/>', "list"),
        (PLAIN, "page"),
        (b'<?xml version="1.0"?><!DOCTYPE html><html xmlns="x"><p>rss</p></html>', "page"),
        (b"<p>Only a piece", "page"),
        (b"%PDF-1.4", ""),
        (b"", ""),
        (b'{"version": 3}', ""),
        (b'{"version":' + b"[" * 100_000, ""),
    ],
)
def test_what_the_first_bytes_say(body: bytes, kind: str) -> None:
    assert discover.sniff(body) == kind


def test_a_feed_is_asked_for_once() -> None:
    found, asked = find({HOME: RSS})
    assert (found.kind, found.location, asked) == ("feed", HOME, [HOME])


def test_a_page_names_its_feeds_and_the_comments_are_not_the_best() -> None:
    head = (
        '<base href="https://cdn.example/x/">'
        + link("/comments/feed", title="Quay » Comments Feed")
        + link("main.xml", "application/atom+xml; charset=utf-8", "Quay")
        + link("https://cdn.example/wp-json/1", "application/json")
        + link("style.css", "text/css")
        + '<link rel="alternate" hreflang="de" href="/de">'
    )
    found, asked = find({HOME: page(head), "https://cdn.example/x/main.xml": ATOM})
    assert (found.kind, found.location, found.page) == ("feed", "https://cdn.example/x/main.xml", HOME)
    assert [named.url for named in found.named] == [
        "https://cdn.example/comments/feed",
        "https://cdn.example/x/main.xml",
    ]
    assert asked == [HOME, "https://cdn.example/x/main.xml"]


def test_a_feed_that_moved_for_good_is_kept_where_it_is_now() -> None:
    web = Web()
    web.there = {HOME: page(link("/old")), "https://quay.example/old": RSS}
    web.moved = {"https://quay.example/old": "https://quay.example/new"}
    assert discover.find(HOME, web.get).location == "https://quay.example/new"


def test_where_none_is_named_links_and_the_usual_places_are_tried_and_few() -> None:
    body = TEXT + b'<a href="/about">About</a><a href="/news/rss.xml">RSS</a><a href="https://x.example/feed">x</a>'
    found, asked = find({HOME: page("", body), "https://quay.example/index.xml": RSS})
    assert found.location == "https://quay.example/index.xml"
    assert asked == [
        HOME,
        "https://quay.example/news/rss.xml",
        *(f"https://quay.example/{name}" for name in ("feed", "rss.xml", "atom.xml", "index.xml")),
    ]
    many = page("".join(link(f"/{n}") for n in range(30)))
    assert len(find({HOME: many})[1]) == 1 + discover.MOST_ASKED


def test_a_page_without_a_feed_is_a_page_if_it_can_be_read() -> None:
    found, _ = find({HOME: PLAIN})
    assert (found.kind, found.location, found.page) == ("page", HOME, HOME)
    with pytest.raises(UsageError, match="without a feed"):
        find({HOME: page("<script src=app.js></script>", b'<div id="root"></div>')})


def test_what_is_none_of_these_is_one_line() -> None:
    for there in ({HOME: b"%PDF-1.4"}, {HOME: b'<opml version="1.0"/>'}):
        with pytest.raises(UsageError) as caught:
            find(there)
        assert caught.value.mend
    with pytest.raises(FetchError) as failed:
        find({})
    assert failed.value.status == 404


@pytest.mark.parametrize(
    "href", ["javascript:alert(1)", "file:///etc/passwd", "http://[::1", "https://u:p@quay.example/", "", "#top"]
)
def test_links_that_lead_elsewhere_are_no_feeds(href: str) -> None:
    named = discover.links(page(link(href)), HOME)
    assert all(one.url.startswith(HOME) and "@" not in one.url for one in named)


@given(
    st.binary(max_size=300), st.sampled_from([b"", b"<html>", b"<link rel=alternate ", b"<rss ", b"{", b"<!DOCTYPE "])
)
def test_no_bytes_raise_anything_but_one_line(noise: bytes, start: bytes) -> None:
    try:
        find({HOME: start + noise + b'" type=application/rss+xml href="' + noise})
    except (UsageError, FetchError) as error:
        assert error.mend  # noqa: PT017 - either is fine
