"""digest topic"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.pipeline.topics import Overview

_NEWEST = 5


@click.group()
def topic() -> None:
    """Standing interests: the 17 top-level IPTC Media Topics, and your own.

    \b
    Example:
      digest topic list
      digest topic add cycling --match "Tour de France" --match peloton
    """


@topic.command()
@click.argument("name")
@click.option("--match", multiple=True, metavar="WORDS", help="A word or a phrase to go by; give several.")
@click.option("--label", default="", help="How it is called where people read it.")
@click.pass_context
def add(ctx: click.Context, name: str, match: tuple[str, ...], label: str) -> None:
    """Add a topic: an article with one of the words is about it.

    Case and accents do not matter; a phrase must stand there as a whole. A default topic that was
    removed comes back by its name alone, or narrowed to the words given.

    \b
    Example:
      digest topic add cycling --match "Tour de France" --match peloton
    """
    from digest.pipeline import topics

    made = topics.add(context.open_services(ctx), name, match, label)
    by = f", by {', '.join(made.match)}" if made.match else ""
    click.echo(f"Added topic {made.name} ({made.label}){by}.")
    click.echo("It counts for articles that are grouped from now on; those grouped already keep their topics.")


@topic.command("list")
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, as_json: bool) -> None:
    """List the topics, your own first.

    \b
    Example:
      digest topic list
    """
    from digest.pipeline import topics

    found = topics.overview(context.open_services(ctx))
    if as_json:
        show.print_json([_as_json(entry) for entry in found])
        return
    rows = [[e.topic.name, e.topic.kind, e.topic.code, e.articles or "", e.topic.label] for e in found]
    empty = 'No topics. Add one: digest topic add NAME --match "some words"'
    show.table(["name", "kind", "code", "articles", "label"], rows, empty=empty, right=["articles"])


@topic.command("show")
@click.argument("name")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, name: str, as_json: bool) -> None:
    """Show one topic, and its newest stories.

    \b
    Example:
      digest topic show sport
    """
    from digest.cli.article import short_date
    from digest.pipeline import topics
    from digest.store import stories

    services = context.open_services(ctx)
    found = topics.show(services, name)
    with services.database.read() as connection:
        newest = stories.listing(connection, topic=name, limit=_NEWEST)
    if as_json:
        show.print_json(_as_json(found))
        return
    told = found.topic
    facts = {
        "name": told.name,
        "kind": told.kind,
        "code": told.code,
        "goes by": ", ".join(told.match) or "its vocabulary, in every language that we know",
        "articles": found.articles,
    }
    show.facts(told.label, facts)
    if newest:
        show.heading("Newest stories")
        rows = [[short_date(story.last), story.id, story.title] for story in newest]
        show.table(["date", "story", "title"], rows, empty="", right=["date", "story"])


@topic.command()
@click.argument("name")
@click.pass_context
def remove(ctx: click.Context, name: str) -> None:
    """Remove a topic, a default one too. Articles keep the topics they have.

    \b
    Example:
      digest topic remove lifestyle-leisure
    """
    from digest.pipeline import topics

    asking = topics.remove(context.open_services(ctx), name)
    click.echo(f"Removed topic {name}: no article is filed under it from now on.")
    if asking:
        click.echo(f"Still asked for by: {', '.join(asking)} (see: digest publication edit --help)")


def _as_json(entry: Overview) -> dict[str, Any]:
    return {
        "name": entry.topic.name,
        "label": entry.topic.label,
        "kind": entry.topic.kind,
        "code": entry.topic.code,
        "match": list(entry.topic.match),
        "articles": entry.articles,
    }
