"""The first page: what everybody may sign up for or read. Where there is nothing, there is no page."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.model.publication import Access, Publication
from digest.pipeline import signing_up
from digest.pipeline.envelope import ARCHIVE_PATH, SIGN_UP_PATH
from digest.web.parts import Web


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        found = await web.turns.read(lambda: signing_up.open_ones(web.services))
        if not found:
            raise HTTPException(404)
        asked = request.query_params.get("language", "")
        language = asked if asked in web.pages.spoken() else web.pages.language(request) or found[0].language
        return web.pages.page("start", language, broken=500, publications=list(map(_shown, found)))

    return [Route("/", answer, methods=["GET"])]


def _shown(publication: Publication) -> dict[str, object]:
    """Links without a slash before them: right below a path of another site too."""
    name = publication.name
    return {
        "title": publication.title,
        "about": publication.about.splitlines(),
        "sign_up": f"{SIGN_UP_PATH[1:]}{name}" if publication.sign_up is Access.OPEN else "",
        "archive": f"{ARCHIVE_PATH[1:]}{name}" if publication.archive is Access.OPEN else "",
    }
