"""digest subscriber pause, resume, unsubscribe"""

from __future__ import annotations

import click

from digest.cli import context, given
from digest.cli import subscriber_view as view
from digest.model.cause import By, Cause, Via

BY_MAIL = Cause("by the link in a mail", By.READER, Via.MAIL)
_REASON = click.option("--reason", default="", help="Kept with the change.")


@click.command()
@click.argument("email")
@view.publication_option
@click.option("--until", default="", metavar="DAY", help="The day on which mails come again, in the reader's zone.")
@_REASON
@click.pass_context
def pause(ctx: click.Context, email: str, publication: str, until: str, reason: str) -> None:
    """Send nothing until `resume`, or until a day; what was missed comes then, within limits.

    \b
    Example:
      digest subscriber pause reader@example.org --reason "on holiday"
      digest subscriber pause reader@example.org --until 2027-01-15
    """
    _act(ctx, email, publication, "pause", Cause(reason or "paused by the operator"), until)


@click.command()
@click.argument("email")
@view.publication_option
@_REASON
@click.pass_context
def resume(ctx: click.Context, email: str, publication: str, reason: str) -> None:
    """End a pause.

    \b
    Example:
      digest subscriber resume reader@example.org
    """
    _act(ctx, email, publication, "resume", Cause(reason or "resumed by the operator"))


@click.command()
@click.argument("email", metavar="EMAIL|TOKEN")
@view.publication_option
@_REASON
@click.pass_context
def unsubscribe(ctx: click.Context, email: str, publication: str, reason: str) -> None:
    """End one subscription, or all of them. Mails that wait are not sent any more.

    The token is the one that an unsubscribe mail carries in its subject.

    \b
    Example:
      digest subscriber unsubscribe reader@example.org --publication morning
      digest subscriber unsubscribe MQ.EhYN3nFbSzp5Sw8mS81ycw
    """
    from digest.pipeline import subscriptions

    if "@" not in email:
        ended = subscriptions.unsubscribe_by_token(context.open_services(ctx), email, BY_MAIL)
        click.echo(f"{ended.subscriber.email}: {ended.publication} is {ended.state}.")
        return
    _act(ctx, email, publication, "unsubscribe", Cause(reason or "unsubscribed by the operator"))


def _act(ctx: click.Context, email: str, publication: str, action: str, cause: Cause, until: str = "") -> None:
    from digest.audience.rules import Action
    from digest.pipeline import subscriptions

    services = context.open_services(ctx)
    begun = services.clock()
    found = subscriptions.act(services, given.address(email), publication, Action(action), cause, until=until)
    if not found:
        click.echo(f"{email} subscribes to nothing.")
    for changed in found:
        already = changed.changed_at is not None and changed.changed_at < begun
        click.echo(
            f"{changed.subscriber.email}: {changed.publication} {'was' if already else 'is'} {view.state(changed)}"
            f"{' already' if already else ''}."
        )
