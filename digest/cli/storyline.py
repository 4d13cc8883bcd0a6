"""digest storyline"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli import article, context, correction, given, show, story_view, timeline_view

if TYPE_CHECKING:
    from digest.model.story import Story


@click.group()
def storyline() -> None:
    """Look at storylines: stories that continue each other. Put right what was joined wrongly.

    \b
    Example:
      digest storyline list
      digest storyline show 3
    """


@storyline.command("list")
@article.limit_option
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, limit: int | None, as_json: bool) -> None:
    """List storylines, the one with the newest story first.

    \b
    Example:
      digest storyline list --limit 10
    """
    from digest.store import stories

    services = context.open_services(ctx)
    with services.database.read() as connection:
        ids = stories.storyline_ids(connection, limit=article.up_to(limit, as_json))
        lines: dict[int, list[Story]] = {i: [] for i in ids}
        for entry in stories.of_storylines(connection, ids).values():
            lines[entry.storyline].append(entry)
        given = stories.storyline_titles(connection, ids)
    found = [(number, story_view.in_order(held)) for number, held in lines.items()]
    if as_json:
        show.print_json([story_view.line_as_json(number, held, given.get(number, "")) for number, held in found])
        return
    rows = [
        [
            i,
            article.short_date(x[0].first),
            article.short_date(story_view.last_date(x)),
            len(x),
            story_view.few_badges(story_view.languages_of(x)),
            given.get(i) or x[-1].title,
        ]
        for i, x in article.shown(found, limit)
    ]
    columns = ["id", "since", "newest", "stories", "lang", "name, or newest story"]
    show.table(columns, rows, empty=story_view.NONE_YET, right=["id", "since", "newest", "stories"], cut=True)
    article.say_more(found, limit)


@storyline.command("show")
@click.argument("storyline_id", type=given.ID, metavar="ID")
@story_view.language_option
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, storyline_id: int, language: str, as_json: bool) -> None:
    """Show the story so far: the dates that matter, a quoted sentence each, and what changed.

    \b
    Example:
      digest storyline show 3 --lang nl
    """
    from digest.pipeline.choices import check_language
    from digest.pipeline.storylines import account
    from digest.store import stories

    language = check_language(language)
    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = story_view.find_storyline(connection, storyline_id)
        held = story_view.in_order(stories.of_storylines(connection, [found]).values())
        given = stories.storyline_titles(connection, [found]).get(found, "")
        keys = stories.article_keys(connection, [i for s in held for i in s.articles])
        seen = account(connection, held, language, "storyline")
    if as_json:
        told = {"stories": [story_view.as_json(entry, keys) for entry in held], "named": bool(given)}
        show.print_json(story_view.line_as_json(found, held, given) | told | story_view.account_as_json(seen))
        return
    if found != storyline_id:
        click.echo(f"Storyline {storyline_id} was merged into storyline {found}.\n")
    facts = {
        "storyline": found,
        "date": story_view.line_span(held, long=True),
        "languages": [article.language_name(code) for code in story_view.languages_of(held)],
        "topics": story_view.topics_of(held),
        "stories": len(held),
        "articles": sum(len(entry.articles) for entry in held),
        "voices": story_view.voices(seen),
    }
    show.facts(given or (held[-1].title if held else "An empty storyline"), facts)
    timeline_view.print_developments(seen.developments, {s.id: s.title for s in held})
    show.heading("The story so far")
    timeline_view.print_timeline(seen, language)
    story_view.print_corrections(seen.corrections)


@storyline.command("merge")
@click.argument("ids", type=given.ID, nargs=-1, required=True, metavar="ID ID …")
@correction.reason_option
@click.pass_context
def merge(ctx: click.Context, ids: tuple[int, ...], reason: str) -> None:
    """Say that storylines are one. The oldest id stays, the others lead to it.

    \b
    Example:
      digest storyline merge 3 8 --reason "the same trial"
    """
    correction.merge(ctx, "storyline", ids, reason)


@storyline.command("split")
@click.argument("storyline_id", type=given.ID, metavar="ID")
@click.argument("stories", type=given.ID, nargs=-1, required=True, metavar="STORY …")
@click.option("--into", type=given.ID, metavar="ID", help="The storyline that they continue. Without it, a new one.")
@correction.title_option
@correction.reason_option
@click.pass_context
def split(
    ctx: click.Context, storyline_id: int, stories: tuple[int, ...], into: int | None, title: str, reason: str
) -> None:
    """Say that stories do not continue the rest of a storyline, but nothing yet, or another one.

    \b
    Example:
      digest storyline split 3 12 15
      digest storyline split 3 12 --into 8
    """
    from digest.pipeline.corrections import split_storyline

    correction.print_done(split_storyline(context.open_services(ctx), storyline_id, stories, into, reason, title))


@storyline.command("rename")
@click.argument("storyline_id", type=given.ID, metavar="ID")
@click.argument("title", required=False, default="", metavar="[TITLE]")
@correction.automatic_option
@correction.reason_option
@click.pass_context
def rename(ctx: click.Context, storyline_id: int, title: str, automatic: bool, reason: str) -> None:
    """Give a storyline a name, which mails show too, or take it away.

    \b
    Example:
      digest storyline rename 3 "The bridge of Valkenrade"
      digest storyline rename 3 --automatic
    """
    correction.rename(ctx, "storyline", storyline_id, title, automatic, reason)
