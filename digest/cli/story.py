"""digest story"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from digest.cli import article, context, correction, given, show, story_view, timeline_view

if TYPE_CHECKING:
    from digest.model.article import Article
    from digest.model.story import Story
    from digest.pipeline.storylines import Account


@click.group()
def story() -> None:
    """Look at stories: articles that tell one event. Put right what was grouped wrongly.

    \b
    Example:
      digest story list --topic sport
      digest story show 12
    """


@story.command("list")
@click.option("--storyline", type=given.ID, metavar="ID", help="Only of this storyline.")
@click.option("--topic", default="", metavar="TOPIC", help="Only with an article on this topic.")
@article.limit_option
@show.as_json_option
@click.pass_context
def list_(ctx: click.Context, storyline: int | None, topic: str, limit: int | None, as_json: bool) -> None:
    """List stories, the newest first.

    \b
    Example:
      digest story list --topic sport --limit 20
      digest story list --json | jq '.[] | select(.languages | length > 1)'
    """
    from digest.store import stories, topics

    services = context.open_services(ctx)
    with services.database.read() as connection:
        if topic:
            topics.get(connection, topic)
        if storyline is not None:
            storyline = story_view.find_storyline(connection, storyline)
        found = stories.listing(connection, storyline=storyline, topic=topic, limit=article.up_to(limit, as_json))
        keys = stories.article_keys(connection, [i for s in found for i in s.articles]) if as_json else {}
    if as_json:
        show.print_json([story_view.as_json(entry, keys) for entry in found])
        return
    rows = [
        [
            entry.id,
            entry.storyline,
            article.short_date(entry.last),
            story_view.few_badges(entry.languages),
            len(entry.articles),
            entry.title,
        ]
        for entry in article.shown(found, limit)
    ]
    columns = ["id", "storyline", "date", "lang", "articles", "title"]
    empty = "No such stories." if topic or storyline is not None else story_view.NONE_YET
    show.table(columns, rows, empty=empty, right=["id", "storyline", "date", "articles"], cut=True)
    article.say_more(found, limit)


@story.command("show")
@click.argument("story_id", type=given.ID, metavar="ID")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, story_id: int, as_json: bool) -> None:
    """Show one story: its articles and why each is there, who speaks, what changed.

    \b
    Example:
      digest story show 12
    """
    from digest.pipeline.storylines import account
    from digest.store import stories

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found: Story = article.find_story(connection, story_id)
        seen = account(connection, [found], "en", "story")
        held = seen.articles[found.id]
        why = article.placed(connection, stories.why(connection, found.id))
        topics = _reasons(found, {e.id: stories.topics_of(connection, e.id) for e in held})
        others = len(stories.of_storylines(connection, [found.storyline])) - 1
    if as_json:
        told = [_article_as_json(entry, why.get(entry.id, "")) for entry in held]
        keys = {entry.id: entry.key for entry in held}
        more = story_view.account_as_json(seen)
        more.pop("timeline")
        show.print_json(story_view.as_json(found, keys) | {"articles": told, "named": found.given} | more)
        return
    if found.id != story_id:
        click.echo(f"Story {story_id} was merged into story {found.id}.\n")
    _print_facts(found, seen, others, topics)
    _print_articles(held, why)
    timeline_view.print_developments(seen.developments)
    story_view.print_corrections(seen.corrections)


def _print_facts(found: Story, seen: Account, others: int, topics: Mapping[str, str]) -> None:
    facts = {
        "story": found.id,
        "storyline": f"{found.storyline} ({show.count(others, 'other story', 'other stories')})",
        "date": story_view.span(found, long=True),
        "languages": [article.language_name(code) for code in found.languages],
        "voices": story_view.voices(seen),
        "title": "given by hand" if found.given else "",
        **{"topics" if number == 0 else " " * number: line for number, line in enumerate(topics.values())},
    }
    show.facts(found.title, facts)


def _reasons(found: Story, scored: Mapping[int, Sequence[tuple[str, float, str]]]) -> dict[str, str]:
    """Each topic of the story, with the words that spoke for it most."""
    told = {}
    for topic in found.topics:
        mine = [(score, reason) for of in scored.values() for name, score, reason in of if name == topic]
        score, reason = max(mine, default=(0.0, ""))
        share = f"{len(mine)} of {len(scored)}" if len(scored) > 1 else f"{score:.2f}"
        told[topic] = f"{topic}, {share}" + (f"  ({reason})" if reason else "")
    return told


def _print_articles(held: Sequence[Article], why: Mapping[int, str]) -> None:
    show.heading(show.count(len(held), "article"))
    named = any(entry.publisher for entry in held)
    rows = [
        [article.short_date(e.published), e.language, e.key, *([e.publisher] if named else []), _headline(e, why)]
        for e in held
    ]
    columns = ["date", "lang", "key", *(["publisher"] if named else []), "title, and why it is here"]
    show.table(columns, rows, empty="", right=["date"])


def _headline(entry: Article, why: Mapping[int, str]) -> str:
    told = why.get(entry.id, "")
    return f"{entry.title}\n({told})" if told else entry.title


def _article_as_json(entry: Article, why: str) -> dict[str, Any]:
    return {
        "key": entry.key,
        "title": entry.title,
        "language": entry.language,
        "date": entry.published.iso(),
        "precision": str(entry.published.precision),
        "publisher": entry.publisher,
        "url": entry.url,
        "placed": why,
    }


@story.command("merge")
@click.argument("ids", type=given.ID, nargs=-1, required=True, metavar="ID ID …")
@correction.reason_option
@click.pass_context
def merge(ctx: click.Context, ids: tuple[int, ...], reason: str) -> None:
    """Say that two or more stories are one. The oldest id stays, the others lead to it.

    \b
    Example:
      digest story merge 12 15 --reason "the same fire"
    """
    correction.merge(ctx, "story", ids, reason)


@story.command("split")
@click.argument("story_id", type=given.ID, metavar="ID")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE …")
@click.option("--into", type=given.ID, metavar="ID", help="The story that they belong to. Without it, a new one.")
@correction.title_option
@correction.reason_option
@click.pass_context
def split(
    ctx: click.Context, story_id: int, articles: tuple[str, ...], into: int | None, title: str, reason: str
) -> None:
    """Say that articles of a story tell another event: a new story, or another one that there is.

    \b
    Example:
      digest story split 12 a4xq2m7kdp3ve --reason "another fire"
      digest story split 12 a4xq2m7kdp3ve --into 15
    """
    from digest.pipeline.corrections import split_story

    correction.print_done(split_story(context.open_services(ctx), story_id, articles, into, reason, title))


@story.command("rename")
@click.argument("story_id", type=given.ID, metavar="ID")
@click.argument("title", required=False, default="", metavar="[TITLE]")
@correction.automatic_option
@correction.reason_option
@click.pass_context
def rename(ctx: click.Context, story_id: int, title: str, automatic: bool, reason: str) -> None:
    """Give a story a title of your own, or its automatic one back.

    \b
    Example:
      digest story rename 12 "The fire at the quay"
      digest story rename 12 --automatic
    """
    correction.rename(ctx, "story", story_id, title, automatic, reason)


story.add_command(correction.list_)
story.add_command(correction.undo)
