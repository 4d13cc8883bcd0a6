"""Sitemaps and single pages."""

from __future__ import annotations

import gzip
import sys
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.errors import BadInput, DigestError, FetchError, UsageError
from digest.ingest import fetch, pages, sitemap
from digest.ingest.kinds.base import Batch, FetchOptions, SourceKind
from digest.ingest.kinds.page import PageSource
from digest.ingest.kinds.sitemap import SitemapSource
from digest.model.article import RawArticle
from digest.model.publication import Source
from tests.support.examples import up_to
from tests.unit.ingest.web import TEXT, Web, article_page

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
MAP = "https://quay.example/sitemap.xml"
XMLNS = 'xmlns="http://www.sitemaps.org/schemas/sitemap/0.9" xmlns:n="http://www.google.com/schemas/sitemap-news/0.9"'


def page_url(number: int) -> str:
    return f"https://quay.example/{number}"


def day(number: int) -> str:
    return (NOW - timedelta(days=60 - number)).date().isoformat()


def urls(*numbers: int, lastmod: str = "", news: bool = False) -> bytes:
    rows = []
    for number in numbers:
        told = f"<lastmod>{lastmod or day(number)}</lastmod>"
        if news:
            told += (
                "<n:news><n:publication><n:name>The Quay</n:name><n:language>nl</n:language></n:publication>"
                f"<n:publication_date>{day(number)}</n:publication_date>"
                f"<n:title>Veer {number} &amp; meer</n:title></n:news>"
            )
        rows.append(f"<url><loc>{page_url(number)}</loc>{told}</url>")
    return f"<urlset {XMLNS}>{''.join(rows)}</urlset>".encode()


def index(*names: str) -> bytes:
    rows = "".join(f"<sitemap><loc>https://quay.example/{name}</loc></sitemap>" for name in names)
    return f"<sitemapindex {XMLNS}>{rows}</sitemapindex>".encode()


@pytest.fixture
def there(monkeypatch: pytest.MonkeyPatch) -> Web:
    made = Web(monkeypatch)
    made.there = {page_url(n): article_page(f"Ferry {n}") for n in range(60)}
    return made


class Reader:
    def __init__(self, kind: SourceKind | None = None, location: str = MAP) -> None:
        self.kind: SourceKind = kind or SitemapSource()
        self.source, self.memory = Source("s", self.kind.kind, location), dict[str, str]()

    def batch(self) -> Batch:
        found = self.kind.read(self.source, self.memory, now=NOW, options=FetchOptions())
        self.memory = found.memory
        return found

    def read(self) -> list[str]:
        """Addresses of what is new, the words of what failed."""
        return [a.url or "" if isinstance(a, RawArticle) else a.what for a in self.batch().articles]


@pytest.fixture
def no_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pages, "available", lambda: False)


def test_a_news_sitemap_gives_title_date_language_and_the_page_its_text(there: Web) -> None:
    there.there[MAP] = urls(1, 2, news=True)
    newest, _ = Reader().batch().articles
    assert isinstance(newest, RawArticle)
    assert (newest.title, newest.language, newest.publisher) == ("Veer 2 & meer", "nl", "The Quay")
    assert newest.date is not None
    assert newest.date.iso() == day(2)
    assert newest.identity == f"url:{page_url(2)}"
    assert "Hundreds of people stood in line" in newest.text
    assert "Home | News" not in newest.text


def test_of_a_new_source_the_newest_pages_then_only_new_ones_each_fetched_once(there: Web) -> None:
    there.there[MAP] = urls(*range(30))
    reader = Reader()
    assert reader.read() == [page_url(n) for n in range(29, 19, -1)]
    there.since()
    assert reader.batch().unchanged
    assert there.since() == [MAP]
    there.there[MAP] = urls(*range(45))
    there.etags[MAP] = '"the same all along"'
    assert reader.read() == [page_url(n) for n in range(44, 34, -1)], "the host's pace"
    assert reader.read() == [page_url(n) for n in range(34, 29, -1)]
    assert reader.read() == []
    asked = there.since()
    assert len(asked) == len(set(asked)) + 2, "the sitemap three times, each page once"


