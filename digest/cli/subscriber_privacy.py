"""digest subscriber forget, data"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show

if TYPE_CHECKING:
    from digest.pipeline.forgetting import Done, Held


@click.command()
@click.argument("email")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
@click.pass_context
def forget(ctx: click.Context, email: str, yes: bool) -> int:
    """Erase a person for good. Nothing leads back to them, and no file brings them back.

    What waits is not sent. That mails were sent stays on record under a pseudonym, so that editions can be explained.
    A keyed hash of the address is kept, also of one that nobody has: whoever imports it is refused. The person alone
    can come back, by a confirmation.

    \b
    Example:
      digest subscriber forget reader@example.org
    """
    from digest.pipeline import forgetting

    services = context.open_services(ctx)
    address = given.address(email)
    if sys.stdin.isatty() and not yes:
        click.echo(_asked_about(forgetting.held(services, address)))
        if not click.confirm("Forget this address for good?"):
            click.echo("Nothing was changed.")
            return 1
    done = forgetting.forget(services, address)
    for line in _told(done):
        click.echo(line)
    return _complain(done)


def _asked_about(held: Held) -> str:
    named = f"subscribes to {', '.join(held.subscriptions)}; " if held.subscriptions else ""
    before = f"; forgotten already on {held.before:%Y-%m-%d}" if held.before else ""
    return f"{held.email}: {named}{show.count(held.mails, 'mail')} on record{before}."


def _told(done: Done) -> list[str]:
    """What is left, and what is not in our hands."""
    email = done.held.email
    if done.pseudonym:
        waited = f" {show.count(done.stopped, 'mail')} that waited will not be sent." if done.stopped else ""
        mailed = f" {show.count(done.held.mails, 'mail')} on record as {done.pseudonym}'s." if done.held.mails else ""
        lines = [f"Forgot {email}.{mailed}{waited}"]
    elif done.held.before:
        lines = [f"{email} was forgotten on {done.held.before:%Y-%m-%d}; nothing more was found of it."]
    else:
        lines = [f"Nobody has {email}: nothing was held. From now on nobody will bring it in by a file."]
    if done.articles:
        lines.append(
            f"{show.count(done.articles, 'article')} {'has' if done.articles == 1 else 'have'} the address in "
            f"{'its' if done.articles == 1 else 'their'} text, as published: see digest article search, "
            "and digest article remove."
        )
    lines.append("Not in our hands: mails that were sent, your backups, the logs of mail and web servers.")
    return lines


def _complain(done: Done) -> int:
    from digest.cli.main import say

    for line in done.trouble:
        say(f"{line} (to try again: digest subscriber forget {done.held.email})")
    return 1 if done.trouble else 0


@click.command()
@click.argument("email")
@click.option("--out", type=click.Path(path_type=Path), metavar="FILE", help="Write it there; only you can read it.")
@click.pass_context
def data(ctx: click.Context, email: str, out: Path | None) -> None:
    """Print all that is held of a person, as JSON: for who asks for it.

    Person, tags, subscriptions with every change and the texts that were agreed to, mails with what they told and what
    became of them, reports of bounces and complaints. docs/privacy.md has the keys.

    \b
    Example:
      digest subscriber data reader@example.org --out reader.json
    """
    from digest.pipeline import personal

    found = personal.data(context.open_services(ctx), given.person(email))
    if out is None:
        show.print_json(found)
        return
    _write(out.expanduser(), found)
    mails, reports = show.count(len(found["mails"]), "mail"), show.count(len(found["reports"]), "report")
    click.echo(f"Wrote {out}: {show.count(len(found['subscriptions']), 'subscription')}, {mails}, {reports}.")


def _write(path: Path, found: dict[str, Any]) -> None:
    """Raises UsageError where there is such a file."""
    from digest.errors import DigestError, UsageError
    from digest.keys import write_private

    try:
        write_private(path, f"{show.as_json(found)}\n".encode())
    except FileExistsError:
        raise UsageError("this file exists already", where=str(path), mend="choose another name") from None
    except OSError as error:
        mend = "name a folder that can be written"
        raise DigestError(f"cannot be written: {error.strerror or error}", where=str(path), mend=mend) from None
