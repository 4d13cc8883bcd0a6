"""digest edition"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import (
    context,
    edition_approval,
    edition_mail,
    edition_preview,
    edition_replay,
    edition_test,
    given,
    show,
)

if TYPE_CHECKING:
    from pathlib import Path

    from digest.model.edition import Edition
    from digest.pipeline.plan_batch import PlanReport


@click.group()
def edition() -> None:
    """Editions: what a publication mailed for a slot, or is about to.

    \b
    Example:
      digest edition preview morning --as reader@example.org
      digest edition list
    """


edition.add_command(edition_preview.preview)
edition.add_command(edition_replay.replay)
edition.add_command(edition_test.test)
edition.add_command(edition_approval.approve)
edition.add_command(edition_approval.reject)


@edition.command()
@click.argument("publication")
@click.option("--slot", default="", metavar="WHEN", help="A slot's local date and time; without it, an extra edition.")
@click.option("--cadence", default="", help="Whose slot; by default the publication's first cadence.")
@show.as_json_option
@click.pass_context
def publish(ctx: click.Context, publication: str, slot: str, cadence: str, as_json: bool) -> int:
    """Cut an edition now and plan its mails. `digest deliver` sends them.

    \b
    Example:
      digest edition publish morning
      digest edition publish morning --slot 2026-03-02T07:00
    """
    from digest.cli.group import complain
    from digest.cli.main import say_error
    from digest.errors import UsageError
    from digest.pipeline import calendar
    from digest.pipeline.group import group
    from digest.pipeline.publish import plan_editions
    from digest.store import publications

    if cadence and not slot:
        raise UsageError("--cadence says whose slot is meant", mend="give --slot too, or neither for an extra edition")
    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = publications.get(connection, publication)
    complain(grouped := group(services))
    reports = plan_editions(services, calendar.cut_by_hand(services, found, slot, cadence))
    errors = [r.error for r in reports if r.error is not None]
    for error in errors:
        say_error(error)
    made = [r for r in reports if r.error is None or r.planned or r.skipped or r.failed]
    if as_json:
        show.print_json([_report(r) for r in reports])
    else:
        for report in made:
            click.echo(told(report))
        if any(r.planned for r in made):
            click.echo("Next: digest deliver")
    return max([0, bool(grouped.failed), *(error.exit_code for error in errors)])


def told(report: PlanReport) -> str:
    """What became of an edition's readers, in a line."""
    if not (report.planned or report.skipped or report.waiting or report.failed):
        return f"{report.edition}: there is nobody left to plan a mail for."
    variants = f" ({show.count(report.variants, 'variant')})" if report.planned else ""
    parts = [f"{show.count(report.planned, 'mail')} planned{variants}"]
    parts += [f"{show.count(number, 'reader')}: {reason}" for reason, number in sorted(report.skipped.items())]
    if report.expired:
        parts.append(f"{show.count(report.expired, 'earlier mail')} taken over")
    if report.failed:
        parts.append(f"{show.count(report.failed, 'reader')}: could not be made (the next run tries again)")
    if report.waiting:
        parts.append(f"{show.count(report.waiting, 'reader')}: an earlier mail is under way")
    if report.images_missing:
        parts.append(f"{show.count(report.images_missing, 'lead image')} could not be had")
    return f"{report.edition}: {'; '.join(parts)}."


def _report(report: PlanReport) -> dict[str, Any]:
    return {
        "edition": report.edition,
        "planned": report.planned,
        "variants": report.variants,
        "expired": report.expired,
        "images_missing": report.images_missing,
        "waiting": report.waiting,
        "failed": report.failed,
        "skipped": dict(report.skipped),
    }


