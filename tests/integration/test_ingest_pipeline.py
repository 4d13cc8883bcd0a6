"""Articles in: what is new, what is known, what is held back, and what of it may be mailed."""

from __future__ import annotations

import dataclasses
import queue
import threading
from collections.abc import Iterable, Sequence
from typing import Any

import pytest

from digest.errors import BadInput
from digest.group.grouper import Grouper
from digest.group.records import Review
from digest.ingest import feeds
from digest.ingest.arriving import Wanted
from digest.ingest.kinds.base import Batch, FetchOptions, Unread
from digest.ingest.workers import Workers
from digest.model.article import Article, RawArticle, Standing
from digest.model.publication import Source
from digest.pipeline import fetching, group, ingest, publications, reading, topics
from digest.pipeline import sources as source_pipeline
from digest.pipeline.ingest_report import IngestReport
from digest.pipeline.reading import Readers
from digest.store import articles, sources
from tests.support import home, tasks
from tests.support.home import House, deliver_all, publication, publish_now, raw, subscribe, token
from tests.support.polled import Wire

READER = "a@example.com"


def take_in(house: House, *found: RawArticle | BadInput) -> tuple[int, int, int, int, int]:
    report = ingest.ingest(house.services, found)
    return report.new, report.updated, report.known, report.held, report.failed


def stored(house: House, **where: Any) -> dict[str, Article]:
    with house.services.database.read() as connection:
        return {a.identity: a for a in articles.listing(connection, **where)}


def test_the_same_thing_twice_changes_nothing(house: House) -> None:
    found = [raw(n, house.clock()) for n in range(1, 6)]
    assert take_in(house, *found) == (5, 0, 0, 0, 0)
    group.group(house.services)
    before = home.all_rows(house)
    house.clock.go(hours=3)
    assert take_in(house, *found) == (0, 0, 5, 0, 0)
    assert group.group(house.services).grouped == 0
    assert home.all_rows(house) == before


def test_an_update_keeps_the_first_date_and_gets_a_number_of_its_own(house: House) -> None:
    first = house.clock()
    take_in(house, raw(1, first))
    group.group(house.services)
    later = house.clock.go(days=2)
    assert take_in(house, raw(1, later, version=2)) == (0, 1, 0, 0, 0)
    group.group(house.services)
    article = stored(house)["id:1"]
    assert (article.published.start, article.ordinal, article.seq) == (first, 2, 2)
    assert token(1, 2) in article.title


def test_an_update_in_the_same_run_is_an_update_whatever_the_batch(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = house.clock()
    found = [raw(1, now), raw(2, now), raw(1, now, version=2), raw(1, now, version=3)]
    assert take_in(house, *found) == (2, 2, 0, 0, 0)
    for size in (500, 1, 3):
        monkeypatch.setattr(ingest, "BATCH", size)
        assert take_in(house, *found) == (0, 0, 4, 0, 0)
    assert token(1, 3) in stored(house)["id:1"].title


def test_one_broken_among_a_hundred(house: House) -> None:
    found: list[RawArticle | BadInput] = [raw(n, house.clock()) for n in range(100)]
    found[40] = BadInput("has no date", where="40.txt:1")
    report = ingest.ingest(house.services, found)
    assert (report.new, report.failed) == (99, 1)
    assert [str(e) for e in report.errors] == ["40.txt:1: has no date"]


# --- polled sources -------------------------------------------------------------------------------


@pytest.fixture
def wire() -> Wire:
    return Wire()


@pytest.fixture
def polling(house: House, wire: Wire) -> House:
    """With a feed that was fetched once, empty."""
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _kind: wire)
    source_pipeline.add(house.services, source_pipeline.Asked("feed", "https://example.org/feed", name="wire"))
    home.publication(house)
    home.subscribe(house, READER)
    return house


def fetch(house: House, wire: Wire, *gives: RawArticle) -> IngestReport:
    wire.gives = list(gives)
    found = fetching.fetch(house.services, everything=True)
    assert not found.failed
    group.group(house.services)
    return found.articles


def mailed(house: House) -> list[str]:
    """What the next edition tells."""
    before = len(house.mails())
    house.clock.go(minutes=5)
    home.publish_now(house)
    home.deliver_all(house)
    return sorted(name for mail in house.mails()[before:] for name in home.tokens(mail))


