"""Imported by the server from which the children are forked: what each of them needs is loaded once and shared."""

from __future__ import annotations

import gc
import os

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # a process with threads must not be forked
os.environ.setdefault("OMP_NUM_THREADS", "1")
os.environ["RAYON_NUM_THREADS"] = "1"  # a child has no memory for one on each core, and is killed by the want of it

from datetime import UTC, datetime

from digest.ingest import feeds
from digest.ingest.feeds import slow
from digest.ingest.normalise import normalise
from digest.model.article import RawArticle

_NOW = datetime(2025, 1, 1, tzinfo=UTC)
_TITLE = b"The harbour is open again &amp; ferries sail"
_FEED = b'<rss version="2.0"><channel><item><title>%b</title></item></channel></rss>' % _TITLE

assert slow.read(_FEED)
for _article in feeds.read(_FEED, "ready"):
    if isinstance(_article, RawArticle):
        normalise(_article, source="ready", publisher="", now=_NOW)
gc.collect()
gc.freeze()  # else the first collection in a child would write to, and so copy, all that is shared
