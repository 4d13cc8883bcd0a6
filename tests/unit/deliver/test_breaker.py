"""Relays that failed are left alone for longer each time."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from digest.deliver.breaker import FIRST_REST, LONGEST_REST, Rests

NOW = datetime(2026, 3, 2, 5, 0, tzinfo=UTC)


def test_a_relay_rests_longer_each_time_it_fails_and_is_forgotten_when_it_works() -> None:
    rests, now, lengths = Rests(), NOW, []
    for _ in range(6):
        assert rests.resting(now) == set()
        rests.learn({"one": "refused"}, {"one", "two"}, now)
        start = now
        while rests.resting(now):
            assert rests.resting(now) == {"one"}
            now += timedelta(seconds=30)
        lengths.append(now - start)
    assert lengths == [min(FIRST_REST * 2**n, LONGEST_REST) for n in range(6)]
    rests.learn({}, {"one", "two"}, now)
    rests.learn({"one": "refused"}, {"one"}, now)
    assert rests.resting(now + FIRST_REST) == set()


def test_what_was_not_tried_learns_nothing() -> None:
    rests = Rests()
    rests.learn({"one": "refused"}, {"one"}, NOW)
    rests.learn({}, {"two"}, NOW)
    assert rests.resting(NOW) == {"one"}
