"""digest db prune, digest db vacuum"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.pipeline.pruning import PruneReport

#: What each kind of record is to people.
_SAID = {
    "deliveries": "records of mails",
    "editions": "texts of editions",
    "articles": "articles",
    "traces": "what mails told",
    "bounces": "reports of bounces",
    "consents": "records of consent",
    "origins": "network addresses",
    "answers": "model answers",
    "weblog": "web logs",
}
_WORTH = 10_000_000  # bytes of free space that are worth a word


@click.command()
@click.option("--dry-run", is_flag=True, help="Only say what would go.")
@show.as_json_option
@click.pass_context
def prune(ctx: click.Context, dry_run: bool, as_json: bool) -> None:
    """Delete what is older than the settings in [keep] say. `run` and `serve` do it by themselves, once a day.

    Goes on beside a running `serve`, a little at a time; broken off, it goes on where it was.

    \b
    Example:
      digest db prune --dry-run
      digest db prune
    """
    from digest.pipeline import pruning

    services = context.open_services(ctx)
    report = pruning.preview(services) if dry_run else pruning.prune(services)
    if as_json:
        show.print_json(
            {
                "dry_run": dry_run,
                "kinds": {
                    name: {"days": report.days[name], "rows": amount.rows, "bytes": amount.bytes}
                    for name, amount in report.gone.items()
                },
                "free": report.free,
            }
        )
        return
    rows = [
        (_SAID[name], _kept(name, report.days[name]), f"{amount.rows:,}", show.size(amount.bytes))
        for name, amount in report.gone.items()
    ]
    rows.append(("all", "", f"{report.total.rows:,}", show.size(report.total.bytes)))
    columns = ("what", "kept", "would go" if dry_run else "gone", "size")
    show.table(columns, rows, right=("would go", "gone", "size"), empty="")
    if report.free >= _WORTH:
        click.echo(
            f"\n{show.size(report.free)} of the database's file are free, and used again before it grows."
            " To give them back: digest db vacuum"
        )


def _kept(name: str, days: int) -> str:
    if name == "traces":
        return "as long as their stories"
    return show.count(days, "day") if days else "for ever"


@click.command()
@click.pass_context
def vacuum(ctx: click.Context) -> None:
    """Write the database's file anew without what is free in it. Needs as much space again while it works.

    Others wait to write until it is done: stop `digest serve` before, where that may take long.

    \b
    Example:
      digest db vacuum
    """
    from digest.errors import UsageError
    from digest.store import schema

    services = context.open_services(ctx)
    database = services.database
    if not database.sqlite:
        raise UsageError("digest makes SQLite's file smaller only", mend="PostgreSQL does it by itself")
    before = schema.size(database)
    database.vacuum()
    after = schema.size(database)
    click.echo(f"{schema.place(database)} had {show.size(before)} and has {show.size(after)}.")


def line(report: PruneReport) -> str:
    """What a pass deleted; empty where nothing went."""
    gone = [f"{_SAID[name]} ({amount.rows:,})" for name, amount in report.something.items()]
    more = "" if report.done else " The next pass goes on with it."
    return f"Deleted what is older than it is kept: {', '.join(gone)}.{more}" if gone else ""
