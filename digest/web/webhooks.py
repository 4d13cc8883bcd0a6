"""Bounces and complaints that a mail provider posts. What is not verified leaves nothing but one line in the log."""

from __future__ import annotations

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route

from digest.errors import BadInput
from digest.web import bodies
from digest.web.hooks.base import Refused
from digest.web.parts import Web

PATH = "/hooks/"


def routes(web: Web) -> list[Route]:
    async def answer(request: Request) -> Response:
        name = request.path_params["name"]
        hook = web.hooks.get(name)
        if hook is None:
            raise HTTPException(404)
        body = await bodies.read(request, web.services.settings.web.max_kilobytes * 1024)
        headers = {key.lower(): value for key, value in request.headers.items()}
        now = web.services.clock()
        try:
            reports = await web.turns.compute(lambda: hook.reports(headers, body, now))
        except Refused as error:
            web.say(f"webhook {name}: refused: {error}")
            raise HTTPException(403) from None
        except BadInput as error:
            web.say(f"webhook {name}: {error}")
            raise HTTPException(400) from None
        if reports:
            await web.turns.write(lambda: web.take(web.services, reports))
        return PlainTextResponse("ok\n")

    return [Route(f"{PATH}{{name}}", answer, methods=["POST"])]
