"""Answers come a whole number of seconds after the question, whatever there was to do."""

from __future__ import annotations

import pytest

from digest.web import evenly


@pytest.mark.parametrize(
    ("took", "ends"), [(0.0, 101.0), (0.001, 101.0), (0.9, 101.0), (1.0, 101.0), (1.2, 102.0), (3.7, 104.0)]
)
@pytest.mark.parametrize("fails", [False, True])
def test_it_ends_at_the_same_moment(took: float, ends: float, fails: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    times, until = [100.0, 100.0 + took], []

    async def sleep_until(moment: float) -> None:
        until.append(moment)

    async def work() -> None:
        async with evenly.evenly(1.0):
            if fails:
                raise LookupError

    monkeypatch.setattr(evenly.anyio, "current_time", lambda: times.pop(0))
    monkeypatch.setattr(evenly.anyio, "sleep_until", sleep_until)
    run = work()
    with pytest.raises(LookupError if fails else StopIteration):
        run.send(None)
    assert until == [pytest.approx(ends)]
