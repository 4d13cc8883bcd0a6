"""digest deliver, digest delivery"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, delivery_report, edition_approval, given, show
from digest.model.delivery import DeliveryState

if TYPE_CHECKING:
    from digest.deliver.send import Summary
    from digest.model.delivery import Delivery
    from digest.pipeline.services import Services


@click.command()
@show.as_json_option
@click.option("--share", type=int, default=0, hidden=True, help="As one of so many senders; digest itself says it.")
@click.pass_context
def deliver(ctx: click.Context, as_json: bool, share: int) -> int:
    """Send what is due. Running it again never mails anybody twice.

    \b
    Example:
      digest deliver
    """
    from digest.cli.intake import consequences
    from digest.pipeline import approving
    from digest.pipeline.bounces import count_refusals
    from digest.pipeline.deliver import deliver as send_due

    services = context.open_services(ctx)
    if share:
        return _send_share(services, share)
    context.say_open_secrets(services)
    lapsed = approving.lapse(services)
    summary = send_due(services)
    refused = count_refusals(services)
    if as_json:
        show.print_json(counts(summary))
    else:
        waits = map(edition_approval.waits, approving.waiting(services))
        for line in (*map(edition_approval.lapsed, lapsed), told(summary), *waits, *consequences(refused)):
            click.echo(line)
    complain(summary)
    say_waiting(services, summary)
    return 1 if troubled(summary) else 0


def _send_share(services: Services, share: int) -> int:
    """Until nothing is due, or standard input ends: the parent has died, or asks to."""
    import dataclasses
    import json
    import os
    import threading

    from digest.pipeline.deliver import share_of

    stop = threading.Event()

    def watch() -> None:
        while os.read(0, 1):
            pass
        stop.set()

    threading.Thread(target=watch, daemon=True).start()
    click.echo(json.dumps(dataclasses.asdict(share_of(services, stop, share))))
    return 0


def troubled(summary: Summary) -> bool:
    """Whether something was not sent that should have been, and is not simply tried again."""
    return bool(summary.failed or summary.stopped or summary.uncertain)


def complain(summary: Summary) -> None:
    from digest.cli.main import say

    if summary.stopped:
        say(f"sending stopped: {summary.stopped}")
        return
    for name, why in summary.relays.items():
        say(f"relay {name} is left alone for a while: {why}")


def say_waiting(services: Services, summary: Summary) -> None:
    """Where sending stopped: what would have told people of something, and has not gone out either."""
    from digest.cli.main import say
    from digest.store import singles

    if not summary.stopped:
        return
    with services.database.read() as connection:
        waiting = singles.waiting(connection)
    for found in waiting:
        say(f"a {found.kind} to {found.subscriber} waits too (digest delivery show {found.id})")


def counts(summary: Summary) -> dict[str, Any]:
    names = ("sent", "deferred", "failed", "uncertain", "held", "suppressed", "released")
    return {name: getattr(summary, name) for name in names} | {"reasons": dict(summary.reasons)}


def told(summary: Summary) -> str:
    """What became of the mails, in a line or two."""
    names = ("sent", "deferred", "failed", "uncertain", "held", "suppressed", "released")
    parts = [f"{getattr(summary, name):,} {name}" for name in names if getattr(summary, name)]
    if not parts:
        return "Nothing was sent." if summary.stopped else "Nothing is due."
    reasons = "".join(f"\n  {number:,} x {reason}" for reason, number in summary.reasons.most_common(5))
    return f"Mails: {', '.join(parts)}.{reasons}"


@click.group()
def delivery() -> None:
    """Deliveries: one mail to one subscriber each.

    \b
    Example:
      digest delivery list --state deferred
      digest delivery retry 42
    """


@delivery.command("list")
@click.option("--edition", default="", metavar="EDITION", help="Only of this edition.")
@click.option("--subscriber", default="", metavar="EMAIL", help="Only to this subscriber.")
@click.option(
    "--state",
    "states",
    multiple=True,
    type=click.Choice([str(s) for s in DeliveryState]),
    metavar="STATE",
    help="Only in this state, like failed; give several.",
)
@given.limit_option
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
    from digest.store import deliveries, editions, subscribers

    key = given.person_key(subscriber) if subscriber else ""
    services = context.open_services(ctx)
    with services.database.read() as connection:
        if subscriber:
            subscribers.get(connection, subscriber, key)
        edition_id = editions.find(connection, given.name_of("edition", edition)).id if edition else None
        found = deliveries.listing(connection, edition=edition_id, subscriber=key, states=states, limit=limit)
    if as_json:
        show.print_json([_facts(d) for d in found])
        return
    rows = [(d.id, d.edition_name or f"({d.kind})", d.subscriber, d.state, d.attempts, _why(d)) for d in found]
    columns = ("id", "edition", "subscriber", "state", "tries", "reply or reason")
    filtered = edition or subscriber or states
    empty = "No such deliveries." if filtered else "No deliveries yet. Plan some: digest edition publish NAME"
    show.table(columns, rows, right=("id", "tries"), empty=empty)


def _why(d: Delivery) -> str:
    return d.reply if d.state == "sent" else d.reason or d.reply


def _facts(d: Delivery) -> dict[str, Any]:
    return {
        "id": d.id,
        "kind": d.kind,
        "edition": d.edition_name,
        "subscriber": d.subscriber,
        "state": d.state,
        "message_id": d.message_id,
        "attempts": d.attempts,
        "reply": d.reply,
        "reason": d.reason,
        "planned": d.planned_at,
        "settled": d.settled_at,
        "bounced": d.bounced_at,
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
        found = deliveries.get(connection, given.name_of("delivery", delivery))
        events = deliveries.events(connection, found.id)
    if as_json:
        changes = [{"at": e.at, "from": e.before, "to": e.after, "reply": e.reply, "reason": e.reason} for e in events]
        show.print_json(_facts(found) | {"changes": changes})
        return
    facts = {
        "kind": found.kind,
        "edition": found.edition_name,
        "subscriber": found.subscriber,
        "state": found.state,
        "Message-ID": found.message_id,
        "tries": found.attempts,
        "reply": found.reply,
        "reason": "" if found.state == "sent" else found.reason,
        "planned": found.planned_at,
        "settled": found.settled_at,
        "bounced": found.bounced_at,
        "next try": found.next_attempt if found.state in ("deferred", "uncertain") else "",
    }
    show.facts(f"Delivery {found.id}", facts)
    show.heading("What happened")
    for event in events:
        why = event.reply if event.after == "sent" else " ".join(part for part in (event.reply, event.reason) if part)
        click.echo(f"  {show.moment(event.at)}  {event.after:<11}  {click.style(why, dim=True)}")


delivery.add_command(delivery_report.report)


def _steering(name: str, text: str, past: str) -> click.Command:
    @click.pass_context
    def command(ctx: click.Context, /, target: str, only_failed: bool = False) -> None:
        from digest.pipeline.deliver import steer
        from digest.store import editions

        services = context.open_services(ctx)
        given.name_of("delivery", target)
        if target.isdecimal() or target.startswith("<"):
            changed = steer(services, name, delivery=target)
        else:
            with services.database.read() as connection:
                edition = editions.find(connection, target)
            changed = steer(services, name, edition=edition, only=(DeliveryState.FAILED,) if only_failed else ())
        click.echo(f"{show.count(changed, 'delivery', 'deliveries')} {past}.")

    example = f"\b\nExample:\n  digest delivery {name} 42\n  digest delivery {name} morning/day/12"
    parameters: list[click.Parameter] = [click.Argument(["target"], metavar="DELIVERY|EDITION")]
    if name == "retry":
        text_of_it = "Of an edition only what failed, not what is deferred."
        parameters.append(click.Option(["--only-failed"], is_flag=True, help=text_of_it))
    return click.Command(name, callback=command, params=parameters, help=f"{text}\n\n{example}")


for _name, _text, _past in (
    (
        "retry",
        "Try again: what failed or was deferred, or one that is held. Refused where a later edition covers the news.",
        "will be tried again",
    ),
    ("pause", "Hold what has not gone out yet.", "held"),
    ("resume", "Let go on what is held.", "resumed"),
    ("cancel", "Never send what has not gone out yet. Its news goes into the next edition.", "cancelled"),
):
    delivery.add_command(_steering(_name, _text, _past))


@delivery.command()
@click.argument("edition", required=False, default="", metavar="[EDITION]")
@click.option(
    "--hour",
    is_flag=False,
    flag_value=0,
    default=None,
    type=click.IntRange(min=0),
    metavar="[N]",
    help="N more mails within the next hour; without N as many as deliver.max_per_hour says.",
)
@click.pass_context
def allow(ctx: click.Context, edition: str, hour: int | None) -> None:
    """Let go on what a cap has stopped: an edition, or the mails of an hour.

    \b
    Example:
      digest delivery allow morning/day/12
      digest delivery allow --hour
      digest delivery allow --hour 5000
    """
    from digest.errors import UsageError
    from digest.pipeline import caps

    if bool(edition) == (hour is not None):
        raise UsageError("say what to allow", mend="an edition like morning/day/12, or --hour")
    services = context.open_services(ctx)
    if hour is None:
        found = caps.allow_edition(services, given.name_of("edition", edition))
        click.echo(f"{found.name} may go, however many mails it has. Next: digest deliver")
        return
    number = caps.allow_hour(services, hour or None)
    click.echo(f"{show.count(number, 'more mail')} may leave within the next hour. Next: digest deliver")
