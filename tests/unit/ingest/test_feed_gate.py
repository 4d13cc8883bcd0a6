"""The fast way gives just what the slow way gives, on whatever it takes; and it takes what is common."""

from __future__ import annotations

from typing import Any
from xml.sax.saxutils import escape, quoteattr

import feedparser.mixin
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from digest.errors import BadInput
from digest.ingest.feeds import fast, gate, names, read
from digest.ingest.feeds.entry import PLAIN
from tests.support.examples import up_to

DC, MEDIA = "http://purl.org/dc/elements/1.1/", "http://search.yahoo.com/mrss/"
SPACES = {
    "dc": DC,
    "dcterms": "http://purl.org/dc/terms/",
    "content": "http://purl.org/rss/1.0/modules/content/",
    "media": MEDIA,
    "itunes": "http://www.itunes.com/dtds/podcast-1.0.dtd",
    "atom": "http://www.w3.org/2005/Atom",
    "slash": "http://purl.org/rss/1.0/modules/slash/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
    "georss": "http://www.georss.org/georss",
    "cc": "http://web.resource.org/cc/",
    "feedburner": "http://rssnamespace.org/feedburner/ext/1.0",
    "own": "https://own.example/ns",
}
_NAMES = """title link guid description pubDate category source author comments enclosure language content image
textInput name url dc:title dc:date dc:creator dc:subject dc:language dc:description dcterms:issued dcterms:modified
content:encoded media:content media:group media:title media:description media:keywords media:category media:thumbnail
media:credit itunes:summary itunes:keywords itunes:author itunes:title itunes:category atom:link atom:id atom:summary
atom:content atom:published atom:author slash:comments georss:point cc:license feedburner:origLink own:thing own:title
rdf:li body fullimage updated created ttl cloud id summary lastBuildDate skipDays rating"""
RSS_NAMES = _NAMES.split()
ATOM_NAMES = [name.removeprefix("atom:") for name in RSS_NAMES]
TEXTS = [
    "",
    " ",
    "Harbour &amp; quay",
    "<b>bold</b> &lt; plain",
    "Zürich – Ø",
    "caf\u00c3\u00a9 twice encoded",
    "\u0093quoted\u0094",
    "https://quay.example/a?b=1&amp;c;=2",
    "http:///quay.example/slashes",
    "/relative",
    "tag:quay.example,2025:1",
    "Sat, 24 May 2025 17:00:00 +0200",
    "2025-05-24T17:00:00Z",
    "2025-05",
    "24. Mai 2025",
    "en_GB",
    "a, b,, c ",
    "javascript:alert(1)",
    "\u202eevil\u2066",
    "&#128; &nbsp; &copy;",
    "AT&T; &lt;p&gt;x&lt;/p&gt;",
    '<img src="/quay.jpg" alt="The quay">',
]
ATTRIBUTES = [
    ("rel", "alternate"),
    ("rel", "self"),
    ("rel", "Enclosure"),
    ("type", "text/html"),
    ("type", "html"),
    ("type", "xhtml"),
    ("type", "text"),
    ("type", "plain"),
    ("type", "application/xml"),
    ("href", "https://quay.example/href"),
    ("url", "https://quay.example/url"),
    ("uri", ""),
    ("isPermaLink", "false"),
    ("isPermaLink", "true"),
    ("term", "sea"),
    ("label", "The Sea"),
    ("domain", "d"),
    ("scheme", "s"),
    ("xml:lang", "nl_BE"),
    ("xml:lang", ""),
    ("lang", "fr"),
    ("xml:base", "https://base.example/"),
    ("base", "https://base.example/b/"),
    ("mode", "base64"),
    ("src", "https://quay.example/src"),
    ("rdf:about", "https://quay.example/about"),
    ("own:href", "https://own.example/"),
    ("type", "IMAGE/jpeg"),
    ("medium", "image"),
    ("url", "/picture.jpg"),
    ("url", " https://quay.example/p.png?w=1 "),
    ("href", "http:///quay.example/p.webp"),
    ("width", "640"),
    ("width", "12px"),
]

attributes = st.lists(st.sampled_from(ATTRIBUTES), max_size=2).map(
    lambda pairs: "".join(f" {key}={quoteattr(value)}" for key, value in dict(pairs).items())
)
few_attributes = st.one_of(st.just(""), st.just(""), attributes)


@st.composite
def elements(draw: st.DrawFn, known: list[str], depth: int = 2) -> str:
    name = draw(st.sampled_from(known))
    inner = escape(draw(st.sampled_from(TEXTS)))
    if depth and draw(st.integers(0, 9)) == 0:
        inner += "".join(draw(st.lists(elements(known, depth - 1), max_size=2)))
    return f"<{name}{draw(few_attributes)}>{inner}</{name}>"