def test_a_changed_page_is_read_again_and_an_unchanged_sitemap_is_not(there: Web) -> None:
    there.there[MAP] = urls(1, 2)
    there.etags[MAP] = '"e"'
    reader = Reader()
    assert len(reader.read()) == 2
    assert reader.batch().unchanged
    there.etags[MAP] = '"f"'
    there.there[MAP] = urls(1, 2).replace(day(1).encode(), b"2026-02-28")
    assert reader.read() == [page_url(1)]


def test_an_index_is_followed_one_level_and_news_comes_first(there: Web) -> None:
    there.there |= {
        MAP: index("a.xml", "b.xml", "news.xml.gz"),
        "https://quay.example/news.xml.gz": gzip.compress(urls(7, news=True)),
        "https://quay.example/a.xml": urls(1),
    }
    assert Reader().read() == [page_url(7)]
    assert there.since() == [MAP, "https://quay.example/news.xml.gz", page_url(7)]
    there.there[MAP] = index("a.xml", "inner.xml", *(f"{n}.xml" for n in range(20)))
    there.there["https://quay.example/inner.xml"] = index("deep.xml")
    said = Reader().read()
    assert page_url(1) in said
    assert "https://quay.example/deep.xml" not in (asked := there.since())
    assert len(asked) == 1 + 5 + 1


def test_without_the_extra_titles_are_enough_and_no_page_is_asked_for(there: Web, no_extra: None) -> None:
    there.there[MAP] = urls(1, 2, news=True)
    reader = Reader()
    assert reader.read() == [page_url(2), page_url(1)]
    assert there.since() == [MAP]
    assert reader.read() == []
    there.there[MAP] = urls(1)
    with pytest.raises(DigestError, match=r"pip install 'storyline-digest\[pages\]'"):
        Reader().read()


def test_a_page_that_fails_does_not_keep_the_others_waiting(there: Web) -> None:
    there.there |= {MAP: urls(1, 2, 3), page_url(3): 503}
    reader = Reader()
    assert reader.read() == ["the server answered 503"], "whoever asks on is a nuisance"
    assert reader.read() == [page_url(2), page_url(1), "the server answered 503"]
    there.there[page_url(3)] = article_page("Ferry 3")
    assert reader.read() == [page_url(3)]
    there.there |= {MAP: urls(1, 2, 3, 4, 5, news=True), page_url(5): 404}
    assert set(reader.read()) == {page_url(4), page_url(5)}, "a title is enough"
    there.there |= {MAP: urls(1, 6), page_url(6): 404}
    assert (reader.read(), reader.read()) == (["the server answered 404"], [])


def test_dates_far_ahead_and_missing_ones_come_last(there: Web) -> None:
    there.there[MAP] = urls(1, 2).replace(day(2).encode(), b"2090-01-01")
    _, second = Reader().batch().articles
    assert isinstance(second, RawArticle)
    assert (second.url, second.date) == (page_url(2), None)


def test_a_bomb_is_refused() -> None:
    """Large and odd ones are in tests/exhaustive."""
    with pytest.raises(BadInput, match="larger than"):
        sitemap.read(gzip.compress(b"<urlset>" + b" " * 1_000_000), MAP, max_bytes=100_000)
    entity = b'<!DOCTYPE x [<!ENTITY a "boom">]><urlset><url><loc>http://q.example/&a;</loc></url></urlset>'
    with pytest.raises(BadInput):
        sitemap.read(entity, MAP, max_bytes=100_000)


def test_what_is_no_sitemap_is_one_line(there: Web) -> None:
    for body in (b"", b"no", b"<rss/>", b"\x1f\x8bno", article_page("x")):
        there.there[MAP] = body
        with pytest.raises(BadInput) as caught:
            Reader().read()
        assert caught.value.mend
    there.there[MAP] = 500
    with pytest.raises(FetchError):
        Reader().read()
    there.there[MAP] = 410
    assert Reader().batch().gone


def test_a_broken_sitemap_gives_what_came_before() -> None:
    found = sitemap.read(urls(1, 2) + b"<oops", MAP, max_bytes=10**6)
    assert (len(found.pages), bool(found.broken)) == (2, True)


