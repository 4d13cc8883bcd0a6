"""Promise 2, after downtime: every slot is handled exactly once, as the lateness policy says."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from digest.deliver.due import COUNT_LIMIT, Due, SlotRun, due, too_soon
from digest.deliver.slots import slots
from digest.errors import UsageError
from digest.model.cadence import Cadence, Every, Lateness, Slot
from tests.support.examples import up_to

DAILY = Cadence(Every.DAY, time(7))
HOURLY = Cadence(Every.HOUR, time(0, 0))
MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
NIGHT = datetime(2025, 6, 1, tzinfo=UTC)
SEVEN = NIGHT + 7 * HOUR


def ask(now: datetime, lateness: Lateness, *, since: datetime = NIGHT, cadence: Cadence = DAILY) -> Due:
    return due(cadence, "UTC", now=now, since=since, lateness=lateness, limit=6 * HOUR)


def instants(run: SlotRun | None) -> tuple[datetime, datetime, int] | None:
    return run and (run.first.instant, run.last.instant, run.count)


@pytest.mark.parametrize("lateness", list(Lateness))
def test_before_the_slot_nothing_is_due(lateness: Lateness) -> None:
    assert ask(SEVEN - MINUTE, lateness) == Due()


@pytest.mark.parametrize("lateness", list(Lateness))
@pytest.mark.parametrize("wait", [timedelta(), 15 * MINUTE])
def test_within_the_grace_a_slot_is_published_and_not_late(lateness: Lateness, wait: timedelta) -> None:
    found = ask(SEVEN + wait, lateness)
    assert found == Due(publish=Slot(SEVEN.replace(tzinfo=None), SEVEN), handled_up_to=SEVEN)


@pytest.mark.parametrize("lateness", list(Lateness))
def test_a_slot_handled_already_is_not_due_again(lateness: Lateness) -> None:
    assert ask(SEVEN + MINUTE, lateness, since=SEVEN) == Due()


@pytest.mark.parametrize("lateness", list(Lateness))
def test_a_clock_set_back_makes_nothing_due(lateness: Lateness) -> None:
    assert ask(SEVEN - DAY, lateness, since=SEVEN) == Due()


def test_late_publishes_only_the_newest_missed_slot() -> None:
    found = ask(SEVEN + 3 * DAY + HOUR, Lateness.LATE)
    assert found.publish is not None
    assert (found.publish.instant, found.late) == (SEVEN + 3 * DAY, True)
    assert instants(found.missed) == (SEVEN, SEVEN + 2 * DAY, 3)
    assert found.discarded is None
    assert found.handled_up_to == SEVEN + 3 * DAY


def test_late_up_to_the_limit_and_then_merges() -> None:
    at_limit = ask(SEVEN + 6 * HOUR, Lateness.LATE)
    assert at_limit.publish is not None
    assert at_limit.late
    beyond = ask(SEVEN + 6 * HOUR + MINUTE, Lateness.LATE)
    assert beyond == ask(SEVEN + 6 * HOUR + MINUTE, Lateness.MERGE)
    assert beyond.publish is None
    assert instants(beyond.missed) == (SEVEN, SEVEN, 1)


def test_merge_publishes_nothing_late_and_marks_it_handled() -> None:
    found = ask(SEVEN + DAY + HOUR, Lateness.MERGE)
    assert (found.publish, found.late, found.discarded) == (None, False, None)
    assert instants(found.missed) == (SEVEN, SEVEN + DAY, 2)
    assert found.handled_up_to == SEVEN + DAY


def test_discard_gives_up_what_was_missed_and_publishes_what_is_in_time() -> None:
    found = ask(SEVEN + 2 * DAY + MINUTE, Lateness.DISCARD)
    assert found.publish is not None
    assert found.publish.instant == SEVEN + 2 * DAY
    assert not found.late
    assert found.missed is None
    assert instants(found.discarded) == (SEVEN, SEVEN + DAY, 2)


def test_discard_beyond_the_grace_publishes_nothing() -> None:
    found = ask(SEVEN + HOUR, Lateness.DISCARD)
    assert (found.publish, found.missed) == (None, None)
    assert instants(found.discarded) == (SEVEN, SEVEN, 1)
    assert found.handled_up_to == SEVEN


def test_discard_does_not_discard_an_older_slot_that_is_within_the_grace() -> None:
    found = due(HOURLY, "UTC", now=SEVEN, since=NIGHT, lateness=Lateness.DISCARD, limit=timedelta(), grace=2 * HOUR)
    assert found.publish is not None
    assert found.publish.instant == SEVEN
    assert instants(found.missed) == (SEVEN - 2 * HOUR, SEVEN - HOUR, 2)
    assert instants(found.discarded) == (NIGHT + HOUR, SEVEN - 3 * HOUR, 4)


@pytest.mark.parametrize("lateness", list(Lateness))
def test_years_of_downtime_are_bounded_work(lateness: Lateness, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn = 0

    def counting(*args: Any) -> Iterator[Slot]:
        nonlocal drawn
        for slot in slots(*args):
            drawn += 1
            yield slot

    monkeypatch.setattr("digest.deliver.due.slots", counting)
    begun = datetime(1990, 1, 1, tzinfo=UTC)
    found = ask(SEVEN + 30 * MINUTE, lateness, since=begun, cadence=HOURLY)
    run = found.discarded if lateness is Lateness.DISCARD else found.missed
    assert run is not None
    assert (run.count, run.at_least) == (COUNT_LIMIT, True)
    assert drawn <= COUNT_LIMIT + 2
    assert run.first.instant == begun + HOUR
    assert run.last.instant == (SEVEN - HOUR if found.publish else SEVEN)
    assert found.handled_up_to == SEVEN


def test_exactly_the_limit_is_counted_exactly() -> None:
    since = SEVEN - (COUNT_LIMIT + 1) * HOUR
    run = ask(SEVEN, Lateness.LATE, since=since, cadence=HOURLY).missed
    assert run is not None
    assert (run.count, run.at_least) == (COUNT_LIMIT, False)


def test_an_unknown_zone_is_refused() -> None:
    with pytest.raises(UsageError):
        due(DAILY, "Mars/Base", now=SEVEN, since=NIGHT, lateness=Lateness.LATE, limit=HOUR)


def members(cadence: Cadence, zone: str, run: SlotRun | None) -> list[Slot]:
    if run is None:
        return []
    found = list(slots(cadence, zone, run.first.instant, run.last.instant + timedelta(microseconds=1)))
    assert len(found) == run.count
    assert not run.at_least
    assert (found[0], found[-1]) == (run.first, run.last)
    return found


@settings(deadline=None, max_examples=up_to(100))
@given(
    cadence=st.builds(Cadence, st.sampled_from([Every.HOUR, Every.DAY, Every.WEEKDAY]), st.sampled_from([time(2, 30)])),
    zone=st.sampled_from(["UTC", "Europe/Brussels", "Australia/Lord_Howe", "Pacific/Apia", "America/St_Johns"]),
    start=st.sampled_from(["2011-12-25", "2025-03-25", "2025-10-02", "2011-03-09"]),
    steps=st.lists(st.integers(-300, 2000), min_size=1, max_size=12),
    lateness=st.lists(st.sampled_from(list(Lateness)), min_size=1, max_size=3),
    limit=st.integers(0, 50),
    grace=st.integers(0, 180),
)
def test_every_slot_is_handled_exactly_once_over_any_sequence_of_ticks(
    cadence: Cadence, zone: str, start: str, steps: list[int], lateness: list[Lateness], limit: int, grace: int
) -> None:
    begun = since = now = datetime.fromisoformat(start).replace(tzinfo=UTC)
    handled: list[Slot] = []
    for n, step in enumerate(steps):  # the clock may be set back, and the policy changed between ticks
        now += step * MINUTE
        policy = lateness[n % len(lateness)]
        slack = {"lateness": policy, "limit": limit * HOUR, "grace": grace * MINUTE}
        found = due(cadence, zone, now=now, since=since, **slack)  # type: ignore[arg-type]
        missed, discarded = (members(cadence, zone, run) for run in (found.missed, found.discarded))
        published = [found.publish] if found.publish else []
        handled += discarded + missed + published
        assert found.late == bool(published and published[0].instant < now - grace * MINUTE)
        for slot in published:
            assert slot.instant <= now
            assert now - slot.instant <= max(limit * HOUR * found.late, grace * MINUTE)
        for slot in discarded:
            assert policy is Lateness.DISCARD
            assert slot.instant < now - grace * MINUTE
        if found.handled_up_to is not None:
            since = found.handled_up_to
        again = due(cadence, zone, now=now, since=since, **slack)  # type: ignore[arg-type]
        assert again == Due()
    tick = timedelta(microseconds=1)
    assert handled == list(slots(cadence, zone, begun + tick, max(since, begun) + tick))
    assert not list(slots(cadence, zone, since + tick, now + tick))


# --- after a change of zone or cadence ---


def test_too_soon_only_after_a_change_and_within_half_a_cadence() -> None:
    changed = SEVEN + HOUR
    assert too_soon(SEVEN, changed, SEVEN + 12 * HOUR - MINUTE, DAILY)
    assert not too_soon(SEVEN, changed, SEVEN + 12 * HOUR, DAILY)
    assert too_soon(SEVEN, changed, SEVEN - HOUR, DAILY)  # eastwards, the next slot can lie before the last
    assert too_soon(SEVEN, changed, SEVEN + 29 * MINUTE, HOURLY)
    assert not too_soon(SEVEN, changed, SEVEN + 30 * MINUTE, HOURLY)


def test_never_too_soon_without_a_change_or_an_edition_before() -> None:
    assert not too_soon(None, SEVEN, SEVEN, DAILY)
    assert not too_soon(SEVEN, None, SEVEN + HOUR, DAILY)


def test_a_change_that_an_edition_has_followed_counts_no_more() -> None:
    # Weekday to weekend and DST make real distances shorter than half a nominal month or hour.
    assert not too_soon(SEVEN, SEVEN - HOUR, SEVEN + HOUR, DAILY)
    assert too_soon(SEVEN, SEVEN, SEVEN + HOUR, DAILY)
