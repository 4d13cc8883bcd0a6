"""digest bounce"""

from __future__ import annotations

import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show
from digest.errors import DigestError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from digest.pipeline.bounce_mail import IntakeReport
    from digest.pipeline.bounces import Taken
    from digest.store.reports import Kept

_AGAIN = getattr(os, "EX_TEMPFAIL", 75)  # sysexits.h: the mail server keeps the mail and tries again
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
@click.argument("files", nargs=-1, metavar="[FILE…|-]")
@click.option("--maildir", default="", metavar="FOLDER", help="All new mails of a maildir; those done move to cur.")
@click.option("--recipient", default="", metavar="ADDRESS", help="Whom the mail on standard input was delivered to.")
@show.as_json_option
@click.pass_context
def take(ctx: click.Context, files: tuple[str, ...], maildir: str, recipient: str, as_json: bool) -> int:
    """Take in mails that came back: from files, from standard input (-: one mail) or from a maildir.

    What is taken again counts once. From a mail server's pipe, nothing is lost: where it cannot be taken in just
    now, the exit code is 75 and the server tries again.

    \b
    Example:
      digest bounce take --maildir ~/bounces
      digest bounce take - < returned.eml
    """
    from digest.errors import UsageError

    if bool(files) == bool(maildir) or (recipient and files != ("-",)):
        mend = "give files, - for standard input (with --recipient, perhaps), or --maildir FOLDER"
        raise UsageError("what is to be taken was not said", mend=mend)
    report = _piped(ctx, recipient) if files == ("-",) else _taken(ctx, files, maildir)
    if report is None:
        return _AGAIN
    if as_json:
        show.print_json(_counts(report))
    else:
        for line in lines(report):
            click.echo(line)
    complain(report)
    return 1 if report.failed else 0


def _piped(ctx: click.Context, recipient: str) -> IntakeReport | None:
    """None where whoever pipes it to us must keep the mail: whatever went wrong, it must not be lost."""
    from digest.cli.main import say
    from digest.pipeline.bounce_mail import take_message
    from digest.pipeline.faults import unexpected

    services = None
    try:
        services = context.open_services(ctx)
        return take_message(services, sys.stdin.buffer.read(), recipient=recipient)
    except DigestError as error:
        say(str(error))
    except Exception as error:  # noqa: BLE001 - as above
        told = unexpected(services, error, "standard input") if services else f"{type(error).__name__}: {error}"
        say(str(told))
    return None


def _taken(ctx: click.Context, files: tuple[str, ...], maildir: str) -> IntakeReport:
    from digest.errors import BadInput
    from digest.pipeline import bounce_mail

    services = context.open_services(ctx)
    if maildir:
        return bounce_mail.take_maildir(services, Path(maildir).expanduser())
    report = bounce_mail.IntakeReport()
    for file in files:
        try:
            data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
        except OSError as error:
            report.failed.append(BadInput(f"cannot be read: {error.strerror or error}", where=file))
            continue
        one = bounce_mail.take_message(services, data)
        report.mails += 1
        report.others += one.others
        report.taken += one.taken
    return report


def lines(report: IntakeReport) -> list[str]:
    """What was taken in, and what it did to whom."""
    return [_sentence(report), *consequences(report.taken)]


def told_in_a_pass(report: IntakeReport) -> list[str]:
    """The same in a pass, which counts refusals as well."""
    others = f"{report.others:,} other mails" if report.others > 1 else "1 other mail" if report.others else ""
    return [f"Came back: {', '.join(filter(None, (told(report.taken), others)))}.", *consequences(report.taken)]


def _sentence(report: IntakeReport) -> str:
    if not report.mails:
        return "No new mails."
    mails = show.count(report.mails, "mail")
    if report.others == report.mails:
        return f"{mails}: {'not a bounce' if report.mails == 1 else 'no bounces'}, nothing was changed."
    others = f", {report.others:,} not a bounce" if report.others else ""
    return f"{mails}: {told(report.taken)}{others}."


def told(taken: Iterable[Taken]) -> str:
    """`2 counted, 1 suppressed, 1 known already`."""
    from collections import Counter

    names = {"noted": "noted", "known": "known already", "unproven": "unproven (nothing was changed)"}
    found = Counter(str(one.did) for one in taken)
    order = ("suppressed", "unsubscribed", "counted", "noted", "unproven", "known")
    return ", ".join(f"{found[name]:,} {names.get(name, name)}" for name in order if found[name])


def consequences(taken: Iterable[Taken]) -> list[str]:
    """Who gets no more mail, and why: a line each."""
    return [f"  {one.subscriber}: {one.effect}" for one in taken if one.did in ("suppressed", "unsubscribed")]


def complain(report: IntakeReport) -> None:
    """Mails that stay where they are, a line each."""
    from digest.cli.main import say, say_error

    for error in report.failed[:20]:
        say_error(error)
    if len(report.failed) > 20:
        say(f"… and {len(report.failed) - 20:,} more")


def _counts(report: IntakeReport) -> dict[str, Any]:
    from digest.pipeline.bounces import Did

    counts = {str(did): report.counts[did] for did in Did}
    return {"mails": report.mails, "not_a_bounce": int(report.others), "failed": len(report.failed)} | counts


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

    key = given.address_key(subscriber) if subscriber else ""
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
