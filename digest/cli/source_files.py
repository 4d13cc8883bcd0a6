"""digest source import, digest source export"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from digest.cli import context, show


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Only say what would be added.")
@show.as_json_option
@click.pass_context
def import_(ctx: click.Context, file: str, dry_run: bool, as_json: bool) -> int:
    """Add the feeds of an OPML list (- is standard input). A bad outline is named; the others go through.

    Nothing is fetched yet. A folder of the list files its feeds under the topic that it means; its name is kept as a
    hint where it means none. A feed that is a source already is left as it is.

    \b
    Example:
      digest source import feeds.opml --dry-run
      digest source import feeds.opml
    """
    from digest.cli.main import say, say_error
    from digest.ingest import opml
    from digest.ingest.files import contents
    from digest.pipeline import source_lists

    origin = "standard input" if file == "-" else file
    listing = opml.read(sys.stdin.buffer.read() if file == "-" else contents(Path(file)), origin)
    report = source_lists.import_list(context.open_services(ctx), listing, origin, dry_run=dry_run)
    for failure in report.failed:
        say_error(failure)
    for note in report.notes:
        say(note)
    if as_json:
        counts = {"added": len(report.added), "known": report.known, "failed": len(report.failed)}
        show.print_json(counts | {"sources": [source.name for source in report.added]})
        return 1 if report.failed else 0
    if dry_run:
        rows = [[source.name, source.location, ", ".join(source.topics)] for source in report.added]
        show.table(["name", "location", "topics"], rows, empty="Nothing to add.")
    done = "would be added" if dry_run else "added"
    click.echo(f"{len(report.added):,} {done}, {report.known:,} known already, {len(report.failed):,} failed.")
    if report.added and not dry_run:
        click.echo("Next: digest fetch")
    return 1 if report.failed else 0


@click.command()
@click.argument("file", metavar="[FILE]", default="-")
@click.pass_context
def export(ctx: click.Context, file: str) -> None:
    """Write the feeds as an OPML list, for `import` and for other feed readers. Without FILE it is printed.

    \b
    Example:
      digest source export feeds.opml
      digest source export > feeds.opml
    """
    from digest.cli.main import say
    from digest.errors import DigestError
    from digest.ingest import opml
    from digest.pipeline import source_lists

    found = source_lists.export(context.open_services(ctx))
    written = opml.write(found.outlines, "digest")
    if found.others:
        say(f"{show.count(found.others, 'source')} left out: OPML lists feeds only")
    if file == "-":
        click.echo(written.decode("utf-8"), nl=False)
        return
    try:
        Path(file).write_bytes(written)
    except OSError as error:
        mend = "name a file that can be written"
        raise DigestError(f"cannot be written: {error.strerror}", where=file, mend=mend) from None
    click.echo(f"Wrote {show.count(len(found.outlines), 'feed')} to {file}")