def test_of_a_first_fetch_only_the_newest_are_news(polling: House, wire: Wire) -> None:
    report = fetch(polling, wire, *(raw(n, polling.clock(), days_old=n) for n in range(30)))
    assert report.new == 30
    by = stored(polling)
    news = {i for i, a in by.items() if a.standing is Standing.NEWS}
    assert news == {f"id:{n}" for n in range(10)}
    assert mailed(polling) == sorted(token(n) for n in range(10))


def test_a_flood_is_held_and_a_release_is_mailed_once(polling: House, wire: Wire) -> None:
    fetch(polling, wire)
    old = [raw(n, polling.clock(), days_old=60) for n in range(10, 35)]
    report = fetch(polling, wire, raw(1, polling.clock()), *old)
    assert (report.new, report.held) == (1, 25)
    assert mailed(polling) == [token(1)]
    assert all(a.seq == 0 and a.story is None for a in stored(polling, standing="quarantined").values())
    assert source_pipeline.release(polling.services, "wire") == 25
    assert source_pipeline.release(polling.services, "wire") == 0
    group.group(polling.services)
    told = mailed(polling)
    told += mailed(polling)
    assert len(told) == len(set(told))
    assert set(told) <= {token(n) for n in range(10, 35)}
    assert told, "the mail's limits bound it, but it is mailed"


def test_a_few_old_articles_are_no_flood(polling: House, wire: Wire) -> None:
    fetch(polling, wire)
    assert fetch(polling, wire, *(raw(n, polling.clock(), days_old=60) for n in range(5))).new == 5
    assert len(mailed(polling)) == 5


def test_a_release_does_not_bring_back_what_an_article_said_before(polling: House, wire: Wire) -> None:
    fetch(polling, wire)
    old = [raw(n, polling.clock(), days_old=60) for n in range(25)]
    fetch(polling, wire, *old)
    # A new revision with a date of today is news, whatever its first revision was held for.
    assert fetch(polling, wire, raw(3, polling.clock(), version=2)).updated == 1
    source_pipeline.release(polling.services, "wire")
    group.group(polling.services)
    with polling.services.database.read() as connection:
        ids = {a.identity: a.id for a in articles.listing(connection)}
        visible = articles.visible(connection, ids.values(), 1000)
        left = articles.held_counts(connection)
    assert token(3, 2) in visible[ids["id:3"]].title
    assert len(visible) == 25
    assert left == {}


def test_an_update_after_the_cutoff_does_not_leak_into_the_edition(house: House) -> None:
    from digest.pipeline import calendar, publish
    from digest.store import publications as stored_publications

    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1)
    with house.services.database.read() as connection:
        publication = stored_publications.get(connection, "news")
    cut = calendar.cut_by_hand(house.services, publication, "", "")
    home.take_in(house, 1, version=2)
    home.take_in(house, 2)
    publish.plan_editions(house.services, cut)
    home.deliver_all(house)
    assert [home.tokens(m) for m in house.mails()] == [{token(1)}]
    assert mailed(house) == sorted([token(1, 2), token(2)])


def test_a_mended_letter_is_no_news(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1)
    assert mailed(house) == [token(1)]
    mended = dataclasses.replace(
        raw(1, house.clock()), text=raw(1, house.clock()).text.replace("many guests", "meny guests")
    )
    assert take_in(house, mended) == (0, 1, 0, 0, 0)
    group.group(house.services)
    assert mailed(house) == []


def test_a_publication_draws_on_its_own_sources_alone(house: House) -> None:
    now = house.clock()
    ingest.ingest(house.services, [raw(1, now)], source="one")
    ingest.ingest(house.services, [dataclasses.replace(raw(1, now), title="From the other " + token(2))], source="two")
    group.group(house.services)
    home.publication(house, sources=["one"])
    home.subscribe(house, READER)
    home.publish_now(house)
    home.deliver_all(house)
    assert [home.tokens(m) for m in house.mails()] == [{token(1)}]


