"""The time zones that people choose from: one or more names for each country, as the tz database lists them."""

from __future__ import annotations

from functools import cache
from importlib import resources

from digest.errors import UsageError
from digest.pipeline.choices import check_zone

_LONGEST = 60
_UTC = "UTC"


@cache
def zones() -> tuple[str, ...]:
    table = resources.files("tzdata").joinpath("zoneinfo", "zone.tab").read_text("utf-8")
    rows = (line.split("\t") for line in table.splitlines() if not line.startswith("#"))
    return (*sorted({row[2] for row in rows if len(row) > 2}), _UTC)


@cache
def _spellings() -> dict[str, str]:
    """In small letters, the whole name or the place alone."""
    return {name.rpartition("/")[2].lower(): name for name in zones()} | {name.lower(): name for name in zones()}


def zone_of(said: str) -> str:
    """The zone that somebody typed, be it `europe/brussels`, `Brussels` or `New York`. Raises UsageError."""
    text = "_".join(said.split())
    if text.lower() in _spellings():
        return _spellings()[text.lower()]
    if not text or len(text) > _LONGEST or not text.isascii():
        raise UsageError(f"there is no time zone {said[:_LONGEST]!r}", mend="an IANA name like Europe/Brussels")
    return check_zone(text)
