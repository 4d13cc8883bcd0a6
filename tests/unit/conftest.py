"""What makes thousands of small tests quick and steady."""

from __future__ import annotations

import gc


def pytest_collection_finish() -> None:
    """The tests and the libraries stay to the end: to look through them for garbage is a tenth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 20, 20)
