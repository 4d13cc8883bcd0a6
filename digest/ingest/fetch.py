"""One conditional HTTP GET that cannot be led astray: not inwards, not in circles, not for ever.

The name is resolved here, the addresses are checked, and the connection is made to a checked
address (TLS still verifies the name), so that a second look-up cannot answer differently. The
environment's proxy settings are not used: a proxy would resolve the name out of our sight.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from functools import lru_cache
from http.client import HTTPException
from urllib.parse import SplitResult, urljoin, urlsplit, urlunsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from digest.deadline import connected, left
from digest.errors import FetchError
from digest.ingest.address import is_public

MAX_HOPS = 5
_REDIRECTS = {301, 302, 303, 307, 308}
_PERMANENT = {301, 308}
_ACCEPT = "application/atom+xml, application/rss+xml, application/xml;q=0.9, text/xml;q=0.8, */*;q=0.5"
_CHUNK = 65_536
_TRIED_ADDRESSES = 3
_MOST_PATIENCE = timedelta(days=7)  # a Retry-After beyond this is a mistake


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


def get(
    url: str,
    *,
    etag: str | None = None,
    last_modified: str | None = None,
    timeout: float = 30.0,
    max_bytes: int = 10_000_000,
    allow_private: bool = False,
    user_agent: str = "digest",
) -> Fetched:
    """GET within `timeout` seconds in all, redirects and body included (a look-up of a name cannot
    be interrupted and may outlast it by the resolver's own limit).

    304, 410 and the other statuses are reported; FetchError is for everything without an answer.
    """
    headers = {"User-Agent": user_agent, "Accept": _ACCEPT, "Accept-Encoding": "gzip, deflate"}
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    deadline = time.monotonic() + timeout
    current, moved = url, None
    for_good = True
    for _ in range(MAX_HOPS + 1):
        with _request(current, headers, deadline, allow_private) as response:
            target = response.headers.get("Location")
            if response.status not in _REDIRECTS or not target:
                return _fetched(response, current, url, moved, max_bytes)
            for_good = for_good and response.status in _PERMANENT
            current = _next(current, target)
            moved = current if for_good else moved
    raise FetchError(f"redirects more than {MAX_HOPS} times", where=url, mend="check the address")


def _next(current: str, target: str) -> str:
    """The redirect's target, in a form that is safe to ask for."""
    joined = urljoin(current, target.strip())
    if urlsplit(joined).scheme.lower() not in {"http", "https"}:
        raise FetchError("redirects to something that is not http or https", where=current)
    # Servers send raw UTF-8 and blanks here; percent-encode those, keep every query parameter.
    return urllib3.util.parse_url(joined)._replace(auth=None, fragment=None).url


@contextlib.contextmanager
def _request(
    url: str, headers: dict[str, str], deadline: float, allow_private: bool
) -> Iterator[urllib3.response.BaseHTTPResponse]:
    """One request on a connection of its own; every network trouble becomes a FetchError."""
    parts, host, port = _split(url)
    try:
        with contextlib.ExitStack() as stack:
            connection = _connect(stack, url, parts, host, port, deadline, allow_private)
            target = urlunsplit(("", "", parts.path or "/", parts.query, ""))
            connection.request("GET", target, headers={"Host": parts.netloc, **headers}, preload_content=False)
            yield stack.enter_context(contextlib.closing(connection.getresponse()))
            if left(deadline) <= 0:  # hanging up looks like the end of a complete answer
                raise TimeoutError
    except (HTTPError, HTTPException, OSError, ValueError) as error:
        late = left(deadline) <= 0 or isinstance(error, TimeoutError)
        what = "took too long" if late else f"cannot be fetched: {_plainly(error)}"
        raise FetchError(what, where=url, mend="it will be tried again") from None


def _split(url: str) -> tuple[SplitResult, str, int]:
    try:
        parsed = urllib3.util.parse_url(url)
        parts = urlsplit(parsed._replace(auth=None, fragment=None).url)
        host, port = parts.hostname, parts.port
    except (ValueError, HTTPError):
        host = None
    if not host or parts.scheme not in {"http", "https"}:
        raise FetchError("is not a web address", where=url, mend="give it as https://example.org/feed.xml")
    return parts, host, port or (443 if parts.scheme == "https" else 80)


def _connect(
    stack: contextlib.ExitStack,
    url: str,
    parts: SplitResult,
    host: str,
    port: int,
    deadline: float,
    allow_private: bool,
) -> HTTPConnection:
    """Connected to the first address that is allowed and answers, until `stack` ends."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = [address for address in addresses if allow_private or is_public(address)]
    if not allowed:
        raise FetchError(
            "leads to a private network address", where=url, mend="if you mean it: allow_private = true in [ingest]"
        )
    trouble: Exception = OSError("no address")
    for address in allowed[:_TRIED_ADDRESSES]:
        patience = left(deadline)
        if patience <= 0:
            raise TimeoutError
        if parts.scheme == "https":
            connection: HTTPConnection = HTTPSConnection(
                address, port, timeout=patience, server_hostname=host, assert_hostname=host, ssl_context=_tls()
            )
        else:
            connection = HTTPConnection(address, port, timeout=patience)
        try:
            return stack.enter_context(connected(connection, deadline))
        except (HTTPError, OSError) as error:
            trouble = error
    raise trouble


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()


def _fetched(
    response: urllib3.response.BaseHTTPResponse, final: str, asked: str, moved: str | None, max_bytes: int
) -> Fetched:
    headers = response.headers
    return Fetched(
        status=response.status,
        body=_body(response, final, max_bytes) if response.status == 200 else b"",
        etag=headers.get("ETag"),
        last_modified=headers.get("Last-Modified"),
        url=final,
        asked=asked,
        # An error page behind a permanent redirect is no reason to forget the old address.
        permanent_redirect_to=moved if response.status in {200, 304} else None,
        retry_after=_retry_after(headers.get("Retry-After"), datetime.now(UTC)),
    )


def _body(response: urllib3.response.BaseHTTPResponse, url: str, max_bytes: int) -> bytes:
    """The decompressed body; a small answer that unpacks into a large one stops at the cap."""
    chunks: list[bytes] = []
    size = 0
    while chunk := response.read1(_CHUNK, decode_content=True):
        size += len(chunk)
        if size > max_bytes:
            raise FetchError(f"is larger than {max_bytes:,} bytes", where=url, mend="raise the limit in the settings")
        chunks.append(chunk)
    return b"".join(chunks)


def _retry_after(value: str | None, now: datetime) -> datetime | None:
    """Seconds or an HTTP date, as RFC 9110 has it; None where it is neither or out of reason."""
    if not value:
        return None
    try:
        if value.strip().isdigit():
            until = now + timedelta(seconds=int(value))
        else:
            moment = parsedate_to_datetime(value)
            until = moment if moment.tzinfo else moment.replace(tzinfo=UTC)
    except (ValueError, OverflowError, TypeError, IndexError):
        return None
    return min(until, now + _MOST_PATIENCE) if until > now else None


def _plainly(error: Exception) -> str:
    """urllib3 wraps in layers and prints object addresses: the innermost reason is what helps."""
    while error.__context__ and isinstance(error.__context__, OSError):
        error = error.__context__
    return getattr(error, "strerror", None) or str(error) or type(error).__name__
