"""digest subscriber"""

from __future__ import annotations

import click

from digest.cli import (
    context,
    given,
    show,
    subscriber_add,
    subscriber_address,
    subscriber_confirm,
    subscriber_files,
    subscriber_state,
)
from digest.cli import subscriber_view as view

_STATES = ["pending", "active", "paused", "unsubscribed"]


@click.group()
def subscriber() -> None:
    """People and their subscriptions.

    \b
    Example:
      digest subscriber add reader@example.org --publication morning --lang nl --basis "asked for it by phone"
      digest subscriber list --publication morning
    """


subscriber.add_command(subscriber_files.import_)
subscriber.add_command(subscriber_files.export)
subscriber.add_command(subscriber_address.move)
subscriber.add_command(subscriber_address.unsuppress)
subscriber.add_command(subscriber_confirm.confirm)
subscriber.add_command(subscriber_confirm.resend)
subscriber.add_command(subscriber_add.add)
subscriber.add_command(subscriber_add.edit)
subscriber.add_command(subscriber_state.pause)
subscriber.add_command(subscriber_state.resume)
subscriber.add_command(subscriber_state.unsubscribe)


@subscriber.command("list")
@click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
@click.option("--state", type=click.Choice(_STATES), help="Only in this state.")
@given.limit_option
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, publication: str, state: str | None, limit: int | None, as_json: bool) -> None:
    """All subscriptions.

    \b
    Example:
      digest subscriber list --publication morning --json
    """
    from digest.store import publications, subscribers

    services = context.open_services(ctx)
    with services.database.read() as connection:
        if publication:
            publications.get(connection, publication)
        found = subscribers.listing(connection, publication=publication, state=state or "", limit=limit)
    if as_json:
        show.print_json([view.facts(s) for s in found])
        return
    rows = [
        (s.subscriber.email, s.publication, view.standing(s), s.cadence, s.language, s.zone, s.topics or "all")
        for s in found
    ]
    columns = ("email", "publication", "state", "every", "lang", "zone", "topics")
    empty = "No subscriptions yet. Add one: digest subscriber add EMAIL --publication NAME"
    show.table(columns, rows, empty="No such subscriptions." if publication or state else empty)


@subscriber.command("show")
@click.argument("email")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, email: str, as_json: bool) -> None:
    """A person's subscriptions, with every change and its reason.

    \b
    Example:
      digest subscriber show reader@example.org
    """
    from digest.store import changes, subscribers

    address, key = given.address(email), given.address_key(email)
    services = context.open_services(ctx)
    with services.database.read() as connection:
        person = subscribers.get(connection, address, key)
        found = subscribers.subscriptions(connection, person.id)
        history = {s.id: changes.history(connection, s.id) for s in found}
    if as_json:
        listed = [view.facts(s) | {"changes": [view.change(c) for c in history[s.id]]} for s in found]
        facts = {"email": person.email, "name": person.name, "address": person.address_state}
        show.print_json(facts | {"why": person.address_reason, "subscriptions": listed})
        return
    show.facts(person.email, {"name": person.name, "address": person.address_state, "why": person.address_reason})
    for subscription in found:
        show.heading(subscription.publication)
        facts = view.shown(subscription)
        del facts["publication"], facts["reason"], facts["since"]  # the heading and the changes say it
        show.facts("", facts)
        for change in history[subscription.id]:
            click.echo(f"  {show.moment(change.at)}  {change.after:<12}  {click.style(change.reason, dim=True)}")


@subscriber.command()
@click.argument("email")
@click.pass_context
def remove(ctx: click.Context, email: str) -> None:
    """Remove a person. One who has been mailed is unsubscribed and never mailed again, but stays on record.

    \b
    Example:
      digest subscriber remove reader@example.org
    """
    from digest.pipeline import subscriptions

    address = given.address(email)
    if subscriptions.remove(context.open_services(ctx), address):
        click.echo(f"Removed {address}.")
    else:
        click.echo(f"{address} has been mailed: unsubscribed and suppressed; what was sent stays on record.")