@st.composite
def feeds(draw: st.DrawFn) -> str:
    declared = {prefix: uri for prefix, uri in SPACES.items() if prefix != "own" or draw(st.booleans())}
    declared["own"] = draw(st.sampled_from([SPACES["own"], SPACES["own"], DC, "http://www.w3.org/2005/Atom"]))
    spaces = "".join(f' xmlns:{prefix}="{uri}"' for prefix, uri in declared.items())
    form = draw(st.sampled_from(["rss", "rss", "atom", "rdf"]))
    known = ATOM_NAMES if form == "atom" else RSS_NAMES
    some = st.lists(elements(known), max_size=3).map("".join)
    # Most names that come to mind would send the feed the slow way, and tell nothing: these are what feeds have.
    usual = st.lists(elements(["title", "link", "category", "dc:date", "source", "media:content"], 0), max_size=5)
    media = st.lists(elements(["enclosure", "link", "media:content", "media:thumbnail", "media:group"]), max_size=4)
    item = st.one_of(usual.map("".join), media.map("".join), st.lists(elements(known), max_size=6).map("".join))
    tag = "entry" if form == "atom" else "item"
    items = "".join(f"<{tag}{draw(few_attributes)}>{inner}</{tag}>" for inner in draw(st.lists(item, max_size=3)))
    head = draw(st.sampled_from(["", "<title>Quay</title>", "<title>Quay</title><link>https://quay.example/</link>"]))
    before, after = (draw(st.one_of(st.just(""), st.just(""), some)) for _ in range(2))
    top = draw(few_attributes)
    if form == "atom":
        return f'<feed xmlns="http://www.w3.org/2005/Atom"{spaces}{top}>{head}{before}{items}{after}</feed>'
    if form == "rdf":
        return (
            f'<rdf:RDF xmlns="http://purl.org/rss/1.0/"{spaces}{top}><channel>{head}{before}</channel>{items}</rdf:RDF>'
        )
    return f'<rss version="2.0"{spaces}{top}><channel>{head}{before}{items}{after}</channel></rss>'


def both(data: bytes) -> tuple[list[Any], list[Any]]:
    ways = [list(read(data, "f.xml", base="https://quay.example/f.xml", gated=gated)) for gated in (True, False)]
    told = [[str(found) if isinstance(found, BadInput) else found for found in way] for way in ways]
    return told[0], told[1]


@settings(max_examples=up_to(400))
@given(feeds())
@example("<rss><channel><title>a</title><item><title>b</title><image/><title>c</title></item></channel></rss>")
def test_both_ways_agree(feed: str) -> None:
    quick, slow = both(feed.encode())
    assert quick == slow


@settings(max_examples=up_to(200))
@given(feeds(), st.sampled_from(["utf-8", "iso-8859-1", "windows-1252", "utf-16", "gb2312", "koi8-r", "utf-7", "x-no"]))
def test_both_ways_agree_whatever_the_encoding(feed: str, encoding: str) -> None:
    declared = f'<?xml version="1.0" encoding="{encoding}"?>{feed}'
    try:
        data = declared.encode(encoding, "xmlcharrefreplace")
    except LookupError:
        data = declared.encode()
    quick, slow = both(data)
    assert quick == slow


@settings(max_examples=up_to(200))
@given(feeds(), st.data())
def test_both_ways_agree_on_what_is_broken(feed: str, data: st.DataObject) -> None:
    raw = bytearray(feed.encode())
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, max(len(raw) - 1, 0)))
        raw[at : at + data.draw(st.integers(0, 4))] = data.draw(
            st.sampled_from([b"", b"<", b"&", b">", b"\0", b"]]>", b"\xff"])
        )
    quick, slow = both(bytes(raw))
    assert quick == slow


