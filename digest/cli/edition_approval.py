"""digest edition approve, digest edition reject; and how editions that wait are shown"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any
from zoneinfo import ZoneInfo

import click

from digest.cli import context, given, show
from digest.model.edition import Approval, EditionState

if TYPE_CHECKING:
    from digest.model.edition import Edition
    from digest.pipeline.approving import Answered, Lapsed
    from digest.store.approvals import Waiting


@click.command()
@click.argument("edition", metavar="EDITION")
@click.pass_context
def approve(ctx: click.Context, edition: str) -> None:
    """Let an edition go that waits for you: in all zones where it waits, or in one (@ZONE).

    What has not gone out yet can still be stopped by `digest delivery cancel`.

    \b
    Example:
      digest edition approve morning/day/12
      digest edition approve morning/day/12@America/New_York
    """
    from digest.pipeline import approving

    services = context.open_services(ctx)
    done = approving.approve(services, given.name_of("edition", edition))
    if not done.zones:
        click.echo(f"{done.name} was approved already; nothing was changed.")
        return
    click.echo(f"Approved {done.name}{_zones(done)}: {show.count(done.mails, 'mail')} may go. Next: digest deliver")


@click.command()
@click.argument("edition", metavar="EDITION")
@click.option("--reason", default="", metavar="TEXT", help="Kept on record.")
@click.pass_context
def reject(ctx: click.Context, edition: str, reason: str) -> None:
    """Cancel an edition that waits for you; the next one has its news. It cannot be approved any more.

    \b
    Example:
      digest edition reject morning/day/12 --reason "the lead story is wrong"
    """
    from digest.pipeline import approving

    services = context.open_services(ctx)
    done = approving.reject(services, given.name_of("edition", edition), reason)
    if not done.zones:
        click.echo(f"{done.name} was rejected already; nothing was changed.")
        return
    mails = show.count(done.mails, "mail")
    then = "A later edition has its news already." if done.overtaken else "The next edition has its news."
    click.echo(f"Rejected {done.name}{_zones(done)}: {mails} cancelled. {then}")


def _zones(done: Answered) -> str:
    return f" in {len(done.zones)} zones" if len(done.zones) > 1 else ""


def until(edition: Edition) -> str:
    """`Sat 09:00`, on the clock of its readers; with the date where that is not within a week of its slot."""
    assert edition.approve_by is not None
    local = edition.approve_by.astimezone(ZoneInfo(edition.zone))
    near = (local.date() - edition.cut_at.astimezone(ZoneInfo(edition.zone)).date()).days < 7
    return f"{local:%a %H:%M}" if near else f"{local:%a %Y-%m-%d %H:%M}"


def in_list(edition: Edition) -> str:
    """What stands in the column of the state."""
    if edition.state is EditionState.CANCELLED:
        return {Approval.REJECTED: "rejected", Approval.LAPSED: "dropped"}.get(edition.approval, "cancelled")
    if edition.approval is Approval.WAITING:
        paused = "paused, " if edition.state is EditionState.PAUSED else ""
        return f"{paused}waiting until {until(edition)}"
    return str(edition.state)


def told(edition: Edition) -> str:
    """A line about it; empty where it waits for nobody."""
    why = f": {edition.approval_reason}" if edition.approval_reason else ""
    at = _moment(edition.approval_at, edition.zone)
    return {
        Approval.NONE: "",
        Approval.WAITING: f"waiting until {until(edition)}" if edition.approve_by else "waiting",
        Approval.APPROVED: f"approved {at}",
        Approval.REJECTED: f"rejected {at}{why}",
        Approval.LAPSED: f"waited until {at}{why}",
    }[edition.approval]


def _moment(at: datetime | None, zone: str) -> str:
    return f"{at.astimezone(ZoneInfo(zone)):%a %Y-%m-%d %H:%M} ({zone})" if at else ""


def facts(edition: Edition) -> dict[str, Any]:
    """For scripts."""
    return {
        "approval": edition.approval,
        "approve_by": edition.approve_by,
        "approval_at": edition.approval_at,
        "approval_reason": edition.approval_reason,
    }


def waits(found: Waiting) -> str:
    """That an edition waits, and what to do, in a line."""
    edition = found.edition
    then = "goes out" if found.publication.unapproved == "send" else "is dropped"
    mails = show.count(found.left, "mail")
    return (
        f"{edition.name} ({edition.zone}) waits for your approval until {until(edition)}, then it {then}; "
        f"{mails}: digest edition approve {edition.name}"
    )


def lapsed(done: Lapsed) -> str:
    """What became of an edition that nobody approved, in a line."""
    edition = done.edition
    name = f"{edition.name} ({edition.zone})"
    if not done.mails:
        return f"{name} waits no longer: {done.reason}."
    what = "go out" if done.goes else "cancelled; the next edition has its news"
    return f"{name}: {done.reason}; {show.count(done.mails, 'mail')} {what}."
