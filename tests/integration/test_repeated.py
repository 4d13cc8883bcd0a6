"""What a feed prints under every entry: out of titles and texts from the first fetch on, and for good."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from pathlib import Path

import pytest

from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.article import Article, RawArticle
from digest.model.publication import Source
from digest.pipeline import cleaning, fetching, group, ingest
from digest.pipeline import sources as source_pipeline
from digest.pipeline.ingest_report import IngestReport
from digest.store import articles, lines
from tests.support import home
from tests.support.county import FOOTER, STORIES, stories
from tests.support.home import House

OTHER = "Pictures in these pages may be ordered from the photographers at the office in Lower Sedge."
ONCE = "repeated in this source (5 times)"


class Wire:
    kind, polled = "feed", True

    def __init__(self) -> None:
        self.gives: list[RawArticle] = []

    def check(self, location: str) -> str:
        return location

    def read(self, source: Source, memory: dict[str, str], *, now: object, options: FetchOptions) -> Batch:
        return Batch(articles=list(self.gives))


Fetch = Callable[..., IngestReport]


@pytest.fixture
def wire() -> Wire:
    return Wire()


def polling(house: House, wire: Wire) -> None:
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _kind: wire)


def fetch(house: House, wire: Wire, found: list[RawArticle]) -> tuple[int, int, int]:
    wire.gives = found
    done = fetching.fetch(house.services, everything=True)
    assert not done.failed
    return done.articles.new, done.articles.updated, done.articles.known


def add_source(house: House, wire: Wire) -> None:
    polling(house, wire)
    source_pipeline.add(house.services, source_pipeline.Asked("feed", "https://county.example/feed", name="county"))


def stored(house: House) -> dict[int, Article]:
    """By the number of the story."""
    with house.services.database.read() as connection:
        listed = articles.listing(connection, source="county")
        found = articles.with_text(connection, [a.id for a in listed])
    return {int(a.identity.removeprefix("id:")): a for a in found.values()}


def is_clean(article: Article, number: int) -> bool:
    title, first, last = STORIES[number]
    return (article.title, article.paragraphs) == (title, (first, last))


def test_the_first_fetch_is_clean(house: House, wire: Wire) -> None:
    add_source(house, wire)
    assert fetch(house, wire, stories(FOOTER, tail=" | Our County")) == (6, 0, 0)
    assert cleaning.clean(house.services) == {}
    for number, article in stored(house).items():
        assert is_clean(article, number)
        assert [(c.reason, c.text) for c in article.cut] == [(ONCE, "| Our County"), (ONCE, FOOTER)]


def test_entries_that_come_singly_teach_too_over_a_restart(tmp_path: Path, empty_home: Path, wire: Wire) -> None:
    """Those that came before it was known are cleaned where they lie, and are nobody's update."""
    folder = tmp_path / "home"
    found = stories(FOOTER, "tail", tail=" | Our County")
    for number, raw in enumerate(found):
        with home.open_house(folder, template=empty_home if number == 0 else None) as house:
            add_source(house, wire) if number == 0 else polling(house, wire)
            assert fetch(house, wire, [raw, *found[:number]]) == (1, 0, number)
            group.group(house.services)
            kept = stored(house)
            assert len(kept) == number + 1
            assert all(is_clean(article, i) for i, article in kept.items()) is (number >= 3)
    with home.open_house(folder) as house:
        polling(house, wire)
        before = home.all_rows(house)
        assert fetch(house, wire, found) == (0, 0, 6)
        after = home.all_rows(house)
        assert after["revision"] == before["revision"]
        assert after["source_line"] == before["source_line"], "the same entries again are not counted again"


def test_a_site_that_changes_its_footer_has_no_updates(house: House, wire: Wire) -> None:
    add_source(house, wire)
    fetch(house, wire, stories(FOOTER))
    assert fetch(house, wire, stories(OTHER)) == (0, 0, 6)
    changed = stories(OTHER)
    changed[0] = dataclasses.replace(changed[0], text=changed[0].text.replace("two barges", "three barges"))
    assert fetch(house, wire, changed) == (0, 1, 5)
    assert "three barges" in stored(house)[0].text
    assert OTHER not in stored(house)[0].text


def test_a_footer_that_comes_with_the_second_fetch_is_no_update(house: House, wire: Wire) -> None:
    add_source(house, wire)
    fetch(house, wire, stories())
    assert fetch(house, wire, stories(FOOTER)) == (0, 0, 6)


def test_by_hand_each_publisher_is_a_source_of_its_own(house: House) -> None:
    names = ["North", "North", "South", "South", "West", "West"]
    found = [dataclasses.replace(raw, publisher=name) for raw, name in zip(stories(FOOTER), names, strict=True)]
    for source in ("", "folder"):
        ingest.ingest(house.services, found, source=source)
    with house.services.database.read() as connection:
        listed = articles.with_text(connection, [a.id for a in articles.listing(connection)])
    assert len(listed) == 12
    assert all(article.paragraphs[-1] == FOOTER for article in listed.values())


def test_an_update_in_the_same_run_is_one_article_and_clean(house: House) -> None:
    found = stories(FOOTER)
    updates = [dataclasses.replace(raw, text=f"Rain fell on {i} roofs.\n\n{raw.text}") for i, raw in enumerate(found)]
    report = ingest.ingest(house.services, [*found[:3], *updates[:3], *found[3:], *updates[3:]], source="county")
    assert (report.new, report.updated) == (6, 6)
    for number, article in stored(house).items():
        assert article.text.startswith(f"Rain fell on {number} roofs.")
        assert FOOTER not in article.text
    with house.services.database.read() as connection:
        known = lines.repeated(connection, 1)
    assert [(line.text, line.articles) for line in known] == [(FOOTER, 6)]


def test_it_can_be_switched_off(tmp_path: Path, empty_home: Path, wire: Wire) -> None:
    with home.open_house(tmp_path / "home", template=empty_home, DIGEST_INGEST_REPEATED="0") as house:
        add_source(house, wire)
        fetch(house, wire, stories(FOOTER))
        assert cleaning.clean(house.services) == {}
        assert all(article.cleaned and article.paragraphs[-1] == FOOTER for article in stored(house).values())
        assert home.all_rows(house)["source_line"] == []


def test_what_is_not_seen_any_more_is_forgotten(house: House, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lines, "MOST_LINES", 20)
    add_source(house, wire)
    for number in range(40):
        house.clock.go(minutes=40)
        fetch(house, wire, [home.raw(number, house.clock())])
        cleaning.clean(house.services)
    assert len(home.all_rows(house)["source_line"]) == 20
    fetch(house, wire, stories(FOOTER))
    cleaning.clean(house.services)
    rows = home.all_rows(house)["source_line"]
    assert len(rows) == 20
    assert FOOTER in str(rows), "what is known goes last"


def test_no_mail_quotes_what_repeats(house: House, wire: Wire) -> None:
    add_source(house, wire)
    home.publication(house)
    home.subscribe(house, "a@example.com")
    fetch(house, wire, stories(FOOTER, "lead"))
    group.group(house.services)
    house.clock.go(minutes=5)
    home.publish_now(house)
    home.deliver_all(house)
    (mail,) = house.mails()
    assert b"northern channel" in mail
    assert b"Hollis Trust" not in mail
