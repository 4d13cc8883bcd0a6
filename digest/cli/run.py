"""digest run, digest serve"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import nullcontext
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, edition_approval, show

if TYPE_CHECKING:
    from digest.pipeline.run import PassReport

#: Stages that read a mailbox, which is as the operator left it until the operator mends it.
_MAILBOXES = ("bounces", "commands")
_NOTHING: Mapping[str, str] = MappingProxyType({})


@click.command("run")
@show.as_json_option
@click.pass_context
def run_(ctx: click.Context, as_json: bool) -> int:
    """One pass: fetch what is due, group, publish what is due, deliver.

    \b
    Example:
      digest run        # from cron, say every five minutes
    """
    from digest.cli.delivery import say_waiting
    from digest.pipeline.run import run

    services = context.open_services(ctx)
    report = run(services)
    if report.sent.done:
        context.say_open_secrets(services)
    if as_json:
        show.print_json(_facts(report))
    else:
        for line in (*lines(report), *map(edition_approval.waits, report.waiting)):
            click.echo(line)
        # What was due and failed is told by its error.
        if not lines(report) and not report.waiting and not _troubled(report):
            click.echo("Nothing was due.")
    complain(report)
    say_waiting(services, report.sent)
    return 1 if _troubled(report) else 0


def _troubled(report: PassReport) -> bool:
    from digest.cli.delivery import troubled

    fetched = report.fetched
    return bool(
        report.failed or fetched.failed or fetched.articles.failed or report.incoming.failed or troubled(report.sent)
    )


def lines(report: PassReport) -> list[str]:
    """What a pass did; nothing where it did nothing."""
    from digest.cli import intake
    from digest.cli.db_prune import line as told_of_pruning
    from digest.cli.delivery import told as told_of_mails
    from digest.cli.edition import told as told_of_edition
    from digest.cli.group import lines as told_of_grouping
    from digest.cli.ingest import sentence, twice

    found = []
    if report.fetched.fetched:
        found.append(f"Fetched {show.count(report.fetched.fetched, 'source')}. {sentence(report.fetched.articles)}")
        found += twice(report.fetched.articles)
    found += told_of_grouping(report.grouped)
    found += intake.told_in_a_pass(report.incoming)
    if report.resumed:
        found.append(f"Resumed {show.count(report.resumed, 'subscription')}: the pause has ended.")
    for decided in report.decided:
        if decided.edition is None:
            what = "discarded" if decided.due.discarded else "its news goes into the next edition"
            found.append(f"{decided.publication} ({decided.cadence}, {decided.zone}): missed a slot; {what}.")
    found += [told_of_edition(r) for r in report.planned if r.planned or r.skipped or r.failed]
    found += map(edition_approval.lapsed, report.lapsed)
    if report.sent.done:
        found.append(told_of_mails(report.sent))
    if deleted := told_of_pruning(report.pruned):
        found.append(deleted)
    if report.expired:
        found.append(f"Removed {show.count(report.expired, 'subscription')} that nobody confirmed.")
    return found


def complain(report: PassReport, told: Mapping[str, str] = _NOTHING) -> dict[str, str]:
    """Errors, one line each. `told`: what the pass before said of the mailboxes, which is not said again; answered with
    what there is to say of them now.
    """
    from digest.cli import delivery, ingest, intake
    from digest.cli.main import say

    for stage, error in report.failed.items():
        if told.get(stage) == str(error):
            continue
        named = stage.startswith("edition ") and not error.where.startswith(stage)
        say(f"{stage}: {error}" if named else str(error))
    ingest.complain(report.fetched)
    intake.complain(report.incoming)
    delivery.complain(report.sent)
    return {stage: str(error) for stage, error in report.failed.items() if stage in _MAILBOXES}


def _facts(report: PassReport) -> dict[str, Any]:
    from digest.cli.delivery import counts

    return {
        "fetched": report.fetched.fetched,
        "new": report.fetched.articles.new,
        "grouped": report.grouped.grouped,
        "editions": [r.edition for r in report.planned],
        "bounces": {str(did): number for did, number in report.incoming.counts.items()},
        "commands": dict(report.incoming.commands),
        "resumed": report.resumed,
        "expired": report.expired,
        "planned": sum(r.planned for r in report.planned),
        "lapsed": [
            {"edition": done.edition.name, "zone": done.edition.zone, "sent": done.goes} for done in report.lapsed
        ],
        "waiting": [{"edition": each.edition.name, "zone": each.edition.zone} for each in report.waiting],
        **counts(report.sent),
        "deleted": {name: amount.rows for name, amount in report.pruned.something.items()},
        "failed_stages": {name: str(error) for name, error in report.failed.items()},
    }


@click.command("serve")
@click.option("--web", is_flag=True, help="Answer readers' clicks and webhooks too, as `digest web` does.")
@click.pass_context
def serve_(ctx: click.Context, web: bool) -> None:
    """Do what `run` does, at every tick, until SIGTERM or Ctrl-C. Only one process per home serves.

    \b
    Example:
      digest --home ~/news serve
      digest --home ~/news serve --web
    """
    from digest.cli.web import beside
    from digest.schedule import serve

    services = context.open_services(ctx)
    context.say_open_secrets(services)

    stopped, waiting, mailboxes = "", [""], dict[str, str]()

    def say(report: PassReport) -> None:
        nonlocal stopped, waiting, mailboxes
        # What waits for the operator is said once, not at every tick.
        waits = [edition_approval.waits(each) for each in report.waiting]
        for line in (*lines(report), *(line for line in waits if line not in waiting)):
            click.echo(f"{services.clock():%Y-%m-%d %H:%M:%S} {line}")
        waiting = waits
        said, report.sent.stopped = report.sent.stopped, "" if report.sent.stopped == stopped else report.sent.stopped
        stopped = said
        mailboxes = complain(report, mailboxes)

    def ready() -> None:
        tick = services.settings.schedule.tick_seconds
        click.echo(f"Serving {services.home.folder}, a pass every {tick} seconds. Ctrl-C ends it.")

    with beside(services) if web else nullcontext():
        serve(services, on_pass=say, on_ready=ready)
    click.echo("Stopped.")
