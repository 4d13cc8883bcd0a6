"""Answers that come at the same time, whatever there was to do."""

from __future__ import annotations

import math
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import anyio


@asynccontextmanager
async def evenly(seconds: float) -> AsyncIterator[None]:
    """Ends a whole number of `seconds` after its beginning.

    To plan a mail takes longer than to find that none is to be sent: who measured that would know whether an address
    is a reader's. So each answer waits for the same moment, and one that takes longer (a busy disk) for the next one:
    what it then tells is how busy the disk is.
    """
    began = anyio.current_time()
    try:
        yield
    finally:
        took = anyio.current_time() - began
        if seconds > 0:
            await anyio.sleep_until(began + math.ceil(max(took / seconds, 1.0)) * seconds)
