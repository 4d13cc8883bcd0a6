"""What readers and operators choose, checked: zones, languages, topics."""

from __future__ import annotations

from collections.abc import Sequence
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from babel import Locale

from digest.compose.candidates import OTHER
from digest.compose.words import catalogues
from digest.errors import NotFound, UsageError
from digest.model.publication import Publication
from digest.pipeline.services import Services
from digest.store import topics
from digest.store.stories import Connection


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
