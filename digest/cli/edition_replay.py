"""digest edition replay"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli import context, given, show

if TYPE_CHECKING:
    from datetime import datetime


@click.command()
@click.argument("publication")
@click.option("--from", "start", required=True, metavar="WHEN", help="The first slot, like 2026-03-02 or with a time.")
@click.option("--to", "stop", default="", metavar="WHEN", help="The last slot; without it, all up to now.")
@click.option(
    "--set", "said", multiple=True, metavar="KEY=VALUE", help="Another setting, like max_entries=5; give several."
)
@click.option("--as", "email", default="", metavar="EMAIL", help="Only what this reader got.")
@click.option("--full", is_flag=True, help="The text of each mail too, as it would be.")
@click.option("--ask-model", is_flag=True, help="Ask the language model what it was not asked before; may cost.")
@show.as_json_option
@click.pass_context
def replay(
    ctx: click.Context,
    publication: str,
    start: str,
    stop: str,
    said: tuple[str, ...],
    email: str,
    full: bool,
    ask_model: bool,
    as_json: bool,
) -> None:
    """Make past editions anew, under other settings, and show what would be different. Nothing is stored.

    Without --set it tells what changed since: stories grouped anew, corrections, edited settings and templates.
    KEY is one of the publication's (max_entries, topics, look …) or a setting (summary.words …).

    \b
    Example:
      digest edition replay morning --from 2026-03-02 --to 2026-03-08 --set max_entries=10
      digest edition replay morning --from 2026-03-02 --set topics=sport,health --set summary.sentences=2
    """
    from digest.cli import replay_view as view
    from digest.errors import UsageError
    from digest.pipeline import replay as replaying
    from digest.pipeline import replay_settings

    first, last = _moment(start), _moment(stop, end=True)
    if first > last:
        raise UsageError(f"{start} is later than {stop}", mend="--from is the first slot and --to the last")
    settings = replay_settings.read(said)
    services = context.open_services(ctx, said=settings.settings)
    address = given.address(email) if email else ""
    wanted = replaying.Wanted(publication, first, last, settings.publication, address, ask_model)
    found = replaying.replay(services, wanted)
    if as_json:
        show.print_json(view.as_json(found, said, full=full, asked=ask_model))
    elif not found.editions:
        whom = address or "anybody"
        click.echo(f"Nothing of {publication} was mailed to {whom} in that time (see: digest edition list).")
    else:
        view.tell(found, said, full=full, asked=ask_model)


def _moment(text: str, *, end: bool = False) -> datetime:
    """A slot's local time; of a day alone its first moment, or its last."""
    from datetime import datetime, time

    from digest.deliver.slots import read_local

    if not text:
        return datetime(9999, 12, 31)  # noqa: DTZ001 - slots are local times
    found, whole_day = read_local(text, "the edition's zone")
    return datetime.combine(found, time.max) if end and whole_day else found
