from __future__ import annotations

import importlib
from datetime import datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from selectolax.lexbor import SelectolaxError

from digest.errors import BadInput
from digest.ingest import feeds, markup
from digest.model.article import RawArticle

RSS = """<?xml version="1.0" encoding="utf-8"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"><channel>
<title>The Quay &amp; Harbour</title><link>https://quay.example/</link><language>en-GB</language>
<item><title>Ferry &lt;b&gt;sails&lt;/b&gt;</title><link>/a?utm_source=rss</link><guid isPermaLink="false">g-1</guid>
<pubDate>Sat, 24 May 2025 17:00:00 +0200</pubDate><category>sea</category><category>travel</category>
<description>short</description><content:encoded><![CDATA[<p>Long one.</p><p>And two.</p>]]></content:encoded></item>
<item><title>No id</title><link>https://quay.example/b#top</link><pubDate>Mon, 1 Jan 2125 00:00:00 GMT</pubDate></item>
</channel></rss>"""

ATOM = """<feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl"><title>De Kade</title>
<entry><id>tag:kade.example,2025:1</id><title type="html">Veer &amp;amp; haven</title>
<updated>2025-05-24T17:00:00Z</updated>
<link href="https://kade.example/1"/><content type="text">a &lt; b
</content></entry></feed>"""


def read(text: str | bytes, now: datetime | None = None) -> list[RawArticle | BadInput]:
    data = text if isinstance(text, bytes) else text.encode()
    return list(feeds.read(data, "feed.xml", base="https://quay.example/feed.xml", now=now))


def test_rss_entry(now: datetime) -> None:
    first, second = read(RSS, now)
    assert isinstance(first, RawArticle)
    assert isinstance(second, RawArticle)
    assert first.identity == "id:g-1"
    assert first.title == "Ferry sails"
    assert first.url == "https://quay.example/a"
    assert first.date is not None
    assert first.date.iso() == "2025-05-24T15:00Z"
    assert first.publisher == "The Quay & Harbour"
    assert first.topics == ("sea", "travel")
    assert first.language == "en-GB"
    assert markup.to_paragraphs(first.text) == ["Long one.", "And two."]
    assert second.identity == "url:https://quay.example/b"
    assert second.date is None, "a date a century ahead is ignored"


def test_atom_plain_text_is_not_markup() -> None:
    (article,) = read(ATOM)
    assert isinstance(article, RawArticle)
    assert (article.title, article.markup, article.text.strip(), article.language) == (
        "Veer & haven",
        False,
        "a < b",
        "nl",
    )