@given(st.binary(max_size=200), st.integers(0, 600))
def test_a_damaged_sitemap_raises_nothing_else(noise: bytes, at: int) -> None:
    data = urls(1, 2, news=True)
    try:
        sitemap.read(data[:at] + noise + data[at:], MAP, max_bytes=10**6)
    except BadInput as error:
        assert error.where  # noqa: PT017 - either is fine


# --- a page ---------------------------------------------------------------------------------------


def test_a_page_is_an_article_and_its_changes_are_updates(there: Web) -> None:
    meta = (
        '<meta property="og:site_name" content="The Quay"><meta property="article:published_time" content="2026-02-01">'
    )
    there.there[page_url(1)] = article_page("Ferry opens", extra=meta)
    there.etags[page_url(1)] = '"1"'
    reader = Reader(PageSource(), page_url(1))
    (found,) = reader.batch().articles
    assert isinstance(found, RawArticle)
    assert (found.title, found.publisher, found.identity) == ("Ferry opens", "The Quay", f"url:{page_url(1)}")
    assert found.date is not None
    assert found.date.iso() == "2026-02-01"
    assert reader.batch().unchanged
    there.etags[page_url(1)] = '"2"'
    there.there[page_url(1)] = article_page("Ferry opens", f"{TEXT}\nIt will stop in winter, the council added later.")
    (changed,) = reader.batch().articles
    assert isinstance(changed, RawArticle)
    assert changed.identity == found.identity
    assert "stop in winter" in changed.text


def test_what_robots_txt_keeps_for_itself_is_not_read(there: Web) -> None:
    robots = "https://quay.example/robots.txt"
    there.there |= {MAP: urls(1, 2, news=True), robots: f"User-agent: *\nDisallow: {page_url(2)[20:]}\n".encode()}
    reader = Reader()
    texts = {a.url: a.text for a in reader.batch().articles if isinstance(a, RawArticle)}
    assert (bool(texts[page_url(1)]), texts[page_url(2)]) == (True, ""), "its title is in the map for all to read"
    assert page_url(2) not in there.since()
    with pytest.raises(FetchError, match=r"robots\.txt asks not to read it"):
        Reader(PageSource(), page_url(2)).batch()
    assert there.since() == []


def test_robots_txt_is_asked_for_once_a_day(there: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str] = []
    there.there |= {
        page_url(1): article_page("Ferry opens"),
        "https://quay.example/robots.txt": b"User-agent: *\nAllow: /",
    }
    answer = there.get
    monkeypatch.setattr(fetch, "get", lambda url, **given: (asked.append(url), answer(url, **given))[1])
    reader = Reader(PageSource(), page_url(1))
    for text in ("one", "two", "three"):
        there.there[page_url(1)] = article_page("Ferry opens", f"{TEXT}\nThat was number {text} of the news.")
        assert reader.batch().articles
    assert asked.count("https://quay.example/robots.txt") == 1


def test_a_page_without_text_or_without_the_extra_is_one_line(there: Web, monkeypatch: pytest.MonkeyPatch) -> None:
    there.there[page_url(1)] = b"<html><body><div id=app></div></body></html>"
    with pytest.raises(BadInput, match="no text"):
        Reader(PageSource(), page_url(1)).read()
    with monkeypatch.context() as without:
        without.setitem(sys.modules, "trafilatura", None)  # there, but broken
        with pytest.raises(DigestError, match="pip install"):
            pages.extract(article_page("x"), "p")
    monkeypatch.setattr(pages, "available", lambda: False)
    with pytest.raises(UsageError, match="storyline-digest"):
        PageSource().check(page_url(1))
    with pytest.raises(DigestError, match="pip install"):
        Reader(PageSource(), page_url(1)).read()


@settings(max_examples=up_to(50))
@given(st.binary(max_size=200), st.integers(0, 700))
def test_a_damaged_page_raises_nothing_else(noise: bytes, at: int) -> None:
    data = article_page("Ferry opens")
    try:
        assert pages.extract(data[:at] + noise + data[at:], "p").text
    except BadInput as error:
        assert error.where  # noqa: PT017 - either is fine
