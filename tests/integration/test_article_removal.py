"""digest article remove: gone from the database, from stories, from all that is still to be mailed."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import signal
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa

from digest import app
from digest.errors import NotFound, UsageError
from digest.group.rulings import Level
from digest.ingest.files import read_path
from digest.ingest.normalise import normalise
from digest.model.article import Article, RawArticle
from digest.model.delivery import DeliveryState
from digest.pipeline import (
    calendar,
    corrections,
    deliver,
    fetching,
    full_text,
    group,
    ingest,
    publish,
    removing,
    sources,
    subscriptions,
    undoing,
)
from digest.pipeline.plan_batch import PlanReport
from digest.pipeline.removing import Done
from digest.store import arrivals, articles, removal, schema, stories, withdrawal
from digest.store import sources as stored_sources
from digest.store import tables as t
from digest.store.withdrawal import WITHDRAWN
from tests.support import home
from tests.support.home import House, token
from tests.support.polled import Wire

S = DeliveryState
READER, OTHER = "a@example.com", "b@example.com"


def remove(house: House, *names: str) -> Done:
    return removing.remove(house.services, names, "the publisher asked for it")


@pytest.fixture
def ready(house: House) -> House:
    """One reader, two articles of which a mail is planned."""
    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1, 2)
    assert home.publish_now(house).planned == 1
    return house


def plan(house: House) -> list[PlanReport]:
    reports = publish.plan_open_editions(house.services)
    assert [r.error for r in reports] == [None] * len(reports)
    return reports


def told(house: House, reader: str = READER) -> list[set[str]]:
    return [home.tokens(mail) for mail in house.mails(reader)]


def state(house: House) -> tuple[DeliveryState, str]:
    (delivery,) = home.listing(house)
    return delivery.state, delivery.reason


def next_day(house: House, *numbers: int) -> None:
    house.clock.go(days=1)
    if numbers:
        home.take_in(house, *numbers)
    home.publish_now(house)
    home.deliver_all(house)


def words_in(house: House) -> str:
    """All text of the database, the full-text index included."""
    with house.services.database.read() as connection:
        connection.exec_driver_sql(
            "CREATE VIRTUAL TABLE IF NOT EXISTS temp.seen USING fts5vocab(main, article_index, row)"
        )
        terms = " ".join(connection.exec_driver_sql("SELECT term FROM temp.seen").scalars())
        rows = {table.name: connection.execute(sa.select(table)).all() for table in t.metadata.sorted_tables}
    return f"{rows} {terms}"


# --- the database -------------------------------------------------------------------------------------


def test_the_text_is_gone_and_what_proves_that_it_was_there_stays(house: House) -> None:
    home.take_in(house, 1, 2)
    home.take_in(house, 1, version=2)
    told_of = home.raw(1, house.clock(), version=2)
    marks = [token(1).lower(), token(1, 2).lower(), *told_of.text.lower().split()[1:4:2], told_of.title or ""]
    assert all(mark in words_in(house).lower() for mark in marks[:3])
    done = remove(house, "1")
    assert [a.external_id for a in done.articles] == ["1"]
    assert len(done.stories) == 1
    left = words_in(house).lower()
    assert not [mark for mark in marks if mark.lower() in left]
    assert token(2).lower() in left
    with house.services.database.read() as connection:
        assert articles.find(connection, "1") is None
        assert [a.external_id for a in articles.listing(connection)] == ["2"]
        (found,) = removal.listing(connection)
        assert found == removal.find(connection, "1") == removal.find(connection, done.articles[0].key)
        assert stories.get(connection, done.stories[0]) is None
        assert [s.id for s in stories.listing(connection)] == [a.story for a in articles.listing(connection)]
        assert articles.counts(connection) == {"manual": 1}
    assert (found.reason, found.at, found.identity) == ("the publisher asked for it", house.clock(), "id:1")
    assert (found.published, found.source) == (told_of.date, "manual")
    assert schema.check(house.services.database) == []


def test_the_file_has_no_word_of_it_after_the_index_is_made_anew(house: House) -> None:
    from digest.store import search

    home.take_in(house, 1, 2)
    word = home.word(1 * 37 + 7).encode()
    remove(house, "1")
    database = house.services.database
    with database.write() as connection:
        search.rebuild(connection)
    database.close()
    with contextlib.closing(sqlite3.connect(database.file or "")) as plain:
        plain.execute("PRAGMA wal_checkpoint(TRUNCATE)")
    data = Path(database.file or "").read_bytes().lower()
    assert word not in data
    assert home.word(2 * 37 + 7).encode() in data


def test_removed_twice_unknown_or_without_a_reason(house: House) -> None:
    home.take_in(house, 1)
    before = home.all_rows(house)
    with pytest.raises(NotFound):
        remove(house, "1", "nope")
    with pytest.raises(UsageError, match="needs a reason"):
        removing.remove(house.services, ["1"], " \n ")
    assert home.all_rows(house) == before
    assert remove(house, "1", "1").before == ()
    again = remove(house, "1")
    assert (again.articles, again.before) == ((), ("1",))


def test_what_waits_or_is_held_back_can_be_removed_and_is_never_grouped(house: House) -> None:
    ingest.ingest(house.services, [home.raw(n, house.clock()) for n in (1, 2, 3)])
    with house.services.database.write() as connection:
        connection.execute(sa.update(t.revision).where(t.revision.c.article_id == 2).values(standing="quarantined"))
    remove(house, "1", "2")
    with house.services.database.write() as connection:
        assert articles.release(connection, 1) == 0
    assert group.group(house.services).grouped == 1
    with house.services.database.read() as connection:
        assert [a.external_id for a in articles.listing(connection)] == ["3"]


# --- it does not come in again ------------------------------------------------------------------------


def test_it_does_not_come_in_again_by_hand(house: House) -> None:
    home.take_in(house, 1, 2)
    remove(house, "1")
    for version in (1, 2):
        report = home.take_in(house, 1, version=version)
        assert (report.new, report.updated, report.known) == (0, 0, 1)
    other_name = replace(home.raw(1, house.clock()), identity="id:77", external_id="77")
    assert ingest.ingest(house.services, [other_name]).known == 1
    assert ingest.ingest(house.services, [other_name], source="another").new == 1
    assert token(1).lower() in words_in(house).lower(), "another source is another matter"


def test_it_does_not_come_in_again_from_its_source(house: House, tmp_path: Path) -> None:
    folder = tmp_path / "in"
    folder.mkdir()
    file = folder / "a.txt"
    file.write_text("date 2026-03-01T10:00Z The ferry of the new line left on time. It runs every ten minutes.")
    sources.add(house.services, sources.Asked("folder", str(folder), "wire"))
    fetching.fetch(house.services)
    group.group(house.services)
    with house.services.database.read() as connection:
        (held,) = articles.listing(connection)
    remove(house, held.key)
    for text in (file.read_text(), file.read_text() + " And more."):
        file.write_text(text)
        house.clock.go(days=1)
        report = fetching.fetch(house.services, everything=True)
        assert (report.articles.new, report.articles.updated) == (0, 0)
    (folder / "renamed.txt").write_text(
        "date 2026-03-01T10:00Z The ferry of the new line left on time. It runs every ten minutes."
    )
    assert fetching.fetch(house.services, everything=True).articles.new == 0
    group.group(house.services)
    with house.services.database.read() as connection:
        assert articles.listing(connection) == []
    assert len(list(read_path(folder))) == 2


@pytest.fixture
def wire(house: House) -> Wire:
    """A feed that was fetched once, empty."""
    made = Wire()
    house.services = dataclasses.replace(house.services, load_source_kind=lambda _kind: made)
    sources.add(house.services, sources.Asked("feed", "https://old.example/feed", "wire"))
    fetch(house, made)
    return made


def fetch(house: House, wire: Wire, *gives: RawArticle) -> tuple[int, int, int]:
    """New, updated, known."""
    wire.gives = list(gives)
    house.clock.go(hours=1)
    found = fetching.fetch(house.services, everything=True)
    assert not found.failed
    return found.articles.new, found.articles.updated, found.articles.known


def test_a_feed_cannot_bring_it_again(house: House, wire: Wire) -> None:
    first, second = (replace(home.raw(n, house.clock()), url=f"https://old.example/{n}") for n in (1, 2))
    assert fetch(house, wire, first, second) == (2, 0, 0)
    group.group(house.services)
    remove(house, "1")
    edited = replace(first, text=first.text + " Nobody was hurt.")
    for again in (first, edited, replace(first, identity="id:new"), replace(edited, identity="id:newer")):
        assert fetch(house, wire, again, second) == (0, 0, 2)
        assert fetch(house, wire, second, again) == (0, 0, 2)
    group.group(house.services)
    assert token(1).lower() not in words_in(house).lower()


def test_what_was_removed_when_texts_were_known_as_cleaned_does_not_come_in_again(house: House, wire: Wire) -> None:
    promoted = replace(home.raw(1, house.clock()), identity="", text="Sign up for our newsletter today!")
    promoted = replace(promoted, text=f"{home.raw(1, house.clock()).text}\n\n{promoted.text}")
    assert fetch(house, wire, promoted) == (1, 0, 0)
    as_once = normalise(promoted, source="wire", publisher="", now=house.clock()).content_hash
    with house.services.database.write() as connection:
        came = connection.execute(sa.select(t.revision.c.content_hash)).scalar_one()
        assert came != as_once
        connection.execute(sa.update(t.revision).values(content_hash=as_once))
    remove(house, "1")
    assert fetch(house, wire, promoted, replace(promoted, identity="id:new")) == (0, 0, 2)
    assert fetch(house, wire, home.raw(2, house.clock())) == (1, 0, 0)


def test_an_id_that_counts_places_in_the_list_brings_other_articles(house: House, wire: Wire) -> None:
    first = replace(home.raw(1, house.clock()), url="https://old.example/1")
    fetch(house, wire, first)
    remove(house, "1")
    house.clock.go(days=2)
    other = replace(home.raw(2, house.clock()), identity=first.identity, url="https://old.example/2")
    assert fetch(house, wire, other) == (1, 0, 0)
    assert fetch(house, wire, replace(first, identity="id:2"), other) == (0, 0, 2)
    assert schema.check(house.services.database) == []


def test_the_page_of_one_that_was_removed_is_not_asked_for(house: House, wire: Wire) -> None:
    first = replace(home.raw(1, house.clock()), url="https://old.example/1")
    fetch(house, wire, first)
    remove(house, "1")
    with house.services.database.read() as connection:
        source = stored_sources.get(connection, "wire").id
        assert first.date is not None
        came = Article("wire", "t", True, ("p",), "en", first.date, "", None, "0" * 16, b"", "id:1")
        known, words = arrivals.known(connection, source, [came])
    assert "id:1" in known
    assert not full_text._is_new(came, known, words)


# --- stories ------------------------------------------------------------------------------------------


def copy_of(number: int, name: str, house: House, *, title: str) -> RawArticle:
    """The same news, told by another one."""
    return replace(
        home.raw(number, house.clock()), identity=f"id:{name}", external_id=name, title=title, publisher=name
    )


def two_of_a_story(house: House) -> int:
    """`post` and `times` tell one story."""
    for name in ("post", "times"):
        told_by = copy_of(1, name, house, title=f"Opening of the hall, says the {name}")
        ingest.ingest(house.services, [told_by], source=name)
    group.group(house.services)
    with house.services.database.read() as connection:
        (story,) = stories.listing(connection)
        assert len(story.articles) == 2
    return story.id


def test_a_story_goes_on_without_it_and_copies_are_named(house: House) -> None:
    story = two_of_a_story(house)
    done = remove(house, "post")
    assert done.stories == ()
    with house.services.database.read() as connection:
        found = stories.get(connection, story)
    assert found is not None
    assert len(found.articles) == 1
    assert found.title == "Opening of the hall, says the times"
    assert found.last_seq == 2


def test_copies_that_stay_are_named(house: House) -> None:
    for name, version in (("post", 1), ("times", 1), ("mail", 2)):
        told_by = replace(home.raw(1, house.clock(), version=version), publisher=name.title())
        ingest.ingest(house.services, [told_by, home.raw(2, house.clock())], source=name)
    with house.services.database.read() as connection:
        keys = {a.source: a.key for a in articles.listing(connection) if a.external_id == "1"}
    done = remove(house, keys["post"])
    assert [(copy.key, copy.source, copy.publisher) for copy in done.copies] == [(keys["times"], "times", "Times")]
    assert remove(house, keys["times"]).copies == ()


def test_what_the_operator_titled_stays(house: House) -> None:
    story = two_of_a_story(house)
    corrections.rename(house.services, Level.STORY, story, "The hall", "clearer")
    remove(house, "times")
    with house.services.database.read() as connection:
        found = stories.get(connection, story)
    assert found is not None
    assert (found.title, found.given) == ("The hall", True)


def test_another_process_that_groups_forgets_it(house: House) -> None:
    """What `serve` keeps in memory between passes does not bring it back."""
    story = two_of_a_story(house)
    other = app.services(house.services.home.folder, {})
    try:
        removing.remove(other, ["post", "times"], "asked for")
    finally:
        other.database.close()
    ingest.ingest(
        house.services, [copy_of(1, "mail", house, title="Opening of the hall, says the mail")], source="mail"
    )
    assert group.group(house.services).new_stories == 1
    with house.services.database.read() as connection:
        (found,) = stories.listing(connection)
        assert found.id != story
        assert len(stories.storyline_ids(connection)) == 1
        assert stories.storyline(connection, 1) is None


def test_the_grouper_after_a_removal_is_the_one_that_the_store_gives(house: House) -> None:
    two_of_a_story(house)
    home.take_in(house, 5, 6)
    remove(house, "post", "5")
    home.take_in(house, 7)
    rows = home.all_rows(house)["story"]
    house.services.memory.clear()
    with house.services.database.write() as connection:
        from digest.store import counters

        counters.advance(connection, counters.MERGED, 0)  # look at everything again
    group.group(house.services)
    assert home.all_rows(house)["story"] == rows


def test_a_correction_is_undone_without_it(house: House) -> None:
    story = two_of_a_story(house)
    done = corrections.split_story(house.services, story, ["times"], None, "two events")
    remove(house, "post")
    undoing.undo(house.services, done.correction.id)
    with house.services.database.read() as connection:
        (found,) = stories.listing(connection)
    assert (found.id, len(found.articles)) == (story, 1)


def test_a_merge_is_undone_when_what_was_merged_is_removed(house: House) -> None:
    home.take_in(house, 1, 2)
    (done,) = corrections.merge(house.services, Level.STORY, [1, 2], "one event")
    remove(house, "2")
    undoing.undo(house.services, done.correction.id)
    with house.services.database.read() as connection:
        assert [s.id for s in stories.listing(connection)] == [1]
    home.take_in(house, 3)


# --- what is mailed -----------------------------------------------------------------------------------


def test_a_mail_that_waits_is_composed_anew(ready: House) -> None:
    (before,) = home.listing(ready)
    done = remove(ready, "1")
    assert (done.withdrawn.anew, done.withdrawn.given_up, dict(done.withdrawn.mailed)) == (1, 0, {})
    assert state(ready) == (S.HELD, WITHDRAWN)
    assert home.deliver_all(ready).done == 0, "nothing leaves in between"
    assert [r.planned for r in plan(ready)] == [1]
    (after,) = home.listing(ready)
    assert (after.id, after.message_id, after.edition_name) == (before.id, before.message_id, before.edition_name)
    assert after.variant != before.variant
    home.deliver_all(ready)
    assert told(ready) == [{token(2)}]
    next_day(ready)
    assert told(ready) == [{token(2)}], "nothing is sent twice, and what is gone is owed to nobody"


def test_a_slot_edition_is_composed_anew_in_the_next_pass(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1, 2)
    house.clock.go_to(3, 12)
    calendar.cut_due_editions(house.services, {})
    plan(house)
    assert [s for *_, s in home.states(house)] == ["planned"]
    remove(house, "2")
    home.pass_(house)
    assert told(house) == [{token(1)}]
    assert [s for *_, s in home.states(house)] == ["sent"]


def test_its_own_delivery_is_not_too_soon_after_a_change_of_zone(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER, zone="UTC")
    home.take_in(house, 1, 2)
    house.clock.go_to(3, 12)
    calendar.cut_due_editions(house.services, {})
    plan(house)
    for zone in ("Asia/Tokyo", "UTC"):
        house.clock.go(minutes=1)
        subscriptions.edit(house.services, subscriptions.Wanted(READER, "news", zone=zone))
    remove(house, "2")
    assert [r.planned for r in plan(house)] == [1]
    home.deliver_all(house)
    assert told(house) == [{token(1)}]


def test_a_mail_of_its_story_counts_as_showing_it_in_whatever_words(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A model's words, or a translation, have nothing of the article's own."""
    monkeypatch.setattr(removing, "shows", lambda *_: False)
    home.publication(house)
    home.subscribe(house, READER)
    two_of_a_story(house)
    home.publish_now(house)
    assert remove(house, "post").withdrawn.anew == 1


