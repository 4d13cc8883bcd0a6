"""The server: uvicorn in a thread of its own, so that it can stand beside the scheduler."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import signal
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType

import uvicorn
from starlette.types import ASGIApp
from uvicorn.protocols.http.h11_impl import H11Protocol

from digest import app as root
from digest.errors import DigestError, UsageError
from digest.pipeline.services import Services
from digest.web import weblog
from digest.web.application import application
from digest.web.hooks.setup import webhooks
from digest.web.limits import Limits
from digest.web.pages import Pages
from digest.web.parts import Say, Web
from digest.web.taking import take
from digest.web.turns import Turns

_HEAD_SECONDS = 10.0
_LARGEST_HEAD = 16 * 1024
_CONNECTIONS = 200
_GOODBYE_SECONDS = 10


class _Patient(H11Protocol):
    """Waits for the head of a request only so long, also where it comes in drops."""

    _timer: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        self._watch()

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        self._watch()

    def connection_lost(self, exc: Exception | None) -> None:
        self._let_go()
        super().connection_lost(exc)

    def _watch(self) -> None:
        if self.cycle is not None and not self.cycle.response_complete:
            self._let_go()
        elif self._timer is None:
            self._timer = self.loop.call_later(_HEAD_SECONDS, self.transport.close)

    def _let_go(self) -> None:
        if self._timer is not None:
            self._timer.cancel()
            self._timer = None


class Server:
    """`on_broken` is called from its thread if it ends unasked."""

    def __init__(self, app: ASGIApp, host: str, port: int, on_broken: Callable[[], None] = lambda: None) -> None:
        self._socket = _listen(host, port)
        self.host, self.port = host, int(self._socket.getsockname()[1])
        logging.getLogger("uvicorn").addHandler(logging.NullHandler())  # what strangers send is not worth a line each
        logging.getLogger("uvicorn").propagate = False
        config = uvicorn.Config(
            app,
            loop="asyncio",
            http=_Patient,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            limit_concurrency=_CONNECTIONS,
            h11_max_incomplete_event_size=_LARGEST_HEAD,
            timeout_graceful_shutdown=_GOODBYE_SECONDS,
        )
        self._server = uvicorn.Server(config)
        self._on_broken = on_broken
        self._broken: BaseException | None = None
        self._thread = threading.Thread(target=self._run, name="digest-web", daemon=True)

    def start(self) -> None:
        """Returns when it answers."""
        self._thread.start()
        while not self._server.started and self._thread.is_alive():
            time.sleep(0.01)

    def stop(self) -> None:
        """Answers what has been asked, and ends. Raises DigestError where it had ended by itself."""
        self._server.should_exit = True
        self._thread.join(_GOODBYE_SECONDS + 5)
        self._socket.close()
        if self._broken is not None:
            raise DigestError("the web part ended unexpectedly", mend="start it again") from self._broken

    def _run(self) -> None:
        try:
            self._server.run(sockets=[self._socket])
        except BaseException as error:  # noqa: BLE001 - told of by `stop`
            self._broken = error
        if not self._server.should_exit:
            self._on_broken()


def _listen(host: str, port: int) -> socket.socket:
    """Here and not in the thread: what is wrong is told before anything begins."""
    try:
        family, _, _, _, address = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)[0]
        made = socket.socket(family, socket.SOCK_STREAM)
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            made.bind(address)
        except OSError:
            made.close()
            raise
    except OSError as error:
        mend = "choose others by web.host and web.port"
        raise UsageError(f"cannot listen: {error.strerror or error}", where=f"{host}:{port}", mend=mend) from None
    return made


def make(services: Services, say: Say) -> Web:
    """The parts of the web part, for these services."""
    web = services.settings.web
    limits = Limits(web.sign_ups_per_hour, web.sign_ups_per_hour_in_all)
    pages, turns = Pages(services.template_folders, say), Turns(services.database.together)
    return Web(services, pages, webhooks(services.home), say, take, turns, limits)


@contextlib.contextmanager
def running(services: Services, say: Say, on_broken: Callable[[], None] = lambda: None) -> Iterator[Server]:
    """The web part, from here to the end of the block. Raises SettingsError, or UsageError where it cannot listen."""
    mine = root.for_web(services)
    try:
        settings = services.settings.web
        web = make(mine, say)
        with weblog.kept(web) as log:
            server = Server(application(web, log), settings.host, settings.port, on_broken)
            server.start()
            try:
                yield server
            finally:
                server.stop()
    finally:
        mine.database.close()


def serve(services: Services, say: Say, on_ready: Callable[[Server], None]) -> None:
    """The web part alone, until SIGTERM or SIGINT."""
    stop = threading.Event()

    def on_signal(_number: int, _frame: FrameType | None) -> None:
        stop.set()

    before = {number: signal.signal(number, on_signal) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        with running(services, say, stop.set) as server:
            on_ready(server)
            # In short waits, because a signal does not end a wait without a limit on every platform.
            while not stop.wait(0.5):
                pass
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
