"""digest topic"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import click

from digest.cli import context, given, show
from digest.cli.topic_view import SHOWN

if TYPE_CHECKING:
    from digest.model.story import Topic
    from digest.pipeline.topics import Overview

_NEWEST = 5
_NEWEST_TRIED = 1000
_FROM_NOW_ON = "It counts for articles that are grouped from now on; those grouped already keep their topics."


@click.group()
def topic() -> None:
    """Standing interests: the 17 top-level IPTC Media Topics, and your own.

    \b
    Example:
      digest topic list
      digest topic add euro --rule '(euro or "single currency") and not football'
    """


def _rule_options(command: Callable[..., Any]) -> Callable[..., Any]:
    """The options that add and edit share."""
    command = click.option("--label", help="How it is called where people read it.")(command)
    command = click.option(
        "--match", multiple=True, metavar="WORDS", help="A word or a phrase to go by, as it stands; give several."
    )(command)
    return click.option("--rule", default="", metavar="RULE", help="Which articles are about it; see docs/topics.md.")(
        command
    )


@topic.command()
@click.argument("name")
@_rule_options
@click.pass_context
def add(ctx: click.Context, name: str, rule: str, match: tuple[str, ...], label: str | None) -> None:
    """Add a topic: an article that its rule matches is about it.

    A rule joins words, "phrases" and fields (title: name: lang: source: publisher: topic:) by and, or,
    not and brackets. Words count in every inflection, phrases as they stand; case and accents do not
    matter. A default topic that was removed comes back by its name alone, or narrowed by a rule.

    \b
    Example:
      digest topic add euro --rule '(euro or "single currency") and not football'
      digest topic add cycling --match "Tour de France" --match peloton
      digest topic test '(euro or "single currency") and not football'
    """
    from digest.pipeline import topics

    made = topics.add(context.open_services(ctx), name, rule=rule, match=match, label=label or "")
    by = f", by {made.rule}" if made.rule else ""
    click.echo(f"Added topic {made.name} ({made.label}){by}.")
    click.echo(_FROM_NOW_ON)


@topic.command()
@click.argument("name")
@_rule_options
@click.option("--no-rule", is_flag=True, help="A default topic goes by its vocabulary alone again.")
@click.pass_context
def edit(ctx: click.Context, /, name: str, **said: Any) -> None:
    """Change a topic's rule or label, or narrow a default topic; what is not said stays as it is.

    An empty --label gives back the one that it began with.

    \b
    Example:
      digest topic edit sport --rule 'not football'
      digest topic edit cycling --label "On two wheels"
    """
    from digest.errors import UsageError
    from digest.pipeline import topics

    if not said["rule"] and not said["match"] and said["label"] is None and not said["no_rule"]:
        raise UsageError("nothing to change was said", mend="see: digest topic edit --help")
    before, after = topics.edit(context.open_services(ctx), name, **said)
    if before == after:
        click.echo(f"Topic {name} was like that already.")
        return
    click.echo(f"Changed topic {after.name} ({after.label}): goes by {_goes_by(after)}.")
    if before.rule != after.rule:
        click.echo(_FROM_NOW_ON)


@topic.command()
@click.argument("rule", required=False, metavar="[RULE|NAME]")
@click.option("--article", "key", metavar="KEY", help="Only this article.")
@click.option("--text", metavar="TEXT", help="This text, its title on the first line if it has several.")
@click.option("--file", metavar="FILE", help="What is in this file; - is standard input.")
@click.option("--lang", "language", default="", metavar="LANG", help="Only articles in this language; of a text: its.")
@click.option("--newest", type=given.COUNT, default=_NEWEST_TRIED, show_default=True, metavar="N",
              help="Look at so many stored articles.")  # fmt: skip
@click.option("--limit", type=given.COUNT, metavar="N", help=f"Show at most so many; else {SHOWN}.")
@show.as_json_option
@click.pass_context
def test(
    ctx: click.Context, /, rule: str | None, key: str | None, text: str | None, file: str | None, **said: Any
) -> int:
    """Try a rule or a topic: what matches and why, and what nearly does. Nothing is changed.

    It looks at the stored articles, newest first, or at what is given. Without a rule or a name it tells
    which of all topics the given article gets, and why.

    \b
    Example:
      digest topic test '(euro or "single currency") and not football'
      digest topic test sport --lang nl
      digest topic test 'name:"Carlo Ancelotti"' --text "Carlo Ancelotti in Brazil" --lang en
      digest topic test --article a4xq2m7kdp3ve
    """
    from digest.cli import topic_view as view
    from digest.errors import UsageError

    given_here = {"--article": key, "--text": text, "--file": file}
    said_here = {option: value for option, value in given_here.items() if value is not None}
    if len(said_here) > 1:
        raise UsageError("--article, --text and --file contradict each other", mend="give one of them")
    for option, value in said_here.items():
        if not value.strip():
            raise UsageError(f"{option} is empty", mend="leave it out to look at the stored articles")
    if rule is None and not said_here:
        raise UsageError("nothing to test was said", mend="give a rule or a topic's name, or --article KEY")
    asked = view.Asked(rule, key or "", text or "", file or "", said["language"].lower(), said["newest"], said["limit"])
    return view.test(context.open_services(ctx), asked, as_json=said["as_json"])


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
    empty = "No topics. Add one: digest topic add NAME --rule 'some or words'"
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
        "goes by": _goes_by(told),
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


def _goes_by(told: Topic) -> str:
    vocabulary = "its vocabulary, in every language that we know"
    if told.kind == "operator":
        return told.rule
    return f"{vocabulary}, where this holds too: {told.rule}" if told.rule else vocabulary


def _as_json(entry: Overview) -> dict[str, Any]:
    return {
        "name": entry.topic.name,
        "label": entry.topic.label,
        "kind": entry.topic.kind,
        "code": entry.topic.code,
        "rule": entry.topic.rule,
        "articles": entry.articles,
    }
