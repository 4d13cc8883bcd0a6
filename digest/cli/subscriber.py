"""digest subscriber"""

from __future__ import annotations

import json
from typing import Any

import click

from digest.cli import (
    context,
    given,
    show,
    subscriber_add,
    subscriber_address,
    subscriber_confirm,
    subscriber_expire,
    subscriber_files,
    subscriber_filter,
    subscriber_history,
    subscriber_privacy,
    subscriber_state,
    subscriber_tag,
)
from digest.cli import subscriber_view as view


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
subscriber.add_command(subscriber_expire.expire)
subscriber.add_command(subscriber_add.add)
subscriber.add_command(subscriber_add.edit)
subscriber.add_command(subscriber_history.history)
subscriber.add_command(subscriber_privacy.data)
subscriber.add_command(subscriber_privacy.forget)
subscriber.add_command(subscriber_state.pause)
subscriber.add_command(subscriber_state.resume)
subscriber.add_command(subscriber_state.unsubscribe)
subscriber.add_command(subscriber_tag.tag)


@subscriber.command("list")
@subscriber_filter.options
@given.limit_option
@click.option("--count", "only_count", is_flag=True, help="Print only how many there are.")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, said: dict[str, Any], limit: int | None, only_count: bool, as_json: bool) -> None:
    """All subscriptions, or those that you look for.

    \b
    Example:
      digest subscriber list --publication morning --json
      digest subscriber list --tag vip --state paused
      digest subscriber list --search garcia --since 2026-03
    """
    from digest.store import subscriber_lists, tags

    services = context.open_services(ctx)
    wanted = subscriber_filter.wanted(services, said)
    with services.database.read() as connection:
        if only_count:
            number = subscriber_lists.count(connection, wanted)
            click.echo(json.dumps({"count": number}) if as_json else number)
            return
        found = subscriber_lists.listing(connection, wanted, limit)
        tagged = tags.of(connection, [s.subscriber.id for s in found])
    if as_json:
        show.print_json([view.facts(s) | {"tags": tagged.get(s.subscriber.id, [])} for s in found])
        return
    view.table(found, tagged, narrowed=any(said.values()))


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
    from digest.pipeline import persons
    from digest.store import changes, subscribers, tags

    name = given.person(email)
    services = context.open_services(ctx)
    with services.database.read() as connection:
        person = persons.find(connection, services.home, name)
        found = subscribers.subscriptions(connection, person.id)
        history = {s.id: changes.history(connection, s.id) for s in found}
        tagged = tags.of(connection, [person.id]).get(person.id, [])
    if as_json:
        listed = [view.facts(s) | {"changes": [view.change(c) for c in history[s.id]]} for s in found]
        facts = {"email": person.email, "name": person.name, "tags": tagged, "address": person.address_state}
        show.print_json(facts | {"why": person.address_reason, "subscriptions": listed})
        return
    facts = {"name": person.name, "tags": tagged, "address": person.address_state, "why": person.address_reason}
    show.facts(person.email, facts)
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
