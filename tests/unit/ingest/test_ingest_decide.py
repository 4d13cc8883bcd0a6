from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta

import pytest

from digest.ingest.decide import Arrival, Change, Churn, Decision, Known, Limits, decide, standing
from digest.model.article import Article, Standing
from digest.model.dates import PartialDate, Precision

Make = Callable[..., Article]
NEWS, BACKGROUND, QUARANTINED = Standing.NEWS, Standing.BACKGROUND, Standing.QUARANTINED


@pytest.fixture
def make(now: datetime) -> Make:
    def article(
        days: float = 0, content: str = "h1", identity: str = "", precision: Precision = Precision.MINUTE
    ) -> Article:
        return Article(
            source="s",
            title="t",
            title_given=True,
            paragraphs=(),
            language="en",
            published=PartialDate(now - timedelta(days=days), precision),
            publisher="p",
            url=None,
            content_hash=content,
            signature=b"",
            identity=identity,
        )

    return article


def test_identity_tells_known_from_updated(make: Make) -> None:
    known = Known("k1", "h1")
    assert decide(make(content="h1"), known, same_hash_in_source=True) == Decision(Change.KNOWN, "k1")
    assert decide(make(content="h2"), known, same_hash_in_source=False) == Decision(Change.UPDATED, "k1")


@pytest.mark.parametrize(
    ("identity", "change"),
    [("", Change.KNOWN), ("path:renamed.txt", Change.KNOWN), ("id:given-by-hand", Change.NEW)],
)
def test_same_content_under_another_identity(make: Make, identity: str, change: Change) -> None:
    assert decide(make(identity=identity), None, same_hash_in_source=True).change is change


def test_unseen_is_new(make: Make) -> None:
    assert decide(make(), None, same_hash_in_source=False) == Decision(Change.NEW)


def new(*articles: Article) -> list[Arrival]:
    return [Arrival(article, Change.NEW) for article in articles]


def test_by_hand_everything_is_news(make: Make, now: datetime) -> None:
    arrivals = new(*(make(days=1000 + n) for n in range(100)))
    assert set(standing(arrivals, polled=False, first_fetch=True, now=now)) == {NEWS}


def test_first_fetch_only_the_newest_are_news(make: Make, now: datetime) -> None:
    ages = [5, 1, 9, 3]
    found = standing(new(*map(make, ages)), polled=True, first_fetch=True, now=now, limits=Limits(first_news=2))
    assert found == [BACKGROUND, NEWS, BACKGROUND, NEWS]


def test_among_equal_dates_the_feed_s_order_decides(make: Make, now: datetime) -> None:
    found = standing(new(make(), make(), make()), polled=True, first_fetch=True, now=now, limits=Limits(first_news=2))
    assert found == [NEWS, NEWS, BACKGROUND]


def test_a_flood_of_old_articles_is_quarantined_and_only_that(make: Make, now: datetime) -> None:
    limits = Limits(flood=3)
    old, fresh = [make(days=8)] * 4, [make(days=1)] * 30
    assert (
        standing(new(*old, *fresh), polled=True, first_fetch=False, now=now, limits=limits)
        == [QUARANTINED] * 4 + [NEWS] * 30
    )
    assert standing(new(*old[:3]), polled=True, first_fetch=False, now=now, limits=limits) == [NEWS] * 3


def test_a_month_that_may_be_recent_is_not_old(make: Make, now: datetime) -> None:
    this_month = [make(precision=Precision.YEAR)] * 9
    found = standing(new(*this_month), polled=True, first_fetch=False, now=now, limits=Limits(flood=3))
    assert set(found) == {NEWS}


@pytest.mark.parametrize(
    ("before", "days", "after"),
    [(BACKGROUND, 30, BACKGROUND), (QUARANTINED, 30, QUARANTINED), (BACKGROUND, 1, NEWS), (NEWS, 30, NEWS)],
)
def test_a_revision_of_old_background_stays_there(
    make: Make, now: datetime, before: Standing, days: int, after: Standing
) -> None:
    arrival = Arrival(make(days=days), Change.UPDATED, before)
    assert standing([arrival], polled=True, first_fetch=False, now=now) == [after]


def test_articles_that_changed_as_they_got_new_ids_are_held(make: Make, now: datetime) -> None:
    moved = [Arrival(make(days=1), Change.UPDATED, NEWS, moved=True)] * 4
    fresh, late = new(make(days=0.1), make(days=3))
    churn = Churn(5, since=now - timedelta(hours=1))
    found = standing([*moved, fresh, late], polled=True, first_fetch=False, now=now, churn=churn)
    assert found == [QUARANTINED] * 4 + [NEWS, QUARANTINED]


def test_where_ids_never_hold_a_few_updates_are_news(make: Make, now: datetime) -> None:
    moved = [Arrival(make(days=1), Change.UPDATED, NEWS, moved=True)] * 4
    churn = Churn(30, since=now - timedelta(hours=1))
    assert set(standing(moved, polled=True, first_fetch=False, now=now, churn=churn)) == {NEWS}
    assert set(standing(moved[:2], polled=True, first_fetch=False, now=now, churn=Churn(2, now))) == {NEWS}


def test_old_articles_that_are_all_changed_at_once_are_a_flood(make: Make, now: datetime) -> None:
    arrivals = [Arrival(make(days=30), Change.UPDATED, NEWS)] * 4
    limits = Limits(flood=3)
    found = standing(arrivals, polled=True, first_fetch=False, now=now, limits=limits)
    assert set(found) == {QUARANTINED}
    assert set(standing(arrivals[:3], polled=True, first_fetch=False, now=now, limits=limits)) == {NEWS}
