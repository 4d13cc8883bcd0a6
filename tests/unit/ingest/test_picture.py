"""Which picture leads an article, in every kind of source that has some."""

from __future__ import annotations

import json

import pytest

from digest.ingest import feeds, jsonl, picture
from digest.model.article import RawArticle

SPACES = 'xmlns:media="http://search.yahoo.com/mrss/" xmlns:itunes="http://www.itunes.com/dtds/podcast-1.0.dtd"'
BIG = "https://quay.example/big.jpg"
TWO_SIZES = (
    '<media:group><media:content url="https://quay.example/s.jpg" width="220"/>'
    f'<media:content url="{BIG}" width="900"/></media:group>'
)
A_FILM = f'<media:content url="/film.mp4" medium="video"><media:thumbnail url="{BIG}"/></media:content>'
LONG = ("word " * 40)[:-6] + "…"


def of_rss(inner: str, *, link: str = "https://quay.example/news/1") -> tuple[str | None, str]:
    """The picture of one entry, found both ways."""
    item = f"<item><title>t</title><link>{link}</link>{inner}</item>"
    feed = f'<rss version="2.0" {SPACES}><channel><title>Quay</title>{item}</channel></rss>'.encode()
    found = []
    for gated in (True, False):
        (article,) = feeds.read(feed, "f.xml", base="https://feeds.quay.example/feed.xml", gated=gated)
        assert isinstance(article, RawArticle)
        found.append((article.image_url, article.image_alt))
    assert found[0] == found[1]
    return found[0]


def text(html: str) -> str:
    return f"<description><![CDATA[{html}]]></description>"


@pytest.mark.parametrize(
    ("inner", "url"),
    [
        ("", None),
        (f'<media:content url="{BIG}" medium="image"/>', BIG),
        (f'<media:content url="{BIG}" type="image/jpeg"><media:title>A title</media:title></media:content>', BIG),
        (f'<media:content url="{BIG}"/>', BIG),
        ('<media:content url="https://quay.example/film.mp4" type="video/mp4"/>', None),
        ('<media:content url="https://quay.example/play"/>', None),
        (TWO_SIZES, BIG),
        (A_FILM, BIG),
        (f'<enclosure url="{BIG}" type="image/jpeg" length="1"/>', BIG),
        ('<enclosure url="https://quay.example/a.mp3" type="audio/mpeg" length="1"/>', None),
        (f'<media:thumbnail url="{BIG}" width="240" height="135"/>', BIG),
        ('<media:thumbnail url="https://quay.example/t.jpg" width="66" height="49"/>', None),
        ('<itunes:image href="https://quay.example/cover.jpg"/>', None),
        ('<media:content url="/p/1.jpg" medium="image"/>', "https://feeds.quay.example/p/1.jpg"),
        ('<media:content url="https://quay.example/a b.jpg?w=1&amp;h=2" medium="image"/>',
         "https://quay.example/a%20b.jpg?w=1&h=2"),
        ('<media:content url="https://0.gravatar.com/avatar/12" medium="image"/>', None),
        ('<media:content url="data:image/png;base64,AAAA" medium="image"/>', None),
        ('<media:content url="file:///etc/passwd.jpg"/>', None),
        ('<media:content url="https://me:secret@quay.example/p.jpg"/>', None),
        ('<media:content url="http://[::1/p.jpg"/>', None),
    ],
)  # fmt: skip
def test_what_an_entry_offers(inner: str, url: str | None) -> None:
    assert of_rss(inner)[0] == url


@pytest.mark.parametrize(
    ("html", "found"),
    [
        ('<p>Ferry</p><img src="/i/1.jpg" alt="The  quay &amp; the ferry">',
         ("https://quay.example/i/1.jpg", "The quay & the ferry")),
        ("<IMG SRC=1.jpg>", ("https://quay.example/news/1.jpg", "")),
        ('<img src="//cdn.quay.example/2.webp?x=1&amp;y=2"/>', ("https://cdn.quay.example/2.webp?x=1&y=2", "")),
        ('<img src="data:image/gif;base64,R0lGOD" data-src="/lazy.jpg">', ("https://quay.example/lazy.jpg", "")),
        ('<img src="data:image/gif;base64,R0lGOD">', (None, "")),
        ('<img src="/one.gif" width="1" height="1"><img src="/two.jpg">', ("https://quay.example/two.jpg", "")),
        ('<img src="/icon.png" width="32px"><img src="/three.jpg">', ("https://quay.example/three.jpg", "")),
        ('<img src="https://stats.wordpress.com/b.gif?host=q"><img src="/four.jpg">',
         ("https://quay.example/four.jpg", "")),
        ('<img src="http://feeds.feedburner.com/~r/q/~4/1">', (None, "")),
        ('<img src="/gone.jpg" style="display:none"><img src="/five.jpg" alt="IMG_2042.jpg">',
         ("https://quay.example/five.jpg", "")),
        ('<img src="/logo.svg">', (None, "")),
        ("<img>", (None, "")),
        ('<img src="/six.jpg" alt="' + "word " * 60 + '">', ("https://quay.example/six.jpg", LONG)),
        ("<img " * 5000, (None, "")),
    ],
)  # fmt: skip
def test_the_first_of_the_text_that_is_no_icon_and_no_pixel(html: str, found: tuple[str | None, str]) -> None:
    url, alt = of_rss(text(html))
    assert url == found[0]
    assert alt == found[1]


