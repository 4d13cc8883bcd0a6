"""What kinds that are read over HTTP have in common: the address, one conditional request, and pages at a pace."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from urllib.parse import urlsplit

from digest.errors import FetchError, UsageError
from digest.ingest import fetch, rhythm, robots
from digest.ingest.kinds.base import Batch, FetchOptions
from digest.ingest.robots import Robots
from digest.model.publication import Source


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


def ask(source: Source, memory: dict[str, str], options: FetchOptions) -> fetch.Fetched | Batch:
    """What stands at the source's address now; the batch to give where nothing is new there, or it is gone for good.

    Raises FetchError.
    """
    # What was remembered of another address says nothing about this one.
    same = memory if memory.get("location", source.location) == source.location else {}
    got = fetch.ask(source, options, etag=same.get("etag"), last_modified=same.get("last_modified"))
    if got.status == 304:
        return _unchanged(memory, got)
    if got.status == 410:
        return Batch(memory=memory, gone=True)
    if got.status != 200:
        raise refusal(source.location, got, login=bool(source.login))
    if "body" in same and same["body"] == got.body_hash:  # a server that heeds no validators
        return _unchanged(without_validators(memory) | remembered(got), got)
    return got


def without_validators(memory: dict[str, str]) -> dict[str, str]:
    """What to remember where the next answer is to be read, whatever the last one was."""
    return {key: value for key, value in memory.items() if key not in {"etag", "last_modified", "body"}}


def refusal(url: str, got: fetch.Fetched, *, login: bool = False) -> FetchError:
    """What an answer means that is none; `login`: one was sent."""
    what = f"the server answered {got.status}"
    return FetchError(what, where=url, mend=_mend(got.status, login), status=got.status, retry_after=got.retry_after)


def remembered(got: fetch.Fetched) -> dict[str, str]:
    """What to remember of an answer that was good: its validators as they were sent, and what it was."""
    told = rhythm.hint(got.body)
    facts = {
        "etag": got.etag,
        "last_modified": got.last_modified,
        "location": got.permanent_redirect_to or got.asked,
        "body": got.body_hash,
        "hint": str(told.total_seconds()) if told else None,
    }
    return {key: value for key, value in facts.items() if value}


def _unchanged(memory: dict[str, str], got: fetch.Fetched) -> Batch:
    told = timedelta(seconds=float(memory["hint"])) if "hint" in memory else None
    return Batch(
        memory=memory,
        unchanged=True,
        location=got.permanent_redirect_to,
        retry_after=got.retry_after,
        hint=max(filter(None, (told, got.max_age)), default=None),
    )


def _mend(status: int, login: bool) -> str:
    if status in {401, 403}:
        return "its login was refused" if login else "the server wants a login or refuses us"
    if status in {404, 406}:
        return "check the address"
    return "it will be tried again"


@dataclass(slots=True)
class Pages:
    """Pages that a source points to, asked for one by one: in their host's turn, and where robots.txt lets us.

    `memory` is the source's; `remembered` is to be kept in it.
    """

    source: Source
    memory: dict[str, str]
    options: FetchOptions
    now: datetime
    remembered: dict[str, str] = field(default_factory=dict)
    _robots: dict[str, Robots] = field(default_factory=dict)

    def get(self, url: str) -> fetch.Fetched:
        """Raises FetchError where it does not answer, or must not be read."""
        self.check(url)
        return fetch.ask(self.source, self.options, url=url)

    def check(self, url: str) -> None:
        """Raises FetchError where robots.txt asks not to read it."""
        site = robots.origin(url)
        if site not in self._robots:
            told = robots.consult(url, self.memory, now=self.now, options=self.options, proxy=self.source.proxy)
            self._robots[site] = told
            if site == robots.origin(self.source.location) or not self.remembered:
                self.remembered |= told.remembered
        self._robots[site].check(url)