@edition.command("list")
@click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
@click.option("--limit", default=50, show_default=True, type=given.COUNT, metavar="N", help="The newest.")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, publication: str, limit: int, as_json: bool) -> None:
    """Editions, newest first.

    \b
    Example:
      digest edition list --publication morning
    """
    from digest.store import deliveries, editions, publications

    services = context.open_services(ctx)
    with services.database.read() as connection:
        if publication:
            publications.get(connection, publication)
        found = editions.listing(connection, publication=publication, limit=limit)
        states = {e.id: deliveries.counts(connection, e.id) for e in found}
    if as_json:
        show.print_json([_facts(e) | {"deliveries": states[e.id]} for e in found])
        return
    rows = [
        (e.id, e.name, f"{e.slot:%Y-%m-%d %H:%M}", e.zone, edition_approval.in_list(e), _mails(e, states[e.id]))
        for e in found
    ]
    columns = ("id", "edition", "slot", "zone", "state", "mails")
    show.table(columns, rows, right=("id",), empty="No editions yet. Cut one: digest edition publish NAME")


def _mails(e: Edition, states: dict[str, int]) -> str:
    return f"{_states(states)} ({e.lateness})" if e.lateness else _states(states)


def _states(states: dict[str, int]) -> str:
    return ", ".join(f"{number:,} {state}" for state, number in sorted(states.items())) or "none"


@edition.command("show")
@click.argument("edition", metavar="EDITION")
@edition_mail.options
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, edition: str, email: str, open_: bool, out: Path | None, as_json: bool) -> None:
    """What an edition told, variant by variant, and who got none and why. With --as: one reader's mail, as it was.

    \b
    Example:
      digest edition show morning/day/12
      digest edition show morning/day/12 --as reader@example.org
    """
    from digest.store import deliveries, editions, variants

    services = context.open_services(ctx)
    if edition_mail.is_wanted(email, open_, out):
        edition_mail.show_mail(services, edition, email, open_=open_, out=out, as_json=as_json)
        return
    with services.database.read() as connection:
        found = editions.find(connection, given.name_of("edition", edition))
        made = variants.of_edition(connection, found.id)
        entries = variants.told(connection, [v.id for v, _ in made])
        states, skips = deliveries.counts(connection, found.id), editions.skips(connection, found.id)
    if as_json:
        told = [_variant(v, readers, entries.get(v.id, [])) for v, readers in made]
        show.print_json(_facts(found) | {"deliveries": states, "skipped": skips, "variants": told})
        return
    told_of = {
        "id": found.id,
        "slot": f"{found.slot:%a %Y-%m-%d %H:%M} ({found.zone})",
        "due": found.due,
        "up to article": f"number {found.cutoff:,}",
        "state": found.state,
        "approval": edition_approval.told(found),
        "lateness": found.lateness,
        "missed before": found.missed or "",
        "mails": _states(states),
        "left out": "; ".join(f"{show.count(n, 'reader')}: {why}" for why, n in sorted(skips.items())),
    }
    show.facts(found.name, told_of)
    for variant, readers in made:
        show.heading(f"In {variant.language} for {show.count(readers, 'reader')}: {variant.subject or _REMOVED}")
        if not entries.get(variant.id):
            click.echo(click.style("  it says that there is nothing new", dim=True))
        seen: set[int] = set()
        for entry in entries.get(variant.id, []):
            if entry.position not in seen:
                seen.add(entry.position)
                mark = click.style("updated ", fg="cyan") if entry.kind == "updated" else ""
                click.echo(f"  {click.style(entry.section, dim=True)}  {mark}{entry.headline or _REMOVED}")
                if entry.reason:
                    click.echo(click.style(f"      {entry.reason}", dim=True))


#: In the place of what a mail said that told of an article which was removed since.
_REMOVED = "(an article was removed)"


def _facts(e: Edition) -> dict[str, Any]:
    return {
        "id": e.id,
        "edition": e.name,
        "publication": e.publication,
        "number": e.number,
        "cadence": e.cadence,
        "slot": e.slot.strftime("%Y-%m-%dT%H:%M"),
        "zone": e.zone,
        "due": e.due,
        "cutoff": e.cutoff,
        "state": e.state,
        "lateness": e.lateness,
        "missed": e.missed,
        **edition_approval.facts(e),
    }


def _variant(variant: Any, readers: int, entries: list[Any]) -> dict[str, Any]:
    told = [
        {"story": e.story, "section": e.section, "kind": e.kind, "headline": e.headline, "reason": e.reason}
        for e in entries
    ]
    return {
        "language": variant.language,
        "look": variant.look,
        "subject": variant.subject,
        "readers": readers,
        "entries": told,
    }
