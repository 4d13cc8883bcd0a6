"""What is made once, at its first use, and then kept: by one thread, while the others wait for it."""

from __future__ import annotations

import threading
from collections.abc import Callable
from functools import cache, wraps
from typing import TypeVar

Made = TypeVar("Made")


def once(make: Callable[[], Made]) -> Callable[[], Made]:
    """As `functools.cache`, which lets every thread that asks meanwhile make one of its own."""
    lock, kept = threading.Lock(), cache(make)

    @wraps(make)
    def ask() -> Made:
        if kept.cache_info().currsize:
            return kept()
        with lock:
            return kept()

    return ask
