"""What readers and operators choose, checked: zones, languages, topics."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

from digest.compose.candidates import OTHER
from digest.compose.words import catalogues
from digest.deliver.slots import day_begins, day_of
from digest.errors import NotFound, UsageError
from digest.model.publication import Publication
from digest.pipeline.services import Services
from digest.store import topics
from digest.store.stories import Connection

_LONGEST_PAUSE = timedelta(days=731)
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")


def check_zone(zone: str) -> str:
    """An IANA name. Raises UsageError."""
    try:
        ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise UsageError(f"there is no time zone {zone!r}", mend="an IANA name like Europe/Brussels") from None
    return zone


def check_language(language: str) -> str:
    """A two- or three-letter code, perhaps with a region that is dropped."""
    code = language.replace("_", "-").split("-")[0].lower()
    if code not in Locale("en").languages:
        raise UsageError(f"{language!r} is not a language code", mend="like nl, de or en")
    return code


def language_of_words(services: Services, language: str) -> str:
    """The language of the fixed words of mails for who reads this one."""
    return catalogues([folder / "locale" for folder in services.template_folders], language)[1]


def check_topics(connection: Connection, publication: Publication, wanted: Sequence[str]) -> tuple[str, ...]:
    """Topics that exist and that the publication carries."""
    known = [t.name for t in topics.listing(connection)] + [OTHER]
    for name in wanted:
        if name not in known:
            raise NotFound("topic", name, known)
        if publication.topics and name not in publication.topics:
            carried = ", ".join(publication.topics)
            raise UsageError(f"{publication.name} does not carry the topic {name!r}", mend=f"it carries: {carried}")
    return tuple(dict.fromkeys(wanted))


def pause_days(now: datetime, zone: str) -> tuple[date, date]:
    """The first and the last day on which a pause that begins now may end."""
    today = day_of(now, zone)
    return today + timedelta(days=1), today + _LONGEST_PAUSE


def check_until(text: str, zone: str, now: datetime) -> datetime:
    """When mails come again: at the beginning of that day in the reader's zone. Raises UsageError."""
    try:
        if not _DAY.fullmatch(text):
            raise ValueError
        day = date.fromisoformat(text)
    except ValueError:
        raise UsageError(f"{text!r} is not a day", mend="write it like 2027-01-15") from None
    first, last = pause_days(now, zone)
    if not first <= day <= last:
        raise UsageError(f"a pause cannot end on {day}", mend=f"give a day from {first} to {last}")
    return day_begins(day, zone)
