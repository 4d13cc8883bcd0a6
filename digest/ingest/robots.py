"""What a site's robots.txt (RFC 9309) lets us read: the decision [pure], and the asking around it.

For pages and sitemaps. Feeds are not asked for: who publishes one wants it to be fetched.

protego reads the rules: unlike urllib.robotparser it lets the longest rule win, knows `*` and `$`,
joins the groups of one name, and takes "digest" for no part of "storyline-digest".
"""

from __future__ import annotations

import base64
import binascii
import json
import re
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from urllib.parse import urlsplit, urlunsplit

from protego import Protego

from digest.errors import Disallowed, FetchError, NotNow
from digest.ingest import fetch
from digest.ingest.kinds.base import FetchOptions

MAX_BYTES = 500 * 1024  # of rules, the least that RFC 9309 asks for; what comes after them is not read
KEPT = timedelta(days=1)
_KEPT_WHERE_SILENT = timedelta(days=30)  # the old rules, where the server gives no new ones
_KEY = "robots"
_PRODUCT = re.compile(r"[A-Za-z_-]+")

#: How a robots.txt is got: its address -> its bytes, or the status that came instead; FetchError for no answer.
Get = Callable[[str], bytes | int]


def allowed(url: str, user_agent: str, robots_txt: bytes | int) -> bool:
    """Whether `url` may be read by its site's robots.txt, given as its bytes or as the status that came instead.

    There is none (4xx): all may be read. The server cannot say (5xx, 429, no answer): nothing for now.
    """
    if isinstance(robots_txt, int):
        return _tells(robots_txt)
    product = _PRODUCT.match(user_agent)
    return _rules(robots_txt[:MAX_BYTES]).can_fetch(url, product.group() if product else "*")


@lru_cache(maxsize=16)
def _rules(robots_txt: bytes) -> Protego:
    return Protego.parse(robots_txt.decode("utf-8-sig", errors="replace"))


@dataclass(frozen=True, slots=True)
class Robots:
    """The robots.txt of one site, as we know it. `remembered` goes into the source's memory."""

    origin: str
    said: bytes | int
    user_agent: str
    remembered: Mapping[str, str]
    trouble: FetchError | None = None  # why there was no answer

    def allow(self, url: str) -> bool:
        """False too for an address of another site: its own robots.txt has to be asked."""
        return origin(url) == self.origin and allowed(url, self.user_agent, self.said)

    def check(self, url: str) -> None:
        """Raises FetchError where it may not be read."""
        if self.allow(url):
            return
        if self.trouble is not None and origin(url) == self.origin:
            raise self.trouble
        if isinstance(self.said, int) and origin(url) == self.origin:
            raise FetchError(
                "robots.txt gives no answer, so nothing of this site is read for now", where=url,
                mend="it will be tried again",
            )  # fmt: skip
        raise Disallowed("robots.txt asks not to read it", where=url, mend="ask the site, or use its feed")


def origin(url: str) -> str:
    """Scheme, host and port: one robots.txt is for all below."""
    parts = urlsplit(url)
    return urlunsplit((parts.scheme.lower(), parts.netloc.rpartition("@")[2].lower(), "", "", ""))


def consult(
    url: str,
    memory: Mapping[str, str],
    *,
    now: datetime,
    options: FetchOptions,
    proxy: str = "",
    get: Get | None = None,
) -> Robots:
    """The robots.txt that `url` goes by: out of the source's memory for a day, else asked for.

    `proxy`: the source's own, if it has one. Its login is not sent.
    """
    site = origin(url)
    known = _known(memory, site)
    trouble: FetchError | None = None
    if known and now - known[0] < KEPT:
        asked_at, said = known
    else:
        asked_at, said, trouble = now, *_ask(get or _getter(options, proxy), f"{site}/robots.txt")
        if not _tells(said) and known and now - known[0] < _KEPT_WHERE_SILENT:
            asked_at, said, trouble = *known, None  # asked again next time, and until then as the site last said
    told = {"site": site, "at": asked_at.isoformat(), "said": said if isinstance(said, int) else _packed(said)}
    # What could not be had is asked for again.
    return Robots(site, said, options.user_agent, {_KEY: json.dumps(told)} if _tells(said) else {}, trouble)


def _tells(said: bytes | int) -> bool:
    """Whether the site has said what it wants, be it that it has no robots.txt."""
    return not isinstance(said, int) or (0 < said < 500 and said != 429)


def _ask(get: Get, url: str) -> tuple[bytes | int, FetchError | None]:
    try:
        return get(url), None
    except NotNow:  # a matter of the host's turns, not of what the site allows
        raise
    except FetchError as error:
        # Too many redirects count as none at all (RFC 9309, 2.3.1.2).
        return (404, None) if error.status in fetch.REDIRECTS else (0, error)


def _getter(options: FetchOptions, proxy: str) -> Get:
    def get(url: str) -> bytes | int:
        got = fetch.plain(url, options, max_bytes=MAX_BYTES, cut=True, proxy=proxy)
        return got.body if got.status == 200 else got.status

    return get


def _known(memory: Mapping[str, str], site: str) -> tuple[datetime, bytes | int] | None:
    """What is remembered of this site; None where nothing is, or where it cannot be read any more."""
    try:
        told = json.loads(memory[_KEY])
        if told["site"] != site:
            return None
        said = told["said"] if isinstance(told["said"], int) else zlib.decompress(base64.b64decode(told["said"]))
        return datetime.fromisoformat(told["at"]), said
    except (KeyError, ValueError, TypeError, zlib.error, binascii.Error):
        return None


def _packed(robots_txt: bytes) -> str:
    return base64.b64encode(zlib.compress(robots_txt, 9)).decode("ascii")
