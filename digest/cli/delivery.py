"""digest deliver, digest delivery"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.deliver.send import Summary
    from digest.model.delivery import Delivery


@click.command()
@show.as_json_option
@click.pass_context
def deliver(ctx: click.Context, as_json: bool) -> int:
    """Send what is due. Running it again never mails anybody twice.

    \b
    Example:
      digest deliver
    """
    from digest.pipeline.deliver import deliver as send_due

    services = context.open_services(ctx)
    summary = send_due(services)
    if as_json:
        show.print_json(counts(summary))
    else:
        click.echo(told(summary))
    if summary.stopped:
        click.echo(click.style("digest: ", fg="red", bold=True) + f"sending stopped: {summary.stopped}", err=True)
    return 1 if summary.failed or summary.stopped or summary.uncertain else 0


def counts(summary: Summary) -> dict[str, Any]:
    names = ("sent", "deferred", "failed", "uncertain", "held", "suppressed", "released")
    return {name: getattr(summary, name) for name in names} | {"reasons": dict(summary.reasons)}


def told(summary: Summary) -> str:
    """What became of the mails, in a line or two."""
    names = ("sent", "deferred", "failed", "uncertain", "held", "suppressed", "released")
    parts = [f"{getattr(summary, name):,} {name}" for name in names if getattr(summary, name)]
    if not parts:
        return "Nothing is due."
    reasons = "".join(f"\n  {number:,} x {reason}" for reason, number in summary.reasons.most_common(5))
    return f"Mails: {', '.join(parts)}.{reasons}"


@click.group()
def delivery() -> None:
    """Deliveries: one mail to one subscriber each."""


@delivery.command("list")
@click.option("--edition", default="", metavar="EDITION", help="Only of this edition.")
@click.option("--subscriber", default="", metavar="EMAIL", help="Only to this subscriber.")
@click.option("--state", "states", multiple=True, metavar="STATE", help="Only in this state; give several.")
@click.option("--limit", default=None, type=int, help="At most so many.")
@show.as_json_option
@click.pass_context
def list_(
    ctx: click.Context, edition: str, subscriber: str, states: tuple[str, ...], limit: int | None, as_json: bool
) -> None:
    """Deliveries and their states.

    \b
    Example:
      digest delivery list --edition morning/day/12 --state failed
    """
    from digest.audience.address import address_key, normalise
    from digest.errors import UsageError
    from digest.model.delivery import DeliveryState
    from digest.store import deliveries, editions

    for state in states:
        if state not in set(DeliveryState):
            raise UsageError(f"there is no state {state!r}", mend=f"one of {', '.join(DeliveryState)}")
    services = context.open_services(ctx)
    with services.database.read() as connection:
        edition_id = editions.find(connection, edition).id if edition else None
        key = address_key(normalise(subscriber)) if subscriber else ""
        found = deliveries.listing(connection, edition=edition_id, subscriber=key, states=states, limit=limit)
    if as_json:
        show.print_json([_facts(d) for d in found])
        return
    rows = [(d.id, d.edition_name, d.subscriber, d.state, d.attempts, _why(d)) for d in found]
    columns = ("id", "edition", "subscriber", "state", "tries", "reply or reason")
    show.table(columns, rows, right=("id", "tries"), empty="No deliveries.")


def _why(d: Delivery) -> str:
    return d.reply if d.state == "sent" else d.reason or d.reply


def _facts(d: Delivery) -> dict[str, Any]:
    return {
        "id": d.id,
        "edition": d.edition_name,
        "subscriber": d.subscriber,
        "state": d.state,
        "message_id": d.message_id,
        "attempts": d.attempts,
        "reply": d.reply,
        "reason": d.reason,
        "planned": d.planned_at,
        "settled": d.settled_at,
        "next_attempt": d.next_attempt,
    }


@delivery.command("show")
@click.argument("delivery", metavar="DELIVERY")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, delivery: str, as_json: bool) -> None:
    """One delivery, by id or Message-ID, with every change of its state.

    \b
    Example:
      digest delivery show 42
    """
    from digest.store import deliveries

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = deliveries.get(connection, delivery)
        events = deliveries.events(connection, found.id)
    if as_json:
        changes = [{"at": e.at, "from": e.before, "to": e.after, "reply": e.reply, "reason": e.reason} for e in events]
        show.print_json(_facts(found) | {"changes": changes})
        return
    show.facts(f"Delivery {found.id}", {k: v for k, v in _facts(found).items() if k != "id"})
    show.heading("What happened")
    for event in events:
        why = " ".join(part for part in (event.reply, event.reason) if part)
        click.echo(f"  {show.moment(event.at)}  {event.after:<11}  {click.style(why, dim=True)}")


def _steering(name: str, text: str, past: str) -> click.Command:
    @click.pass_context
    def command(ctx: click.Context, /, target: str) -> None:
        from digest.pipeline.deliver import steer
        from digest.store import editions

        services = context.open_services(ctx)
        if target.isdecimal() or target.startswith("<"):
            changed = steer(services, name, delivery=target)
        else:
            with services.database.read() as connection:
                edition = editions.find(connection, target)
            changed = steer(services, name, edition=edition)
        click.echo(f"{show.count(changed, 'delivery', 'deliveries')} {past}.")

    example = f"\b\nExample:\n  digest delivery {name} 42\n  digest delivery {name} morning/day/12"
    argument = click.Argument(["target"], metavar="DELIVERY|EDITION")
    return click.Command(name, callback=command, params=[argument], help=f"{text}\n\n{example}")


for _name, _text, _past in (
    (
        "retry",
        "Try again: what failed, was deferred or is held. Refused where a later edition covers the news.",
        "will be tried again",
    ),
    ("pause", "Hold what has not gone out yet.", "held"),
    ("resume", "Let go on what is held.", "let go on"),
    ("cancel", "Never send what has not gone out yet. Its news goes into the next edition.", "cancelled"),
):
    delivery.add_command(_steering(_name, _text, _past))
