"""Past editions made anew: the same in an unchanged house, and what other settings would have made of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from digest import app
from digest.errors import NotFound, UsageError
from digest.group.rulings import Level
from digest.model.article import RawArticle
from digest.pipeline import corrections, group, ingest, removing
from digest.pipeline.replay import Replay, Wanted
from digest.pipeline.replay import replay as make_anew
from digest.store import tables as t
from tests.support.home import (
    REFUSED,
    House,
    all_rows,
    bounce,
    deliver_all,
    listing,
    open_house,
    publication,
    publish_now,
    raw,
    subscribe,
    take_in,
    token,
)

A, B, C = "a@example.org", "b@example.org", "c@example.org"
EARLY, LATE = datetime(2026, 1, 1), datetime(2027, 1, 1)  # noqa: DTZ001 - slots are local times


def again(house: House, email: str = "", **said: str) -> Replay:
    return make_anew(house.services, Wanted("news", EARLY, LATE, said, email))


def unlike(found: Replay) -> list[tuple[str, object]]:
    return [(e.edition.name, v.difference) for e in found.editions for v in e.variants if not v.same]


def next_day(house: House, *refused: str) -> None:
    """An edition goes out, and these addresses refuse it."""
    house.transport.on_begin = lambda recipient: REFUSED if recipient in refused else None
    publish_now(house)
    deliver_all(house)
    house.clock.go(days=1)


@pytest.fixture
def three_days(house: House) -> House:
    """Three readers, three editions: a mail that failed, one that bounced, updates, late articles."""
    publication(house, max_entries=4, max_per_section=2)
    subscribe(house, A)
    subscribe(house, B, topics=["sport"])
    subscribe(house, C, language="nl")
    take_in(house, 1, 2, topic="sport")
    take_in(house, 3, 4, 5, topic="politics")
    next_day(house)
    take_in(house, 1, version=2, topic="sport")
    take_in(house, 6, topic="health", days_old=3)
    next_day(house, C)
    (first,) = [d for d in listing(house) if d.subscriber == B and d.edition_name == "news/extra/2"]
    bounce(house, first)
    take_in(house, 1, version=3, topic="sport")
    take_in(house, 3, version=2, topic="politics")
    next_day(house)
    return house


def test_in_an_unchanged_house_every_edition_is_as_it_was(three_days: House) -> None:
    before = all_rows(three_days)
    found = again(three_days)
    assert [e.edition.name for e in found.editions] == ["news/extra/1", "news/extra/2", "news/extra/3"]
    assert len(found.variants) == 9
    assert unlike(found) == []
    assert all(v.recorded and v.before.bytes > 1000 for v in found.variants)
    assert all_rows(three_days) == before, "nothing is stored"


def test_what_came_into_a_story_later_is_no_part_of_it_then(house: House) -> None:
    publication(house)
    subscribe(house, A)
    take_in(house, 1, topic="sport")
    next_day(house)
    more = [raw(1, house.clock(), version=n, topic="politics", identity=f"more:{n}") for n in (2, 3, 4)]
    ingest.ingest(house.services, [replace(each, external_id=each.identity) for each in more])
    group.group(house.services)
    with house.services.database.read() as connection:
        assert connection.execute(sa.select(t.story.c.topics)).scalars().all() == [["politics", "sport"]]
    assert unlike(again(house)) == []


def test_fewer_entries_push_others_out_and_what_was_not_told_is_new_later(house: House) -> None:
    publication(house)
    subscribe(house, A)
    take_in(house, 1, topic="sport")
    take_in(house, 2, topic="politics")
    next_day(house)
    take_in(house, 1, version=2, topic="sport")
    take_in(house, 2, version=2, topic="politics")
    next_day(house)
    first, second = again(house, max_entries="1").variants
    (gone,), (told,) = first.difference.fell, first.after.items
    assert first.why == {min(gone.item.stories): "is over the limits"}
    assert (first.before.more, first.after.more) == (0, 1)
    assert first.after.bytes < first.before.bytes
    assert [i.kind for i in second.before.items] == ["updated", "updated"]
    assert [i.kind for i in second.after.items] == [
        "updated" if second.after.items[0].stories == told.stories else "new"
    ]


def test_a_mail_that_is_made_anew_counts_for_the_later_ones(house: House) -> None:
    publication(house)
    subscribe(house, A)
    take_in(house, 1, topic="sport")
    take_in(house, 2, topic="politics")
    next_day(house)
    fell = again(house, max_entries="1").variants[0].difference.fell[0].item
    number = 1 if token(1) in fell.headline else 2
    take_in(house, number, version=2, topic=fell.section)
    next_day(house)
    assert [i.kind for i in again(house).variants[1].after.items] == ["updated"]
    later = again(house, max_entries="1").variants[1]
    assert [i.kind for i in later.after.items] == ["new"], "the first one would not have told it"
    (changed,) = later.difference.changed
    assert len(changed.after.item.sentences) > len(changed.before.item.sentences)


def test_other_topics(three_days: House) -> None:
    found = again(three_days, topics="politics, health")
    mine = found.editions[0].variants
    assert {i.section for i in mine[0].after.items} == {"politics"}
    assert set(mine[0].why.values()) == {"is of no wanted topic"}
    assert not mine[1].after.items, "a reader of sport alone"
    assert mine[1].after.subject == ""
    assert len(mine[1].difference.fell) == 2


def test_one_readers_mails_alone(three_days: House) -> None:
    found = again(three_days, B)
    assert [len(e.variants) for e in found.editions] == [1, 1, 1]
    assert {v.readers for v in found.variants} == {1}
    assert unlike(found) == []
    with pytest.raises(NotFound):
        again(three_days, "nobody@example.org")


def test_in_another_language_and_under_another_title(three_days: House) -> None:
    found = again(three_days, language="nl", title="Het nieuws")
    assert not any(v.difference for v in found.variants), "the articles are English all the same"
    assert all("Het nieuws" in v.after.subject for v in found.variants)
    assert not any(v.same or v.alike for v in found.variants)


def test_a_correction_shows_without_any_other_setting(three_days: House) -> None:
    with three_days.services.database.read() as connection:
        ids = list(connection.execute(sa.select(t.story.c.id).order_by(t.story.c.id)).scalars())
    corrections.merge(three_days.services, Level.STORY, ids[:2], "one event")
    first = again(three_days, A).variants[0]
    assert len(first.difference.fell) == 1
    assert set(first.why.values()) == {"is told in another entry"}


def test_variants_of_which_it_is_not_on_record_whom_they_were_made_for(three_days: House) -> None:
    with three_days.services.database.write() as connection:
        connection.execute(sa.update(t.variant).values(made_for=None))
    found = again(three_days)
    assert not any(v.recorded for v in found.variants)
    assert unlike(found) == []


def test_an_article_that_was_removed_is_not_told_again(three_days: House) -> None:
    with three_days.services.database.read() as connection:
        key = connection.execute(sa.select(t.article.c.key).where(t.article.c.external_id == "3")).scalar_one()
    removing.remove(three_days.services, [key], "a court order")
    found = again(three_days, A)
    gone = [v for v in found.variants if v.withdrawn]
    assert gone
    for variant in gone:
        assert variant.before.subject == variant.before.text == ""
        assert token(3) not in variant.after.text
        assert token(3, 2) not in variant.after.text
        assert set(variant.why.values()) <= {"no article of it is drawn on", "was over the limits"}
    assert all(v.same for v in found.variants if not v.withdrawn)


def test_a_value_that_cannot_be_is_refused(house: House) -> None:
    publication(house)
    cases: Mapping[str, str] = {
        "max_entries": "none", "max_per_section": "-1", "look": "fancy", "language": "klingon", "languages": "klingon",
        "topics": "sprt", "sources": "nowhere", "nothing_new": "maybe", "sender": "nobody", "reply_to": "nobody",
    }  # fmt: skip
    for key, value in cases.items():
        with pytest.raises(UsageError):
            again(house, **{key: value})


def test_another_setting_of_the_house(three_days: House) -> None:
    folder = three_days.services.home.folder
    other = app.services(folder, {}, said={"summary.sentences": "1"})
    try:
        found = make_anew(other, Wanted("news", EARLY, LATE))
    finally:
        other.database.close()
    changed = [c for v in found.variants for c in v.difference.changed]
    assert changed
    assert not any(c.after.item.sentences - c.before.item.sentences for c in changed if c.before.item.kind == "new")
    first = found.variants[0]
    lost = first.difference.changed[0].before.item.sentences - first.difference.changed[0].after.item.sentences
    assert {first.texts[mark].split()[0] for mark in lost} == {"Later"}


# --- any small house ------------------------------------------------------------------------------

_DAY = st.lists(
    st.one_of(
        st.tuples(st.just("article"), st.integers(1, 8), st.integers(1, 3)),
        st.tuples(st.just("refuse"), st.sampled_from([A, B]), st.just(0)),
        st.tuples(st.just("bounce"), st.sampled_from([A, B]), st.just(0)),
        st.tuples(st.just("silence"), st.just(""), st.just(0)),
    ),
    max_size=5,
)


@settings(max_examples=6, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(days=st.lists(_DAY, min_size=2, max_size=4), limit=st.integers(1, 4))
def test_whatever_happened_the_replay_is_what_was_sent(
    days: list[list[tuple[str, int | str, int]]],
    limit: int,
    tmp_path_factory: pytest.TempPathFactory,
    empty_home: Path,
) -> None:
    with open_house(tmp_path_factory.mktemp("any") / "home", template=empty_home) as house:
        publication(house, max_entries=limit)
        subscribe(house, A)
        subscribe(house, B, topics=["sport", "health"])
        for events in days:
            next_day(house, *_live(house, events))
        assert unlike(again(house)) == []


def _live(house: House, events: list[tuple[str, int | str, int]]) -> list[str]:
    """What happens on a day; the addresses that will refuse its mail."""
    refused: list[str] = []
    sent = listing(house, states=["sent"])
    news: list[RawArticle] = []
    for what, which, version in events:
        if what == "article":
            topic = ("sport", "politics", "health")[int(which) % 3]
            news.append(raw(int(which), house.clock(), version=version, topic=topic))
        elif what == "refuse":
            refused.append(str(which))
        elif what == "bounce" and (mine := [d for d in sent if d.subscriber == which and d.bounced_at is None]):
            bounce(house, mine[-1])
    ingest.ingest(house.services, news)
    group.group(house.services)
    return refused
