"""digest ingest, digest fetch"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.pipeline.fetching import FetchReport
    from digest.pipeline.ingest_report import IngestReport

_ERRORS_SHOWN = 20


@click.command()
@click.argument("paths", nargs=-1, required=True, metavar="PATH…")
@click.option("--source", default="", metavar="NAME", help="File everything under this source.")
@show.as_json_option
@click.pass_context
def ingest(ctx: click.Context, paths: tuple[str, ...], source: str, as_json: bool) -> int:
    """Take in articles from files, folders or standard input (-).

    Text files in the seed format (`date 2025-05 …`), JSON Lines and saved feeds (RSS, Atom). What
    is known already changes nothing. A broken file is named, and the others go through.

    \b
    Example:
      digest ingest articles/ extra.jsonl
      curl -s https://example.org/feed.xml | digest ingest -
    """
    from digest.pipeline.ingest import ingest as take_in

    services = context.open_services(ctx)
    report = take_in(services, _read(paths), source=source)
    counts = {name: getattr(report, name) for name in ("new", "updated", "known", "held", "failed")}
    _errors(report)
    if as_json:
        show.print_json(counts)
    else:
        for line in (sentence(report), *twice(report)):
            click.echo(line)
        if report.new or report.updated:
            click.echo("Next: digest group")
    return 1 if report.failed else 0


def _read(paths: tuple[str, ...]) -> Iterator[Any]:
    from digest.ingest.files import read_bytes, read_path

    for path in paths:
        if path == "-":
            yield from read_bytes(sys.stdin.buffer.read(), "standard input")
        else:
            yield from read_path(Path(path))


def sentence(report: IngestReport) -> str:
    """What became of the articles, in a line."""
    parts = [
        (report.new, "new"),
        (report.updated, "updated"),
        (report.known, "known already"),
        (report.held, "held back (see: digest source list)"),
    ]
    total = sum(number for number, _ in parts)
    if not total:
        return f"Nothing was taken in: {report.failed:,} failed." if report.failed else "No articles."
    # What failed may be a file, a line or the end of a feed: it is not counted among the articles.
    failed = f"; {report.failed:,} failed" if report.failed else ""
    if report.known == total and not failed:
        return f"Nothing new: {show.count(total, 'article')}, all known already."
    told = ", ".join(f"{number:,} {what}" for number, what in parts if number)
    return f"{show.count(total, 'article')}: {told}{failed}."


def twice(report: IngestReport) -> list[str]:
    """A hint beside what was done, not an error: two papers may print one text."""
    told = []
    for source, number in sorted(report.elsewhere.items()):
        are = "is" if number == 1 else "are"
        told.append(
            f"{number:,} of these texts {are} in source {source} already, and now there twice: "
            "give a file to one source only."
        )
    return told


def _errors(report: IngestReport) -> None:
    from digest.cli.main import say, say_error

    for error in report.errors[:_ERRORS_SHOWN]:
        say_error(error)
    if len(report.errors) > _ERRORS_SHOWN:
        say(f"… and {len(report.errors) - _ERRORS_SHOWN:,} more")


def complain(report: FetchReport) -> None:
    """One line for each source that failed, and for each article."""
    from digest.cli.main import say, say_error

    for note in report.notes[:_ERRORS_SHOWN]:
        say(note)
    if len(report.notes) > _ERRORS_SHOWN:
        say(f"… and {len(report.notes) - _ERRORS_SHOWN:,} more teasers kept")
    for name, error in report.failed.items():
        if not error.where.startswith(f"source {name}"):
            error.where = f"source {name}: {error.where}" if error.where else f"source {name}"
        say_error(error)
    _errors(report.articles)


def _round(report: FetchReport) -> str:
    """What became of the sources, each counted once, and of their articles."""
    counts = {"read": report.fetched - report.unchanged, "unchanged": report.unchanged, "failed": len(report.failed)}
    told = ", ".join(f"{number:,} {what}" for what, number in counts.items() if number)
    became = f" {sentence(report.articles)}" if report.fetched > report.unchanged else ""
    return f"{show.count(report.fetched + len(report.failed), 'source')}: {told}.{became}"


@click.command()
@click.argument("names", nargs=-1, metavar="[SOURCE…]")
@click.option("--all", "everything", is_flag=True, help="Also what is not due yet.")
@show.as_json_option
@click.pass_context
def fetch(ctx: click.Context, names: tuple[str, ...], everything: bool, as_json: bool) -> int:
    """Read the sources that are due, or those named.

    \b
    Example:
      digest fetch
      digest fetch tagesschau
    """
    from digest.pipeline.fetching import fetch as fetch_due

    services = context.open_services(ctx)
    report = fetch_due(services, names=names, everything=everything)
    complain(report)
    if as_json:
        counts = {name: getattr(report.articles, name) for name in ("new", "updated", "known", "held", "failed")}
        fetched = {"fetched": report.fetched, "unchanged": report.unchanged, "failing": list(report.failed)}
        show.print_json(fetched | {"articles": counts})
    elif not report.fetched and not report.failed:
        click.echo("No source is due. (--all fetches them all the same.)")
    else:
        for line in (_round(report), *twice(report.articles)):
            click.echo(line)
        if report.articles.new or report.articles.updated:
            click.echo("Next: digest group")
    return 1 if report.failed or report.articles.failed else 0
