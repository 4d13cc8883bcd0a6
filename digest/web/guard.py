"""Around all routes: the headers that every answer carries, and the last net under them."""

from __future__ import annotations

from collections.abc import Callable

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

HEADERS = {
    # Pages bring a policy of their own; nothing else has anything to load.
    "Content-Security-Policy": "default-src 'none'; base-uri 'none'; frame-ancestors 'none'",
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",  # the address of a page has a token in it
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "X-Robots-Tag": "noindex, nofollow",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), geolocation=(), microphone=()",
}
_YEAR = "max-age=31536000"


class Guard:
    """`secure`: the world reaches us over https. `fault` is told of exceptions that nobody foresaw."""

    def __init__(self, app: ASGIApp, *, secure: bool, fault: Callable[[Exception], None]) -> None:
        self._app, self._fault = app, fault
        self._headers = {**HEADERS, **({"Strict-Transport-Security": _YEAR} if secure else {})}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def guarded(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(scope=message)
                for name, value in self._headers.items():
                    headers.setdefault(name, value)
            await send(message)

        try:
            await self._app(scope, receive, guarded)
        except Exception as error:  # noqa: BLE001 - it was answered by then (500); the service goes on
            self._fault(error)
