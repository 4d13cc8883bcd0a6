"""digest publication"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import click

from digest.cli import context, given, publication_mails, publication_pages, show
from digest.cli.publication_calendar import calendar
from digest.model.cadence import Every, Lateness


@click.group()
def publication() -> None:
    """What people subscribe to: topics, sources, languages, cadences, look.

    \b
    Example:
      digest publication add morning --every day --at 07:00 --zone Europe/Brussels
      digest publication list
    """


#: Days. What is longer is no date that can be reckoned with.
_LONGEST = 36_500
#: More than a mail has room for.
_IMAGES = 20


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
        click.option(
            "--late-limit",
            "late_limit_hours",
            type=given.NumberType(0, _LONGEST * 24, whole=False),
            metavar="HOURS",
            help="How late is too late.",
        ),
        click.option("--max-entries", type=given.COUNT, metavar="N", help="At most so many stories a mail."),
        click.option("--max-per-section", type=given.COUNT, metavar="N", help="At most so many a section."),
        click.option(
            "--catch-up",
            "catch_up_days",
            type=given.NumberType(1, _LONGEST),
            metavar="DAYS",
            help="How far back missed news goes.",
        ),
        click.option(
            "--uncertain",
            type=click.Choice(["resend", "hold", "idempotent"]),
            help="A mail whose fate is unknown: send the same again, or ask you, or let the relay know it again.",
        ),
        click.option("--from", "sender", metavar="ADDRESS", help="Who the mails come from."),
        click.option("--topic", "topics", multiple=True, metavar="TOPIC", help="Only these topics; give several."),
        click.option("--source", "sources", multiple=True, metavar="SOURCE", help="Only these sources."),
        click.option("--lang", "languages", multiple=True, metavar="LANG", help="Only articles in these languages."),
        click.option("--language", metavar="LANG", help="Of the fixed words, where a reader chose none."),
        click.option(
            "--images",
            type=given.NumberType(0, _IMAGES),
            metavar="N",
            help="So many lead images a mail, inside of it (docs/lead-images.md); 0: none.",
        ),
        click.option("--look", metavar="LOOK", help="The templates: a folder of templates/edition."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


def _is_said(value: Any) -> bool:
    """Zero is said; what Click puts where nothing was said is not."""
    return bool(value) or (value == 0 and value is not False)


def _what_is_said(said: dict[str, Any]) -> dict[str, Any]:
    cleared = (*publication_mails.CLEARED_BY_NOTHING, *publication_pages.CLEARED_BY_NOTHING)
    return {key: value for key, value in said.items() if _is_said(value) or (key in cleared and value is not None)}


def _asked(services: Any, name: str, said: dict[str, Any]) -> Any:
    from digest.compose.render import Renderer
    from digest.errors import UsageError
    from digest.pipeline.publications import Asked

    if "sender" in said:
        given.sender(said["sender"])
    # A new publication's look may come from the settings: it is looked for all the same.
    look = said.get("look") or (services.settings.publication.look if "every" in said else "")
    if look:
        looks = Renderer(services.template_folders).looks()
        if look not in looks:
            mend = f"there is: {', '.join(looks)}; put your own into templates/edition of the home folder"
            raise UsageError(f"there is no look {look!r}", mend=mend)
    return Asked(name, **said)


@publication.command()
@click.argument("name")
@_definition
@publication_mails.options
@publication_pages.options
@click.pass_context
def add(ctx: click.Context, /, name: str, **said: Any) -> None:
    """Define a publication. Only the name and --every are required.

    \b
    Example:
      digest publication add morning --every day --every week --on mon --at 07:00 --zone Europe/Brussels
    """
    from digest.cli import publication_view as view
    from digest.pipeline import publications

    services = context.open_services(ctx)
    made = publications.add(services, _asked(services, name, _what_is_said(said)))
    click.echo(f"Added publication {made.name}.")
    view.tell(made, services.clock())
    publication_mails.warn(services, made)
    publication_pages.warn(services, made)
    click.echo(f"\nNext: digest subscriber add EMAIL --publication {made.name}")


@publication.command()
@click.argument("name")
@_definition
@publication_mails.options
@publication_pages.options
@click.option("--all-topics", is_flag=True, help="All topics from now on.")
@click.option("--all-sources", is_flag=True, help="All sources from now on.")
@click.option("--all-languages", is_flag=True, help="Articles in all languages from now on.")
@click.pass_context
def edit(ctx: click.Context, /, name: str, **said: Any) -> None:
    """Change a publication; what is not said stays as it is.

    \b
    Example:
      digest publication edit morning --at 06:30 --topic sport --topic politics
    """
    from digest.cli import publication_view as view
    from digest.errors import UsageError
    from digest.pipeline import publications

    said = _what_is_said(said)
    if not said:
        raise UsageError("nothing to change was said", mend="see: digest publication edit --help")
    for noun, option in (("topics", "--topic"), ("sources", "--source"), ("languages", "--lang")):
        if said.pop(f"all_{noun}", False):
            if noun in said:
                raise UsageError(f"--all-{noun} and {option} contradict each other", mend="give one of them")
            said[noun] = ()
    services = context.open_services(ctx)
    made = publications.edit(services, _asked(services, name, said))
    click.echo(f"Changed publication {made.name}.")
    view.tell(made, services.clock())
    publication_mails.warn(services, made)
    publication_pages.warn(services, made)


@publication.command("list")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """All publications.

    \b
    Example:
      digest publication list --json
    """
    from digest.cli import publication_view as view
    from digest.store import publications, subscribers

    services = context.open_services(ctx)
    now = services.clock()
    with services.database.read() as connection:
        found = publications.listing(connection)
        readers = {p.name: len(subscribers.readers(connection, p.id)) for p in found}
    if as_json:
        show.print_json([view.facts(p) | {"readers": readers[p.name]} for p in found])
        return
    rows = [
        (p.name, readers[p.name], view.next_edition(p, now), p.zone, "; ".join(view.describe(c) for c in p.cadences))
        for p in found
    ]
    show.table(
        ("name", "readers", "next edition", "zone", "every"),
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
    from digest.cli import publication_view as view
    from digest.store import publications, subscribers

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = publications.get(connection, name)
        readers = len(subscribers.readers(connection, found.id))
    if as_json:
        show.print_json(view.facts(found) | {"readers": readers})
    else:
        view.tell(found, services.clock())


@publication.command()
@click.argument("name")
@click.option("--resume", is_flag=True, help="The same as `publication resume`.")
@click.pass_context
def pause(ctx: click.Context, name: str, resume: bool) -> None:
    """Publish no editions until `resume`. What comes in meanwhile goes into the next edition.

    \b
    Example:
      digest publication pause morning
    """
    _set_paused(ctx, name, resume=resume)


@publication.command()
@click.argument("name")
@click.pass_context
def resume(ctx: click.Context, name: str) -> None:
    """Publish editions again.

    \b
    Example:
      digest publication resume morning
    """
    _set_paused(ctx, name, resume=True)


def _set_paused(ctx: click.Context, name: str, *, resume: bool) -> None:
    from digest.pipeline import publications
    from digest.store import publications as stored

    services = context.open_services(ctx)
    with services.database.read() as connection:
        paused = stored.get(connection, name).paused
    if paused is not resume:
        click.echo(f"Publication {name} {'is paused' if paused else 'is not paused'}; nothing was changed.")
        return
    publications.set_paused(services, name, paused=not resume)
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


publication.add_command(calendar)
publication.add_command(publication_pages.form)
