"""digest story, digest storyline"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

import click

from digest.cli import article, context, show

if TYPE_CHECKING:
    from digest.model.article import Article
    from digest.model.dates import PartialDate
    from digest.model.story import Story

_NONE_YET = "No stories yet. Group what came in: digest group"


@click.group()
def story() -> None:
    """Look at stories: articles that tell one event.

    \b
    Example:
      digest story list --topic sport
      digest story show 12
    """


@story.command("list")
@click.option("--storyline", type=int, metavar="ID", help="Only of this storyline.")
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
            storyline = _find_storyline(connection, storyline)
        found = stories.listing(connection, storyline=storyline, topic=topic, limit=article.up_to(limit, as_json))
        keys = stories.article_keys(connection, [i for s in found for i in s.articles]) if as_json else {}
    if as_json:
        show.print_json([_as_json(entry, keys) for entry in found])
        return
    rows = [
        [
            entry.id,
            entry.storyline,
            article.short_date(entry.last),
            _badges(entry.languages),
            len(entry.articles),
            entry.title,
        ]
        for entry in article.shown(found, limit)
    ]
    columns = ["id", "storyline", "date", "lang", "articles", "title"]
    empty = "No such stories." if topic or storyline is not None else _NONE_YET
    show.table(columns, rows, empty=empty, right=["id", "storyline", "date", "articles"])
    article.say_more(found, limit)


@story.command("show")
@click.argument("story_id", type=int, metavar="ID")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, story_id: int, as_json: bool) -> None:
    """Show one story: its articles, and why each was placed there.

    \b
    Example:
      digest story show 12
    """
    from digest.store import articles, stories

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found: Story = article.find_story(connection, story_id)
        held = articles.listing(connection, story=found.id)[::-1]
        why = article.placed(connection, stories.why(connection, found.id))
        others = len(stories.of_storylines(connection, [found.storyline])) - 1
    if as_json:
        told = [_article_as_json(entry, why.get(entry.id, "")) for entry in held]
        show.print_json(_as_json(found, {entry.id: entry.key for entry in held}) | {"articles": told})
        return
    if found.id != story_id:
        click.echo(f"Story {story_id} was merged into story {found.id}.\n")
    facts = {
        "story": found.id,
        "storyline": f"{found.storyline} ({show.count(others, 'other story', 'other stories')})",
        "date": _span(found, long=True),
        "languages": [article.language_name(code) for code in found.languages],
        "topics": found.topics,
    }
    show.facts(found.title, facts)
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


@click.group()
def storyline() -> None:
    """Look at storylines: stories that continue each other.

    \b
    Example:
      digest storyline list
      digest storyline show 3
    """


@storyline.command("list")
@article.limit_option
@show.as_json_option
@click.pass_context
def list_lines(ctx: click.Context, limit: int | None, as_json: bool) -> None:
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
    found = [(number, _in_order(held)) for number, held in lines.items()]
    if as_json:
        show.print_json([_line_as_json(number, held) for number, held in found])
        return
    rows = [
        [i, article.short_date(x[0].first), article.short_date(_last(x)), len(x), _few(_languages(x)), x[-1].title]
        for i, x in article.shown(found, limit)
    ]
    columns = ["id", "since", "newest", "stories", "lang", "newest story"]
    show.table(columns, rows, empty=_NONE_YET, right=["id", "since", "newest", "stories"])
    article.say_more(found, limit)


@storyline.command("show")
@click.argument("storyline_id", type=int, metavar="ID")
@show.as_json_option
@click.pass_context
def show_line(ctx: click.Context, storyline_id: int, as_json: bool) -> None:
    """Show the story so far: every story of a storyline, dated.

    \b
    Example:
      digest storyline show 3
    """
    from digest.store import stories

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = _find_storyline(connection, storyline_id)
        held = _in_order(stories.of_storylines(connection, [found]).values())
        keys = stories.article_keys(connection, [i for s in held for i in s.articles])
    if as_json:
        show.print_json(_line_as_json(found, held) | {"stories": [_as_json(entry, keys) for entry in held]})
        return
    if found != storyline_id:
        click.echo(f"Storyline {storyline_id} was merged into storyline {found}.\n")
    facts = {
        "storyline": found,
        "date": _line_span(held, long=True),
        "languages": [article.language_name(code) for code in _languages(held)],
        "topics": _topics(held),
        "stories": len(held),
        "articles": sum(len(entry.articles) for entry in held),
    }
    show.facts(held[-1].title if held else "An empty storyline", facts)
    show.heading("The story so far")
    rows = [
        [article.short_date(entry.first), _badges(entry.languages), entry.id, len(entry.articles), entry.title]
        for entry in held
    ]
    columns = ["date", "lang", "story", "articles", "headline"]
    show.table(columns, rows, empty="No stories.", right=["date", "story", "articles"])


def _find_storyline(connection: Any, storyline_id: int) -> int:
    from digest.errors import NotFound
    from digest.store import stories

    found = stories.storyline(connection, storyline_id)
    if found is None:
        raise NotFound("storyline", str(storyline_id))
    return found


def _in_order(held: Any) -> list[Story]:
    return sorted(held, key=lambda entry: (entry.first.start, entry.last.start, entry.id))


def _last(held: Sequence[Story]) -> PartialDate:
    return max((entry.last for entry in held), key=lambda date: date.start)


def _languages(held: Sequence[Story]) -> list[str]:
    return sorted({code for entry in held for code in entry.languages})


def _badges(languages: Sequence[str]) -> str:
    return " ".join(languages)


def _few(languages: Sequence[str]) -> str:
    """`de en fr`, `de en +3`: no wider than a list has room for."""
    return _badges([*languages[:2], f"+{len(languages) - 2}"] if len(languages) > 3 else languages)


def _topics(held: Sequence[Story]) -> list[str]:
    """Those of the most stories first."""
    told = [topic for entry in held for topic in entry.topics]
    return sorted(set(told), key=lambda topic: (-told.count(topic), told.index(topic)))


def _span(entry: Story, *, long: bool = False) -> str:
    return _line_span([entry], long=long)


def _line_span(held: Sequence[Story], *, long: bool = False) -> str:
    """`29 May 2022 – May 2025`; one date where both ends are shown alike."""
    if not held:
        return ""
    show_date = article.long_date if long else article.short_date
    return " – ".join(dict.fromkeys((show_date(held[0].first), show_date(_last(held)))))


def _as_json(entry: Story, keys: Mapping[int, str]) -> dict[str, Any]:
    """Fixed for scripts. The articles come earliest first."""
    mine = set(entry.articles)
    return {
        "id": entry.id,
        "storyline": entry.storyline,
        "title": entry.title,
        "topics": list(entry.topics),
        "first": entry.first.iso(),
        "last": entry.last.iso(),
        "languages": list(entry.languages),
        "articles": [key for article_id, key in keys.items() if article_id in mine],
    }


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


def _line_as_json(number: int, held: Sequence[Story]) -> dict[str, Any]:
    return {
        "id": number,
        "title": held[-1].title if held else "",
        "topics": _topics(held),
        "first": held[0].first.iso() if held else None,
        "last": _last(held).iso() if held else None,
        "languages": _languages(held),
        "stories": [entry.id for entry in held],
    }
