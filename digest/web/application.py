"""All routes together. More pages: a file of their own with `routes(web)`, and a line here."""

from __future__ import annotations

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp

from digest.errors import DigestError
from digest.pipeline.faults import unexpected
from digest.web import (
    archive,
    confirm,
    edition,
    feeds,
    monitoring,
    move,
    preferences,
    sign_up,
    start,
    unsubscribe,
    webhooks,
)
from digest.web.guard import Guard
from digest.web.parts import Web
from digest.web.watch import Counts, Listener, Watch, nobody

RETRY_SECONDS = "60"


def application(web: Web, log: Listener = nobody) -> ASGIApp:
    """`log` is told of each request."""
    counts = Counts()

    async def refused(request: Request, error: Exception) -> Response:
        assert isinstance(error, HTTPException)
        if request.method == "OPTIONS" and error.status_code == 405 and not _is_hook(request):
            return Response(status_code=204, headers={"Allow": _allowed(error)})
        return _problem(web, request, error.status_code, dict(error.headers or {}))

    async def unavailable(request: Request, error: Exception) -> Response:
        # A database that is locked, a full disk: nothing is promised that is not durable.
        web.say(f"{request.scope['route'].path if 'route' in request.scope else 'web'}: {error}")
        return _problem(web, request, 503, {"Retry-After": RETRY_SECONDS})

    async def broken(request: Request, error: Exception) -> Response:  # noqa: ARG001 - told of by the guard
        return PlainTextResponse("Something went wrong here. Please try again later.\n", 500)

    app = Starlette(
        routes=routes(web, counts),
        exception_handlers={HTTPException: refused, DigestError: unavailable, Exception: broken},
    )
    app.router.redirect_slashes = False  # a one-click client follows no redirects
    secure = web.services.settings.web.url.startswith("https://")
    guard = Guard(app, secure=secure, fault=lambda e: web.say(str(unexpected(web.services, e, "a request"))))
    return Watch(guard, counts.add, log)


def routes(web: Web, counts: Counts) -> list[Route]:
    """In the order in which they are tried."""
    return [
        *start.routes(web),
        *sign_up.routes(web),
        *confirm.routes(web),
        *unsubscribe.routes(web),
        *edition.routes(web),
        *preferences.routes(web),
        *move.routes(web),
        *webhooks.routes(web),
        *feeds.routes(web),
        *archive.routes(web),
        *monitoring.routes(web, counts),
    ]


def _allowed(error: HTTPException) -> str:
    told = (error.headers or {}).get("Allow", "").split(", ")
    return ", ".join(sorted(filter(None, {*told, "OPTIONS"})))


def _is_hook(request: Request) -> bool:
    return bool(request.scope["path"].startswith(webhooks.PATH))  # request.url fails where the query is no UTF-8


def _problem(web: Web, request: Request, status: int, headers: dict[str, str]) -> Response:
    """A page for who came by a link, a line for machines."""
    if _is_hook(request):
        return PlainTextResponse(f"{status}\n", status, headers=headers)
    kind = "missing" if status == 404 else "often" if status == 429 else "later" if status in (408, 503) else "other"
    return web.pages.page("problem", web.pages.language(request), status=status, headers=headers, kind=kind)
