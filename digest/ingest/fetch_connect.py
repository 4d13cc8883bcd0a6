"""Where a request may go: the name resolved here, its addresses checked, the connection made to a checked one.

A second look-up cannot answer differently, because there is none (TLS still verifies the name). Behind
a proxy the proxy looks up once more: see docs/fetching.md for what the check is worth then.
"""

from __future__ import annotations

import contextlib
import socket
import ssl
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import SplitResult, urlsplit, urlunsplit

import urllib3
from urllib3.connection import HTTPConnection, HTTPSConnection
from urllib3.exceptions import HTTPError

from digest.deadline import connected, left
from digest.errors import FetchError, UsageError
from digest.ingest.address import is_public, names_private

_TRIED_ADDRESSES = 3


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart, percent-encoded, without user, password and fragment."""

    url: str
    parts: SplitResult
    host: str
    port: int

    @property
    def origin(self) -> tuple[str, str, int]:
        return self.parts.scheme, self.host, self.port


def target(url: str) -> Target:
    """Raises FetchError for what is no web address."""
    parsed = None
    with contextlib.suppress(ValueError, HTTPError):
        parsed = urllib3.util.parse_url(url)._replace(auth=None, fragment=None).url
        parts = urlsplit(parsed)
        host, port = parts.hostname, parts.port
    if not parsed or not host or parts.scheme not in {"http", "https"} or port == 0:
        raise FetchError("is not a web address", where=url, mend="give it as https://example.org/feed.xml")
    return Target(parsed, parts, host, port or (443 if parts.scheme == "https" else 80))


def check_proxy(text: str) -> str:
    """The proxy's address, http://host:port. Raises UsageError; a password would lie open in the database."""
    parts = urlsplit(text.strip() if "://" in text else f"http://{text.strip()}")
    try:
        usable = parts.scheme == "http" and parts.hostname and parts.port and parts.path in {"", "/"}
    except ValueError:
        usable = False
    if not usable or parts.query or parts.fragment:
        raise UsageError("is not the address of an HTTP proxy", where=text, mend="like http://proxy.example.org:3128")
    if parts.username is not None or parts.password is not None:
        raise UsageError("carries a password", where=str(parts.hostname), mend="leave user and password out")
    return urlunsplit(("http", parts.netloc.lower(), "", "", ""))


def connect(
    stack: contextlib.ExitStack, to: Target, deadline: float, *, allow_private: bool, proxy: str = ""
) -> HTTPConnection:
    """Connected to the first address that is allowed and answers, until `stack` ends."""
    if not allow_private and names_private(to.host):
        raise _private(to)
    if proxy:
        return stack.enter_context(connected(_through(proxy, to, deadline, allow_private), deadline))
    allowed = [address for address in _addresses(to) if allow_private or is_public(address)]
    if not allowed:
        raise _private(to)
    trouble: Exception = OSError("no address")
    for address in allowed[:_TRIED_ADDRESSES]:
        try:
            return stack.enter_context(connected(_direct(address, to, _patience(deadline)), deadline))
        except (HTTPError, OSError) as error:
            trouble = error
    raise trouble


def _addresses(to: Target) -> list[str]:
    found = socket.getaddrinfo(to.host.strip("[]"), to.port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def _direct(address: str, to: Target, patience: float) -> HTTPConnection:
    if to.parts.scheme == "http":
        return HTTPConnection(address, to.port, timeout=patience)
    return HTTPSConnection(
        address, to.port, timeout=patience, server_hostname=to.host, assert_hostname=to.host, ssl_context=_tls()
    )


def _through(proxy: str, to: Target, deadline: float, allow_private: bool) -> HTTPConnection:
    """To the proxy. It looks the name up for itself, so one private address among the name's is one too many.

    A name that is unknown here goes through: networks that have a proxy often know no others.
    """
    addresses: list[str] = []
    with contextlib.suppress(socket.gaierror):
        addresses = _addresses(to)
    if not allow_private and not all(map(is_public, addresses)):
        raise _private(to)
    parts = urlsplit(proxy)
    host, port = parts.hostname or "", parts.port or 3128
    if to.parts.scheme == "http":
        return HTTPConnection(host, port, timeout=_patience(deadline))
    connection = HTTPSConnection(host, port, timeout=_patience(deadline), assert_hostname=to.host, ssl_context=_tls())
    connection.set_tunnel(to.host, to.port)
    return connection


def _patience(deadline: float) -> float:
    patience = left(deadline)
    if patience <= 0:
        raise TimeoutError
    return patience


def _private(to: Target) -> FetchError:
    return FetchError(
        "leads to a private network address", where=to.url, mend="if you mean it: allow_private = true in [ingest]"
    )


@lru_cache(maxsize=1)
def _tls() -> ssl.SSLContext:
    return ssl.create_default_context()