def test_a_mail_that_quotes_it_counts_where_its_story_has_moved_on(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(withdrawal, "told_in", lambda *_: set())
    home.publication(house)
    home.subscribe(house, READER)
    two_of_a_story(house)
    home.publish_now(house)
    assert remove(house, "post").withdrawn.anew == 1


def test_a_mail_of_nothing_else_is_not_sent(ready: House) -> None:
    remove(ready, "1", "2")
    plan(ready)
    home.deliver_all(ready)
    assert state(ready) == (S.CANCELLED, "nothing is left to tell")
    assert told(ready) == []
    next_day(ready, 3)
    assert told(ready) == [{token(3)}]


def test_a_mail_that_was_put_off_is_composed_anew(ready: House) -> None:
    ready.transport.on_begin = lambda _to: home.DEFERRED
    home.deliver_all(ready)
    assert state(ready)[0] is S.DEFERRED
    ready.transport.on_begin = lambda _to: None
    remove(ready, "1")
    home.pass_(ready)
    assert told(ready) == [{token(2)}]


@pytest.mark.parametrize(
    ("policy", "state_", "later"),
    [("resend", S.CANCELLED, [{token(2)}, {token(3)}]), ("hold", S.HELD, [{token(3)}])],
)
def test_a_mail_that_may_have_arrived_is_not_sent_again(
    house: House, policy: str, state_: DeliveryState, later: list[set[str]]
) -> None:
    home.publication(house, uncertain=policy)
    home.subscribe(house, READER)
    home.take_in(house, 1, 2)
    home.publish_now(house)
    house.transport.on_send = lambda _to: home.LOST
    home.deliver_all(house)
    house.transport.on_send = lambda _to: None
    done = remove(house, "1")
    assert done.withdrawn.given_up == 1
    house.clock.go(hours=12)
    home.pass_(house)
    (delivery,) = [d for d in home.listing(house) if d.id == 1]
    assert delivery.state is state_
    if state_ is S.HELD:
        with pytest.raises(UsageError, match="was removed since"):
            deliver.steer(house.services, "resume", delivery="1")
    next_day(house, 3)
    assert told(house) == [{token(1), token(2)}, *later]


def test_what_the_operator_held_is_composed_anew_and_stays_held(ready: House) -> None:
    deliver.steer(ready.services, "pause", delivery="1")
    remove(ready, "1")
    plan(ready)
    assert state(ready)[0] is S.HELD
    assert state(ready)[1] != WITHDRAWN
    deliver.steer(ready.services, "resume", delivery="1")
    home.deliver_all(ready)
    assert told(ready) == [{token(2)}]


def test_an_edition_that_is_paused_is_composed_anew_when_it_goes_on(ready: House) -> None:
    with ready.services.database.read() as connection:
        from digest.store import editions

        (edition,) = editions.listing(connection)
    deliver.steer(ready.services, "pause", edition=edition)
    remove(ready, "1")
    home.pass_(ready)
    assert told(ready) == []
    deliver.steer(ready.services, "resume", edition=edition)
    home.deliver_all(ready)
    assert told(ready) == [], "not with what was removed"
    home.pass_(ready)
    assert told(ready) == [{token(2)}]


def test_what_failed_is_not_sent_again(ready: House) -> None:
    ready.transport.on_begin = lambda _to: home.REFUSED
    home.deliver_all(ready)
    ready.transport.on_begin = lambda _to: None
    remove(ready, "1")
    with pytest.raises(UsageError, match="was removed since"):
        deliver.steer(ready.services, "retry", delivery="1")


def test_removed_while_it_is_sent(ready: House) -> None:
    """Between the claim and the mark: nothing leaves. After the mark it is mailed, and that is said."""
    home.subscribe(ready, OTHER)
    found: list[Done] = []

    def begin(_to: str) -> None:
        if not found:
            found.append(remove(ready, "1"))

    ready.transport.on_begin = begin
    home.deliver_all(ready)
    assert told(ready) == []
    home.pass_(ready)
    assert told(ready) == [{token(2)}]


def test_removed_when_it_is_on_the_wire(ready: House) -> None:
    found: list[Done] = []
    ready.transport.on_send = lambda _to: found.append(remove(ready, "1"))  # type: ignore[func-returns-value]
    home.deliver_all(ready)
    assert found[0].withdrawn.leaving == 1
    assert state(ready)[0] is S.SENT
    assert remove(ready, "2").withdrawn == found[0].withdrawn.__class__()


@pytest.mark.parametrize("answer", [home.DEFERRED, home.LOST])
def test_removed_when_it_is_on_the_wire_and_does_not_arrive(ready: House, answer: Any) -> None:
    answers = [answer]

    def send(_to: str) -> Any:
        if answers:
            remove(ready, "1")
            return answers.pop()
        return None

    ready.transport.on_send = send
    home.deliver_all(ready)
    ready.transport.wire.clear()  # nobody knows of a lost reply's mail
    ready.clock.go(hours=6)
    home.pass_(ready)
    next_day(ready, 3)
    home.pass_(ready)
    news = [mark for mail in told(ready) for mark in mail]
    assert sorted(news) == [token(2), token(3)]


def test_what_was_mailed_is_said_and_its_bytes_are_gone(ready: House) -> None:
    home.deliver_all(ready)
    assert told(ready) == [{token(1), token(2)}]
    done = remove(ready, "1")
    assert dict(done.withdrawn.mailed) == {home.listing(ready)[0].edition_name: 1}
    assert home.word(1 * 37 + 7) not in words_in(ready).lower()
    with ready.services.database.read() as connection:
        (message, withdrawn) = connection.execute(sa.select(t.variant.c.message, t.variant.c.withdrawn_at)).one()
    assert (message, withdrawn) == (b"", ready.clock())
    next_day(ready, 3)
    assert told(ready)[1:] == [{token(3)}], "the rest of that mail is not sent twice"


def test_a_story_in_a_later_mail_does_not_show_it(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER)
    two_of_a_story(house)
    remove(house, "post")
    home.publish_now(house)
    home.deliver_all(house)
    (mail,) = house.mails()
    assert b"says the times" in mail
    assert b"post" not in mail


def test_other_mails_stay_as_they_are(ready: House) -> None:
    home.subscribe(ready, OTHER)
    home.deliver_all(ready)
    home.take_in(ready, 3)
    ready.clock.go(days=1)
    home.publish_now(ready)
    done = remove(ready, "2")
    waits = {d.subscriber: d.reason for d in home.listing(ready) if d.edition_name.endswith("/2")}
    assert waits == {READER: "", OTHER: WITHDRAWN}, "the one had it before, the other is to get it now"
    assert done.withdrawn.anew == 1


def test_removed_while_an_edition_is_composed(house: House) -> None:
    home.publication(house)
    home.subscribe(house, READER)
    home.take_in(house, 1, 2)
    assert home.meanwhile(house, lambda: remove(house, "1")).planned == 1
    home.deliver_all(house)
    assert told(house) == [{token(2)}]


# --- a crash ------------------------------------------------------------------------------------------

_KILLED = """
import os, signal, sys
from pathlib import Path
from digest import app
from digest.pipeline import removing
from digest.store import withdrawal
withdrawal.withdraw = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
removing.remove(app.services(Path(sys.argv[1]), {}), ["1"], "asked for")
"""


def test_killed_in_the_middle_nothing_is_removed(ready: House) -> None:
    before = home.all_rows(ready)
    folder = Path(__file__).resolve().parents[2]
    died = subprocess.run(
        [sys.executable, "-c", _KILLED, str(ready.services.home.folder)], cwd=folder, check=False, env={**os.environ}
    )
    assert died.returncode == -signal.SIGKILL
    assert home.all_rows(ready) == before
    assert schema.check(ready.services.database) == []
    assert len(remove(ready, "1").articles) == 1
    home.pass_(ready)
    assert told(ready) == [{token(2)}]


# --- how a mail is known ------------------------------------------------------------------------------


def test_a_mail_is_known_by_its_words() -> None:
    needles = removing.needles_of(
        ["Short. A long enough sentence\nabout “Bürger & Co”. No.", "https://example.org/a?b=1&c=2"]
    )
    assert needles == ("A long enough sentence about “Bürger & Co”.", "https://example.org/a?b=1&c=2")
    quoted = b"<p>A long enough sentence=\r\n about =E2=80=9CB=C3=BCrger &amp; Co=E2=80=9D.</p>"
    assert removing.shows(quoted, needles)
    assert removing.shows(b'<a href=3D"https://example.org/a?b=3D1&amp;c=3D2">', needles)
    assert not removing.shows(b"Short. No.", needles)
