"""[pure] Dates as they are written in files and feeds, with just the precision that was given.

What is unusable: a text in no known form, a year before 1800, and a date that lies too far ahead.
Ingested by hand such a date is an error (the operator can mend it; up to a year ahead is taken for
an embargo). In a feed it is ignored and the time of the fetch stands in (nobody here can mend it).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta, timezone
from email.utils import parsedate_to_datetime

from digest.errors import BadInput
from digest.model.dates import PartialDate, Precision

FIRST_YEAR = 1800
HAND_AHEAD = timedelta(days=366)
FEED_AHEAD = timedelta(days=2)

_MEND = "write it as 2025, 2025-05, 2025-05-24 or 2025-05-24T17:00+02:00"
_COARSE = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?", re.ASCII)
_FULL = re.compile(
    r"(\d{4}-?\d{2}-?\d{2})[Tt ](\d{2}:?\d{2}(?::?\d{2}(?:[.,]\d+)?)?) ?([Zz]|UTC|GMT|[+-]\d{2}:?\d{0,2})?"
)
# The standard library reads far more than RFC 822 allows: only what has its shape is handed on.
_MAIL = re.compile(r"((?:[A-Za-z]{3,9}\.?, *)?\d{1,2}[ -][A-Za-z]{3,9}\.?[ -](?:\d{4}|\d{2}))(?: +(\d{1,2}:\d{2}.*))?")


_NAMES = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")
_MONTHS = {name: number for number, name in enumerate(_NAMES, start=1)}
# As nearly all feeds write it.
_STRICT = re.compile(
    r"(?:[A-Z][a-z]{2}, )?(\d{1,2}) ([A-Z][a-z]{2}) ([12]\d{3}) (\d{2}):(\d{2}):(\d{2}) (?:GMT|([+-])(\d{2})(\d{2}))",
    re.ASCII,
)


def parse(text: str) -> PartialDate:
    """Read a date; BadInput (without a place: the caller knows it) when it is none."""
    stripped = text.strip()
    try:
        date = _coarse(stripped) or _full(stripped) or _rfc822(stripped)
    except (ValueError, OverflowError):  # month 13, the 30th of February, 25 o'clock
        raise BadInput(f"{stripped[:40]!r} is not a date that exists", mend=_MEND) from None
    if date is None:
        raise BadInput(f"{stripped[:40]!r} is not a date", mend=_MEND)
    if date.start.year < FIRST_YEAR:
        raise BadInput(f"the year of {stripped[:40]!r} lies before {FIRST_YEAR}", mend=_MEND)
    return date


def too_far_ahead(date: PartialDate, now: datetime, ahead: timedelta) -> bool:
    return date.start > now + ahead


def last_instant(date: PartialDate) -> datetime:
    """The end of what the date can mean: "2025-05" may still be the 31st of May."""
    start = date.start
    if date.precision is Precision.YEAR:
        return start.replace(month=12, day=31, hour=23, minute=59)
    if date.precision is Precision.MONTH:
        return (start.replace(day=28) + timedelta(days=4)).replace(day=1) - timedelta(minutes=1)
    if date.precision is Precision.DAY:
        return start + timedelta(hours=23, minutes=59)
    return start


def _coarse(text: str) -> PartialDate | None:
    match = _COARSE.fullmatch(text)
    if not match:
        return None
    year, month, day = match.groups()
    precision = Precision.DAY if day else Precision.MONTH if month else Precision.YEAR
    return PartialDate(datetime(int(year), int(month or 1), int(day or 1), tzinfo=UTC), precision)


def _full(text: str) -> PartialDate | None:
    match = _FULL.fullmatch(text)
    if not match:
        return None
    day, clock, zone = match.groups()
    zone = "+00:00" if zone in {None, "Z", "z", "UTC", "GMT"} else zone
    # fromisoformat wants both halves basic or both extended; "20250524T17:00Z" mixes them.
    digits = day.replace("-", "")
    iso = f"{digits[:4]}-{digits[4:6]}-{digits[6:]}T{_extended(clock)}{zone}"
    return PartialDate(datetime.fromisoformat(iso), Precision.MINUTE)


def _extended(clock: str) -> str:
    whole, _, fraction = clock.replace(",", ".").partition(".")
    digits = whole.replace(":", "")
    pairs = ":".join(digits[i : i + 2] for i in range(0, len(digits), 2))
    return f"{pairs}.{fraction[:6]}" if fraction else pairs


def _rfc822(text: str) -> PartialDate | None:
    strict = _STRICT.fullmatch(text)
    if strict and strict[2] in _MONTHS:
        on, year, hour, minute, second = map(int, strict.group(1, 3, 4, 5, 6))
        ahead = timedelta(hours=int(strict[8] or 0), minutes=int(strict[9] or 0))
        zone = timezone(-ahead if strict[7] == "-" else ahead)
        return PartialDate(datetime(year, _MONTHS[strict[2]], on, hour, minute, second, tzinfo=zone), Precision.MINUTE)
    match = _MAIL.fullmatch(text)
    if not match:
        return None
    day, clock = match.groups()
    moment = parsedate_to_datetime(f"{day} {clock or '00:00'}")
    precision = Precision.MINUTE if clock else Precision.DAY
    return PartialDate(moment if moment.tzinfo else moment.replace(tzinfo=UTC), precision)
