"""An RSS, RDF, Atom or JSON feed over HTTP."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from digest.errors import FetchError
from digest.ingest import feeds, fetch, rhythm
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
        # What was remembered of another address says nothing about this one.
        same = memory if memory.get("location", source.location) == source.location else {}
        got = fetch.ask(source, options, etag=same.get("etag"), last_modified=same.get("last_modified"))
        if got.status == 304:
            return _unchanged(memory, got)
        if got.status == 410:
            return Batch(memory=memory, gone=True)
        if got.status != 200:
            raise FetchError(
                f"the server answered {got.status}",
                where=source.location,
                mend=_mend(got.status, source),
                status=got.status,
                retry_after=got.retry_after,
            )
        if same.get("body") == got.body_hash:  # a server that heeds no validators
            return _unchanged(_memory(got), got)
        return Batch(
            unread=Unread(partial(feeds.read, base=got.url, now=now), (got.body, source.location)),
            memory=_memory(got),
            location=got.permanent_redirect_to,
            retry_after=got.retry_after,
            hint=rhythm.hint(got.body, got.max_age),
        )


def _unchanged(memory: dict[str, str], got: fetch.Fetched) -> Batch:
    told = timedelta(seconds=float(memory["hint"])) if "hint" in memory else None
    return Batch(
        memory=memory,
        unchanged=True,
        location=got.permanent_redirect_to,
        retry_after=got.retry_after,
        hint=max(filter(None, (told, got.max_age)), default=None),
    )


def _memory(got: fetch.Fetched) -> dict[str, str]:
    """The validators as they were sent."""
    told = rhythm.hint(got.body)
    facts = {
        "etag": got.etag,
        "last_modified": got.last_modified,
        "location": got.permanent_redirect_to or got.asked,
        "body": got.body_hash,
        "hint": str(told.total_seconds()) if told else None,
    }
    return {key: value for key, value in facts.items() if value}


def _mend(status: int, source: Source) -> str:
    if status in {401, 403}:
        return "its login was refused" if source.login else "the server wants a login or refuses us"
    if status in {404, 406}:
        return "check the address"
    return "it will be tried again"
