"""digest bounce"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, intake, show

if TYPE_CHECKING:
    from digest.store.reports import Kept

_KINDS = ["hard", "soft", "complaint"]


@click.group()
def bounce() -> None:
    """Mails that came back, and complaints: what was told of which address, and what it did.

    \b
    Example:
      digest bounce take --maildir /var/mail/bounces
      digest bounce list --subscriber reader@example.org
    """


@bounce.command()
@intake.take_options
@click.pass_context
def take(ctx: click.Context, files: tuple[str, ...], maildir: str, recipient: str, as_json: bool) -> int:
    """Take in mails that came back: from files, from standard input (-: one mail) or from a maildir.

    What is taken again counts once. From a mail server's pipe, nothing is lost: where it cannot be taken in just
    now, the exit code is 75 and the server tries again. A command by mail among them is done, too.

    \b
    Example:
      digest bounce take --maildir ~/bounces
      digest bounce take - < returned.eml
    """
    return intake.take(ctx, files, maildir, recipient, as_json=as_json)


@bounce.command("list")
@click.option("--subscriber", default="", metavar="EMAIL", help="Only of this subscriber.")
@click.option("--kind", "kinds", multiple=True, type=click.Choice(_KINDS), help="Only of this kind; give several.")
@given.limit_option
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, subscriber: str, kinds: tuple[str, ...], limit: int | None, as_json: bool) -> None:
    """Reports of bounces and complaints, the newest first, and what each did.

    \b
    Example:
      digest bounce list --kind complaint
    """
    from digest.store import reports, subscribers

    key = given.person_key(subscriber) if subscriber else ""
    services = context.open_services(ctx)
    with services.database.read() as connection:
        if subscriber:
            subscribers.get(connection, subscriber, key)
        found = reports.listing(connection, subscriber=key, kinds=kinds, limit=limit)
    if as_json:
        show.print_json([_facts(r) for r in found])
        return
    rows = [(r.id, r.at, r.kind, r.subscriber or r.address, _said(r), r.effect) for r in found]
    columns = ("id", "when", "kind", "subscriber", "reason", "what it did")
    empty = "No such reports." if subscriber or kinds else "Nothing has come back yet."
    show.table(columns, rows, right=("id",), empty=empty)


@bounce.command("show")
@click.argument("report", metavar="ID", type=given.ID)
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, report: int, as_json: bool) -> None:
    """One report: whom it is about, how that is known, and what it did.

    \b
    Example:
      digest bounce show 7
    """
    from digest.store import reports

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = reports.get(connection, report)
    if as_json:
        show.print_json(_facts(found))
        return
    facts = _facts(found)
    del facts["id"]
    other = found.address if found.address.lower() != found.subscriber.lower() else ""
    counts = f"{found.weight:g}" if found.weight else ""
    facts |= {"address": other, "proof": found.proof or "none", "counts": counts}
    names = {"at": "when", "by": "reported by", "effect": "what it did", "address": "named as", "forgotten": "lifted"}
    show.facts(f"Report {found.id}", {names.get(name, name): value for name, value in facts.items()})


def _said(report: Kept) -> str:
    """The server's words, with its code where they do not say it."""
    known = report.status in report.reason
    return report.reason if known else " ".join(filter(None, (report.status, report.reason)))


def _facts(report: Kept) -> dict[str, Any]:
    return {
        "id": report.id,
        "at": report.at,
        "received": report.received_at,
        "kind": report.kind,
        "subscriber": report.subscriber,
        "address": report.address,
        "edition": report.edition,
        "delivery": report.delivery,
        "status": report.status,
        "reason": report.reason,
        "by": report.reporter,
        "proof": report.proof,
        "counts": report.weight,
        "effect": report.effect,
        "forgotten": report.forgotten_at,
    }
