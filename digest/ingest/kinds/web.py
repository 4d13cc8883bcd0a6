"""What kinds that are read over HTTP have in common: the address, and one conditional request."""

from __future__ import annotations

import threading
import time
from dataclasses import dataclass
from datetime import datetime
from urllib.parse import urlsplit

from digest.errors import FetchError, UsageError
from digest.ingest import fetch
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.model.publication import Source

PAUSE = 1.0
_turns = threading.Lock()
_next_turn: dict[str, float] = {}


@dataclass(frozen=True, slots=True)
class Answer:
    """Either `batch` (nothing new, or gone for good) or what was `got`."""

    got: fetch.Fetched | None = None
    batch: Batch | None = None


def check_address(location: str) -> str:
    """The web address in the form that it is kept in. Raises UsageError."""
    url = location.strip()
    bare = "://" not in url
    if bare:
        url = f"https://{url}"
    try:
        parts = urlsplit(url)
        usable = parts.scheme.lower() in {"http", "https"} and parts.hostname and parts.port != 0
        # One word alone is sooner a slip than the name of a host in one's own network.
        usable = usable and not (bare and "." not in (parts.hostname or ""))
    except ValueError:
        usable = False
    if not usable:
        raise UsageError("is not a web address", where=location, mend="give it as https://example.org/feed.xml")
    if parts.username or parts.password:
        raise UsageError("carries a password", where=parts.hostname or location, mend="leave user and password out")
    # Not the canonical form: a server may tell addresses apart that readers would not.
    return parts._replace(scheme=parts.scheme.lower(), fragment="").geturl()


def request(
    url: str, options: FetchOptions, *, etag: str | None = None, last_modified: str | None = None
) -> fetch.Fetched:
    """The one place where these kinds, and the search for feeds, ask a server for anything."""
    return fetch.get(
        url,
        etag=etag,
        last_modified=last_modified,
        timeout=options.timeout,
        max_bytes=options.max_bytes,
        allow_private=options.allow_private,
        user_agent=options.user_agent,
    )


def request_page(url: str, options: FetchOptions) -> fetch.Fetched:
    """The one place where pages are asked for that a source or a feed only points to: one by one, at a pace."""
    _wait_for_turn(urlsplit(url).hostname or "")
    return request(url, options)


def _wait_for_turn(host: str) -> None:
    """Until PAUSE seconds lie between two pages of a host, whoever asks for them."""
    with _turns:
        now = time.monotonic()
        turn = max(now, _next_turn.get(host, 0.0))
        for past in [name for name, due in _next_turn.items() if due < now]:
            del _next_turn[past]
        _next_turn[host] = turn + PAUSE
    if turn > now:
        time.sleep(turn - now)


def ask(source: Source, memory: dict[str, str], options: FetchOptions) -> Answer:
    """Ask for the source's address, with what was remembered of it. Raises FetchError."""
    # What was remembered of another address says nothing about this one.
    same = memory if memory.get("location", source.location) == source.location else {}
    got = request(source.location, options, etag=same.get("etag"), last_modified=same.get("last_modified"))
    if got.status == 304:
        moved, later = got.permanent_redirect_to, got.retry_after
        return Answer(batch=Batch(memory=memory, unchanged=True, location=moved, retry_after=later))
    if got.status == 410:
        return Answer(batch=Batch(memory=memory, gone=True))
    if got.status != 200:
        raise refusal(source.location, got.status, got.retry_after)
    return Answer(got=got)


def refusal(url: str, status: int, retry_after: datetime | None = None) -> FetchError:
    what = f"the server answered {status}"
    return FetchError(what, where=url, mend=_mend(status), status=status, retry_after=retry_after)


def validators(got: fetch.Fetched) -> dict[str, str]:
    """What to remember of an answer that was good, as it was sent."""
    facts = {"etag": got.etag, "last_modified": got.last_modified, "location": got.permanent_redirect_to or got.asked}
    return {key: value for key, value in facts.items() if value}


def _mend(status: int) -> str:
    if status in {401, 403}:
        return "the server wants a login or refuses us"
    if status in {404, 406}:
        return "check the address"
    return "it will be tried again"
