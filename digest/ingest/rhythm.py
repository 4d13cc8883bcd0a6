"""[pure] When a source is fetched next: as often as it brings something, as seldom as it asks for.

A fetch that brought something new halves the interval, one that brought nothing adds a quarter to it.
That settles where about one fetch in four brings something.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass
from datetime import datetime, timedelta

_FASTER, _SLOWER = 0.5, 1.25
_JITTER = 0.1
_LONGEST_BACK_OFF = timedelta(days=1)

_HEAD = 20_000  # bytes: what a feed says of itself stands before its entries
_TTL = re.compile(rb"<ttl>\s*(\d{1,6})\s*</ttl>", re.IGNORECASE)
_PERIOD = re.compile(rb"<(?:\w+:)?updatePeriod[^>]{0,200}>\s*(hourly|daily|weekly|monthly|yearly)\s*<", re.IGNORECASE)
_FREQUENCY = re.compile(rb"<(?:\w+:)?updateFrequency[^>]{0,200}>\s*(\d{1,4})\s*<", re.IGNORECASE)
_DAYS = {b"hourly": 1 / 24, b"daily": 1.0, b"weekly": 7.0, b"monthly": 30.0, b"yearly": 365.0}


@dataclass(frozen=True, slots=True)
class Limits:
    """The operator's: how often at most, and how seldom at most."""

    floor: timedelta
    ceiling: timedelta

    def clamp(self, interval: timedelta) -> timedelta:
        return max(self.floor, min(interval, self.ceiling))


@dataclass(frozen=True, slots=True)
class Next:
    """When to fetch again, and the interval to go on from."""

    at: datetime
    interval: timedelta


def after_success(
    name: str,
    now: datetime,
    limits: Limits,
    *,
    interval: timedelta | None,
    since: timedelta | None,
    news: bool,
    hint: timedelta | None = None,
    not_before: datetime | None = None,
) -> Next:
    """`interval` is the last one and `since` the time from the last fetch to this, None before there was one.

    `hint`: how long the feed says that it stays as it is; believed up to the ceiling. `not_before`: Retry-After.
    """
    wanted = interval or limits.floor
    if interval is not None and news:
        wanted *= _FASTER
    elif interval is not None and since is not None and since >= interval / 2:
        wanted *= _SLOWER  # a fetch out of turn that found nothing says nothing
    wanted = limits.clamp(wanted)
    wait = max(jittered(wanted, name, now), min(hint or timedelta(), limits.ceiling))
    return Next(max(now + wait, not_before or now), wanted)


def after_failure(
    name: str, now: datetime, limits: Limits, *, failures: int, not_before: datetime | None = None
) -> datetime:
    """Twice as long after each failure in a row, up to a day. `failures`: how many there were before this one."""
    wait = min(limits.floor * 2.0 ** min(failures, 20), max(_LONGEST_BACK_OFF, limits.floor))
    return max(now + jittered(wait, name, now), not_before or now)


def jittered(wait: timedelta, name: str, now: datetime) -> timedelta:
    """A tenth more or less, by name and time: sources that were added together do not stay together."""
    seed = hashlib.blake2b(f"{name}\0{now:%Y-%m-%dT%H:%M}".encode(errors="surrogatepass"), digest_size=4).digest()
    share = int.from_bytes(seed) / 0xFFFFFFFF  # 0 to 1
    return wait * (1 + _JITTER * (2 * share - 1))


def hint(body: bytes, max_age: timedelta | None = None) -> timedelta | None:
    """How long a feed says that it stays as it is (ttl, sy:updatePeriod), or its server does (Cache-Control)."""
    head = body[:_HEAD]
    said = [max_age] if max_age else []
    if found := _TTL.search(head):
        said.append(timedelta(minutes=int(found.group(1))))
    if found := _PERIOD.search(head):
        times = _FREQUENCY.search(head)
        said.append(timedelta(days=_DAYS[found.group(1).lower()]) / max(int(times.group(1)) if times else 1, 1))
    return max(said, default=None)
