"""digest secret"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show

if TYPE_CHECKING:
    from digest.pipeline.rotation import Listed


@click.group()
def secret() -> None:
    """The keys under links in mails and Message-IDs: list, rotate, retire.

    \b
    Example:
      digest secret list
      digest secret rotate
    """


@secret.command("list")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """How many keys there are, and since when. The keys themselves are never shown.

    \b
    Example:
      digest secret list
    """
    from digest.pipeline.rotation import listed

    found = listed(context.open_home(ctx))
    if as_json:
        show.print_json([_facts(key) for key in found])
        return
    rows = [(key.number, key.since or "not on record", _use(key)) for key in found]
    show.table(("key", "since", "use"), rows, right=("key",), empty="")


def _facts(key: Listed) -> dict[str, Any]:
    return {"key": key.number, "since": key.since, "until": key.until, "signs": key.number == 1, "retired": key.retired}


def _use(key: Listed) -> str:
    if key.number == 1:
        return "signs what is sent"
    return "retired: its links are dead" if key.retired else "what it signed goes on working"


@secret.command()
@click.pass_context
def rotate(ctx: click.Context) -> None:
    """Sign with a new key from now on. What older ones signed goes on working.

    Processes that run take it up by themselves. Rotate when somebody who could read the key has left; if others may
    have it, retire the old one too.

    \b
    Example:
      digest secret rotate
    """
    from digest.pipeline import rotation

    services = context.open_services(ctx)
    found = rotation.rotate(services)
    older = sum(not key.retired for key in found) - 1
    click.echo(
        f"New mails are signed with a new key. Links in mails that were sent go on working: "
        f"{show.count(older, 'older key')} still {'counts' if older == 1 else 'count'}."
    )
    click.echo(f"Back it up: {services.home.path(services.home.settings.mail.secret_file)}")


@secret.command()
@click.argument("number", type=given.COUNT, metavar="NUMBER")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
@click.pass_context
def retire(ctx: click.Context, number: int, yes: bool) -> int:
    """Let a key count no more, since others may have it: links in mails that it signed are dead from then on.

    NUMBER is that of `digest secret list`; key 1 signs, so rotate first. Readers of such mails cannot unsubscribe by
    them any more, but by those that come after. It stays in the file for one thing: who was forgotten under it is
    known by it, and is not brought back by a file.

    \b
    Example:
      digest secret rotate
      digest secret retire 2
    """
    from digest.pipeline import rotation

    services = context.open_services(ctx)
    key = rotation.check(services.home, number)
    if sys.stdin.isatty() and not yes:
        until = f" up to {show.moment(key.until)}" if key.until else ""
        click.echo(f"Links in mails{until} that key {number} signed will lead nowhere: unsubscribing, too.")
        if not click.confirm(f"Retire key {number} for good?"):
            click.echo("Nothing was changed.")
            return 1
    rotation.retire(services, number)
    click.echo(f"Key {number} is retired: what it signed counts no more.")
    return 0
