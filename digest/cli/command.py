"""digest command"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, intake, show

if TYPE_CHECKING:
    from digest.pipeline.left import LeftMail

_KEY = click.argument("mail", metavar="MAIL")
_MOST_LINES = 40


@click.group()
def command() -> None:
    """Readers' mails that unsubscribe, confirm and the like; and those that only a person can answer.

    \b
    Example:
      digest command take --maildir /var/mail/commands
      digest command list
    """


@command.command()
@intake.take_options
@click.pass_context
def take(ctx: click.Context, files: tuple[str, ...], maildir: str, recipient: str, as_json: bool) -> int:
    """Do what readers ask for by mail: from files, from standard input (-: one mail) or from a maildir.

    A mail counts by its token, or as an answer to a mail of ours; all others are left for a person. What is taken
    again does nothing. From a mail server's pipe, nothing is lost: where it cannot be taken in just now, the exit
    code is 75 and the server tries again. A bounce or a complaint among them is taken as one.

    \b
    Example:
      digest command take --maildir ~/commands
      digest command take - < unsubscribe.eml
    """
    return intake.take(ctx, files, maildir, recipient, as_json=as_json)


@command.command("list")
@given.limit_option
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, limit: int | None, as_json: bool) -> None:
    """Mails that are left for a person, the newest first, and why. Nobody has seen these yet.

    \b
    Example:
      digest command list --limit 20
    """
    from digest.pipeline import left

    found = left.listing(context.open_services(ctx), limit)
    if as_json:
        show.print_json([_facts(each) for each in found])
        return
    rows = [(each.key, each.at, each.mail.sender, each.mail.subject, each.why) for each in found]
    show.table(("mail", "when", "from", "subject", "why"), rows, empty="No mail waits for a person.")


@command.command("show")
@_KEY
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, mail: str, as_json: bool) -> None:
    """A mail that is left for a person: what it says, and where it lies. Its sender proves nothing.

    \b
    Example:
      digest command show 3f09ab2c
    """
    from digest.pipeline import left

    found = left.get(context.open_services(ctx), mail)
    lines = found.mail.text.strip().split("\n")
    text = "\n".join([*lines[:_MOST_LINES], *(["…"] if len(lines) > _MOST_LINES else [])])
    facts = _facts(found)
    if as_json:
        show.print_json(facts | {"text": text})
        return
    del facts["mail"]
    show.facts(f"Mail {found.key}", facts)
    for line in text.split("\n"):
        click.echo(f"  {show.plain(line)}".rstrip())


@command.command()
@click.argument("mails", metavar="MAIL…", nargs=-1, required=True)
@click.pass_context
def done(ctx: click.Context, mails: tuple[str, ...]) -> None:
    """Mark mails as seen: they are off the list, and stay in their maildir.

    \b
    Example:
      digest command done 3f09ab2c
    """
    from digest.pipeline import left

    services = context.open_services(ctx)
    for key in mails:
        click.echo(f"{key} is marked as seen: {left.settle(services, key)}")


def _facts(found: LeftMail) -> dict[str, Any]:
    return {
        "mail": found.key,
        "when": found.at,
        "from": found.mail.sender,
        "subject": found.mail.subject,
        "why": found.why,
        "file": str(found.path),
    }
