"""What `digest story` and `digest storyline` share in putting right what was grouped wrongly."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import TYPE_CHECKING

import click

from digest.cli import article, context, given, show, story_view

if TYPE_CHECKING:
    from digest.pipeline.corrections import Done

reason_option = click.option("--reason", default="", metavar="TEXT", help="Why; kept with the correction.")
title_option = click.option("--title", default="", metavar="TITLE", help="A title for where they go.")
automatic_option = click.option("--automatic", is_flag=True, help="Back to the automatic title.")


def merge(ctx: click.Context, level: str, ids: Sequence[int], reason: str) -> None:
    from digest.group.rulings import Level
    from digest.pipeline import corrections

    followed: set[int] = set()
    for done in corrections.merge(context.open_services(ctx), Level(level), ids, reason):
        print_done(done, without=followed)
        followed |= set(done.followed)


def rename(ctx: click.Context, level: str, number: int, title: str, automatic: bool, reason: str) -> None:
    from digest.errors import UsageError
    from digest.group.rulings import Level
    from digest.pipeline import corrections

    if automatic == bool(title):
        raise UsageError("give either a title or --automatic", mend=f'digest {level} rename {number} "A title"')
    given = None if automatic else title
    print_done(corrections.rename(context.open_services(ctx), Level(level), number, given, reason))


def print_done(done: Done, *, without: Collection[int] = ()) -> None:
    """What was done, what else it touches, and how to take it back."""
    made = done.correction
    for was, now in sorted(done.followed.items()):
        if was not in without:
            click.echo(f"{was} was merged into {now} before: that is the one meant.")
    told = story_view.told(made)
    click.echo(show.plain(told[0].upper() + told[1:] + (f": {done.title}" if made.action != "rename" else ".")))
    if made.action == "rename" and not made.title:
        click.echo(show.plain(f"It is called “{done.title}”."))
    for number in done.ended:
        click.echo(f"This goes against correction {number}, which no longer holds for these articles.")
    click.echo(click.style(f"To take it back: digest story undo {made.id}", dim=True))


@click.command("corrections")
@click.option("--all", "every", is_flag=True, help="Those that were undone, too.")
@article.limit_option
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, every: bool, limit: int | None, as_json: bool) -> None:
    """List what was corrected by hand, in stories and storylines; the newest first.

    \b
    Example:
      digest story corrections
      digest story corrections --all --json
    """
    from digest.store import corrections

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = [c for c in corrections.listing(connection) if every or c.undone_at is None]
    found = found[: limit or None]
    if as_json:
        show.print_json([story_view.correction_as_json(made) for made in found])
        return
    rows = [
        [
            made.id,
            f"{made.at:%Y-%m-%d}",
            *([f"{made.undone_at:%Y-%m-%d}" if made.undone_at else ""] if every else []),
            "\n".join(filter(None, (story_view.told(made), made.reason and f"({made.reason})"))),
        ]
        for made in article.shown(found, limit)
    ]
    columns = ["id", "made", *(["undone"] if every else []), "what, and why"]
    show.table(columns, rows, empty="Nothing was corrected by hand.", right=["id"])
    article.say_more(found, limit)


@click.command("undo")
@click.argument("number", type=given.ID, metavar="ID")
@click.pass_context
def undo(ctx: click.Context, number: int) -> None:
    """Take a correction back; ID is its number in `digest story corrections`.

    \b
    Example:
      digest story undo 3
    """
    from digest.pipeline import undoing

    done = undoing.undo(context.open_services(ctx), number)
    for made in (done.correction, *done.named):
        click.echo(show.plain(f"Taken back: {story_view.told(made)}."))
