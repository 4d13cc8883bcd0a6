"""What makes two thousand small tests quick and steady."""

from __future__ import annotations

import gc

from hypothesis import settings

# The first example of a test may be the one that reads the word lists: how long one takes says nothing.
settings.register_profile("unit", deadline=None, max_examples=50)
settings.load_profile("unit")


def pytest_collection_finish() -> None:
    """The tests and the libraries stay to the end: to look through them for garbage is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
