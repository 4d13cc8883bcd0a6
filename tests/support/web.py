"""The web part for tests: asked without a network, or served on loopback."""

from __future__ import annotations

import http.client
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

import anyio

from digest import app as root
from digest.audience import tokens
from digest.model.report import Report
from digest.pipeline.envelope import UNSUBSCRIBE
from digest.pipeline.services import Services
from digest.web.application import application
from digest.web.hooks.base import Webhook
from digest.web.limits import Limits
from digest.web.pages import Pages
from digest.web.parts import Web
from digest.web.server import Server
from digest.web.turns import Turns
from digest.web.watch import Listener, nobody

ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = "application/x-www-form-urlencoded"


class Listening(Protocol):
    @property
    def host(self) -> str: ...
    @property
    def port(self) -> int: ...


@dataclass
class Answer:
    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def text(self) -> str:
        return self.body.decode()


@dataclass
class Site:
    """The application, what it said to the operator, and the reports that it handed on."""

    services: Services
    hooks: Mapping[str, Webhook] = field(default_factory=dict)
    take: Callable[[Services, Sequence[Report]], object] | None = None
    patience: float = 10.0
    said: list[str] = field(default_factory=list)
    taken: list[Report] = field(default_factory=list)

    def application(self, log: Listener = nobody) -> Any:
        return application(self.parts(), log)

    def parts(self) -> Web:
        def keep(_services: Services, reports: Sequence[Report]) -> None:
            self.taken += reports

        pages = Pages(self.services.template_folders, self.said.append)
        turns = Turns(self.services.database.together, self.patience)
        web = self.services.settings.web
        limits = Limits(web.sign_ups_per_hour, web.sign_ups_per_hour_in_all)
        return Web(self.services, pages, self.hooks, self.said.append, self.take or keep, turns, limits)

    def token(self, subscription: int, purpose: str = UNSUBSCRIBE) -> str:
        return tokens.sign(self.services.home.secret(), purpose, str(subscription))

    def ask(
        self,
        method: str,
        path: str,
        body: bytes | Iterable[bytes] = b"",
        headers: Mapping[str, str] | Sequence[tuple[bytes, bytes]] = (),
    ) -> Answer:
        """One request, straight into the application."""
        return ask(self.application(), method, path, body, headers)

    def click(self, subscription: int) -> Answer:
        return self.ask("POST", f"/u/{self.token(subscription)}", ONE_CLICK, {"content-type": FORM})

    @contextmanager
    def served(self) -> Iterator[Server]:
        server = Server(self.application(), "127.0.0.1", 0)
        server.start()
        try:
            yield server
        finally:
            server.stop()


def site(services: Services, **values: Any) -> Site:
    """With the database of the web part; whoever asks for it closes it."""
    return Site(root.for_web(services), **values)


def ask(
    app: Any,
    method: str,
    path: str,
    body: bytes | Iterable[bytes | None] = b"",
    headers: Mapping[str, str] | Sequence[tuple[bytes, bytes]] = (),
) -> Answer:
    """None among the pieces of a body: there the connection breaks."""
    pieces: list[bytes | None] = [body] if isinstance(body, bytes) else list(body)
    pairs = (
        [(k.lower().encode("latin-1"), v.encode("latin-1")) for k, v in headers.items()]
        if isinstance(headers, Mapping)
        else list(headers)
    )
    raw, _, query = path.partition("?")
    scope = {
        "type": "http",
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": "http",
        "path": raw,
        "raw_path": raw.encode("utf-8", "surrogateescape"),
        "query_string": query.encode("latin-1", "replace"),
        "root_path": "",
        "headers": [(b"host", b"testserver"), *pairs],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if not pieces:
            await anyio.sleep_forever()
        if pieces[0] is None:
            return {"type": "http.disconnect"}
        return {"type": "http.request", "body": pieces.pop(0), "more_body": bool(pieces)}

    async def send(message: Any) -> None:
        sent.append(dict(message))

    async def run() -> None:
        await app(scope, receive, send)

    anyio.run(run)
    start = next(m for m in sent if m["type"] == "http.response.start")
    found = b"".join(m.get("body", b"") for m in sent if m["type"] == "http.response.body")
    return Answer(start["status"], {k.decode().lower(): v.decode("latin-1") for k, v in start["headers"]}, found)


def over_http(server: Listening, method: str, path: str, body: bytes = b"", headers: Mapping[str, str] = {}) -> Answer:
    """One request on a connection of its own."""
    connection = http.client.HTTPConnection(server.host, server.port, timeout=30)
    try:
        connection.request(method, path, body or None, dict(headers))
        got = connection.getresponse()
        return Answer(got.status, {k.lower(): v for k, v in got.getheaders()}, got.read())
    finally:
        connection.close()
