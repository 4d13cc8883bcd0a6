"""digest source"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show, source_add, source_edit, source_files, spans

if TYPE_CHECKING:
    from digest.pipeline.sources import Overview


@click.group()
def source() -> None:
    """Where articles come from: feeds, sitemaps, pages, folders, maildirs, growing files.

    \b
    Example:
      digest source add https://www.example.org/
      digest source list
    """


source.add_command(source_add.add)
source.add_command(source_edit.edit)
source.add_command(source_files.import_)
source.add_command(source_files.export)


@source.command("list")
@click.option("--all", "everything", is_flag=True, help="Also those that were removed.")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, everything: bool, as_json: bool) -> None:
    """List the sources and how fetching them goes.

    \b
    Example:
      digest source list
      digest source list --json | jq '.[] | select(.state == "failing")'
    """
    from digest.pipeline import sources

    services = context.open_services(ctx)
    found = [entry for entry in sources.overview(services) if everything or entry.state != "removed"]
    if as_json:
        show.print_json([_as_json(entry) for entry in found])
        return
    now = services.clock()
    held = any(entry.held for entry in found)  # seldom: else names have the room
    columns = ["name", "kind", "state", "articles", *(["held"] if held else []), "last fetch", "next fetch"]
    rows = [
        [
            entry.source.name,
            entry.source.kind,
            entry.state,
            entry.articles,
            *([entry.held or ""] if held else []),
            spans.ago(entry.health.last_fetch, now),
            spans.ahead(entry.health.next_fetch, now) if entry.fetches else "",
        ]
        for entry in found
    ]
    show.table(columns, rows, empty="No sources yet. Add one: digest source add https://…", right=["articles", "held"])
    _troubles(found, now)


def _troubles(found: list[Overview], now: datetime) -> None:
    """Below the table, where a sentence has room: what failed, and what is held back."""
    failing = [entry for entry in found if entry.error]
    if failing or any(entry.note for entry in found):
        show.heading("Errors")
    for entry in failing:
        click.echo(show.plain(f"{entry.source.name}: {spans.since(entry.health.failing_since, now)}{entry.error}"))
    for entry in found:
        if entry.note:
            click.echo(show.plain(f"{entry.source.name}: {entry.note}"))
    held = [entry for entry in found if entry.held]
    if held:
        show.heading("Held back: a flood of old articles, or new ids with other words, is not mailed unasked")
    for entry in held:
        click.echo(f"{show.count(entry.held, 'article')} to let go on as news: {_release(entry)}")


@source.command("show")
@click.argument("name")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show one source.

    \b
    Example:
      digest source show example.org
    """
    from digest.pipeline import sources

    services = context.open_services(ctx)
    entry, repeated = sources.show(services, name), sources.repeated(services, name)
    if as_json:
        lines = [{"text": line.text, "articles": line.articles} for line in repeated]
        show.print_json(_as_json(entry) | {"repeated": lines})
        return
    told, health = entry.source, entry.health
    facts = {
        "kind": told.kind,
        "location": told.location,
        "state": entry.state,
        "publisher": told.publisher,
        "language": told.language,
        "topics": told.topics,
        "articles": entry.articles,
        "held back": f"{entry.held:,}  (let them go on as news: {_release(entry)})" if entry.held else "",
        "added": health.added_at,
        "last fetch": health.last_fetch,
        "last success": health.last_ok if health.failures else "",
        "next fetch": health.next_fetch if entry.fetches else "",
        "fetched every": spans.span(health.interval.total_seconds()) if health.interval and entry.fetches else "",
        "login": told.login,
        "proxy": told.proxy,
        "full text": "yes" if told.full_text else "",
        "failures": f"{health.failures} in a row" if health.failures else "",
        "failing since": health.failing_since,
        "error": entry.error,
        "note": entry.note,
    }
    show.facts(told.name, facts)
    if repeated:
        show.heading(f"Cut from its articles: {show.count(len(repeated), 'line')} that it repeats")
        show.table(
            ["articles", "line"], [[line.articles, line.text] for line in repeated], empty="", right=["articles"]
        )


@source.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Remove a source. Articles that it gave stay.

    \b
    Example:
      digest source remove example.org
    """
    from digest.pipeline import sources

    given = sources.remove(context.open_services(ctx), name)
    if given:
        click.echo(f"Removed source {name}: it is not fetched any more, and its {show.count(given, 'article')} stay.")
        click.echo(f"Undo: digest source resume {_quoted(name)}")
    else:
        click.echo(f"Deleted source {name}: it had no articles.")


@source.command()
@click.argument("name")
@click.pass_context
def pause(ctx: click.Context, name: str) -> None:
    """Stop fetching a source until it is resumed.

    \b
    Example:
      digest source pause example.org
    """
    from digest.pipeline import sources

    changed = sources.pause(context.open_services(ctx), name)
    click.echo(f"Paused source {name}." if changed else f"Source {name} was paused already.")


@source.command()
@click.argument("name")
@click.pass_context
def resume(ctx: click.Context, name: str) -> None:
    """Fetch a source again that was paused or removed, or that its server called gone.

    \b
    Example:
      digest source resume example.org
    """
    from digest.pipeline import sources

    changed = sources.resume(context.open_services(ctx), name)
    click.echo(f"Source {name} is active again." if changed else f"Source {name} was active already.")


@source.command()
@click.argument("name")
@click.pass_context
def release(ctx: click.Context, name: str) -> None:
    """Let articles that were held back go on as news.

    A flood of old articles from a feed, and articles that it changed as it gave them new ids, are held back,
    so that they are never mailed unasked.

    \b
    Example:
      digest source release example.org
    """
    from digest.pipeline import sources

    released = sources.release(context.open_services(ctx), name)
    if not released:
        click.echo(f"Source {name} has nothing held back.")
        return
    click.echo(f"Released {show.count(released, 'article')} of source {name}: news from the next grouping on.")
    click.echo("Next: digest group")


def _as_json(entry: Overview) -> dict[str, Any]:
    told, health = entry.source, entry.health
    return {
        "name": told.name,
        "kind": told.kind,
        "location": told.location,
        "state": entry.state,
        "publisher": told.publisher,
        "language": told.language,
        "topics": list(told.topics),
        "articles": entry.articles,
        "held": entry.held,
        "added": health.added_at,
        "last_fetch": health.last_fetch,
        "last_ok": health.last_ok,
        "next_fetch": health.next_fetch if entry.fetches else None,
        "failures": health.failures,
        "error": entry.error,
        "failing_since": health.failing_since,
        "note": entry.note,
        "login": told.login,
        "proxy": told.proxy,
        "full_text": told.full_text,
    }


def _release(entry: Overview) -> str:
    return f"digest source release {_quoted(entry.source.name)}"


def _quoted(name: str) -> str:
    import shlex

    return shlex.quote(name)
