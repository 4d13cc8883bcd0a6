"""digest article search"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show

if TYPE_CHECKING:
    from digest.store.search import Hit

_FOUND = 20


class _Words(click.Command):
    """Its words may begin with a hyphen: `-ferry` is what must not be in an article, and no option."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        from digest.store.words import MINUS

        options = {name for parameter in self.params for name in parameter.opts} | set(self.get_help_option_names(ctx))
        barred = re.compile(r"-[^-\s]")
        words = [MINUS + a[1:] if barred.match(a) and a not in options else a for a in args]
        return super().parse_args(ctx, words)


@click.command(cls=_Words)
@click.argument("words", nargs=-1, required=True, metavar="WORDS…")
@click.option("--lang", "language", default="", metavar="LANG", help="Only in this language, like nl.")
@click.option("--source", default="", metavar="NAME", help="Only of this source.")
@click.option("--topic", default="", metavar="TOPIC", help="Only about this topic.")
@click.option(
    "--since", default="", metavar="DATE", help="Only with this date or a later one: 2025, 2025-05, 2025-05-24."
)
@click.option("--newest", is_flag=True, help="The newest first, instead of the best.")
@click.option("--limit", type=given.COUNT, default=_FOUND, metavar="N", help=f"At most N; {_FOUND} unless told.")
@show.as_json_option
@click.pass_context
def search(
    ctx: click.Context, /, words: tuple[str, ...], as_json: bool, limit: int, source: str, **wanted: Any
) -> None:
    """Find articles by their words, in titles and texts, whatever the accents and the case.

    All WORDS must be in an article. Words in quotation marks stand side by side; bru* is any word that begins so;
    -ferry must not be in it. Chinese, Japanese and Thai need no spaces. Articles are found once they are grouped.

    \b
    Example:
      digest article search bridge open* -ferry
      digest article search '"zero rate" -inflation' --lang en --since 2025-05 --newest
    """
    from digest.store import search as index
    from digest.store import sources, topics
    from digest.store.words import parse

    sought = index.Wanted(
        parse(words),
        language=wanted["language"].lower(),
        source=source,
        topic=wanted["topic"],
        since=given.since(wanted["since"]),
        newest=wanted["newest"],
    )
    services = context.open_services(ctx)
    with services.database.read() as connection:
        if source:
            sources.get(connection, source)
        if sought.topic:
            topics.get(connection, sought.topic)
        hits, total = index.find(connection, sought, limit)
    if as_json:
        show.print_json({"total": total, "articles": [_as_json(hit) for hit in hits]})
        return
    if not hits:
        click.echo("No such articles.")
    several = len({hit.article.source for hit in hits}) > 1
    for hit in hits:
        _print(hit, several)
    if total > len(hits):
        click.echo(f"\n{total - len(hits):,} more: --limit N shows them.")


def _print(hit: Hit, several: bool) -> None:
    from digest.cli.article import short_date

    entry = hit.article
    facts = [entry.key, short_date(entry.published), entry.language, *([entry.source] if several else [])]
    click.echo(click.style("  ".join(map(show.plain, facts)), dim=True) + "  " + _marked(hit.title))
    if hit.snippet:
        show.folded(_marked(hit.snippet), 4)


def _marked(text: str) -> str:
    """What was found in bold; off a terminal that is dropped."""
    from digest.store.search import CLOSE, OPEN

    told = ""
    for number, piece in enumerate(re.split(f"[{OPEN}{CLOSE}]", text)):
        told += click.style(show.plain(piece), bold=True) if number % 2 and piece else show.plain(piece)
    return told


def _as_json(hit: Hit) -> dict[str, Any]:
    from digest.cli.article import json_of
    from digest.store.search import CLOSE, OPEN

    return json_of(hit.article) | {"snippet": hit.snippet.replace(OPEN, "").replace(CLOSE, "")}
