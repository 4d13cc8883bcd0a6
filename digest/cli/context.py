"""From a command's context to the services it needs."""

from __future__ import annotations

import os
import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

import click

from digest.cli.progress import Bar

if TYPE_CHECKING:
    from digest.home import Home
    from digest.pipeline.services import Services


def folder(ctx: click.Context) -> Path:
    from digest import app

    return app.home_folder(ctx.find_root().obj or "", os.environ)


def open_services(ctx: click.Context, *, check_schema: bool = True, said: Mapping[str, str] | None = None) -> Services:
    """The services of the chosen home, closed when the command ends; `said`: settings for this once."""
    from digest import app
    from digest.cli import log

    bar = Bar()
    made = app.services(folder(ctx), progress=bar, check_schema=check_schema, said=said)
    root = ctx.find_root()
    root.call_on_close(bar.close)
    root.call_on_close(made.database.close)
    root.call_on_close(log.keep(made.home.folder))
    return made


def say_open_secrets(services: Services) -> None:
    """Said where mails are sent, not by every command: cron mails each word on standard error."""
    from digest.cli.main import say

    for path in services.home.open_secrets():
        say(f"{path}: every user of this machine may read this secret (chmod 600 {shlex.quote(str(path))})")


def say_ungrouped(services: Services) -> None:
    """What is made only to be looked at stores nothing, so it cannot group: what is not grouped is not in it."""
    from digest.cli import show
    from digest.store import articles

    with services.database.read() as connection:
        pending = articles.count_pending(connection)
    if pending:
        click.echo(f"digest: {show.count(pending, 'article')} not grouped yet: not in here (digest group)", err=True)


def open_home(ctx: click.Context) -> Home:
    from digest.home import read_home

    return read_home(folder(ctx), os.environ)
