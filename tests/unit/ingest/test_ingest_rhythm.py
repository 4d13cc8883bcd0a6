"""When a source is fetched next."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from digest.ingest.rhythm import Limits, Next, after_failure, after_success, hint, jittered

NOW = datetime(2026, 3, 2, 7, tzinfo=UTC)
MINUTES = st.integers(1, 100_000).map(lambda n: timedelta(minutes=n))
NAMES = st.text(max_size=20)
MOMENTS = st.integers(0, 50_000_000).map(lambda n: datetime(2000, 1, 1, tzinfo=UTC) + timedelta(minutes=n))
LIMITS = st.tuples(MINUTES, MINUTES).map(lambda pair: Limits(min(pair), max(pair)))
USUAL = Limits(timedelta(minutes=30), timedelta(minutes=240))


def live(news: list[bool], limits: Limits = USUAL, name: str = "a") -> list[Next]:
    """What becomes of a source whose fetches bring something, or not."""
    found: list[Next] = []
    now, interval, since = NOW, None, None
    for each in news:
        found.append(after_success(name, now, limits, interval=interval, since=since, news=each))
        interval, since, now = found[-1].interval, found[-1].at - now, found[-1].at
    return found


@given(NAMES, MOMENTS, LIMITS, st.none() | MINUTES, st.none() | MINUTES, st.booleans(), st.none() | MINUTES,
       st.none() | MOMENTS)  # fmt: skip
def test_never_outside_the_limits_and_never_before_what_was_asked(
    name: str, now: datetime, limits: Limits, interval: timedelta | None, since: timedelta | None, news: bool,
    told: timedelta | None, not_before: datetime | None,
) -> None:  # fmt: skip
    found = after_success(
        name, now, limits, interval=interval, since=since, news=news, hint=told, not_before=not_before
    )
    assert limits.floor <= found.interval <= limits.ceiling
    assert found.at - now >= limits.floor * 0.899
    assert found.at >= (not_before or now)
    assert found.at - now >= min(told or timedelta(), limits.ceiling)
    if not_before is None:
        assert found.at - now <= limits.ceiling * 1.101
    assert found == after_success(
        name, now, limits, interval=interval, since=since, news=news, hint=told, not_before=not_before
    ), "the same facts, the same answer"


def test_busy_ones_come_to_the_floor_and_quiet_ones_to_the_ceiling() -> None:
    assert live([False] * 15)[-1].interval == USUAL.ceiling
    assert live([False] * 15 + [True] * 4)[-1].interval == USUAL.floor
    steps = [n.interval for n in live([False] * 10)]
    assert steps == sorted(steps)
    settled = [n.interval for n in live([True, False, False, False] * 40)][-20:]
    assert min(settled) > USUAL.floor * 0.99
    assert max(settled) < USUAL.ceiling


def test_a_fetch_out_of_turn_that_finds_nothing_slows_nothing_down() -> None:
    hour = timedelta(hours=1)
    for since, wanted in ((timedelta(minutes=5), hour), (timedelta(minutes=55), hour * 1.25)):
        found = after_success("a", NOW, USUAL, interval=hour, since=since, news=False)
        assert found.interval == wanted


@given(NAMES, MOMENTS, MINUTES)
def test_jitter_is_a_tenth_at_most_and_stable(name: str, now: datetime, wait: timedelta) -> None:
    found = jittered(wait, name, now)
    assert wait * 0.8999 <= found <= wait * 1.1001
    assert found == jittered(wait, name, now)


def test_jitter_takes_sources_apart() -> None:
    waits = [jittered(timedelta(minutes=100), f"source {n}", NOW) for n in range(300)]
    assert len(set(waits)) > 290
    assert min(waits) < timedelta(minutes=91)
    assert max(waits) > timedelta(minutes=109)
    mean = sum(waits, timedelta()) / len(waits)
    assert timedelta(minutes=99) < mean < timedelta(minutes=101)


def test_failures_back_off_to_a_day() -> None:
    waits = [after_failure("a", NOW, USUAL, failures=n) - NOW for n in range(12)]
    for n, wait in enumerate(waits):
        wanted = min(timedelta(minutes=30) * 2**n, timedelta(days=1))
        assert wanted * 0.9 <= wait <= wanted * 1.1
    assert after_failure("a", NOW, USUAL, failures=10**6) - NOW <= timedelta(days=1.1)
    assert after_failure("a", NOW, USUAL, failures=0, not_before=NOW + timedelta(days=3)) == NOW + timedelta(days=3)
    seldom = Limits(timedelta(days=3), timedelta(days=9))
    assert after_failure("a", NOW, seldom, failures=4) - NOW >= timedelta(days=2.7), "not sooner than in health"


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (b"<rss><channel><ttl> 60 </ttl>", timedelta(hours=1)),
        (b"<sy:updatePeriod>hourly</sy:updatePeriod><sy:updateFrequency>2</sy:updateFrequency>", timedelta(minutes=30)),
        (b'<x:updatePeriod xmlns:x="y">\n\tdaily\n</x:updatePeriod>', timedelta(days=1)),
        (b"<updatePeriod>weekly</updatePeriod><updateFrequency>0</updateFrequency>", timedelta(days=7)),
        (b"<ttl>60</ttl><sy:updatePeriod>daily</sy:updatePeriod>", timedelta(days=1)),
        (b"<ttl>-5</ttl><sy:updatePeriod>often</sy:updatePeriod>", None),
        (b"<ttl>0</ttl>", timedelta()),
        (b"", None),
        (b"x" * 30_000 + b"<ttl>60</ttl>", None),
    ],
)
def test_hints(body: bytes, said: timedelta | None) -> None:
    assert hint(body) == said
    assert hint(body, timedelta(days=400)) == timedelta(days=400)


@given(st.binary(max_size=200))
def test_any_body_has_a_hint_or_none(body: bytes) -> None:
    found = hint(b"<ttl>" + body + b"</ttl><sy:updatePeriod>daily</sy:updatePeriod>")
    assert found is not None
    assert found >= timedelta(days=1)
