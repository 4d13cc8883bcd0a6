"""The public archive: what was sent, as everybody may read it. Reads only.

What is shown is a variant as it was composed for a group of readers: it is stored without a name, an address or a
link of theirs. The operator's copy is never shown, nor what was withdrawn, rejected, cancelled or not sent.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from digest.audience import archiving
from digest.compose import stored
from digest.compose.page import Facts
from digest.errors import NotFound
from digest.model.archive import Archived, Candidate
from digest.model.edition import View
from digest.model.publication import Access, Publication
from digest.pipeline.imprint import imprint
from digest.pipeline.services import Services
from digest.store import archive, publications
from digest.store.stories import Connection

PAGE = 40  # editions on one page
FEED = 30
#: What a name can be: nothing else is looked up.
_NAME = re.compile(r"[a-z0-9._-]{1,60}")
_LARGEST_NUMBER = 2**31


@dataclass(frozen=True, slots=True)
class Shown:
    """An edition in one language, and those that there are of it."""

    of: Archived
    at: datetime  # UTC, when it was made
    language: str
    languages: tuple[str, ...]
    view: View


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of editions, the newest first. `months`: the first days of those that have some."""

    editions: tuple[Shown, ...]
    months: tuple[datetime, ...]
    more: bool


@dataclass(frozen=True, slots=True)
class Opened:
    """An edition between its neighbours of the same cadence. `shown` is None for what is gone."""

    shown: Shown | None
    older: Archived | None = None
    newer: Archived | None = None


def find(services: Services, name: str) -> Publication | None:
    """The publication of that name whose archive is open and can be reached."""
    if not _NAME.fullmatch(name) or not services.settings.web.url:
        return None
    with services.database.read() as connection:
        try:
            found = publications.get(connection, name)
        except NotFound:
            return None
    return found if found.archive is Access.OPEN else None


def facts(services: Services, publication: Publication) -> Facts:
    own = imprint(services.settings.mail, publication)
    return Facts(publication.title, own.sender, imprint=own.footer)


def since(services: Services, publication: Publication) -> datetime:
    """When the publication was defined."""
    with services.database.read() as connection:
        return archive.opened(connection, publication.id)


def listing(
    services: Services, publication: Publication, wanted: Sequence[str], month: datetime | None = None, page: int = 1
) -> Listing:
    """The newest editions, or those of a month; `wanted` are languages, the dearest first."""
    with services.database.read() as connection:
        within = {"since": month, "before": _next(month)} if month else {}
        found = archive.slots(connection, publication.id, limit=PAGE + 1, offset=(page - 1) * PAGE, **within)
        shown = _shown(connection, publication, found[:PAGE], wanted)
        return Listing(shown, tuple(archive.months(connection, publication.id)), len(found) > PAGE)


def newest(services: Services, publication: Publication, wanted: Sequence[str]) -> tuple[tuple[Shown, ...], datetime]:
    """For a feed: the newest editions, and when the last thing happened to it."""
    with services.database.read() as connection:
        found = archive.slots(connection, publication.id, limit=FEED)
        shown = _shown(connection, publication, found, wanted)
        return shown, max((each.at for each in shown), default=archive.opened(connection, publication.id))


def edition(
    services: Services,
    publication: Publication,
    cadence: str,
    number: int,
    wanted: Sequence[str],
    *,
    only: bool = False,
) -> Opened | None:
    """None where there is no such edition, or with `only` none in the first of the languages."""
    if not 0 < number < _LARGEST_NUMBER or not _NAME.fullmatch(cadence):
        return None
    with services.database.read() as connection:
        found = archive.find(connection, publication.id, cadence, number)
        if found is None:
            return None
        shown = next(iter(_shown(connection, publication, [found], wanted)), None)
        if shown is None:
            return Opened(None) if archive.was_shown(connection, found.id) else None
        if only and shown.language != wanted[0]:
            return None
        return Opened(shown, *archive.beside(connection, publication.id, found))


def _shown(
    connection: Connection, publication: Publication, found: Sequence[Archived], wanted: Sequence[str]
) -> tuple[Shown, ...]:
    candidates = archive.candidates(connection, [each.id for each in found])
    offered = {slot: archiving.by_language(each, publication.zone) for slot, each in candidates.items()}
    order = tuple(dict.fromkeys((*wanted, publication.language)))
    chosen = {slot: archiving.shown(each, order) for slot, each in offered.items()}
    views = archive.views(connection, [each.variant for each in chosen.values()])
    return tuple(_made(of, chosen[of.id], offered[of.id], views) for of in found if of.id in chosen)


def _made(of: Archived, chosen: Candidate, offered: Iterable[str], views: Mapping[int, bytes]) -> Shown:
    view = stored.unpack(views[chosen.variant])
    return Shown(of, chosen.cut_at, chosen.language, tuple(sorted(offered)), view)


def _next(month: datetime) -> datetime:
    return month.replace(year=month.year + month.month // 12, month=month.month % 12 + 1)