def test_the_feed_says_where_it_is_and_the_text_what_it_shows() -> None:
    offered = '<media:content url="https://quay.example/i/1.jpg?w=1200" medium="image"/>'
    shown = text('<img src="/i/0.jpg" alt="A crane"><img src="/i/1.jpg?w=300" alt="The quay">')
    assert of_rss(offered + shown) == ("https://quay.example/i/1.jpg?w=1200", "The quay")


def test_a_thumbnail_gives_way_to_the_picture_in_the_text() -> None:
    thumbnail = '<media:thumbnail url="https://quay.example/t.jpg" width="240"/>'
    assert of_rss(thumbnail + text('<img src="/i/1.jpg">'))[0] == "https://quay.example/i/1.jpg"


def test_atom_encloses_by_a_link() -> None:
    entry = f'<entry><title>t</title><id>1</id><link rel="enclosure" type="image/png" href="{BIG}"/></entry>'
    feed = f'<feed xmlns="http://www.w3.org/2005/Atom"><title>Quay</title>{entry}</feed>'.encode()
    for gated in (True, False):
        (article,) = feeds.read(feed, "f.xml", base="https://quay.example/f.xml", gated=gated)
        assert isinstance(article, RawArticle)
        assert article.image_url == BIG


@pytest.mark.parametrize(
    ("more", "url"),
    [
        ({"image": "/p.jpg", "banner_image": "/b.jpg"}, "https://quay.example/p.jpg"),
        ({"banner_image": "https://quay.example/b.jpg"}, "https://quay.example/b.jpg"),
        ({"image": {"url": "/p.jpg"}}, None),
        ({"image": "data:image/png;base64,AA"}, None),
        ({"content_html": '<p>x</p><img src="/c.jpg">'}, "https://quay.example/c.jpg"),
    ],
)
def test_json_feed(more: dict[str, object], url: str | None) -> None:
    item = {"id": "1", "title": "t", "content_text": "x", **more}
    document = {"version": "https://jsonfeed.org/version/1.1", "items": [item]}
    (article,) = feeds.read(json.dumps(document).encode(), "f.json", base="https://quay.example/feed.json")
    assert isinstance(article, RawArticle)
    assert article.image_url == url


@pytest.mark.parametrize(
    ("given", "found"),
    [
        ({"image": BIG, "image_alt": "The quay"}, (BIG, "The quay")),
        ({"image": "p.jpg", "url": "https://quay.example/news/1"}, ("https://quay.example/news/p.jpg", "")),
        ({"image": "p.jpg"}, (None, "")),
        ({"image": "javascript:alert(1)", "image_alt": "x"}, (None, "")),
        ({"image": None}, (None, "")),
    ],
)
def test_json_lines(given: dict[str, object], found: tuple[str | None, str]) -> None:
    (article,) = jsonl.read(json.dumps({"text": "It sails.", **given}).encode(), "a.jsonl")
    assert isinstance(article, RawArticle)
    assert (article.image_url, article.image_alt) == found


def test_a_page_names_its_picture() -> None:
    page = """<html><head><meta name="twitter:image" content="/t.jpg"><meta content="/og.jpg?a=1&amp;b=2"
    property="og:image"><meta property="og:image:alt" content="The quay"></head><body><img src="/x.jpg"></body>"""
    assert picture.of_page(page, "https://quay.example/1") == picture.Found(
        "https://quay.example/og.jpg?a=1&b=2", "The quay"
    )
    assert picture.of_page("<html><img src=/x.jpg>", "https://quay.example/1") is None
