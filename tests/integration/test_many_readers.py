"""What readers have in common is done once: a reader more costs rows, not statements, and what each is owed stays."""

from __future__ import annotations

from collections import Counter
from pathlib import Path

import pytest
import sqlalchemy as sa
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.windows import catch_up_waiver, owed
from digest.model.delivery import DeliveryState
from digest.model.ranges import Ranges
from digest.pipeline.envelope import Envelopes
from digest.pipeline.owed import _judge, what_is_owed
from digest.store import deliveries, editions, publications, subscribers, windows
from digest.store import tables as t
from tests.support import home
from tests.support.home import House

SPANS = st.lists(st.tuples(st.integers(1, 12), st.integers(1, 12)), max_size=4).map(Ranges.of)
TOPICS = st.dictionaries(st.sampled_from(["", "sport", "city"]), SPANS).map(lambda d: tuple(sorted(d.items())))


def statements_of_an_edition(folder: Path, template: Path, readers: int) -> Counter[str]:
    """By what they begin with: of an edition with one view, and of one with nothing new."""
    with home.open_house(folder, template=template) as house:
        home.publication(house)
        for n in range(readers):
            home.subscribe(house, f"reader{n}@example.com")
        home.take_in(house, 1, 2)
        seen: list[str] = []
        sa.event.listen(house.services.database.engine, "before_cursor_execute", lambda *a: seen.append(a[2]))
        report = home.publish_now(house)
        assert (report.planned, report.variants) == (readers, 1)
        with house.services.database.write() as c:
            c.execute(sa.update(t.delivery).values(state=DeliveryState.SENT))
        house.clock.go(days=1)
        assert home.publish_now(house).skipped == {"nothing new": readers}
        return Counter(" ".join(statement.split()[:3]) for statement in seen)


def test_a_reader_more_is_no_statement_more(tmp_path: Path, empty_home: Path) -> None:
    few = statements_of_an_edition(tmp_path / "few", empty_home, 2)
    many = statements_of_an_edition(tmp_path / "many", empty_home, 9)
    assert few == many


@given(covered=SPANS, given_up=TOPICS, floor=st.integers(1, 12), cutoff=st.integers(1, 12), horizon=st.integers(0, 12))
def test_what_is_judged_once_is_what_each_reader_would_be_judged(
    covered: Ranges, given_up: tuple[tuple[str, Ranges], ...], floor: int, cutoff: int, horizon: int
) -> None:
    ranges, stale, settled, topics = _judge(covered, given_up, floor, cutoff, min(cutoff, horizon))
    everything = set(owed(cutoff, covered | Ranges.of([(1, floor)]), dict(given_up).get("", Ranges())))
    assert set(ranges) | set(stale) == everything
    assert not set(ranges) & set(stale)
    assert stale == catch_up_waiver(Ranges.of((n, n + 1) for n in everything), min(cutoff, horizon))
    assert settled == max(floor, min(cutoff, horizon) + 1)
    assert {topic: set(mine) for topic, mine in topics} == {
        topic: set(mine) & set(ranges) for topic, mine in given_up if topic and set(mine) & set(ranges)
    }


def of_different_pasts(house: House) -> None:
    """Three editions, of which each reader has had others; one topic was waived by two."""
    home.publication(house)
    for n in range(9):
        home.subscribe(house, f"reader{n}@example.com", topics=["sport"] if n % 4 == 3 else [])
    d, now = t.delivery.c, house.clock()
    for number in (1, 2, 3):
        home.take_in(house, number, number + 10, topic="sport")
        home.publish_now(house)
        with house.services.database.write() as c:
            c.execute(sa.update(t.delivery).where(d.state == "planned").values(state="sent"))
            bounced = sa.and_(d.edition_id == number, d.subscription_id % 3 == number % 3)
            c.execute(sa.update(t.delivery).where(bounced).values(bounced_at=now))
            failed = sa.and_(d.edition_id == number, d.subscription_id % 4 == number % 4)
            c.execute(sa.update(t.delivery).where(failed).values(state=DeliveryState.FAILED))
        house.clock.go(days=1)
    with house.services.database.write() as c:
        for reader in (6, 7):
            windows.waive(c, reader, 5, 6, reason="wanted it later", now=now, topic="sport")


