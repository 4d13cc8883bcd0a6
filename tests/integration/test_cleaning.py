"""What feeds bring is stored as it came, and cleaned when it is first needed: whatever happens in between."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import pytest
import sqlalchemy as sa
from alembic import command

from digest.cli.article import _how_far
from digest.ingest import normalise
from digest.model.article import Article, RawArticle, Standing
from digest.pipeline import cleaning, fetching, group, removing
from digest.pipeline import repeated as pipeline_repeated
from digest.pipeline import sources as source_pipeline
from digest.store import articles, schema, search
from digest.store import tables as t
from digest.store.words import parse
from tests.support import home
from tests.support.county import FOOTER, stories
from tests.support.home import House
from tests.support.polled import Wire, wired

PROMOTION = "Subscribe to our newsletter to get all the news of the county in your mailbox each morning."
OFFER = "Download our app now and never miss the news: sign up for free and follow us on Instagram."


@pytest.fixture
def wire(house: House, monkeypatch: pytest.MonkeyPatch) -> Wire:
    """With a feed that was fetched once, empty."""
    made = wired(house, monkeypatch)
    fetch(house, made)
    return made


def entry(house: House, number: int, *, version: int = 1, more: str = PROMOTION, days_old: float = 0) -> RawArticle:
    raw = home.raw(number, house.clock(), version=version, days_old=days_old)
    return dataclasses.replace(raw, text=f"{raw.text}\n\n{more}", url=f"https://quay.example/{number}")


def fetch(house: House, wire: Wire, *gives: RawArticle) -> tuple[int, int, int, int]:
    """New, updated, known, held."""
    wire.gives = list(gives)
    house.clock.go(hours=1)
    found = fetching.fetch(house.services, everything=True)
    assert not found.failed
    assert not found.articles.errors
    return found.articles.new, found.articles.updated, found.articles.known, found.articles.held


def rows(house: House) -> list[tuple[str, int, bool, int | None]]:
    """(entry, ordinal, cleaned, number) of every revision, by entry."""
    c = t.revision.c
    query = sa.select(t.article.c.external_id, c.ordinal, c.cleaned, c.seq).join(
        t.article, t.article.c.id == c.article_id
    )
    with house.services.database.read() as connection:
        return [(*row,) for row in connection.execute(query.order_by(t.article.c.external_id, c.ordinal))]


def stored(house: House) -> dict[str, Article]:
    """The newest revision of each, by entry."""
    with house.services.database.read() as connection:
        listed = articles.listing(connection)
        found = articles.with_text(connection, [article.id for article in listed])
    return {str(article.external_id): article for article in found.values()}


@contextmanager
def fault(*tokens: str) -> Iterator[None]:
    """While it lasts, articles with such a title cannot be cleaned."""
    whole = normalise.cleaned

    def brittle(article: Article, *rest: Any) -> Article:
        if any(token in article.title for token in tokens):
            raise KeyError(article.title)
        return whole(article, *rest)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(pipeline_repeated, "cleaned", brittle)
        yield


# --- when -------------------------------------------------------------------------------------------


def test_what_was_fetched_is_stored_as_it_came_and_cleaned_by_the_grouping(house: House, wire: Wire) -> None:
    assert fetch(house, wire, entry(house, 1), entry(house, 2)) == (2, 0, 0, 0)
    assert rows(house) == [("1", 1, False, None), ("2", 1, False, None)]
    assert all(article.paragraphs[-1] == PROMOTION for article in stored(house).values())
    assert _how_far(stored(house)["1"]) == "not cleaned nor grouped yet (digest group)"
    assert group.group(house.services).grouped == 2
    assert rows(house) == [("1", 1, True, 1), ("2", 1, True, 2)]
    for article in stored(house).values():
        assert article.paragraphs[-1] != PROMOTION
        assert [(cut.reason, cut.text) for cut in article.cut] == [("promotion", PROMOTION)]
    with house.services.database.read() as connection:
        found = [search.find(connection, search.Wanted(parse([word])), None)[1] for word in ("newsletter", "guests")]
    assert found == [0, 2], "the index has the cleaned text"


def test_who_is_stopped_midway_goes_on_later(house: House, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(cleaning, "BATCH", 2)
    fetch(house, wire, *(entry(house, n) for n in range(1, 6)))

    def stop(_what: str, done: int, _total: int) -> None:
        if done == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        group.group(dataclasses.replace(house.services, progress=stop))
    assert [cleaned for _, _, cleaned, _ in rows(house)] == [True, True, True, True, False]
    assert group.group(house.services).grouped == 5
    assert [(cleaned, seq) for _, _, cleaned, seq in rows(house)] == [(True, n) for n in range(1, 6)]


def test_what_is_fetched_while_others_are_cleaned_waits_for_the_next_grouping(
    house: House, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cleaning, "BATCH", 2)
    before = [entry(house, n) for n in range(1, 5)]
    fetch(house, wire, *before)
    todo = [lambda: fetch(house, wire, *before[:3], entry(house, 4, version=2), entry(house, 5))]

    def meanwhile(what: str, _done: int, _total: int) -> None:
        if what == "grouping articles" and todo:
            todo.pop()()

    report = group.group(dataclasses.replace(house.services, progress=meanwhile))
    assert not report.failed
    group.group(house.services)
    found = rows(house)
    assert [(name, ordinal, cleaned) for name, ordinal, cleaned, _ in found] == [
        ("1", 1, True), ("2", 1, True), ("3", 1, True), ("4", 1, True), ("4", 2, True), ("5", 1, True),
    ]  # fmt: skip
    numbers = [seq for *_, seq in found]
    assert sorted(numbers) == list(range(1, 7))
    assert numbers[3] < numbers[4]


# --- updates ----------------------------------------------------------------------------------------


def test_an_update_before_the_first_revision_is_cleaned_is_numbered_after_it(house: House, wire: Wire) -> None:
    fetch(house, wire, entry(house, 1), entry(house, 2))
    assert fetch(house, wire, entry(house, 1, version=2), entry(house, 2)) == (0, 1, 1, 0)
    assert group.group(house.services).grouped == 3
    found = rows(house)
    assert [(name, ordinal, cleaned) for name, ordinal, cleaned, _ in found] == [
        ("1", 1, True), ("1", 2, True), ("2", 1, True),
    ]  # fmt: skip
    assert found[0][3] < found[1][3]  # type: ignore[operator]
    assert PROMOTION not in stored(house)["1"].paragraphs


def test_other_promotion_is_no_update_cleaned_or_not(house: House, wire: Wire) -> None:
    fetch(house, wire, entry(house, 1), entry(house, 2))
    assert fetch(house, wire, entry(house, 1, more=OFFER), entry(house, 2)) == (0, 0, 2, 0)
    group.group(house.services)
    assert fetch(house, wire, entry(house, 1), entry(house, 2, more=OFFER)) == (0, 0, 2, 0)
    assert group.group(house.services).grouped == 0


# --- faults -----------------------------------------------------------------------------------------


def test_an_article_that_cannot_be_cleaned_waits_and_is_named_and_the_others_do_not(house: House, wire: Wire) -> None:
    fetch(house, wire, *(entry(house, n) for n in range(1, 4)))
    with fault("Tk2v1"):
        for grouped in (2, 0):
            report = group.group(house.services)
            assert report.grouped == grouped
            (told,) = report.failed.values()
            assert told.where == f"article {stored(house)['2'].key}"
            assert "KeyError" in told.what
    assert rows(house) == [("1", 1, True, 1), ("2", 1, False, None), ("3", 1, True, 2)]
    report = group.group(house.services)
    assert (report.grouped, dict(report.failed)) == (1, {})
    assert rows(house)[1] == ("2", 1, True, 3)


def test_what_cannot_be_cleaned_keeps_no_update_of_its_source_from_coming_in(house: House, wire: Wire) -> None:
    first = [entry(house, n) for n in range(1, 4)]
    fetch(house, wire, *first)
    with fault("Tk2v1"):
        assert fetch(house, wire, entry(house, 1, version=2), *first[1:]) == (0, 1, 2, 0)
        assert fetch(house, wire, entry(house, 1, version=2), entry(house, 2, version=2), first[2]) == (0, 1, 2, 0)
        report = group.group(house.services)
        assert report.grouped == 3, "no later revision goes before an earlier one that waits"
        assert len(report.failed) == 1
    group.group(house.services)
    found = [row for row in rows(house) if row[0] == "2"]
    assert [(ordinal, cleaned) for _, ordinal, cleaned, _ in found] == [(1, True), (2, True)]
    assert found[0][3] < found[1][3]  # type: ignore[operator]


def test_an_update_that_cannot_be_cleaned_is_stored_and_waits(house: House, wire: Wire) -> None:
    first = [entry(house, n) for n in range(1, 4)]
    fetch(house, wire, *first)
    group.group(house.services)
    later = [entry(house, n, version=2) for n in range(1, 4)]
    with fault("Tk2v2"):
        assert fetch(house, wire, *later) == (0, 3, 0, 0)
        assert fetch(house, wire, *later) == (0, 0, 3, 0)
        report = group.group(house.services)
        assert (report.grouped, len(report.failed)) == (2, 1)
        assert rows(house)[3] == ("2", 2, False, None)
    assert group.group(house.services).grouped == 1
    assert PROMOTION not in stored(house)["2"].paragraphs


def test_a_line_that_is_known_meanwhile_does_not_make_it_clean(house: House, wire: Wire) -> None:
    found = [dataclasses.replace(raw, external_id=raw.identity[3:]) for raw in stories(FOOTER)]
    fetch(house, wire, *found[:3])
    group.group(house.services)
    text = found[1].text.replace(FOOTER, f"Nobody asked for more.\n\n{FOOTER}")
    found[1] = dataclasses.replace(found[1], title=f"{found[1].title}, again", text=text)
    with fault("again"):
        assert fetch(house, wire, *found[:3]) == (0, 1, 2, 0)
        assert fetch(house, wire, *found) == (3, 0, 3, 0)
        group.group(house.services)
        assert FOOTER not in stored(house)["0"].text, "by now it is known"
        assert [row for row in rows(house) if row[0] == "1"][1] == ("1", 2, False, None)
    group.group(house.services)
    assert FOOTER not in stored(house)["1"].text


def test_a_fault_that_is_nobodys_costs_one_source_its_turn(
    house: House, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    source_pipeline.add(house.services, source_pipeline.Asked("feed", "https://pier.example/feed", name="pier"))
    fetch(house, wire, entry(house, 1))
    whole = pipeline_repeated.Repeats.remember
    with monkeypatch.context() as patch:

        def brittle(self: pipeline_repeated.Repeats, *rest: Any) -> None:
            if self._source == 1:
                raise OverflowError("x")
            whole(self, *rest)

        patch.setattr(pipeline_repeated.Repeats, "remember", brittle)
        report = group.group(house.services)
    assert report.grouped == 1
    assert [told.where for told in report.failed.values()] == ["cleaning the articles of source wire"]
    assert group.group(house.services).grouped == 1


# --- sameness, held and removed articles --------------------------------------------------------------


@pytest.mark.parametrize("updated", [False, True])
def test_an_article_is_known_by_its_text_as_it_came(house: House, wire: Wire, updated: bool) -> None:
    """Most of what this feed prints is promotion, so that the cleaned text is like no text that comes in."""
    much = " ".join(f"{PROMOTION[:-1]} of {home.word(n)}." for n in range(40))
    found = [entry(house, n, more=much) for n in range(1, 3)]
    fetch(house, wire, *found)
    if updated:
        found = [entry(house, n, version=2, more=much) for n in range(1, 3)]
        assert fetch(house, wire, *found) == (0, 2, 0, 0)
    group.group(house.services)
    assert all(len(article.text) < 500 for article in stored(house).values())
    moved = [
        dataclasses.replace(
            raw,
            identity=f"id:new-{raw.external_id}",
            external_id=f"new-{raw.external_id}",
            url=f"https://pier.example/new-{raw.external_id}",
            title=f"Now {home.word(number)} {home.word(number + 50)} asks",
            text=raw.text.replace("many guests", "very many guests"),
        )
        for number, raw in enumerate(found, 700)
    ]
    new, *_ = fetch(house, wire, *moved)
    assert new == 0
    assert len(stored(house)) == 2, "no article twice"


@pytest.mark.parametrize("grouped", [True, False])
def test_what_is_held_back_is_cleaned_too_and_goes_on_when_it_is_released(
    house: House, wire: Wire, grouped: bool
) -> None:
    fetch(house, wire, entry(house, 1))
    flood = [entry(house, n, days_old=30 + n) for n in range(2, 40)]
    assert fetch(house, wire, entry(house, 1), *flood) == (0, 0, 1, 38)
    if grouped:
        assert group.group(house.services).grouped == 1
        assert {(cleaned, seq is None) for name, _, cleaned, seq in rows(house) if name != "1"} == {(True, True)}
    assert source_pipeline.release(house.services, "wire") == 38
    group.group(house.services)
    assert sorted(seq for *_, seq in rows(house) if seq) == list(range(1, 40))
    assert not any(PROMOTION in article.paragraphs for article in stored(house).values())


def test_what_is_held_and_changes_before_it_is_cleaned_is_one_revision(house: House, wire: Wire) -> None:
    fetch(house, wire, entry(house, 1))
    flood = [entry(house, n, days_old=30 + n) for n in range(2, 40)]
    fetch(house, wire, *flood)
    date = flood[0].date
    changed = [dataclasses.replace(entry(house, 2, version=2), date=date), *flood[1:]]
    assert fetch(house, wire, *changed) == (0, 0, 37, 1)
    assert [row for row in rows(house) if row[0] == "2"] == [("2", 1, True, None)]
    assert stored(house)["2"].title.endswith("Tk2v2")
    assert stored(house)["2"].standing is Standing.QUARANTINED


def test_what_is_removed_before_it_is_cleaned_stays_empty(house: House, wire: Wire) -> None:
    found = [entry(house, 1), entry(house, 2)]
    fetch(house, wire, *found)
    removing.remove(house.services, [stored(house)["1"].key], "withdrawn")
    assert group.group(house.services).grouped == 1
    assert fetch(house, wire, entry(house, 1, version=2), found[1]) == (0, 0, 2, 0)
    assert rows(house)[0] == ("1", 1, True, None)
    with house.services.database.read() as connection:
        assert connection.execute(sa.select(sa.func.count()).select_from(t.revision_body)).scalar() == 1


# --- from before --------------------------------------------------------------------------------------


def test_after_the_migration_nothing_that_was_known_is_an_update(house: House, wire: Wire) -> None:
    """Before it articles were cleaned as they came, known by the hash of that, and signed in another way."""
    found = [entry(house, n) for n in range(1, 8)]
    fetch(house, wire, *found)
    group.group(house.services)
    old = {raw.external_id: normalise.normalise(raw, source="wire", publisher="", now=house.clock()) for raw in found}
    hashes = {name: article.content_hash for name, article in old.items()}
    assert all(article.content_hash != hashes[name] for name, article in stored(house).items())
    c = t.revision.c
    with house.services.database.write() as connection:
        for name, article in stored(house).items():
            values = {"content_hash": hashes[name], "signature": bytes(256), "signature_as_it_came": None}
            connection.execute(sa.update(t.revision).where(c.article_id == article.id).values(values))
        config = schema._config()
        config.attributes["connection"] = connection
        command.downgrade(config, "0009")
    schema.upgrade(house.services.database)
    assert all(cleaned for _, _, cleaned, _ in rows(house))
    assert all(article.signature == old[name].signature for name, article in stored(house).items()), "signed anew"
    assert fetch(house, wire, *found) == (0, 0, 7, 0)
    assert {name: a.content_hash for name, a in stored(house).items()}.items().isdisjoint(hashes.items()), "known anew"
    assert fetch(house, wire, *found) == (0, 0, 7, 0)
    assert group.group(house.services).grouped == 0
    changed = [entry(house, 1, version=2), *found[1:], entry(house, 9)]
    assert fetch(house, wire, *changed) == (1, 1, 6, 0)
    assert group.group(house.services).grouped == 2
    assert not any(PROMOTION in article.paragraphs for article in stored(house).values())
