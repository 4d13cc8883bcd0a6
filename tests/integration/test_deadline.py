"""One watchdog for all deadlines: what befalls one of them is nothing to the others."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

import pytest

from digest import deadline
from digest.deadline import _Watchdog

SOON = 0.05
LONG = 5.0


def within(watchdog: _Watchdog, seconds: float) -> threading.Event:
    done = threading.Event()
    watchdog.watch(time.monotonic() + seconds, done.set)
    return done


def threads(watchdog: _Watchdog) -> int:
    return sum(getattr(thread, "_target", None) == watchdog._run for thread in threading.enumerate())


def test_each_at_its_time_and_one_thread_for_all() -> None:
    watchdog, told = _Watchdog(), list[int]()
    now, last = time.monotonic(), threading.Event()

    def say(number: int) -> Callable[[], None]:
        return lambda: told.append(number)

    watchdog.watch(now + LONG, say(9))
    let_go = watchdog.watch(now + SOON, say(8))
    watchdog.watch(now + 3 * SOON, last.set)
    for number in (2, 1):  # each before what the thread waits for
        watchdog.watch(now + number * SOON, say(number))
    watchdog.let_go(let_go)
    assert threads(watchdog) == 1
    assert last.wait(LONG)
    assert told == [1, 2]


def test_an_action_with_a_fault_keeps_no_other_from_its_time() -> None:
    watchdog = _Watchdog()
    watchdog.watch(time.monotonic(), lambda: 1 / 0)  # type: ignore[arg-type]
    assert within(watchdog, SOON).wait(LONG)
    assert within(watchdog, SOON).wait(LONG)


def test_the_thread_ends_when_nothing_is_watched_and_comes_back(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deadline, "_IDLE", 0.01)
    watchdog = _Watchdog()
    for _ in range(3):
        assert within(watchdog, 0).wait(LONG)
        end = time.monotonic() + LONG
        while threads(watchdog) and time.monotonic() < end:
            time.sleep(0.005)
        assert not threads(watchdog)


def test_where_no_thread_can_start_the_next_one_tries_again(monkeypatch: pytest.MonkeyPatch) -> None:
    watchdog = _Watchdog()
    with monkeypatch.context() as patch:
        patch.setattr(threading.Thread, "start", _none_left)
        with pytest.raises(RuntimeError):
            watchdog.watch(time.monotonic(), lambda: None)
    assert not watchdog._watched
    assert within(watchdog, SOON).wait(LONG)


def _none_left(_: threading.Thread) -> None:
    raise RuntimeError("can't start new thread")


def test_a_process_that_was_forked_has_a_watchdog_of_its_own() -> None:
    watched = deadline._WATCHDOG.watch(time.monotonic() + LONG, lambda: None)
    pid = os.fork()
    if not pid:
        os._exit(0 if within(deadline._WATCHDOG, SOON).wait(LONG) else 1)
    deadline._WATCHDOG.let_go(watched)
    assert os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) == 0
