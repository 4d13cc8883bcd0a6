from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from digest.errors import BadInput, DigestError, FetchError
from digest.ingest import fulltext
from digest.ingest.normalise import normalise
from digest.ingest.pages import Page
from digest.model.article import Article, RawArticle
from tests.unit.ingest.web import TEXT

NOW = datetime(2026, 3, 1, tzinfo=UTC)
TEASER = "The ferry line across the harbour opened on Saturday morning, two years late and over its…"
REST = "The council said that it would run every ten minutes from six in the morning until midnight."


def teaser(number: int = 1, text: str = TEASER, title: str = "Ferry line opens at last") -> Article:
    raw = RawArticle(
        text=text,
        origin="o",
        identity=f"id:{number}",
        title=title,
        url=f"https://quay.example/{number}",
        topics=("sea",),
    )
    return normalise(raw, source="quay", publisher="The Quay", now=NOW)


def page(text: str = f"{TEXT}\n\n{REST}") -> Page:
    return Page(text, title="Something else | Quay", publisher="Quay")


def fill(
    articles: list[Article],
    get: Callable[[str], Page],
    *,
    unknown: Callable[[Article], bool] = lambda _: True,
    first: bool = False,
    most: int = 30,
) -> fulltext.Filled:
    return fulltext.fill(articles, unknown=unknown, get=get, first=first, now=NOW, most=most)


def test_the_page_s_text_replaces_the_teaser_and_nothing_else_changes() -> None:
    before = teaser()
    filled = fill([before], lambda _: page())
    (after,) = filled.articles
    assert after.paragraphs[-1] == REST
    for name in ("title", "identity", "url", "publisher", "published", "language", "topic_hints", "content_hash"):
        assert getattr(after, name) == getattr(before, name), name
    assert after.signature != before.signature
    assert (filled.pages, filled.left, filled.notes) == (1, 0, [])


@pytest.mark.parametrize(
    ("text", "kept"),
    [
        (TEXT, False),
        ("Ferry line", True),
        ("We value your privacy. " * 30, True),
        ("Sign in to go on reading. Subscribers read all that we have to say about the world. " * 5, True),
        ("At last the line is there: the ferry opens on Saturday, and the council is glad. " * 3, False),
        (f"Home News Sport. {TEXT}", False),
    ],
)
def test_only_a_longer_text_of_the_same_article_replaces_it(text: str, kept: bool) -> None:
    (after,) = fill([before := teaser()], lambda _: page(text)).articles
    assert (after is before) == kept


def test_a_title_alone_is_a_teaser_too() -> None:
    (after,) = fill([teaser(text="", title="Harbour ferry opened Saturday")], lambda _: page()).articles
    assert after.paragraphs[-1] == REST


def test_scripts_without_spaces() -> None:
    before = teaser(text="港を渡る新しいフェリーが土曜日の朝に就航した。", title="フェリー就航")
    longer = "港を渡る新しいフェリーが土曜日の朝に就航した。二年遅れで、予算も超過した。市長も最初の便に乗った。"
    assert fill([before], lambda _: page(longer)).articles[0].text == longer
    assert fill([before], lambda _: page("会員登録をお願いします。" * 10)).articles == [before]


def test_what_is_no_teaser_or_known_already_is_not_asked_for() -> None:
    def never(url: str) -> Page:
        raise AssertionError(url)

    whole = teaser(text=f"{TEXT} {REST} " * 12)
    raw = RawArticle(text=TEASER, origin="o", url="https://quay.example/")
    no_page = normalise(raw, source="q", publisher="", now=NOW)
    assert fill([whole, no_page], never).articles == [whole, no_page]
    assert fill([teaser()], never, unknown=lambda _: False).articles == [teaser()]


def fails(error: DigestError) -> Callable[[str], Page]:
    def get(url: str) -> Page:
        if url.endswith("/1"):
            raise error
        return page()

    return get


@pytest.mark.parametrize(
    ("error", "others_read"),
    [
        (FetchError("the server answered 404", where="u", status=404), True),
        (FetchError("took too long", where="u"), False),
        (BadInput("has no text that could be read", where="u"), True),
        (FetchError("the server answered 429", where="u", status=429), False),
        (FetchError("the server answered 503", where="u", status=503), False),
    ],
)
def test_a_failure_leaves_the_teaser_with_a_note_and_a_busy_server_is_left_alone(
    error: DigestError, others_read: bool
) -> None:
    filled = fill([teaser(1), teaser(2)], fails(error))
    assert [article.identity for article in filled.articles] == ["id:1", "id:2"]
    assert filled.articles[0] == teaser(1)
    assert (len(filled.articles[1].paragraphs) > 1) == others_read
    (note,) = filled.notes
    assert note.startswith("teaser kept: u: ")


def test_what_is_too_much_at_once_waits_but_not_on_a_first_reading() -> None:
    given = [teaser(n) for n in range(1, 6)]
    later = fill(given, lambda _: page(), most=3)
    assert ([a.identity for a in later.articles], later.pages, later.left) == (["id:1", "id:2", "id:3"], 3, 2)
    first = fill(given, lambda _: page(), most=3, first=True)
    assert ([a.identity for a in first.articles], first.left) == ([f"id:{n}" for n in range(1, 6)], 0)
    assert [len(a.paragraphs) > 1 for a in first.articles] == [True, True, True, False, False]
