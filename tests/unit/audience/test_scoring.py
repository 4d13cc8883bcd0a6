"""When an address has bounced too often."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.audience.scoring import HARD, Bounce, Score, day_of, score, stale_after, weight
from digest.model.report import ReportKind

DAY = timedelta(days=1)
START = datetime(2026, 11, 12, 7, 0, tzinfo=UTC)
WEEK = timedelta(days=7)


def hard(day: float, mail: int | None = None, reason: str = "550 5.1.1 no such user") -> Bounce:
    return Bounce(START + day * DAY, HARD, int(day * 100) if mail is None else mail, reason)


def soft(day: float, mail: int | None = None) -> Bounce:
    return Bounce(START + day * DAY, 0.5, int(day * 100) if mail is None else mail, "452 4.2.2 full")


def total(*bounces: Bounce, now: float | None = None) -> float:
    last = max(b.at for b in bounces)
    return score(bounces, last if now is None else START + now * DAY, WEEK).total


_NOW = datetime(2026, 3, 1, tzinfo=UTC)
_AT = st.integers(0, 59 * 24 * 60).map(lambda minutes: _NOW - timedelta(minutes=minutes))
_BOUNCES = st.lists(
    st.builds(
        Bounce, _AT, st.sampled_from([0.0, 0.5, 1.0]), st.none() | st.integers(1, 8), st.sampled_from(["a", "b"])
    ),
    max_size=12,
)


@given(_BOUNCES, st.randoms(use_true_random=False), st.integers(1, 60))
def test_neither_order_nor_repetition_matters(bounces: list[Bounce], chance: object, days: int) -> None:
    shuffled = bounces * 2
    chance.shuffle(shuffled)  # type: ignore[attr-defined]
    assert score(shuffled, _NOW, days * DAY) == score(bounces, _NOW, days * DAY)


@given(_BOUNCES, st.integers(1, 60))
def test_the_sum_is_bounded_by_days_and_by_mails(bounces: list[Bounce], days: int) -> None:
    found = score(bounces, _NOW, days * DAY)
    counting = [b for b in bounces if b.weight]
    assert found.total <= len({b.at.date() for b in counting})
    assert found.total <= len({b.mail for b in counting if b.mail is not None}) + sum(b.mail is None for b in counting)
    assert (found.total == 0) == (found.last is None) == (found.mails == 0)
    if found.last is not None and found.since is not None:
        assert _NOW - found.last.at <= days * DAY
        assert found.since <= found.last.at


@given(_BOUNCES, st.integers(1, 30), st.integers(1, 30))
def test_who_forgets_later_counts_no_less(bounces: list[Bounce], days: int, more: int) -> None:
    assert score(bounces, _NOW, (days + more) * DAY).total >= score(bounces, _NOW, days * DAY).total


def test_three_mails_on_three_days() -> None:
    assert [total(*(hard(d) for d in range(n))) for n in (1, 2, 3)] == [1, 2, 3]


def test_a_day_counts_once_and_its_heaviest_bounce_does() -> None:
    assert total(hard(0), hard(0.1), hard(0.2)) == 1
    assert total(soft(0), hard(0.1), soft(0.2)) == 1
    assert total(soft(0), soft(1), soft(2)) == 1.5


def test_a_mail_counts_once() -> None:
    """Whoever holds one mail of a reader's can bounce it every day."""
    assert total(*(hard(d, mail=1) for d in range(6))) == 1
    assert total(soft(0, mail=1), hard(1, mail=1)) == 1


def test_the_day_is_that_of_utc() -> None:
    late = Bounce(datetime.fromisoformat("2026-11-13T01:00+02:00"), HARD, 1)  # 23:00 on the 12th
    assert total(hard(0), late) == 1


def test_after_seven_days_without_one_all_is_forgotten() -> None:
    assert total(hard(0), hard(1), hard(8)) == 3
    assert total(hard(0), hard(1), hard(8.01)) == 1
    assert total(hard(0), hard(1), now=8) == 2
    assert total(hard(0), hard(1), now=8.01) == 0


@pytest.mark.parametrize(("period", "days"), [(None, 7), (DAY, 7), (WEEK, 10.5), (30 * DAY, 45)])
def test_it_is_kept_for_longer_than_the_reader_waits_for_a_mail(period: timedelta | None, days: float) -> None:
    assert stale_after(7, period) == days * DAY


def test_a_monthly_reader_can_reach_three() -> None:
    stale = stale_after(7, 30 * DAY)
    assert score([hard(0), hard(31), hard(61)], START + 61 * DAY, stale).total == 3


def test_weights() -> None:
    assert [weight(kind, 0.25) for kind in (ReportKind.HARD, ReportKind.SOFT, ReportKind.COMPLAINT)] == [1, 0.25, 0]


def test_it_is_told_in_words() -> None:
    found = score([hard(n) for n in range(4)], START + 4 * DAY, WEEK)
    assert found.told() == "4 mails bounced since 12 November 2026, the last: 550 5.1.1 no such user"
    alone = score([hard(0)], START, WEEK)
    assert alone.told() == "a mail bounced on 12 November 2026: 550 5.1.1 no such user"
    assert score([hard(0, reason="")], START, WEEK).told() == "a mail bounced on 12 November 2026"
    assert Score().told() == ""
    assert day_of(START) == "12 November 2026"
