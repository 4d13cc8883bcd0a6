"""The public archive of a publication that has opened it: lists of its editions, and each as everybody may read it.

Nothing here has a token in its address or names a reader, so search engines may index it and proxies keep it.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.compose.contents import Contents, contents
from digest.compose.copy import copy
from digest.compose.words import Words, own_name
from digest.model.archive import Archived
from digest.model.dates import PartialDate, Precision
from digest.model.publication import Access, Publication
from digest.pipeline import archive
from digest.pipeline.envelope import ARCHIVE_PATH, archive_url
from digest.web import languages
from digest.web.fresh import fresh
from digest.web.kept import Kept
from digest.web.parts import Web

#: An article that is taken down is gone from all caches after so many seconds, and from ours after as many more.
SECONDS = 60
CACHE = f"public, max-age={SECONDS}"
OPEN = {"X-Robots-Tag": "all"}
_NEGOTIATED = {**OPEN, "Vary": "Accept-Language"}
_HEADLINES = 3
#: Of years of four digits that others follow.
_MONTH = re.compile(r"((?!9999)[1-9][0-9]{3})-(0[1-9]|1[0-2])")
_MOST_PAGES = 1000
_MOST_LANGUAGES = 4  # of a browser's


@dataclass(frozen=True, slots=True)
class Row:
    """One edition in a list."""

    path: str
    contents: Contents
    iso: str


@dataclass(frozen=True, slots=True)
class Link:
    path: str
    label: str
    language: str = ""


def routes(web: Web) -> list[Route]:
    kept: Kept[Response] = Kept(SECONDS)

    async def listed(request: Request, publication: Publication, part: str = "", page: int = 1) -> Response:
        """The newest, or with a part those of a month."""
        month = _month(part)
        if not 0 < page <= _MOST_PAGES or (part and month is None):
            raise HTTPException(404)
        wanted = _wanted(request)
        make = partial(_listing, web, publication, wanted, month, page)
        key = ("list", publication, month, page, wanted)
        return fresh(request, await kept.get(key, lambda: web.turns.read(make)), CACHE)

    async def one(request: Request, publication: Publication, cadence: str, number: int, language: str) -> Response:
        order = (language,) if language else _wanted(request)
        make = partial(_edition, web, publication, cadence, number, order, only=bool(language))
        key = ("one", publication, cadence, number, order, bool(language))
        made = await kept.get(key, lambda: web.turns.read(make))
        if made.status_code == 404:
            raise HTTPException(404)
        return fresh(request, made, CACHE)

    async def answer(request: Request) -> Response:
        asked = request.path_params
        publication = await web.turns.read(lambda: archive.find(web.services, asked["name"]))
        if publication is None:
            raise HTTPException(404)
        part, number, language = asked.get("part", ""), asked.get("number"), asked.get("language", "")
        if number is None:
            return await listed(request, publication, part)
        if _MONTH.fullmatch(part) and not language and number > 1:
            return await listed(request, publication, part, number)
        return await one(request, publication, part, number, language)

    below = ("", "/{part}", "/{part}/{number:int}", "/{part}/{number:int}/{language}")
    return [Route(f"{ARCHIVE_PATH}{{name}}{rest}", answer, methods=["GET"]) for rest in below]


def _wanted(request: Request) -> tuple[str, ...]:
    return languages.wanted(request.headers.get("accept-language", ""))[:_MOST_LANGUAGES]


def _month(part: str) -> datetime | None:
    found = _MONTH.fullmatch(part)
    return datetime(int(found[1]), int(found[2]), 1) if found else None  # noqa: DTZ001 - nominal


def _listing(web: Web, publication: Publication, wanted: Sequence[str], month: datetime | None, page: int) -> Response:
    spoken = web.pages.spoken()
    language = next((each for each in wanted if each in spoken), publication.language)
    found = archive.listing(web.services, publication, (*wanted, language), month, page)
    if month and not found.editions:
        return web.pages.page("problem", language, status=404, kind="missing")

    def made(words: Words) -> dict[str, object]:
        return {
            "rows": [_row(each, web.pages.words(words.language, each.view.zone)) for each in found.editions],
            "years": _years(found.months, words),
            "month": words.day(PartialDate(month.replace(tzinfo=UTC), Precision.MONTH)) if month else "",
            "newer": _page_path(month, page - 1) if month else "",
            "older": _page_path(month, page + 1) if month and found.more else "",
            "comma": words.comma,
        }

    return web.pages.page(
        "archive", language, style="archive", broken=500, headers=_NEGOTIATED, make=made,
        publication=publication, url=address(web, publication), open=publication.sign_up is Access.OPEN,
        base=f"{publication.name}/" if month is None else "" if page == 1 else "../",
    )  # fmt: skip


def _page_path(month: datetime, page: int) -> str:
    return "" if page < 1 else f"{month:%Y-%m}" if page == 1 else f"{month:%Y-%m}/{page}"


def _row(shown: archive.Shown, words: Words) -> Row:
    return Row(_path(shown.of), contents(shown.view, words, _HEADLINES), f"{shown.of.slot:%Y-%m-%d}")


def _years(months: Sequence[datetime], words: Words) -> list[tuple[str, list[Link]]]:
    found: dict[int, list[Link]] = {}
    for month in months:
        found.setdefault(month.year, []).append(Link(f"{month:%Y-%m}", words.month_name(month.month)))
    return [(str(year), links) for year, links in found.items()]


def _edition(
    web: Web, publication: Publication, cadence: str, number: int, wanted: Sequence[str], *, only: bool
) -> Response:
    found = archive.edition(web.services, publication, cadence, number, wanted, only=only)
    shown = found.shown if found else None
    if found is None or shown is None:
        kind, status = ("gone", 410) if found else ("missing", 404)
        language = next((each for each in wanted if each in web.pages.spoken()), publication.language)
        return web.pages.page("problem", language, status=status, kind=kind)
    facts = archive.facts(web.services, publication)
    others = [Link(each, own_name(each), each) for each in shown.languages]
    return web.pages.page(
        "archived", shown.language, style="edition", zone=shown.view.zone, broken=500,
        headers=OPEN if only else _NEGOTIATED,
        make=lambda words: {"page": copy(shown.view, words, facts)},
        publication=publication, url=address(web, publication), up="../" * (3 if only else 2),
        path=_path(shown.of), chosen=shown.language, languages=others if len(others) > 1 else [],
        older=_path(found.older), newer=_path(found.newer), open=publication.sign_up is Access.OPEN,
    )  # fmt: skip


def _path(of: Archived | None) -> str:
    return f"{of.cadence}/{of.number}" if of else ""


def address(web: Web, publication: Publication) -> str:
    """Of the archive's first page, as the world reaches it."""
    return archive_url(web.services.settings.web, publication)