def test_readers_are_owed_together_what_each_is_owed_alone(house: House) -> None:
    of_different_pasts(house)
    home.take_in(house, 4, 14, topic="sport")
    with house.services.database.read() as c:
        found = publications.get(c, "news")
        edition = editions.listing(c, publication="news")[0]
        readers = subscribers.readers(c, found.id)
        together = what_is_owed(c, found, edition, readers, house.clock())
        alone = [what_is_owed(c, found, edition, [reader], house.clock())[0] for reader in readers]
    assert together == alone
    assert len({(each.ranges, each.topic_waivers) for each in together}) > 3


def test_what_mails_cover_is_the_ranges_of_those_that_count(house: House) -> None:
    of_different_pasts(house)
    d, s = t.delivery.c, t.subscription.c
    with house.services.database.read() as c:
        ids = list(c.execute(sa.select(s.id)).scalars())
        covered = windows.covered(c, ids)
        for reader in ids:
            mine = (
                sa.select(t.variant.c.ranges)
                .join(t.delivery, d.variant_id == t.variant.c.id)
                .join(t.subscription, s.id == d.subscription_id)
                .where(d.subscription_id == reader, deliveries.covering(), d.covers_hi > s.settled_below)
            )
            spans = [(lo, hi) for ranges in c.execute(mine).scalars() for lo, hi in ranges]
            assert covered.get(reader, Ranges()) == Ranges.of(spans)
    assert len(set(covered.values())) > 2


def test_a_later_reason_takes_the_place_of_an_earlier_one(house: House) -> None:
    of_different_pasts(house)
    now = house.clock()
    with house.services.database.write() as c:
        editions.skip(c, 1, [1, 2, 3], "nothing new", now)
        editions.skip(c, 1, [3, 4], "an unusable address", now)
        editions.skip(c, 1, [], "nobody", now)
        assert editions.skips(c, 1) == {"nothing new": 2, "an unusable address": 2}


@pytest.mark.parametrize("url", ["", "https://news.example.org"])
def test_an_envelope_is_each_readers_own(tmp_path: Path, empty_home: Path, url: str) -> None:
    """However many are made at once: no two readers share a token, and each has what it would have alone."""
    with home.open_house(tmp_path / "home", template=empty_home, DIGEST_WEB_URL=url) as house:
        of_different_pasts(house)
        with house.services.database.read() as c:
            found, (edition, *_) = publications.get(c, "news"), editions.listing(c)
            readers = subscribers.readers(c, found.id)
        envelopes = Envelopes.of(house.services.home, found, edition, house.clock())
        made = [envelopes.to(reader) for reader in readers]
        assert made == [Envelopes.of(house.services.home, found, edition, house.clock()).to(r) for r in readers]
        for name in ("message_id", "address"):
            assert len({getattr(envelope, name) for envelope in made}) == len(readers)
        own = {name for name in made[0].splice if len({e.splice[name] for e in made}) == len(readers)}
        shared = {"date"} if url else {"date", "preferences"}
        assert own == set(made[0].splice) - shared


def test_the_deliveries_of_many_readers_are_not_looked_for_among_everybodys(house: House) -> None:
    """By the index of states SQLite would read all that was ever sent, for each batch anew."""
    many, seen = list(range(1, 501)), list[tuple[str, tuple[object, ...]]]()
    d = t.delivery.c
    sa.event.listen(house.services.database.engine, "before_cursor_execute", lambda *a: seen.append((a[2], a[3])))
    with house.services.database.read() as c:
        deliveries.open_of(c, many)
        windows.covered(c, many)
        c.execute(sa.select(d.variant_id).where(d.subscription_id.in_(many), deliveries.covering()))
        asked = [(statement, given) for statement, given in seen if "FROM delivery" in statement]
        plans = [str(c.exec_driver_sql("EXPLAIN QUERY PLAN " + said, given).all()) for said, given in asked]
    assert len(plans) == 3
    assert all("ix_delivery_subscription_id" in plan and "ix_delivery_state" not in plan for plan in plans)
