"""digest subscriber add, edit"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show, subscriber_confirm
from digest.cli import subscriber_view as view
from digest.model.cause import Cause

if TYPE_CHECKING:
    from digest.model.subscription import Subscription
    from digest.pipeline.services import Services


@click.command()
@click.argument("email")
@click.option("--publication", required=True, metavar="NAME", help="What to subscribe to.")
@click.option("--cadence", default="", help="One that the publication offers; by default its first.")
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these topics; give several.")
@click.option("--lang", "language", default="", metavar="LANG", help="The reader's language.")
@click.option("--zone", default="", metavar="ZONE", help="The reader's time zone.")
@click.option("--name", default="", help="The person's name.")
@click.option("--again", default="", metavar="REASON", help="Who unsubscribed wants to come back: how you know that.")
@click.option("--basis", default="", metavar="TEXT", help="Do not ask the reader: on what ground mails may be sent.")
@click.pass_context
def add(ctx: click.Context, /, email: str, again: str, basis: str, **said: Any) -> None:
    """Subscribe somebody. They are asked by mail, and get nothing else before they answer; or you say on what basis.

    \b
    Example:
      digest subscriber add reader@example.org --publication morning --lang nl --zone Europe/Brussels
      digest subscriber add reader@example.org --publication morning --basis "signed the list at the desk, 3 May"
    """
    from digest.pipeline import subscriptions

    wanted = subscriptions.Wanted(given.address(email), **said)
    cause = Cause(again or "added by the operator", basis=basis)
    services = context.open_services(ctx)
    if not basis:
        made, new = subscriber_confirm.ask(services, wanted, cause, again=bool(again))
        if not new:
            _refuse_who_left(made)
        return
    made, new = subscriptions.subscribe(services, wanted, cause=cause, again=bool(again))
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
    from digest.pipeline.choices import language_of_words

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


@click.command()
@click.argument("email")
@view.publication_option
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
