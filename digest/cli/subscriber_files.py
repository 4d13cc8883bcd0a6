"""digest subscriber import, digest subscriber export"""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show, subscriber_filter

if TYPE_CHECKING:
    from digest.pipeline.subscriber_files import Import, ImportReport

_KINDS = click.Choice(["csv", "jsonl", "mailchimp", "listmonk", "substack"])
_STATES = click.Choice([*subscriber_filter.STATES, "suppressed"])
#: How the outcomes are told, in this order; of the others only those that there were.
_ALWAYS = {"added": "added", "known": "known already", "failed": "failed"}
_TOLD = {
    "added": "added",
    "merged": "merged",
    "known": "known already",
    "suppressed": "suppressed before",
    "unsubscribed": "unsubscribed before",
    "forgotten": "asked to be forgotten",
    "failed": "failed",
}


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--publication", default="", metavar="NAME", help="For rows that name none.")
@click.option("--basis", default="", metavar="TEXT", help="On what ground mails may be sent to all of them.")
@click.option("--confirm", is_flag=True, help="Ask each of them by mail first.")
@click.option("--from", "kind", type=_KINDS, help="Who wrote the file; else it is recognised by its columns.")
@click.option("--state", type=_STATES, help="Of people of whom the file says none.")
@click.option("--map", "columns", multiple=True, metavar="OURS=THEIRS", help="What a column is; give several.")
@click.option("--dry-run", is_flag=True, help="Say what would happen, and change nothing.")
@click.option(
    "--report",
    type=click.Path(dir_okay=False, path_type=Path),
    metavar="FILE",
    help="A CSV file for what became of each line.",
)
@click.option("--again", is_flag=True, help="Begin anew where an earlier run was interrupted.")
@show.as_json_option
@click.pass_context
def import_(ctx: click.Context, /, file: str, as_json: bool, **said: Any) -> int:
    """Add subscribers from a file (- is standard input). A bad line is named; the others go through.

    CSV with the columns email, name, publication, cadence, language, zone, topics and tags (separated by ;), state,
    basis, address, reason and paused_until; JSON Lines with the same keys; or an export of Mailchimp, listmonk or
    Substack. A .zip file is unpacked. Interrupted, the same command goes on where it was.

    \b
    Example:
      digest subscriber import readers.csv --publication morning --basis "signed the list at the desk, 3 May"
      digest subscriber import audience_export.zip --publication morning --confirm --dry-run
      digest subscriber import people.csv --publication morning --confirm --map email=E-Mail --map topics=Interests
    """
    from digest.pipeline import subscriber_files

    wanted = _wanted(file, said)
    services = context.open_services(ctx)
    report = subscriber_files.import_file(services, wanted, sys.stdin.buffer)
    _say(report)
    if as_json:
        show.print_json(_facts(report))
    else:
        _tell(report, file, try_only=wanted.try_only)
    return 1 if report.failed else 0


def _wanted(file: str, said: dict[str, Any]) -> Import:
    """Raises UsageError."""
    from digest.audience.formats_read import Reading
    from digest.errors import UsageError
    from digest.pipeline.import_batch import How
    from digest.pipeline.subscriber_files import Import

    if said["basis"] and said["confirm"]:
        raise UsageError("--basis and --confirm contradict each other", mend="give one of them")
    return Import(
        file,
        How(said["publication"], said["basis"], said["confirm"]),
        Reading(said["kind"] or "", _columns(said["columns"]), said["state"] or ""),
        try_only=said["dry_run"],
        again=said["again"],
        report=said["report"],
    )


def _columns(told: tuple[str, ...]) -> dict[str, str]:
    """Raises UsageError."""
    from digest.audience.formats import COLUMNS
    from digest.errors import UsageError

    found: dict[str, str] = {}
    for each in told:
        ours, _, theirs = (part.strip() for part in each.partition("="))
        if not theirs:
            raise UsageError(f"--map {each!r} says nothing", mend="like --map email=E-Mail")
        if ours not in COLUMNS:
            raise UsageError(f"--map {each!r}: there is no column {ours!r}", mend=f"there is: {', '.join(COLUMNS)}")
        if ours in found:
            raise UsageError(f"--map says twice what {ours!r} is", mend="give one column for it")
        found[ours] = theirs
    return found


def _say(report: ImportReport) -> None:
    """What the operator should know besides, and the first lines that failed."""
    from digest.audience.importing import Outcome
    from digest.cli.main import say, say_error

    for note in report.notes:
        say(note)
    for failure in report.failed:
        say_error(failure)
    if more := report.counts[Outcome.FAILED] - len(report.failed):
        say(f"and {show.count(more, 'more line')} that failed (all of them: --report FILE)")


def _counts(report: ImportReport) -> dict[str, int]:
    return {name: next((n for o, n in report.counts.items() if o == name), 0) for name in _TOLD}


def _tell(report: ImportReport, file: str, *, try_only: bool) -> None:
    if report.before is not None:
        before = report.before
        known = f"{before.added:,} added, {before.known:,} known already, {before.failed:,} failed"
        click.echo(f"{file}: an earlier run was interrupted after {before.line:,} lines ({known}). The rest:")
    told = [f"{n:,} {_TOLD[name]}" for name, n in _counts(report).items() if n or name in _ALWAYS]
    click.echo(f"{'Nothing was changed. It would be: ' if try_only else ''}{', '.join(told)}.")
    if report.asked:
        mails = show.count(report.asked, "confirmation mail")
        waits = "would be sent" if try_only else "wait to be sent" if report.asked > 1 else "waits to be sent"
        next_ = "" if try_only else " Next: digest deliver"
        click.echo(f"{mails} {waits}; no cap holds them up.{next_}")


def _facts(report: ImportReport) -> dict[str, Any]:
    before = report.before
    if before is None:
        return _counts(report) | {"asked": report.asked, "before": None}
    earlier = {"lines": before.line, "added": before.added, "known": before.known, "failed": before.failed}
    return _counts(report) | {"asked": report.asked, "before": earlier}


@click.command()
@subscriber_filter.publication
@subscriber_filter.state
@subscriber_filter.tag
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="What to print."
)
@click.option("--json", "as_json", is_flag=True, help="Print JSON Lines, for scripts.")
@click.pass_context
def export(ctx: click.Context, /, form: str, as_json: bool, **said: Any) -> None:
    """Print subscriptions in the form that `import` reads, with all that it takes to come back as they are.

    \b
    Example:
      digest subscriber export --publication morning > readers.csv
      digest subscriber export --state active --tag vip --json
    """
    from digest.audience import formats
    from digest.pipeline import subscriber_files

    services = context.open_services(ctx)
    rows = subscriber_files.export(services, subscriber_filter.wanted(services, said))
    lines = formats.json_lines(rows) if as_json or form == "jsonl" else formats.csv_lines(rows)
    for line in lines:
        click.echo(line, nl=False)