def test_a_source_that_is_removed_while_it_is_read(polling: House, wire: Wire) -> None:
    def read(source: Source, *_: Any, **__: Any) -> Batch:
        with polling.services.database.write() as connection:
            sources.remove(connection, source.name)
        return Batch(articles=[raw(1, polling.clock())])

    wire.read = read  # type: ignore[method-assign]
    found = fetching.fetch(polling.services, everything=True)
    assert not found.failed
    assert stored(polling) == {}


def test_a_page_instead_of_a_feed_is_a_failure_of_the_source(polling: House, wire: Wire) -> None:
    """Bytes of others are read in a process of its own; of a broken answer nothing is remembered."""

    def answered(body: bytes) -> tuple[fetching.FetchReport, dict[str, str]]:
        batch = Batch(unread=Unread(feeds.read, (body, "https://example.org/feed")), memory={"etag": str(len(body))})
        wire.read = lambda *_, **__: batch  # type: ignore[method-assign]
        found = fetching.fetch(polling.services, everything=True)
        with polling.services.database.read() as connection:
            ((source, _),) = sources.listing(connection)
            return found, sources.on_record(connection, [source.id])[source.id].memory

    page, remembered = answered(b"<html>maintenance</html>")
    assert list(page.failed) == ["wire"]
    assert remembered == {}
    item = b"<item><title>Quay %d</title><guid>%d</guid></item>"
    whole = b"<rss><channel>" + item % (1, 1) + b"</channel></rss>"
    fine, remembered = answered(whole)
    assert (fine.failed, fine.articles.new, remembered) == ({}, 1, {"etag": str(len(whole))})
    cut, remembered = answered(b"<rss><channel>" + item % (2, 2) + b"<item><title>Qu")
    assert (cut.failed, cut.articles.new, cut.articles.failed > 0, remembered) == ({}, 1, True, {}), "asked for again"


def test_a_body_that_takes_too_much_hurts_no_other_source(polling: House, wire: Wire) -> None:
    source_pipeline.add(polling.services, source_pipeline.Asked("feed", "https://example.org/2", name="fine"))

    def read(source: Source, *_: Any, **__: Any) -> Batch:
        reader = tasks.nothing if source.name == "fine" else tasks.crash
        return Batch(unread=Unread(reader, (b"",)), memory={"etag": source.name})

    wire.read = read  # type: ignore[method-assign]
    found = fetching.fetch(polling.services, everything=True)
    assert found.fetched == 1
    assert "broke the process that read it" in str(found.failed["wire"])


def test_a_round_that_was_given_up_starts_no_more_processes(polling: House, wire: Wire) -> None:
    """The threads that are still reading then have nobody who would end what they start."""
    begun, go_on, told = threading.Event(), threading.Event(), queue.SimpleQueue[BaseException | None]()

    def read(source: Source, *_: Any, options: FetchOptions, **__: Any) -> Batch:
        if source.name != "slow":
            assert begun.wait(20)
            return Batch(unchanged=True)
        begun.set()
        go_on.wait(20)
        try:
            options.run(tasks.nothing, b"", where="x")
        except BaseException as error:
            told.put(error)
            raise
        told.put(None)
        return Batch()

    def give_up(*_: object) -> None:
        raise KeyboardInterrupt

    source_pipeline.add(polling.services, source_pipeline.Asked("feed", "https://example.org/2", name="slow"))
    wire.read = read  # type: ignore[method-assign]
    with pytest.raises(KeyboardInterrupt):
        fetching.fetch(dataclasses.replace(polling.services, progress=give_up), everything=True)
    go_on.set()
    assert isinstance(told.get(timeout=20), RuntimeError)


def test_a_long_body_is_normalised_in_parts(polling: House, wire: Wire, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "_LONG", 100)
    monkeypatch.setattr(reading, "_PART", 3)
    items = "".join(f"<item><title>Pier {n} opens</title><guid>{n}</guid></item>" for n in range(8))
    body = f"<rss><channel>{items}</channel></rss>".encode()
    wire.read = lambda *_, **__: Batch(unread=Unread(feeds.read, (body, "x")))  # type: ignore[method-assign]
    asked: list[str] = []
    submit = Workers.submit

    def counted(self: Workers, function: Any, *arguments: Any, **options: Any) -> Any:
        asked.append(function.__name__)
        return submit(self, function, *arguments, **options)

    monkeypatch.setattr(Workers, "submit", counted)
    assert fetching.fetch(polling.services, everything=True).articles.new == 8
    assert asked == ["read", "taken_in", "taken_in", "taken_in"], "each with limits of its own"


