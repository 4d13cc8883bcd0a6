"""digest publication"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show
from digest.model.cadence import WEEKDAYS, Cadence, Every, Lateness

if TYPE_CHECKING:
    from digest.model.publication import Publication


@click.group()
def publication() -> None:
    """What people subscribe to: topics, sources, languages, cadences, look."""


def _definition(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that add and edit share."""
    options = [
        click.option("--title", help="What readers see; by default the name."),
        click.option(
            "--every", multiple=True, type=click.Choice([str(e) for e in Every]), help="A cadence; give several."
        ),
        click.option("--on", multiple=True, metavar="DAY", help="mon … sun for week, 1 to 31 for month."),
        click.option("--at", metavar="HH:MM", help="Local time of day."),
        click.option("--zone", metavar="ZONE", help="Time zone, like Europe/Brussels."),
        click.option("--late", type=click.Choice([str(x) for x in Lateness]), help="What becomes of a missed edition."),
        click.option("--from", "sender", metavar="ADDRESS", help="Who the mails come from."),
        click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these topics; give several."),
        click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only these sources."),
        click.option("--lang", "languages", multiple=True, metavar="LANG", help="Only articles in these languages."),
        click.option("--language", metavar="LANG", help="Of the fixed words, where a reader chose none."),
        click.option("--look", metavar="LOOK", help="The templates: a folder of templates/edition."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _asked(name: str, given: dict[str, Any]) -> Any:
    from digest.cli.init import check_sender
    from digest.pipeline.publications import Asked

    given = {key: value for key, value in given.items() if value}
    if "sender" in given:
        check_sender(given["sender"])
    return Asked(name, **given)


@publication.command()
@click.argument("name")
@_definition
@click.pass_context
def add(ctx: click.Context, /, name: str, **given: Any) -> None:
    """Define a publication. Only the name and --every are required.

    \b
    Example:
      digest publication add morning --every day --every week --on mon --at 07:00 --zone Europe/Brussels
    """
    from digest.pipeline import publications

    services = context.open_services(ctx)
    _check_look(services, given.get("look"))
    made = publications.add(services, _asked(name, given))
    click.echo(f"Added publication {made.name}.")
    _print(made, services.clock())
    click.echo(f"\nNext: digest subscriber add EMAIL --publication {made.name}")


@publication.command()
@click.argument("name")
@_definition
@click.pass_context
def edit(ctx: click.Context, /, name: str, **given: Any) -> None:
    """Change a publication; what is not said stays as it is.

    \b
    Example:
      digest publication edit morning --at 06:30 --topic sport --topic politics
    """
    from digest.errors import UsageError
    from digest.pipeline import publications

    if not any(given.values()):
        raise UsageError("nothing to change was said", mend="see: digest publication edit --help")
    services = context.open_services(ctx)
    _check_look(services, given.get("look"))
    made = publications.edit(services, _asked(name, given))
    click.echo(f"Changed publication {made.name}.")
    _print(made, services.clock())


@publication.command("list")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """All publications.

    \b
    Example:
      digest publication list --json
    """
    from digest.pipeline.calendar import next_due
    from digest.store import publications, subscribers

    services = context.open_services(ctx)
    now = services.clock()
    with services.database.read() as connection:
        found = publications.listing(connection)
        readers = {p.name: len(subscribers.readers(connection, p.id)) for p in found}
    if as_json:
        show.print_json([_facts(p) | {"readers": readers[p.name]} for p in found])
        return
    rows = [
        (
            p.name,
            p.title,
            "; ".join(describe(c) for c in p.cadences),
            p.zone,
            readers[p.name],
            "paused" if p.paused else show.moment(next_due(p, now)),
        )
        for p in found
    ]
    show.table(
        ("name", "title", "every", "zone", "readers", "next edition"),
        rows,
        right=("readers",),
        empty="No publications yet. Make one: digest publication add NAME --every day",
    )


@publication.command("show")
@click.argument("name")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, name: str, as_json: bool) -> None:
    """One publication.

    \b
    Example:
      digest publication show morning
    """
    from digest.store import publications

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = publications.get(connection, name)
    if as_json:
        show.print_json(_facts(found))
    else:
        _print(found, services.clock())


@publication.command()
@click.argument("name")
@click.option("--resume", is_flag=True, help="Go on again.")
@click.pass_context
def pause(ctx: click.Context, name: str, resume: bool) -> None:
    """Publish no editions until --resume. What comes in meanwhile goes into the next edition.

    \b
    Example:
      digest publication pause morning
      digest publication pause morning --resume
    """
    from digest.pipeline import publications

    publications.set_paused(context.open_services(ctx), name, paused=not resume)
    click.echo(f"Publication {name} {'goes on' if resume else 'is paused'}.")


@publication.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Remove a publication: its subscriptions end. What it has sent stays on record.

    \b
    Example:
      digest publication remove morning
    """
    from digest.pipeline import publications

    readers = publications.remove(context.open_services(ctx), name)
    click.echo(f"Removed publication {name}; {show.count(readers, 'subscription')} ended.")


@publication.command()
@click.argument("name")
@click.option("--days", default=14, show_default=True, type=click.IntRange(1, 400), help="How far ahead.")
@click.option("--zone", help="As seen from this zone; by default the publication's own.")
@show.as_json_option
@click.pass_context
def calendar(ctx: click.Context, name: str, days: int, zone: str | None, as_json: bool) -> None:
    """The coming slots. Those that a change of clocks moves are marked.

    \b
    Example:
      digest publication calendar morning --days 30
    """
    from digest.pipeline.calendar import upcoming
    from digest.pipeline.subscriptions import check_zone
    from digest.store import publications

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = publications.get(connection, name)
    coming = upcoming(found, check_zone(zone or found.zone), services.clock(), days)
    rows = [
        (
            cadence.name,
            slot.local.strftime("%a %Y-%m-%d %H:%M"),
            show.moment(slot.instant),
            _mark(slot.shifted, slot.folded),
        )
        for cadence, slot in coming
    ]
    if as_json:
        names = ("cadence", "local", "instant", "note")
        show.print_json(
            [dict(zip(names, (c.name, s.local, s.instant, _mark(s.shifted, s.folded)), strict=True)) for c, s in coming]
        )
    else:
        show.table(("cadence", "local time", "UTC", ""), rows, empty=f"No slots in {days} days.")


def _mark(shifted: bool, folded: bool) -> str:
    if shifted:
        return "this local time is skipped: sent right after the gap"
    return "this local time comes twice: sent the first time" if folded else ""


def describe(cadence: Cadence) -> str:
    """`week on mon at 07:00`."""
    at = cadence.at.strftime("%H:%M")
    return {
        Every.HOUR: f"hour at :{cadence.at:%M}",
        Every.WEEK: f"week on {WEEKDAYS[cadence.weekday]} at {at}",
        Every.MONTH: f"month on {cadence.day} at {at}",
    }.get(cadence.every, f"{cadence.every} at {at}")


def _check_look(services: Any, look: str | None) -> None:
    from digest.compose.render import Renderer
    from digest.errors import NotFound

    looks = Renderer(services.template_folders).looks()
    if look and look not in looks:
        raise NotFound("look", look, list(looks))


def _facts(p: Publication) -> dict[str, Any]:
    return {
        "name": p.name,
        "title": p.title,
        "every": [{"every": c.name, "at": c.at.strftime("%H:%M"), "on": _on(c)} for c in p.cadences],
        "zone": p.zone,
        "language": p.language,
        "late": p.late,
        "from": p.sender,
        "look": p.look,
        "topics": p.topics,
        "sources": p.sources,
        "languages": p.languages,
        "paused": p.paused,
    }


def _on(cadence: Cadence) -> str | int | None:
    if cadence.every is Every.WEEK:
        return WEEKDAYS[cadence.weekday]
    return cadence.day if cadence.every is Every.MONTH else None


def _print(p: Publication, now: Any) -> None:
    from digest.pipeline.calendar import next_due

    show.facts(
        p.title,
        {
            "name": p.name,
            "every": "; ".join(describe(c) for c in p.cadences),
            "zone": p.zone,
            "next edition": "paused" if p.paused else next_due(p, now),
            "from": p.sender,
            "topics": p.topics or "all",
            "sources": p.sources or "all",
            "languages": p.languages or "all",
            "words in": p.language,
            "look": p.look,
            "when late": p.late,
        },
    )
