"""One conditional HTTP GET that cannot be led astray: not inwards, not in circles, not for ever.

Where it may go is seen to in `fetch_connect`, at every hop anew. The environment's proxy settings are
not used: only the operator's own word sends requests through another machine.
"""

from __future__ import annotations

import contextlib
import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from http.client import HTTPException
from urllib.parse import urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.exceptions import HTTPError

from digest.deadline import left
from digest.errors import FetchError
from digest.ingest import fetch_answer as answer
from digest.ingest.fetch_connect import Target, connect, target
from digest.ingest.fetch_login import Login
from digest.ingest.hosts import Hosts
from digest.ingest.kinds.base import FetchOptions
from digest.model.publication import Source

MAX_HOPS = 5
REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_BUSY = {429, 503}
_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"


@dataclass(frozen=True, slots=True)
class Fetched:
    """What the last server answered; any status but a redirect that we followed."""

    status: int
    body: bytes
    etag: str | None
    last_modified: str | None
    url: str  # the final one
    asked: str
    permanent_redirect_to: str | None = None
    retry_after: datetime | None = None
    max_age: timedelta | None = None
    content_type: str = ""

    @property
    def body_hash(self) -> str:
        """Equal means unchanged, whatever a server says that ignores what we know of its answer."""
        return hashlib.blake2b(self.body, digest_size=16).hexdigest()


def introduction(user_agent: str, contact: str) -> str:
    """The User-Agent header: who fetches, and whom to write to about it."""
    if not contact or contact in user_agent:
        return user_agent
    return f"{user_agent} (+{contact if ':' in contact or '@' not in contact else f'mailto:{contact}'})"


def ask(
    source: Source, options: FetchOptions, *, url: str = "", etag: str | None = None, last_modified: str | None = None
) -> Fetched:
    """GET the source's location, or another address of it, with the source's login and proxy."""
    return get(
        url or source.location,
        etag=etag,
        last_modified=last_modified,
        timeout=options.timeout,
        max_bytes=options.max_bytes,
        allow_private=options.allow_private,
        user_agent=options.user_agent,
        login=Login(source.login, source.location) if source.login else None,
        proxy=source.proxy or options.proxy,
        hosts=options.hosts,
    )


def plain(
    url: str, options: FetchOptions, *, max_bytes: int, cut: bool = False, proxy: str = "", accept: str = _ACCEPT
) -> Fetched:
    """GET an address that is no source's (a robots.txt, a picture); `cut`: no more than its first `max_bytes`."""
    return get(
        url,
        timeout=options.timeout,
        max_bytes=max_bytes,
        allow_private=options.allow_private,
        user_agent=options.user_agent,
        proxy=proxy or options.proxy,
        hosts=options.hosts,
        cut=cut,
        accept=accept,
    )


def get(
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    timeout: float = 30.0,
    max_bytes: int = 10_000_000,
    allow_private: bool = False,
    user_agent: str = "digest",
    login: Login | None = None,
    proxy: str = "",
    hosts: Hosts | None = None,
    cut: bool = False,
    method: str = "GET",
    accept: str = _ACCEPT,
) -> Fetched:
    """GET (or HEAD) within `timeout` seconds in all, redirects and body included (a look-up of a name cannot
    be interrupted and may outlast it by the resolver's own limit). Waiting for a host's turn comes on top.

    304, 410 and the other statuses are reported; FetchError is for everything without an answer.
    """
    headers = {"User-Agent": user_agent, "Accept": accept, "Accept-Encoding": "gzip, deflate"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    with contextlib.ExitStack() as turn:
        current, moved, whose = target(url), None, ""
        for_good = True
        spent = 0.0
        for _ in range(MAX_HOPS + 1):
            if hosts and current.host != whose:  # within a host a redirect goes on at once
                turn.close()
                turn.enter_context(hosts.turn(current.host, time.monotonic() + timeout))
                whose = current.host
            begun = time.monotonic()
            # Whoever was led away once is not trusted to come back with the login.
            login = login if login and login.is_for(current) else None
            mine = login.headers(current, datetime.now(UTC)) if login else {}
            until = begun + timeout - spent
            with _request(current, headers | mine, until, allow_private, proxy, method) as response:
                location, status = response.headers.get("Location"), response.status
                if status not in REDIRECTS or not location:
                    got = _fetched(response, current.url, url, moved, max_bytes, cut=cut)
                    _hold(hosts, current.host, got)
                    return got
                for_good = for_good and status in _PERMANENT
                current = _next(current, location)
            spent += time.monotonic() - begun
            moved = current.url if for_good else moved
    raise FetchError(f"redirects more than {MAX_HOPS} times", where=url, mend="check the address", status=status)


def _hold(hosts: Hosts | None, host: str, got: Fetched) -> None:
    """A host that is overrun means all of its addresses."""
    if hosts and got.retry_after and got.status in _BUSY:
        hosts.hold(host, (got.retry_after - datetime.now(UTC)).total_seconds())


def _next(current: Target, location: str) -> Target:
    """The redirect's target, in a form that is safe to ask for."""
    try:
        joined = urljoin(current.url, location.strip())
        scheme = urlsplit(joined).scheme.lower()
    except ValueError:
        raise FetchError("redirects to what is no address", where=current.url) from None
    if scheme not in {"http", "https"}:
        raise FetchError("redirects to something that is not http or https", where=current.url)
    # Servers send raw UTF-8 and blanks here; those were percent-encoded, every query parameter kept.
    return target(joined)


@contextlib.contextmanager
def _request(
    to: Target, headers: dict[str, str], deadline: float, allow_private: bool, proxy: str, method: str
) -> Iterator[urllib3.response.BaseHTTPResponse]:
    """One request on a connection of its own; every network trouble becomes a FetchError."""
    try:
        with contextlib.ExitStack() as stack:
            connection = connect(stack, to, deadline, allow_private=allow_private, proxy=proxy)
            whole = bool(proxy) and to.parts.scheme == "http"  # a proxy is told the whole address
            path = to.url if whole else urlunsplit(("", "", to.parts.path or "/", to.parts.query, ""))
            connection.request(method, path, headers={"Host": to.parts.netloc, **headers}, preload_content=False)
            yield stack.enter_context(contextlib.closing(connection.getresponse()))
            if left(deadline) <= 0:  # hanging up looks like the end of a complete answer
                raise TimeoutError
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        late = left(deadline) <= 0 or isinstance(error, TimeoutError)
        what = "took too long" if late else f"cannot be fetched: {_plainly(error)}"
        raise FetchError(what, where=to.url, mend="it will be tried again") from None


def _fetched(
    response: urllib3.response.BaseHTTPResponse, final: str, asked: str, moved: str | None, max_bytes: int, *, cut: bool
) -> Fetched:
    headers = response.headers
    return Fetched(
        status=response.status,
        body=answer.body(response, final, max_bytes, cut=cut) if response.status == 200 else b"",
        etag=headers.get("ETag"),
        last_modified=headers.get("Last-Modified"),
        url=final,
        asked=asked,
        # An error page behind a permanent redirect is no reason to forget the old address.
        permanent_redirect_to=moved if response.status in {200, 304} else None,
        retry_after=answer.retry_after(headers.get("Retry-After"), datetime.now(UTC)),
        max_age=answer.max_age(headers.get("Cache-Control")),
        content_type=headers.get("Content-Type", ""),
    )


def _plainly(error: Exception) -> str:
    """urllib3 wraps in layers and prints object addresses: the innermost reason is what helps."""
    while error.__context__ and isinstance(error.__context__, OSError):
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
