"""digest article remove, and what is shown of articles that were removed"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from datetime import datetime

    from digest.pipeline.removing import Done
    from digest.store.removal import Removed


@click.command()
@click.argument("keys", nargs=-1, required=True, metavar="KEY…")
@click.option("--reason", required=True, metavar="TEXT", help="Why: it is kept, and shown by article show.")
@click.option("--yes", is_flag=True, help="Do not ask before it is done.")
@click.pass_context
def remove(ctx: click.Context, keys: tuple[str, ...], reason: str, yes: bool) -> int:
    """Take articles down for good: their text is deleted, and no later mail or page shows it.

    KEY is an article's key, or the id that it was ingested with. Its key, source, date and the reason are kept, so
    that it does not come in again. Mails that wait are composed anew; what has left cannot be called back.

    \b
    Example:
      digest article remove a4xq2m7kdp3ve --reason "the publisher withdrew it"
    """
    import sys

    from digest.pipeline import removing

    services = context.open_services(ctx)
    if sys.stdin.isatty() and not yes:
        with services.database.read() as connection:
            found, _ = removing.find(connection, keys)
        for one in found:
            click.echo(f"{one.key}  {show.plain(one.title)}")
        if found and not click.confirm(f"Delete {show.count(len(found), 'article')} for good?"):
            click.echo("Nothing was removed.")
            return 1
    for line in _told(removing.remove(services, keys, reason)):
        click.echo(line)
    return 0


def _told(done: Done) -> list[str]:
    """What became of it, and what the operator should know."""
    keys = ", ".join(article.key for article in done.articles)
    lines = [f"Removed {show.count(len(done.articles), 'article')}: {keys}."] if done.articles else []
    lines += [f"{name} was removed before." for name in done.before]
    if done.stories:
        one = len(done.stories) == 1
        numbers = ", ".join(map(str, done.stories))
        lines.append(
            f"{'Story' if one else 'Stories'} {numbers} had no other article, and {'is' if one else 'are'} gone."
        )
    made = done.withdrawn
    if made.anew:
        lines.append(
            f"{show.count(made.anew, 'mail')} that may show it will be composed anew before leaving: digest run"
        )
    if made.given_up:
        lines.append(f"{show.count(made.given_up, 'mail')} that may have arrived will not be sent again.")
    if sent := sum(made.mailed.values()) + made.leaving:
        editions = ", ".join(sorted(made.mailed)) or "on its way"
        lines.append(
            f"{show.count(sent, 'mail')} that may show it left before ({editions}), and cannot be called back."
        )
    for copy in done.copies:
        by = f"{copy.source}, {copy.publisher}" if copy.publisher else copy.source
        lines.append(f"Nearly the same text stays: {copy.key} ({show.plain(by)}). It can be removed too.")
    return lines


def print_removed(connection: Any, name: str, *, as_json: bool) -> bool:
    """What is left of an article. False where it was not removed."""
    from digest.cli.article import language_name, long_date
    from digest.store import removal

    found = removal.find(connection, name)
    if found is None:
        return False
    if as_json:
        show.print_json(_as_json(found))
        return True
    facts = {
        "removed": found.at,
        "reason": found.reason,
        "key": found.key,
        "id": found.external_id,
        "identity": found.identity,
        "publisher": found.publisher,
        "url": found.url,
        "date": long_date(found.published),
        "language": f"{language_name(found.language)} ({found.language})",
        "source": found.source,
        "came in": found.first_seen,
    }
    show.facts("This article was removed", facts)
    return True


def print_list(
    connection: Any, source: str, language: str, story: int | None, limit: int | None, *, as_json: bool
) -> None:
    from digest.cli.article import say_more, short_date, shown, up_to
    from digest.errors import UsageError
    from digest.store import removal

    if story is not None:
        raise UsageError("what was removed is in no story", mend="leave out --story")
    found = removal.listing(connection, source=source, language=language, limit=up_to(limit, as_json))
    if as_json:
        show.print_json([_as_json(entry) for entry in found])
        return
    rows = [[e.key, short_date(e.published), e.language, e.source, _day(e.at), e.reason] for e in shown(found, limit)]
    columns = ["key", "date", "lang", "source", "removed", "reason"]
    show.table(columns, rows, empty="No article was removed.", right=["date"], cut=True)
    say_more(found, limit)


def _day(when: datetime) -> str:
    """Like the date of the article beside it; the minute is in `article show`."""
    from digest.cli.article import short_date
    from digest.model.dates import PartialDate, Precision

    return short_date(PartialDate(when, Precision.DAY))


def _as_json(entry: Removed) -> dict[str, Any]:
    return {
        "key": entry.key,
        "id": entry.external_id or entry.key,
        "identity": entry.identity,
        "language": entry.language,
        "date": entry.published.iso(),
        "precision": str(entry.published.precision),
        "source": entry.source,
        "publisher": entry.publisher,
        "url": entry.url,
        "first_seen": entry.first_seen,
        "removed": entry.at,
        "reason": entry.reason,
    }
