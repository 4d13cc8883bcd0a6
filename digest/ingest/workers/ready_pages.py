"""Imported besides `ready` where pages are to be read: their library takes longer to load than a page to read."""

from __future__ import annotations

import contextlib
import gc

from digest.errors import DigestError
from digest.ingest import pages

_TEXT = "<p>The harbour is open again, and the first ferries sail to the island on Monday, the county said.</p>"

with contextlib.suppress(DigestError):  # the extra is not installed
    pages.extract(f"<html><body><article><h1>Harbour</h1>{_TEXT * 5}</article></body></html>".encode(), "ready")
gc.collect()
gc.freeze()
