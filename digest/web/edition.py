"""The copy of an edition on the web, from what was stored when it was composed. Nothing here changes anything."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.compose.copy import copy
from digest.compose.page import Facts
from digest.model.edition import View
from digest.pipeline import copies
from digest.pipeline.envelope import COPY_PATH
from digest.web import linked
from digest.web.fresh import fresh
from digest.web.parts import Web

#: Asked for again each time, since an article in it can be taken down; and nobody else's to keep.
_CACHE = "private, no-cache"


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        token = linked.token(request)
        found = await web.turns.read(lambda: copies.copied(web.services, token))
        if found is None:
            raise HTTPException(404)
        view, facts = found.view, found.facts
        if view is None or facts is None:
            kind, status = ("gone", 410) if found.sent else ("preview", 404)
            return web.pages.page("problem", web.pages.language(request), status=status, kind=kind)
        made = await web.turns.compute(lambda: _page(web, view, facts))
        return fresh(request, made, _CACHE)

    return [Route(f"{COPY_PATH}{{token}}", answer, methods=["GET"])]


def _page(web: Web, view: View, facts: Facts) -> Response:
    return web.pages.page(
        "edition", view.language, style="edition", zone=view.zone, broken=500,
        make=lambda words: {"page": copy(view, words, facts)},
    )  # fmt: skip
