"""digest article"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import click

from digest.cli import article_remove, article_search, context, given, show

if TYPE_CHECKING:
    from digest.model.article import Article
    from digest.model.dates import PartialDate

#: Lines of a table on a terminal where no limit is given.
SCREEN = 50
_WIDEST = 100

limit_option = click.option(
    "--limit",
    type=given.COUNT,
    metavar="N",
    help=f"At most N. Without it a table on a terminal stops at {SCREEN} lines.",
)


@click.group()
def article() -> None:
    """Look at articles.

    \b
    Example:
      digest article list --lang de
      digest article search bridge open*
      digest article show a4xq2m7kdp3ve
    """


article.add_command(article_search.search)
article.add_command(article_remove.remove)


@article.command("list")
@click.option("--source", default="", metavar="NAME", help="Only of this source.")
@click.option("--lang", "language", default="", metavar="LANG", help="Only in this language, like nl.")
@click.option("--story", type=given.ID, metavar="ID", help="Only of this story.")
@click.option("--removed", is_flag=True, help="Those that were removed instead, the last removed first.")
@limit_option
@show.as_json_option
@click.pass_context
def list_(
    ctx: click.Context,
    source: str,
    language: str,
    story: int | None,
    removed: bool,
    limit: int | None,
    as_json: bool,
) -> None:
    """List articles, the newest date first.

    \b
    Example:
      digest article list --limit 20
      digest article list --lang fr --json | jq -r '.[].title'
    """
    from digest.store import articles, sources

    services = context.open_services(ctx)
    with services.database.read() as connection:
        if source:
            sources.get(connection, source)
        if removed:
            article_remove.print_list(connection, source, language.lower(), story, limit, as_json=as_json)
            return
        if story is not None:
            story = find_story(connection, story).id
        asked = up_to(limit, as_json)
        found = articles.listing(connection, source=source, language=language.lower(), story=story, limit=asked)
    if as_json:
        show.print_json([json_of(entry) for entry in found])
        return
    # Where every article has the same source, the column would only take room from the titles.
    several = len({entry.source for entry in found}) > 1
    rows = [
        [
            entry.key,
            short_date(entry.published),
            entry.language,
            _standing(entry),
            *([entry.source] if several else []),
            entry.title,
        ]
        for entry in shown(found, limit)
    ]
    columns = ["key", "date", "lang", "story", *(["source"] if several else []), "title"]
    filtered = source or language or story is not None
    empty = "No such articles." if filtered else "No articles yet. Take some in: digest ingest FILES"
    show.table(columns, rows, empty=empty, right=["date", "story"], cut=True)
    say_more(found, limit)


def _standing(entry: Article) -> str:
    """The story, or why there is none yet."""
    if entry.story is not None:
        return str(entry.story)
    return "held" if entry.standing == "quarantined" else ""


def _how_far(found: Article) -> str:
    if found.seq:
        return f"number {found.seq}"
    return "not grouped yet" if found.cleaned else "not cleaned nor grouped yet (digest group)"


@article.command("show")
@click.argument("key")
@click.option("--cut", is_flag=True, help="Also what was taken out of the text, and why.")
@show.as_json_option
@click.pass_context
def show_(ctx: click.Context, key: str, cut: bool, as_json: bool) -> None:
    """Show one article: KEY is its key, or the id that it was ingested with.

    \b
    Example:
      digest article show a4xq2m7kdp3ve --cut
    """
    from digest.errors import NotFound
    from digest.store import articles, stories

    services = context.open_services(ctx)
    with services.database.read() as connection:
        found = articles.find(connection, key)
        if found is None:
            if article_remove.print_removed(connection, key, as_json=as_json):
                return
            raise NotFound("article", key)
        topics = stories.topics_of(connection, found.id)
        held = stories.get(connection, found.story) if found.story is not None else None
        why = placed(connection, stories.why(connection, held.id)).get(found.id, "") if held else ""
    if as_json:
        show.print_json(_all_as_json(found, topics, why))
        return
    scored = [f"{name} {score:.2f}" + (f"  ({reason})" if reason else "") for name, score, reason in topics]
    facts = {
        "key": found.key,
        "id": found.external_id,
        "publisher": found.publisher,
        "url": found.url,
        "image": found.image_url,
        "date": long_date(found.published),
        "language": f"{language_name(found.language)} ({found.language})",
        "source": found.source,
        "revision": f"{found.ordinal}, {_how_far(found)}",
        "standing": "" if found.standing == "news" else str(found.standing),
        "story": f"{held.id}: {held.title}" if held else "",
        "placed": why,
        "storyline": found.storyline,
        **{"topics" if number == 0 else " " * number: line for number, line in enumerate(scored)},
    }
    show.facts(found.title, facts)
    _print_text(found.paragraphs)
    if cut:
        _print_cut(found)


def _print_text(paragraphs: tuple[str, ...]) -> None:
    for paragraph in paragraphs:
        click.echo()
        click.echo(_folded(paragraph))


def _print_cut(found: Article) -> None:
    """Under each reason, once, what was cut for it."""
    by_reason: dict[str, list[str]] = {}
    for piece in found.cut:
        by_reason.setdefault(piece.reason, []).append(piece.text)
    pieces = show.count(len(found.cut), "piece")
    show.heading(f"Cut from title and text: {pieces}" if found.cut else "Cut from title and text: nothing")
    for reason, texts in by_reason.items():
        click.echo("  " + click.style(show.plain(reason), fg="yellow"))
        for text in texts:
            click.echo(_folded(show.plain(text), indent="    "))


def _folded(text: str, indent: str = "") -> str:
    """To the width of the terminal; off one as it is."""
    import shutil
    import sys
    import textwrap

    if not sys.stdout.isatty():
        return indent + text
    width = min(shutil.get_terminal_size().columns, _WIDEST)
    return textwrap.fill(text, width, initial_indent=indent, subsequent_indent=indent, break_on_hyphens=False)


def json_of(entry: Article) -> dict[str, Any]:
    """Fixed for scripts."""
    return {
        "key": entry.key,
        "id": entry.external_id or entry.key,
        "title": entry.title,
        "language": entry.language,
        "date": entry.published.iso(),
        "precision": str(entry.published.precision),
        "source": entry.source,
        "story": entry.story,
        "storyline": entry.storyline,
        "topics": list(entry.topics),
    }


def _all_as_json(entry: Article, topics: list[tuple[str, float, str]], why: str) -> dict[str, Any]:
    return json_of(entry) | {
        "publisher": entry.publisher,
        "url": entry.url,
        "image": entry.image_url,
        "image_alt": entry.image_alt,
        "revision": entry.ordinal,
        "number": entry.seq or None,
        "standing": str(entry.standing),
        "first_seen": entry.first_seen,
        "placed": why,
        "topic_scores": [{"topic": name, "score": score, "reason": reason} for name, score, reason in topics],
        "paragraphs": list(entry.paragraphs),
        "cut": [{"reason": piece.reason, "text": piece.text} for piece in entry.cut],
    }


# What the commands about stories show in the same way.


def find_story(connection: Any, story_id: int) -> Any:
    """The story, or the one that it was merged into. Raises NotFound."""
    from digest.errors import NotFound
    from digest.store import stories

    found = stories.get(connection, story_id)
    if found is None:
        raise NotFound("story", str(story_id))
    return found


def placed(connection: Any, why: Mapping[int, str]) -> dict[int, str]:
    """Article id -> why it was placed, with other articles by the key that people know them by."""
    import re

    from digest.store import stories

    number = re.compile(r"(?<=\barticle )\d+")
    keys = stories.article_keys(connection, {int(i) for text in why.values() for i in number.findall(text)})
    return {
        article_id: number.sub(lambda found: keys.get(int(found[0]), found[0]), text)
        for article_id, text in why.items()
    }


def up_to(limit: int | None, as_json: bool) -> int | None:
    """How many to ask the store for: one more than a screen shows, so that we know whether there are more."""
    return limit if limit or as_json or not on_screen() else SCREEN + 1


def shown(found: list[Any], limit: int | None) -> list[Any]:
    return found if limit or not on_screen() else found[:SCREEN]


def say_more(found: list[Any], limit: int | None) -> None:
    if not limit and on_screen() and len(found) > SCREEN:
        click.echo(f"\nThese are the newest {SCREEN}; --limit N shows more.")


def on_screen() -> bool:
    import sys

    return sys.stdout.isatty()


def short_date(when: PartialDate) -> str:
    """`24 May 2025`, `May 2025`, `2025`: no more than is known."""
    from babel.dates import format_date, format_skeleton

    from digest.model import locales

    english = locales.parse("en_GB")
    if when.precision in ("day", "minute"):
        return format_date(when.start.date(), "medium", locale=english)
    return format_skeleton("yMMM" if when.precision == "month" else "y", when.start, locale=english)


def long_date(when: PartialDate) -> str:
    """`24 May 2025, 17:00 UTC`, `May 2025`, `2025`."""
    from digest.compose.words import Words

    told = Words((), "en", "UTC").exact(when)
    return f"{told} UTC" if when.precision == "minute" else told


def language_name(code: str) -> str:
    """`German`; the code where nobody knows it."""
    from digest.compose.words import Words

    return Words((), "en", "UTC").language_name(code) or code
