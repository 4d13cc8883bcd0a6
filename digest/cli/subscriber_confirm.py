"""digest subscriber confirm, resend, and what add says of somebody who is asked"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import click

from digest.cli import context, given
from digest.model.cause import Via

if TYPE_CHECKING:
    from digest.model.cause import Cause
    from digest.model.subscription import Subscription
    from digest.pipeline.services import Services
    from digest.pipeline.subscriptions import Wanted


def ask(services: Services, wanted: Wanted, cause: Cause, *, again: bool) -> tuple[Subscription, bool]:
    """Add a subscription that waits for its confirmation, and say so."""
    from digest.pipeline import confirmations

    made, new = confirmations.sign_up(services, wanted, cause=cause, again=again)
    who = f"{made.subscriber.email}: {made.publication}"
    if new:
        click.echo(f"{who} waits for a confirmation. Next: digest deliver")
    elif made.state == "pending":
        click.echo(f"{who} waits for a confirmation already. To ask once more: digest subscriber resend")
    elif made.state in ("active", "paused"):
        click.echo(f"{who} is {made.state} already; nothing was changed.")
    return made, new


@click.command()
@click.argument("token")
@click.pass_context
def confirm(ctx: click.Context, token: str) -> None:
    """Activate the subscription that a confirmation mail asks about, or change the address that one asks about.

    The token is the one that the answer to such a mail carries in its subject.

    \b
    Example:
      digest subscriber confirm MTc3MjQ.EhYN3nFbSzp5Sw8mS81ycw
    """
    from digest.pipeline import confirmations, moves

    services = context.open_services(ctx)
    if moves.is_move(services, token):
        moved = moves.confirm(services, token, replace(moves.CONFIRMED, via=Via.MAIL))
        already = moved.old == moved.new
        click.echo(f"{moved.new} was the address already." if already else f"{moved.old} is {moved.new} from now on.")
        return
    found, changed = confirmations.confirm(services, token, replace(confirmations.CONFIRMED, via=Via.MAIL))
    click.echo(
        f"{found.subscriber.email}: {found.publication} {'is' if changed else 'was'} {found.state}"
        f"{'' if changed else ' already'}."
    )


@click.command()
@click.argument("email")
@click.option("--publication", default="", metavar="NAME", help="Which subscription is meant.")
@click.pass_context
def resend(ctx: click.Context, email: str, publication: str) -> None:
    """Send the confirmation mail once more, within limits.

    \b
    Example:
      digest subscriber resend reader@example.org --publication morning
    """
    from digest.pipeline import confirmations

    found = confirmations.resend(context.open_services(ctx), given.address(email), publication)
    click.echo(f"{found.subscriber.email} is asked once more about {found.publication}. Next: digest deliver")
