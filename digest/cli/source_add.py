"""digest source add"""

from __future__ import annotations

from typing import Any

import click
from click.shell_completion import CompletionItem

from digest.cli import context, source_edit


def _kinds(_ctx: click.Context, _parameter: click.Parameter, incomplete: str) -> list[CompletionItem]:
    from digest import plugins

    return [CompletionItem(name) for name in plugins.names(plugins.SOURCES) if name.startswith(incomplete)]


@click.command()
@click.argument("location", nargs=-1, required=True, metavar="LOCATION", type=click.Path())
@click.option(
    "--kind",
    default="",
    metavar="KIND",
    shell_complete=_kinds,
    help="What it is, if you know: nothing is fetched to find out.",
)
@click.option("--name", default="", metavar="NAME", help="What to call it; by default the host or the folder's name.")
@source_edit.settings
@click.option("--full-text", is_flag=True, help="Of a feed with teasers: read the pages behind them too.")
@click.pass_context
def add(ctx: click.Context, /, location: tuple[str, ...], kind: str, **given: Any) -> None:
    """Add a source: the web address of a feed, a page that has one, or a sitemap; a folder, maildir or .jsonl file.

    Which of these it is, is found out; a web address is asked once for that, and a page names its feed.
    Of a feed's first fetch only the newest entries count as news; the older ones are background.

    \b
    Example:
      digest source add https://www.example.org/ --lang nl
      digest source add ~/articles --name wire --publisher "The Wire"
      digest source add https://www.example.org/feed.xml --kind feed
      digest source add https://www.example.org/members.xml --login basic:secrets/example.txt
    """
    from digest.cli.main import say
    from digest.pipeline import discovery, sources

    where = _one(location)
    services = context.open_services(ctx)
    if not kind:
        found = discovery.find(services, where, login=given["login"] or "", proxy=given["proxy"] or "")
        kind, where = found.kind, found.location
        for line in discovery.told(found):
            click.echo(line)
    made = sources.add(services, sources.Asked(kind, where, **{key: value for key, value in given.items() if value}))
    click.echo(f"Added source {made.name}: {made.kind} {made.location}")
    if doubt := sources.doubt(services, made):
        say(f"source {made.name}: {doubt}")
    click.echo("Next: digest fetch")


def _one(locations: tuple[str, ...]) -> str:
    """The kind stood before the location once."""
    import shlex

    from digest import plugins
    from digest.errors import UsageError

    if len(locations) == 1:
        return locations[0]
    if len(locations) == 2 and locations[0] in plugins.names(plugins.SOURCES):
        kind, location = locations
        mend = f"digest source add {shlex.quote(location)} --kind {kind}, or without --kind"
        raise UsageError("the kind is an option now", where=f"source add {kind}", mend=mend)
    raise UsageError("one source at a time", where="source add", mend="or a list of feeds: digest source import FILE")
