"""digest subscriber import, digest subscriber export"""

from __future__ import annotations

import sys
from pathlib import Path

import click

from digest.cli import context, show


@click.command("import")
@click.argument("file", metavar="FILE")
@click.option("--publication", default="", metavar="NAME", help="For rows that name none.")
@show.as_json_option
@click.pass_context
def import_(ctx: click.Context, file: str, publication: str, as_json: bool) -> int:
    """Add subscribers from CSV or JSON Lines (- is standard input). A bad line is named; the others go through.

    Columns: email, name, publication, cadence, language, zone, topics (separated by ;), state.

    \b
    Example:
      digest subscriber import readers.csv --publication morning
    """
    from digest.audience import formats
    from digest.cli.main import say_error
    from digest.pipeline import subscriber_files
    from digest.store import publications

    origin = "standard input" if file == "-" else file
    text = _text(file, origin)
    services = context.open_services(ctx)
    if publication:
        with services.database.read() as connection:
            publications.get(connection, publication)
    read = formats.read_jsonl if text.lstrip().startswith("{") else formats.read_csv
    report = subscriber_files.import_rows(services, read(text, origin), publication=publication, origin=origin)
    for failure in report.failed:
        say_error(failure)
    if as_json:
        show.print_json({"added": report.added, "known": report.known, "failed": len(report.failed)})
    else:
        click.echo(f"{report.added:,} added, {report.known:,} known already, {len(report.failed):,} failed.")
    return 1 if report.failed else 0


def _text(file: str, origin: str) -> str:
    """Raises BadInput."""
    from digest.errors import BadInput
    from digest.ingest.files import contents

    data = sys.stdin.buffer.read() if file == "-" else contents(Path(file))
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        mend = "give CSV or JSON Lines in UTF-8"
        raise BadInput("this is not UTF-8", where=f"{origin}:{line}", mend=mend) from None


@click.command()
@click.option("--publication", default="", metavar="NAME", help="Only of this publication.")
@click.option(
    "--format", "form", type=click.Choice(["csv", "jsonl"]), default="csv", show_default=True, help="What to print."
)
@click.pass_context
def export(ctx: click.Context, publication: str, form: str) -> None:
    """Print subscriptions in the form that `import` reads.

    \b
    Example:
      digest subscriber export --publication morning > readers.csv
    """
    from digest.audience import formats
    from digest.pipeline import subscriber_files
    from digest.store import publications, subscribers

    services = context.open_services(ctx)
    with services.database.read() as connection:
        if publication:
            publications.get(connection, publication)
        rows = subscriber_files.rows(subscribers.listing(connection, publication=publication))
    click.echo(formats.write_csv(rows) if form == "csv" else formats.write_jsonl(rows), nl=False)
