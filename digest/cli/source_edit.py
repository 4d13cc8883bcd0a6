"""digest source edit, and the options that it shares with digest source add"""

from __future__ import annotations

import shlex
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.pipeline.source_settings import Changed

#: Setting -> the option that says it; what `--no-…` takes away is empty.
_OPTIONS = {"publisher": "publisher", "language": "lang", "topics": "topic", "login": "login", "proxy": "proxy"}
_EMPTY: dict[str, Any] = {"topics": ()}


def settings(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that add and set share."""
    options = [
        click.option("--publisher", metavar="NAME", help="Who publishes it, as readers shall see it."),
        click.option("--lang", "language", metavar="LANG", help="The language of its articles."),
        click.option(
            "--topic",
            "topics",
            multiple=True,
            metavar="TOPIC",
            help="File its articles under this topic; give several.",
        ),
        click.option(
            "--login",
            metavar="KIND:FILE",
            help="A login, read from FILE at each fetch: basic (user:password), bearer (a token) or cookies "
            "(cookies.txt).",
        ),
        click.option("--proxy", metavar="URL", help="Fetch it through this HTTP proxy, http://host:port."),
    ]
    for option in reversed(options):
        command = option(command)
    return command


@click.command("edit")
@click.argument("name")
@click.option(
    "--location", metavar="PLACE", help="Where it is from now on: an address or a path. It stays of its kind."
)
@settings
@click.option(
    "--full-text/--no-full-text", default=None, help="Of a feed with teasers: read the pages behind them too, or not."
)
@click.option("--no-publisher", is_flag=True, help="As the articles say themselves.")
@click.option("--no-lang", is_flag=True, help="Find each article's language.")
@click.option("--no-topic", is_flag=True, help="File its articles by what they say alone.")
@click.option("--no-login", is_flag=True, help="Fetch it without a login.")
@click.option("--no-proxy", is_flag=True, help="Fetch it without a proxy of its own.")
@click.pass_context
def edit(ctx: click.Context, /, name: str, **given: Any) -> None:
    """Change a source's settings; what is not said stays as it is.

    How it is fetched counts from the next fetch on, which is due at once. Publisher, language and topics are those of
    articles that come in from now on.

    \b
    Example:
      digest source edit example.org --full-text
      digest source edit example.org --login bearer:secrets/example.txt
      digest source edit example.org --lang nl --no-topic
    """
    from digest.cli.main import say
    from digest.pipeline import source_settings, sources

    said = _said(given)
    services = context.open_services(ctx)
    made = source_settings.change(services, name, said)
    if not made.settings:
        click.echo(f"Source {name} is so already; nothing was changed.")
        return
    click.echo(f"Changed source {name}.")
    show.facts("", {_label(key): _told(made, key) for key in made.settings})
    if made.before.state != made.after.state:
        click.echo(f"Source {name} is active again.")
    if made.of_articles:
        click.echo("Articles that came in before stay as they are.")
    if "full_text" in made.settings and made.after.full_text:
        click.echo("The next fetch looks up the pages behind the teasers that stand in the feed, too.")
    if made.fetched:
        if doubt := sources.doubt(services, made.after):
            say(f"source {name}: {doubt}")
        click.echo(f"Next: digest fetch {shlex.quote(name)}")


def _said(given: dict[str, Any]) -> dict[str, Any]:
    """Setting -> its new value. Raises UsageError where nothing was said, or nothing that makes sense."""
    from digest.errors import UsageError

    said = {key: value for key, value in given.items() if not key.startswith("no_") and value not in (None, ())}
    for key, option in _OPTIONS.items():
        if given[f"no_{option}"]:
            if key in said:
                raise UsageError(f"--{option} and --no-{option} contradict each other", mend="give one of them")
            said[key] = _EMPTY.get(key, "")
        elif key in said and not all(map(str.strip, [said[key]] if isinstance(said[key], str) else said[key])):
            raise UsageError(f"--{option} is empty", mend=f"to take it away: --no-{option}")
    if not said:
        raise UsageError("nothing to change was said", mend="see: digest source edit --help")
    return said


def _label(key: str) -> str:
    return key.replace("_", " ")


def _told(made: Changed, key: str) -> str:
    before, after = getattr(made.before, key), getattr(made.after, key)
    return f"{_shown(before)} -> {_shown(after)}"


def _shown(value: object) -> str:
    if isinstance(value, bool):
        return "yes" if value else "no"
    return ", ".join(value) if isinstance(value, tuple) and value else str(value or "none")
