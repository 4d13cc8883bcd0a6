"""Made once, whoever asks at the same time."""

from __future__ import annotations

import threading
import time
from concurrent.futures import ThreadPoolExecutor

from digest.ingest.once import once


def test_many_threads_get_one_and_it_is_made_once() -> None:
    made: list[object] = []
    together = threading.Barrier(8)

    @once
    def costly() -> object:
        time.sleep(0.02)  # long enough for all to have asked
        made.append(object())
        return made[-1]

    def ask() -> object:
        together.wait(timeout=10)
        return costly()

    with ThreadPoolExecutor(8) as pool:
        found = {id(future.result()) for future in [pool.submit(ask) for _ in range(8)]}
    assert len(made) == len(found) == 1


def test_what_failed_is_tried_again() -> None:
    tries: list[int] = []

    @once
    def brittle() -> int:
        tries.append(1)
        if len(tries) == 1:
            raise OSError
        return 7

    for _ in range(3):
        try:
            brittle()
        except OSError:
            continue
    assert (brittle(), len(tries)) == (7, 2)
