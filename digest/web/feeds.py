"""The feeds of an archive: its newest editions, whole, for feed readers."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from email.utils import parseaddr
from functools import partial
from urllib.parse import urlsplit

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.compose.contents import contents, summed_up, titled
from digest.compose.copy import copy
from digest.model.publication import Publication
from digest.pipeline import archive
from digest.pipeline.envelope import ARCHIVE_PATH
from digest.web.archive import CACHE, OPEN, SECONDS, address
from digest.web.fresh import fresh
from digest.web.kept import Kept
from digest.web.parts import Web
from digest.web.syndication import ATOM, JSON, Feed, Item, atom, json_feed

_HEADLINES = 5
#: Feed readers that run in a browser ask from their own sites.
_HEADERS = {**OPEN, "Access-Control-Allow-Origin": "*", "Cross-Origin-Resource-Policy": "cross-origin"}


def routes(web: Web) -> list[Route]:
    kept: Kept[Response] = Kept(SECONDS)

    def route(name: str, media: str, write: Callable[[Feed], bytes]) -> Route:
        async def answer(request: Request) -> Response:
            named = request.path_params["name"]
            publication = await web.turns.read(lambda: archive.find(web.services, named))
            if publication is None:
                raise HTTPException(404)
            make = partial(_answer, web, publication, name, media, write)
            made = await kept.get((name, publication), lambda: web.turns.read(make))
            return fresh(request, made, CACHE)

        return Route(f"{ARCHIVE_PATH}{{name}}/{name}", answer, methods=["GET"])

    return [route("feed.atom", ATOM, atom), route("feed.json", JSON, json_feed)]


def _answer(web: Web, publication: Publication, name: str, media: str, write: Callable[[Feed], bytes]) -> Response:
    found, updated = archive.newest(web.services, publication, ())
    page = address(web, publication)
    facts = archive.facts(web.services, publication)
    feed = Feed(
        id=_tag(page, archive.since(web.services, publication), f"publication/{publication.id}"),
        title=publication.title,
        about=" ".join(publication.about.splitlines()),
        author=parseaddr(facts.sender)[0] or publication.title,
        language=publication.language,
        page=page,
        url=f"{page}/{name}",
        updated=updated,
        items=[_item(web, publication, each, page) for each in found],
    )
    return Response(write(feed), headers={**_HEADERS, "Content-Type": media, "Content-Language": feed.language})


def _item(web: Web, publication: Publication, shown: archive.Shown, page: str) -> Item:
    words = web.pages.words(shown.language, shown.view.zone)
    told = contents(shown.view, words, _HEADLINES)
    url = f"{page}/{shown.of.cadence}/{shown.of.number}"
    whole = copy(shown.view, words, archive.facts(web.services, publication))
    return Item(
        # Of the edition, not of one language of it: which of them is shown may change while mails still go out.
        id=_tag(page, shown.of.slot, f"edition/{shown.of.id}"),
        url=url,
        title=titled(told),
        summary=summed_up(told),
        html=web.pages.fragment("feed", words, page=whole, url=url),
        language=words.language.replace("_", "-"),
        at=shown.at,
    )


def _tag(page: str, day: datetime, what: str) -> str:
    """A name for ever (RFC 4151), also where the address changes within the host."""
    return f"tag:{urlsplit(page).hostname},{day:%Y-%m-%d}:{what}"