COMMON = {
    "rss": """<?xml version="1.0" encoding="UTF-8"?><?xml-stylesheet href="x.xsl"?><!-- by hand -->
<rss version="2.0" xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:content="http://purl.org/rss/1.0/modules/content/"
 xmlns:atom="http://www.w3.org/2005/Atom" xmlns:media="http://search.yahoo.com/mrss/" xmlns:x="https://x.example/">
<channel><title>Quay</title><link>https://quay.example</link><description>d</description><language>en</language>
<atom:link href="https://quay.example/feed" rel="self" type="application/rss+xml"/><x:own>1</x:own>
<image><url>https://quay.example/i.png</url><title>Quay</title><link>https://quay.example</link></image>
<item><title>Ferry</title><link>https://quay.example/1</link><guid isPermaLink="false">1</guid>
<pubDate>Sat, 24 May 2025 17:00:00 +0200</pubDate><dc:creator>Jo</dc:creator><category>sea</category>
<description>short</description><content:encoded><![CDATA[<p>Long <b>one</b>.</p>]]></content:encoded>
<media:content url="https://quay.example/p.jpg"><media:title>Picture</media:title></media:content></item>
</channel></rss>""",
    "atom": """<?xml version='1.0' encoding='utf-8'?><feed xmlns="http://www.w3.org/2005/Atom" xml:lang="nl">
<title>Kade</title><id>urn:kade</id><link href="https://kade.example/"/><updated>2025-05-24T17:00:00Z</updated>
<author><name>Jo</name><uri>https://jo.example</uri></author>
<entry><id>urn:1</id><title type="html">Veer &amp;amp; haven</title><link href="https://kade.example/1"/>
<updated>2025-05-24T17:00:00Z</updated><category term="zee"/><summary>kort</summary>
<content type="html" xml:base="https://kade.example/">&lt;p&gt;lang&lt;/p&gt;</content></entry></feed>""",
    "rdf": """<?xml version="1.0" encoding="ISO-8859-1"?><rdf:RDF xmlns="http://purl.org/rss/1.0/"
 xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns:dc="http://purl.org/dc/elements/1.1/">
<channel rdf:about="https://quay.example/"><title>Quai</title><link>https://quay.example/</link>
<items><rdf:Seq><rdf:li rdf:resource="https://quay.example/1"/></rdf:Seq></items></channel>
<item rdf:about="https://quay.example/1"><title>\u00c9t\u00e9</title><link>https://quay.example/1</link>
<dc:date>2025-05-24</dc:date><description>court</description></item></rdf:RDF>""",
    "old": """<rss version="0.91"><channel><title>Quay</title><link>https://quay.example</link>
<skipDays><day>Sunday</day></skipDays><item><title>t</title><link>https://quay.example/1</link></item></channel></rss>""",
}


@pytest.mark.parametrize("form", COMMON)
def test_common_feeds_go_the_fast_way(form: str) -> None:
    data = COMMON[form].encode("latin-1" if form == "rdf" else "utf-8")
    feed = fast.read(data)
    assert feed is not None
    assert len(feed.entries) == 1
    quick, slow = both(data)
    assert quick == slow
    assert quick[0].title in {"Ferry", "Veer & haven", "\u00c9t\u00e9", "t"}


@pytest.mark.parametrize(
    "feed",
    [
        "<!DOCTYPE rss><rss><channel><item><title>t</title></item></channel></rss>",
        "<rss><channel><item><title>a <b>b</b></title></item></channel></rss>",
        "<rss><channel><item><title>t</title><pubDate>next week</pubDate></item></channel></rss>",
        '<rss xml:base="https://b.example/"><channel><item><link>x</link></item></channel></rss>',
        "<rss><channel><item><title>t</title></channel></rss>",
        f'<rss xmlns:dc="{MEDIA}"><channel><item><dc:title>t</dc:title></item></channel></rss>',
        '<?xml version="1.0" encoding="utf-16"?><rss><channel/></rss>',
        "<html/>",
    ],
)
def test_what_needs_judgement_goes_the_slow_way(feed: str) -> None:
    assert fast.read(feed.encode()) is None
    quick, slow = both(feed.encode())
    assert quick == slow


def test_plain_text_and_html_are_told_apart() -> None:
    feed = fast.read(COMMON["atom"].encode())
    assert feed is not None
    assert [(part.value, part.kind) for part in feed.entries[0].parts] == [
        ("<p>lang</p>", "text/html"),
        ("kort", PLAIN),
    ]


def test_names_are_those_of_feedparser() -> None:
    """What it does something about must not count as unknown here."""
    mixin = feedparser.mixin._FeedParserMixin
    handlers = [name.removeprefix("_start_") for name in dir(mixin) if name.startswith("_start_")]
    for uri, prefix in mixin.namespaces.items():
        handled = not prefix or prefix == "rdf" or any(name.startswith(f"{prefix.lower()}_") for name in handlers)
        if handled:
            assert names.space_of(uri) == prefix.lower(), uri
    prefixes = {name.partition("_")[0].lower() for name in handlers if "_" in name}
    assert prefixes <= names.RESERVED


def test_a_declaration_is_seen_in_any_encoding() -> None:
    hidden = '<?xml version="1.0" encoding="utf-7"?><!DOCTYPE rss [<!ENTITY a "b">]><rss/>'
    for data in (hidden.encode("utf-7"), hidden.replace("utf-7", "cp037").encode("cp037"), hidden.encode("utf-32")):
        assert any(b"<!ENTITY" in form for form in gate.readings(data))
        (error,) = read(data, "f.xml")
        assert isinstance(error, BadInput)
        assert "entities" in error.what
