"""digest subscriber"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show, subscriber_address, subscriber_confirm, subscriber_files
from digest.cli import subscriber_view as view

if TYPE_CHECKING:
    from digest.model.subscription import Subscription
    from digest.pipeline.services import Services

_PUBLICATION = click.option("--publication", default="", metavar="NAME", help="Which subscription is meant.")
_STATES = ["pending", "active", "paused", "unsubscribed"]
_REASON = click.option("--reason", default="", help="Kept with the change.")


@click.group()
def subscriber() -> None:
    """People and their subscriptions.

    \b
    Example:
      digest subscriber add reader@example.org --publication morning --lang nl
      digest subscriber list --publication morning
    """


subscriber.add_command(subscriber_files.import_)
subscriber.add_command(subscriber_files.export)
subscriber.add_command(subscriber_address.move)
subscriber.add_command(subscriber_address.unsuppress)
subscriber.add_command(subscriber_confirm.confirm)
subscriber.add_command(subscriber_confirm.resend)


@subscriber.command()
@click.argument("email")
@click.option("--publication", required=True, metavar="NAME", help="What to subscribe to.")
@click.option("--cadence", default="", help="One that the publication offers; by default its first.")
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these topics; give several.")
@click.option("--lang", "language", default="", metavar="LANG", help="The reader's language.")
@click.option("--zone", default="", metavar="ZONE", help="The reader's time zone.")
@click.option("--name", default="", help="The person's name.")
@click.option("--again", default="", metavar="REASON", help="Who unsubscribed wants to come back: how you know that.")
@click.option("--confirm", is_flag=True, help="Ask the reader by mail first; nothing else is sent before the answer.")
@click.pass_context
def add(ctx: click.Context, /, email: str, again: str, confirm: bool, **said: Any) -> None:
    """Subscribe somebody.

    \b
    Example:
      digest subscriber add reader@example.org --publication morning --lang nl --zone Europe/Brussels
      digest subscriber add reader@example.org --publication morning --confirm
    """
    from digest.pipeline import subscriptions

    wanted = subscriptions.Wanted(given.address(email), **said)
    reason = again or "added by the operator"
    services = context.open_services(ctx)
    if confirm:
        made, new = subscriber_confirm.ask(services, wanted, reason, again=bool(again))
        if not new:
            _refuse_who_left(made)
        return
    made, new = subscriptions.subscribe(services, wanted, reason=reason, again=bool(again))
    if new:
        what = f"every {made.cadence}, in {made.language}, {made.zone} time"
        click.echo(f"{made.subscriber.email} now gets {made.publication} {what}.")
        _say_fixed_words(services, made.language)
        return
    _refuse_who_left(made)
    click.echo(
        f"{made.subscriber.email} subscribes to {made.publication} already ({made.state}); nothing was changed. "
        "To change it: digest subscriber edit"
    )


def _say_fixed_words(services: Services, language: str) -> None:
    """Whoever reads a language that we have no words in should not be the one to find out."""
    from digest.cli.article import language_name
    from digest.pipeline.subscriptions import language_of_words

    words = language_of_words(services, language)
    if words != language:
        file = services.home.templates / "locale" / f"{language}.po"
        click.echo(
            f"The fixed words of the mails are in {language_name(words)}: "
            f"there are none in {language_name(language)} (yours go into {file})."
        )


def _refuse_who_left(made: Subscription) -> None:
    """Nobody is subscribed again without asking for it. Raises UsageError."""
    from digest.errors import UsageError
    from digest.pipeline.subscriptions import way_back

    person = made.subscriber
    if person.address_state != "ok":
        what = f"this address is {person.address_state}: {person.address_reason}"
        raise UsageError(what, where=person.email, mend="nothing is sent to it any more" + way_back(person))
    if made.state == "unsubscribed":
        what = f"has unsubscribed from {made.publication} ({made.reason})"
        raise UsageError(what, where=person.email, mend="if the reader asked to come back: --again REASON")


@subscriber.command()
@click.argument("email")
@_PUBLICATION
@click.option("--cadence", default="", help="One that the publication offers.")
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these topics from now on.")
@click.option("--all-topics", is_flag=True, help="All topics from now on.")
@click.option("--lang", "language", default="", metavar="LANG", help="The reader's language.")
@click.option("--zone", default="", metavar="ZONE", help="The reader's time zone.")
@click.option("--name", default="", help="The person's name.")
@click.pass_context
def edit(
    ctx: click.Context, /, email: str, publication: str, all_topics: bool, topics: tuple[str, ...], **said: Any
) -> None:
    """Change a subscription; what is not said stays. A new topic does not reach back.

    \b
    Example:
      digest subscriber edit reader@example.org --zone America/New_York --topic sport
    """
    from digest.errors import UsageError
    from digest.pipeline import subscriptions

    if all_topics and topics:
        raise UsageError("--all-topics and --topic contradict each other", mend="give one of them")
    if not (all_topics or topics or any(said.values())):
        raise UsageError("nothing to change was said", mend="see: digest subscriber edit --help")
    chosen = () if all_topics else topics or None
    wanted = subscriptions.Wanted(given.address(email), publication, topics=chosen, **said)
    services = context.open_services(ctx)
    made = subscriptions.edit(services, wanted)
    click.echo(f"Changed the subscription of {made.subscriber.email} to {made.publication}.")
    show.facts("", {"name": made.subscriber.name, **view.shown(made)})
    if said["language"]:
        _say_fixed_words(services, made.language)


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
    from digest.store import subscribers

    address, key = given.address(email), given.address_key(email)
    services = context.open_services(ctx)
    with services.database.read() as connection:
        person = subscribers.get(connection, address, key)
        found = subscribers.subscriptions(connection, person.id)
        changes = {s.id: subscribers.history(connection, s.id) for s in found}
    if as_json:
        listed = [view.facts(s) | {"changes": [view.change(c) for c in changes[s.id]]} for s in found]
        facts = {"email": person.email, "name": person.name, "address": person.address_state}
        show.print_json(facts | {"why": person.address_reason, "subscriptions": listed})
        return
    show.facts(person.email, {"name": person.name, "address": person.address_state, "why": person.address_reason})
    for subscription in found:
        show.heading(subscription.publication)
        facts = view.shown(subscription)
        del facts["publication"], facts["reason"], facts["since"]  # the heading and the changes say it
        show.facts("", facts)
        for change in changes[subscription.id]:
            click.echo(f"  {show.moment(change.at)}  {change.after:<12}  {click.style(change.reason, dim=True)}")


@subscriber.command()
@click.argument("email")
@_PUBLICATION
@_REASON
@click.pass_context
def pause(ctx: click.Context, email: str, publication: str, reason: str) -> None:
    """Send nothing until `resume`; what was missed comes then, within limits.

    \b
    Example:
      digest subscriber pause reader@example.org --reason "on holiday"
    """
    _act(ctx, email, publication, "pause", reason or "paused by the operator")


@subscriber.command()
@click.argument("email")
@_PUBLICATION
@_REASON
@click.pass_context
def resume(ctx: click.Context, email: str, publication: str, reason: str) -> None:
    """End a pause.

    \b
    Example:
      digest subscriber resume reader@example.org
    """
    _act(ctx, email, publication, "resume", reason or "resumed by the operator")


@subscriber.command()
@click.argument("email", metavar="EMAIL|TOKEN")
@_PUBLICATION
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
        ended = subscriptions.unsubscribe_by_token(context.open_services(ctx), email)
        click.echo(f"{ended.subscriber.email}: {ended.publication} is {ended.state}.")
        return
    _act(ctx, email, publication, "unsubscribe", reason or "unsubscribed by the operator")


def _act(ctx: click.Context, email: str, publication: str, action: str, reason: str) -> None:
    from digest.audience.rules import Action
    from digest.pipeline import subscriptions

    services = context.open_services(ctx)
    begun = services.clock()
    found = subscriptions.act(services, given.address(email), publication, Action(action), reason=reason)
    if not found:
        click.echo(f"{email} subscribes to nothing.")
    for changed in found:
        already = changed.changed_at is not None and changed.changed_at < begun
        click.echo(
            f"{changed.subscriber.email}: {changed.publication} {'was' if already else 'is'} {changed.state}"
            f"{' already' if already else ''}."
        )


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