@pytest.mark.parametrize("polled", [True, False])
def test_the_operators_words_go_before_the_articles_whoever_fills_the_source(
    house: House, wire: Wire, monkeypatch: pytest.MonkeyPatch, polled: bool
) -> None:
    """In a child for what others wrote, here for what the operator wrote: once, and for every kind alike."""
    monkeypatch.setattr(wire, "polled", polled, raising=False)
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _kind: wire)
    asked = source_pipeline.Asked("feed", "https://example.org/f", "wire", "My Quay", "nl", ("sport",))
    source_pipeline.add(house.services, asked)
    wire.gives = [dataclasses.replace(raw(1, house.clock()), publisher="Other", language="en", topics=("sea",))]
    assert fetching.fetch(house.services, everything=True).articles.new == 1
    group.group(house.services)
    (article,) = stored(house).values()
    assert (article.publisher, article.topic_hints) == ("My Quay", ("sport", "sea"))


def test_an_article_with_a_fault_of_ours_is_on_record_and_wanted_again(
    polling: House, wire: Wire, caplog: pytest.LogCaptureFixture
) -> None:
    """What went wrong in a child is told in a line, with the traceback in the log; the other articles go through."""
    wire.read = lambda *_, **__: Batch(unread=Unread(tasks.one_odd, (b"",)), memory={"etag": "x"})  # type: ignore[method-assign]
    found = fetching.fetch(polling.services, everything=True)
    assert (found.failed, found.articles.new, found.articles.failed) == ({}, 1, 1)
    assert "odd entry: failed unexpectedly: " in str(found.articles.errors[0])
    assert "Traceback" in caplog.text
    with polling.services.database.read() as connection:
        ((source, _),) = sources.listing(connection)
        assert sources.on_record(connection, [source.id])[source.id].memory == {}


def test_an_article_that_kills_its_reader_costs_the_others_of_a_long_body_nothing(
    polling: House, wire: Wire, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reading, "_LONG", 100)
    items = "".join(f"<item><title>Pier {n} opens</title><guid>{n}</guid></item>" for n in range(5))
    body = f"<rss><channel>{items}</channel></rss>".encode()
    wire.read = lambda *_, **__: Batch(unread=Unread(feeds.read, (body, "x")))  # type: ignore[method-assign]
    whole = Readers._normalised

    def killed(self: Readers, part: Sequence[RawArticle | BadInput], wanted: Wanted, where: str) -> list[Any]:
        if any("Pier 3" in (getattr(one, "title", "") or "") for one in part):
            return [BadInput("took more than 2 seconds of computing to read", where=where)]
        return whole(self, part, wanted, where)

    monkeypatch.setattr(Readers, "_normalised", killed)
    found = fetching.fetch(polling.services, everything=True).articles
    assert (found.new, [str(error) for error in found.errors]) == (
        4,
        ["x, entry 4: took more than 2 seconds of computing to read"],
    )


def test_sources_are_read_side_by_side_and_none_far_ahead(house: House, wire: Wire) -> None:
    """A server that is slow holds up no other; what is read and not yet written down is bounded."""
    threads = house.services.settings.ingest.fetch_threads
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _kind: wire)
    number = 6 * threads
    for n in range(number):
        source_pipeline.add(house.services, source_pipeline.Asked("feed", f"https://example.org/{n}", name=f"s{n:02}"))
    together = threading.Barrier(threads)
    begun: list[str] = []
    ahead: list[int] = []

    def read(source: Source, *_: Any, **__: Any) -> Batch:
        begun.append(source.name)
        if len(begun) <= threads:
            together.wait(timeout=10)  # broken, and so a failure, unless all of these are read at once
        return Batch(articles=[raw(int(source.name[1:]), house.clock())])

    def progress(what: str, done: int, _total: int) -> None:
        if what == "fetching sources":
            ahead.append(len(begun) - done)

    wire.read = read  # type: ignore[method-assign]
    found = fetching.fetch(dataclasses.replace(house.services, progress=progress), everything=True)
    assert not found.failed
    assert len(stored(house)) == number
    assert max(ahead) <= 4 * threads


