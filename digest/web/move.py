"""The page behind the link in a mail to a reader's new address. GET changes nothing; a button confirms."""

from __future__ import annotations

from dataclasses import replace

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from digest.audience.address import masked
from digest.errors import SettingsError, UsageError
from digest.model.cause import Cause
from digest.pipeline import moves
from digest.pipeline.envelope import MOVE_PATH
from digest.pipeline.moves import CONFIRMED, Move
from digest.pipeline.services import Services
from digest.web import bodies, client, linked
from digest.web.origin import from_here
from digest.web.parts import Web

_LONGEST_BODY = 8 * 1024


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        token = linked.token(request)
        if request.method == "POST":
            return await _post(web, request, token)
        return _told(web, request, await web.turns.read(lambda: moves.shown(web.services, token)))

    return [Route(f"{MOVE_PATH}{{token}}", answer, methods=["GET", "POST"])]


async def _post(web: Web, request: Request, token: str) -> Response:
    if not from_here(request.headers, web.services.settings.web.url):
        raise HTTPException(403)
    await bodies.read(request, _LONGEST_BODY)
    if not moves.is_move(web.services, token):  # what anybody makes up takes no turn among those who write
        raise HTTPException(404)
    cause = replace(CONFIRMED, origin=client.address(web, request))
    return _told(web, request, await web.turns.write(lambda: _confirm(web.services, token, cause)))


def _confirm(services: Services, token: str, cause: Cause) -> Move:
    try:
        return moves.confirm(services, token, cause)
    except SettingsError:
        raise
    except UsageError:  # it has expired, or somebody has the address by now
        return Move(over=True)


def _told(web: Web, request: Request, found: Move | None) -> Response:
    if found is None:
        raise HTTPException(404)
    return web.pages.page(
        "move",
        found.language or web.pages.language(request),
        status=410 if found.over else 200,
        headers=linked.HEADERS,
        over=found.over,
        done=found.done,
        address=masked(found.new),
    )
