"""digest subscriber"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.model.subscription import Subscription

_PUBLICATION = click.option("--publication", default="", metavar="NAME", help="Which subscription is meant.")
_REASON = click.option("--reason", default="", help="Kept with the change.")


@click.group()
def subscriber() -> None:
    """People and their subscriptions."""


@subscriber.command()
@click.argument("email")
@click.option("--publication", required=True, metavar="NAME", help="What to subscribe to.")
@click.option("--cadence", default="", help="One that the publication offers; by default its first.")
@click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these topics; give several.")
@click.option("--lang", "language", default="", metavar="LANG", help="The reader's language.")
@click.option("--zone", default="", metavar="ZONE", help="The reader's time zone.")
@click.option("--name", default="", help="The person's name.")
@click.pass_context
def add(ctx: click.Context, /, **given: Any) -> int:
    """Subscribe somebody.

    \b
    Example:
      digest subscriber add reader@example.org --publication morning --lang nl --zone Europe/Brussels
    """
    from digest.pipeline import subscriptions

    services = context.open_services(ctx)
    made, new = subscriptions.subscribe(services, subscriptions.Wanted(**given))
    if not new:
        click.echo(
            f"{made.subscriber.email} subscribes to {made.publication} already ({made.state}); nothing was changed."
        )
        return 0
    what = f"every {made.cadence}, in {made.language}, {made.zone} time"
    click.echo(f"{made.subscriber.email} now gets {made.publication} {what}.")
    return 0


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
def edit(ctx: click.Context, /, all_topics: bool, topics: tuple[str, ...], **given: Any) -> None:
    """Change a subscription; what is not said stays. A new topic does not reach back.

    \b
    Example:
      digest subscriber edit reader@example.org --zone America/New_York --topic sport
    """
    from digest.errors import UsageError
    from digest.pipeline import subscriptions

    if all_topics and topics:
        raise UsageError("--all-topics and --topic contradict each other", mend="give one of them")
    wanted = subscriptions.Wanted(topics=() if all_topics else topics or None, **given)
    made = subscriptions.edit(context.open_services(ctx), wanted)
    show.facts(made.subscriber.email, _shown(made))


@subscriber.command("list")
@click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
@click.option("--state", default="", metavar="STATE", help="pending, active, paused or unsubscribed.")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, publication: str, state: str, as_json: bool) -> None:
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
        found = subscribers.listing(connection, publication=publication, state=state)
    if as_json:
        show.print_json([_facts(s) for s in found])
        return
    rows = [
        (s.subscriber.email, s.publication, s.cadence, s.language, s.zone, ", ".join(s.topics) or "all", s.state)
        for s in found
    ]
    columns = ("email", "publication", "every", "lang", "zone", "topics", "state")
    show.table(columns, rows, empty="No subscriptions yet. Add one: digest subscriber add EMAIL --publication NAME")


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
    from digest.audience.address import address_key, normalise
    from digest.store import subscribers

    services = context.open_services(ctx)
    address = normalise(email)
    with services.database.read() as connection:
        person = subscribers.get(connection, address, address_key(address))
        found = subscribers.subscriptions(connection, person.id)
        changes = {s.id: subscribers.history(connection, s.id) for s in found}
    if as_json:
        listed = [_facts(s) | {"changes": [_change(c) for c in changes[s.id]]} for s in found]
        show.print_json(
            {"email": person.email, "name": person.name, "address": person.address_state, "subscriptions": listed}
        )
        return
    show.facts(person.email, {"name": person.name, "address": person.address_state, "why": person.address_reason})
    for subscription in found:
        show.heading(subscription.publication)
        show.facts("", _shown(subscription))
        for change in changes[subscription.id]:
            told = f"{change.before or 'new'} -> {change.after}"
            click.echo(f"    {show.moment(change.at)}  {told}  {click.style(change.reason, dim=True)}")


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
@click.argument("email")
@_PUBLICATION
@_REASON
@click.pass_context
def unsubscribe(ctx: click.Context, email: str, publication: str, reason: str) -> None:
    """End one subscription, or all of them. Mails that wait are not sent any more.

    \b
    Example:
      digest subscriber unsubscribe reader@example.org --publication morning
    """
    _act(ctx, email, publication, "unsubscribe", reason or "unsubscribed by the operator")


def _act(ctx: click.Context, email: str, publication: str, action: str, reason: str) -> None:
    from digest.audience.rules import Action
    from digest.pipeline import subscriptions

    for changed in subscriptions.act(context.open_services(ctx), email, publication, Action(action), reason=reason):
        click.echo(f"{changed.subscriber.email}: {changed.publication} is {changed.state}.")


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

    if subscriptions.remove(context.open_services(ctx), email):
        click.echo(f"Removed {email}.")
    else:
        click.echo(f"{email} has been mailed: unsubscribed and suppressed; what was sent stays on record.")


@subscriber.command("import")
@click.argument("file", metavar="FILE")
@click.option("--publication", default="", metavar="NAME", help="For rows that name none.")
@show.as_json_option
@click.pass_context
def import_(ctx: click.Context, file: str, publication: str, as_json: bool) -> int:
    """Add subscribers from CSV or JSON Lines (- is standard input). A bad line is named; the others go through.

    Columns: email, name, publication, cadence, language, zone, topics (separated by ;), state.

    \b
    Example:
      digest subscriber import readers.csv --publication morning
    """
    from digest.audience import formats
    from digest.cli.main import say_error
    from digest.errors import BadInput
    from digest.pipeline import subscriptions

    try:
        text = sys.stdin.read() if file == "-" else Path(file).read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        raise BadInput("cannot be read", where=file, mend="give a CSV or JSON Lines file in UTF-8") from error
    read = formats.read_jsonl if text.lstrip().startswith("{") else formats.read_csv
    report = subscriptions.import_rows(
        context.open_services(ctx), read(text, file), publication=publication, origin=file
    )
    for failure in report.failed:
        say_error(failure)
    if as_json:
        show.print_json({"added": report.added, "known": report.known, "failed": len(report.failed)})
    else:
        click.echo(f"{report.added:,} added, {report.known:,} known already, {len(report.failed):,} failed.")
    return 1 if report.failed else 0


@subscriber.command()
@click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
@click.option("--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True)
@click.pass_context
def export(ctx: click.Context, publication: str, form: str) -> None:
    """Print subscriptions in the form that `import` reads.

    \b
    Example:
      digest subscriber export --publication morning > readers.csv
    """
    from digest.audience import formats
    from digest.pipeline import subscriptions
    from digest.store import publications, subscribers

    services = context.open_services(ctx)
    with services.database.read() as connection:
        if publication:
            publications.get(connection, publication)
        rows = subscriptions.rows(subscribers.listing(connection, publication=publication))
    click.echo(formats.write_csv(rows) if form == "csv" else formats.write_jsonl(rows), nl=False)


def _facts(s: Subscription) -> dict[str, Any]:
    return {
        "email": s.subscriber.email,
        "name": s.subscriber.name,
        "publication": s.publication,
        "cadence": s.cadence,
        "language": s.language,
        "zone": s.zone,
        "topics": s.topics,
        "state": s.state,
        "reason": s.reason,
        "since": s.changed_at,
        "address": s.subscriber.address_state,
    }


def _shown(s: Subscription) -> dict[str, Any]:
    return {
        "publication": s.publication,
        "state": s.state,
        "every": s.cadence,
        "language": s.language,
        "zone": s.zone,
        "topics": s.topics or "all",
        "reason": s.reason,
        "since": s.changed_at,
    }


def _change(change: Any) -> dict[str, Any]:
    return {
        "at": change.at,
        "action": change.action,
        "from": change.before,
        "to": change.after,
        "reason": change.reason,
    }