def test_a_guid_that_several_entries_claim_is_no_identity() -> None:
    item = "<item><title>t{0}</title><guid>same</guid><link>https://quay.example/{0}</link></item>"
    found = read(f'<rss version="2.0"><channel>{item.format(1)}{item.format(2)}</channel></rss>')
    assert [a.identity for a in found if isinstance(a, RawArticle)] == [
        "url:https://quay.example/1",
        "url:https://quay.example/2",
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-16"])
@pytest.mark.parametrize(
    "prolog",
    ['<!DOCTYPE rss [<!ENTITY a "aaaa">]>', "<!doctype rss [<!ELEMENT rss ANY>]>", '<!-- > --><!ENTITY x "y">'],
)
def test_entity_declarations_are_refused(prolog: str, encoding: str) -> None:
    (error,) = read(
        (prolog + "<rss version='2.0'><channel><item><title>&a;</title></item></channel></rss>").encode(encoding)
    )
    assert isinstance(error, BadInput)
    assert "entities" in error.what


def test_an_article_about_entities_is_not_a_declaration() -> None:
    found = read(
        '<!DOCTYPE rss PUBLIC "-//Netscape//DTD RSS 0.91//EN" "x.dtd"><rss version="0.91"><channel>'
        "<item><title>t</title><description><![CDATA[<!ENTITY x 'y'>]]></description></item></channel></rss>"
    )
    assert [type(article) for article in found] == [RawArticle]


def test_a_cut_off_feed_gives_what_it_has_and_says_so() -> None:
    found = read(RSS[: RSS.index("<item><title>No id")] + "<item><title>half an ar")
    assert isinstance(found[0], RawArticle)
    assert isinstance(found[-1], BadInput)
    assert "cut off" in found[-1].what


@pytest.mark.parametrize("data", ["<html><body>hello</body></html>", "<urlset/>"])
def test_what_is_no_feed(data: str) -> None:
    (error,) = read(data)
    assert isinstance(error, BadInput)
    assert "not an RSS, Atom or JSON feed" in error.what


def test_the_way_out_of_what_is_no_feed_fits_a_file_and_an_address() -> None:
    page = b"<html><body>hello</body></html>"
    (of_file,), (of_address,) = feeds.read(page, "page.xml"), feeds.read(page, "https://a.org/", base="https://a.org/")
    assert str(of_file) == "page.xml: is not an RSS, Atom or JSON feed (save the feed itself, not the page)"
    assert "give the address of the feed" in str(of_address)
    assert [str(error) for error in feeds.read(b" \n", "e.xml")] == ["e.xml: is empty (fetch or save it again)"]


def test_bombs_never_become_articles(shared: Path) -> None:
    bombs = sorted((shared / "corpora" / "xml-bombs").glob("*.xml"))
    assert bombs
    for bomb in bombs:
        assert all(isinstance(found, BadInput) for found in read(bomb.read_bytes())), bomb.name


def test_markup() -> None:
    html = (
        "<h2>Head</h2><p>One &amp; <b>two</b><br>three</p><script>x()</script><div>four<br><br>five</div>six"
        "<ul><li>a<li>b</ul><table><tr><td>c</td><td>d</td></tr></table>"
    )
    assert markup.to_paragraphs(html) == ["Head", "One & two three", "four", "five", "six", "a", "b", "c d"]
    assert markup.to_paragraphs("&lt;p&gt;twice &amp;amp; escaped&lt;/p&gt;") == ["twice & escaped"]
    assert markup.to_paragraphs("no tags,\nwrapped") == ["no tags, wrapped"]
    assert markup.to_line("a < b &amp; c") == "a < b & c"


_PIECES = ["&", "&amp;", "&lt;b&gt;", "&notit;", "&#150;", "&#xD800;", "&#0;", "&copy", "x", " ", "\n", ";", ">", "é"]


@given(st.lists(st.sampled_from(_PIECES), max_size=8).map("".join))
def test_a_line_without_tags_is_read_in_no_other_way(text: str) -> None:
    assert markup.to_line(text) == " ".join(markup._parse(text))


def test_a_page_that_gets_no_memory_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_: str) -> None:
        raise SelectolaxError("Can't parse HTML.")

    monkeypatch.setattr(markup, "LexborHTMLParser", fail)
    with pytest.raises(MemoryError):
        markup.to_paragraphs("<table><td>a")


def test_a_reference_to_no_character_costs_only_itself() -> None:
    (article,) = read("<rss><channel><item><title>a&#xD800;b&#99999999999; c</title></item></channel></rss>")
    assert isinstance(article, RawArticle)
    assert article.title == "a\ufffdb\ufffd c"


def test_a_feed_without_end_is_taken_up_to_a_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.import_module("digest.ingest.feeds.read"), "MOST_ENTRIES", 3)
    found = read("<rss><channel>" + "<item><title>t</title></item>" * 5 + "</channel></rss>")
    assert [type(article) for article in found] == [RawArticle] * 3 + [BadInput]
    assert "more than 3 entries" in str(found[-1])


def test_empty_entries_get_one_line_together() -> None:
    found = read("<rss><channel><item><title>t</title></item>" + "<item/>" * 5 + "</channel></rss>")
    assert [str(one) for one in found[1:]] == ["feed.xml, entry 2: has neither title nor text (and 4 more like it)"]


def test_deep_nesting_does_not_stall() -> None:
    assert markup.to_paragraphs("<div>" * 60_000 + "deep") == ["deep"]
