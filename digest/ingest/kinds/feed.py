"""An RSS, RDF, Atom or JSON feed over HTTP."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from digest.ingest import feeds, rhythm
from digest.ingest.kinds import web
from digest.ingest.kinds.base import Batch, FetchOptions, Unread
from digest.model.publication import Source


class FeedSource:
    """Polled: others write it, so a flood of old entries is held back."""

    kind = "feed"
    polled = True

    def check(self, location: str) -> str:
        return web.check_address(location)

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        got = web.ask(source, memory, options)
        if isinstance(got, Batch):
            return got
        return Batch(
            unread=Unread(partial(feeds.read, base=got.url, now=now), (got.body, source.location)),
            memory=web.remembered(got),
            location=got.permanent_redirect_to,
            retry_after=got.retry_after,
            hint=rhythm.hint(got.body, got.max_age),
        )
