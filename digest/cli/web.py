"""digest web, and the web part of digest serve"""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from digest.cli import context
from digest.errors import UsageError

if TYPE_CHECKING:
    from digest.pipeline.services import Services
    from digest.web.server import Server

_EXTRA = ("starlette", "uvicorn", "anyio", "h11")


@click.command("web")
@click.pass_context
def web_(ctx: click.Context) -> None:
    """Answer readers' clicks and webhooks, until SIGTERM or Ctrl-C. `serve --web` does it beside the passes.

    Readers' clicks: signing up, confirming, unsubscribing, preferences, copies of editions.

    \b
    Example:
      digest --home ~/news web
    """
    with installed():
        from digest.web.server import serve

        services = context.open_services(ctx)
        context.say_open_secrets(services)
        serve(services, _complain, _announce)
    click.echo("Stopped.")


@contextmanager
def beside(services: Services) -> Iterator[None]:
    """The web part while something else runs in the main thread; when it breaks, that is told to end."""
    with installed():
        from digest.web.server import running

        with running(services, _complain, lambda: os.kill(os.getpid(), signal.SIGTERM)) as server:
            _announce(server)
            yield


@contextmanager
def installed() -> Iterator[None]:
    try:
        yield
    except ModuleNotFoundError as error:
        if (error.name or "").partition(".")[0] not in _EXTRA:
            raise
        raise UsageError("the web part is not installed", mend="pip install 'storyline-digest[web]'") from None


def _announce(server: Server) -> None:
    host = f"[{server.host}]" if ":" in server.host else server.host
    click.echo(f"The web part answers at http://{host}:{server.port}. Ctrl-C ends it.")


def _complain(text: str) -> None:
    from digest.cli.main import say

    say(text)