def test_those_without_news_are_written_down_together(polling: House, wire: Wire) -> None:
    wire.read = lambda *_, **__: Batch(unchanged=True, memory={"etag": "x"})  # type: ignore[method-assign]
    writes = 0
    begun = polling.services.database.write

    def counted() -> Any:
        nonlocal writes
        writes += 1
        return begun()

    for n in range(5):
        source_pipeline.add(polling.services, source_pipeline.Asked("feed", f"https://example.org/{n}", name=f"s{n}"))
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(polling.services.database, "write", counted)
        found = fetching.fetch(polling.services, everything=True)
    assert (found.fetched, found.unchanged) == (6, 6)
    assert writes <= 3  # with those of the leader
    with polling.services.database.read() as connection:
        assert all(health.last_ok for _, health in sources.listing(connection))


def test_an_operators_topic_heads_its_section_by_the_label_it_was_given(house: House) -> None:
    topics.add(house.services, "canals", match=["canal"], label="Water and locks")
    text = "The canal of Dunfip gets a new lock next spring, the council has said."
    found = RawArticle(text=text, origin="canal.txt", title="A new lock for the canal", language="en")
    ingest.ingest(house.services, [found])
    group.group(house.services)
    publication(house)
    subscribe(house, "reader@example.com", language="nl")
    publish_now(house)
    deliver_all(house)
    (mail,) = house.mails()
    assert b"WATER AND LOCKS" in mail


def test_a_source_name_from_outside_is_one_clean_line(house: House) -> None:
    found = dataclasses.replace(raw(1, house.clock()), publisher="The\x1b[31m Red\r\n Wire " + "x" * 200)
    ingest.ingest(house.services, [found])
    with house.services.database.read() as connection:
        (source,) = [s.name for s, _ in sources.listing(connection)]
    assert source.isprintable()
    assert len(source) <= 100


def test_a_manual_source_that_was_removed_comes_back_with_its_next_article(house: House) -> None:
    ingest.ingest(house.services, [raw(1, house.clock())])
    with house.services.database.write() as connection:
        sources.remove(connection, "manual")
    ingest.ingest(house.services, [raw(2, house.clock())])
    with house.services.database.read() as connection:
        assert sources.get(connection, "manual").state == "active"


def test_a_publication_that_is_narrowed_narrows_its_readers_too(house: House) -> None:
    publication(house, topics=["sport", "politics"])
    subscribe(house, "reader@example.com", topics=("sport",))
    home.take_in(house, 1, topic="sport")
    publications.edit(house.services, publications.Asked("news", topics=["politics"]))
    assert publish_now(house).planned == 0
    publications.edit(house.services, publications.Asked("news", topics=["politics", "sport"]))
    assert publish_now(house).planned == 1


def test_a_topic_that_a_publication_takes_on_does_not_reach_back(house: House) -> None:
    publication(house, topics=["sport"])
    subscribe(house, "reader@example.com")
    home.take_in(house, 1, topic="politics")
    publications.edit(house.services, publications.Asked("news", topics=["sport", "politics"]))
    assert publish_now(house).planned == 0
    home.take_in(house, 2, topic="politics")
    assert publish_now(house).planned == 1
    deliver_all(house)
    (mail,) = house.mails()
    assert home.tokens(mail) == {token(2)}


def test_what_a_crash_kept_from_being_merged_is_looked_at_after_the_restart(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked_at: list[set[int]] = []

    def dying(_grouper: Grouper, recheck: Iterable[int] = ()) -> Review:
        raise KeyboardInterrupt

    def watched(_grouper: Grouper, recheck: Iterable[int] = ()) -> Review:
        looked_at.append(set(recheck))
        return Review((), ())

    ingest.ingest(house.services, [raw(1, house.clock()), raw(2, house.clock())])
    monkeypatch.setattr(Grouper, "review", dying)
    with pytest.raises(KeyboardInterrupt):  # between placing and merging
        group.group(house.services)
    house.services.memory.clear()
    monkeypatch.setattr(Grouper, "review", watched)
    group.group(house.services)
    group.group(house.services)
    assert looked_at == [{1, 2}], "once, and with what was placed before the crash"
