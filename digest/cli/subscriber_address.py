"""digest subscriber move, unsuppress"""

from __future__ import annotations

import click

from digest.cli import context, given


@click.command()
@click.argument("email")
@click.option("--reason", required=True, help="How you know that mail reaches it again; kept with the change.")
@click.pass_context
def unsuppress(ctx: click.Context, email: str, reason: str) -> None:
    """Let mail go again to an address that bounced too often. Its bounces are counted from anew.

    \b
    Example:
      digest subscriber unsuppress reader@example.org --reason "wrote that the mailbox was full, and is not now"
    """
    from digest.errors import UsageError
    from digest.pipeline import bounces

    if not reason.strip():
        raise UsageError("no reason was given", mend='like --reason "the mailbox was full, and is not now"')
    person = bounces.lift(context.open_services(ctx), given.address(email), reason)
    click.echo(f"{person.email} may be mailed again. It had been suppressed: {person.address_reason}.")


@click.command()
@click.argument("email")
@click.argument("to", metavar="NEW-EMAIL")
@click.option("--confirm", is_flag=True, help="Ask at the new address first; nothing changes before the answer.")
@click.pass_context
def move(ctx: click.Context, email: str, to: str, confirm: bool) -> None:
    """Change a reader's address. Mails that wait go to the new one.

    One that may have arrived at the old address is held: see digest delivery list --state held.

    \b
    Example:
      digest subscriber move reader@example.org reader@example.net
      digest subscriber move reader@example.org reader@example.net --confirm
    """
    from digest.pipeline import addresses, moves

    services, old, new = context.open_services(ctx), given.address(email), given.address(to)
    if confirm:
        moves.ask(services, old, new)
        click.echo(f"{new} is asked whether the mails to {old} are to come there. Next: digest deliver")
        return
    changed = addresses.change(services, old, new)
    click.echo(f"{email} is {changed.email} from now on.")
