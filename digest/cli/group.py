"""digest group"""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from digest.cli import context, show

if TYPE_CHECKING:
    from digest.pipeline.group import GroupReport


@click.command()
@show.as_json_option
@click.pass_context
def group(ctx: click.Context, as_json: bool) -> int:
    """Bring stories and storylines up to date with the articles that came in.

    \b
    Example:
      digest group
    """
    from digest.pipeline.group import group as bring_up_to_date

    report = bring_up_to_date(context.open_services(ctx))
    if as_json:
        show.print_json(
            {
                "grouped": report.grouped,
                "new_stories": report.new_stories,
                "new_storylines": report.new_storylines,
                "merged_stories": _merged(report, "story"),
                "merged_storylines": _merged(report, "storyline"),
                "split_stories": len(report.splits),
                "failed": len(report.failed),
            }
        )
    else:
        click.echo(sentence(report))
    complain(report)
    return 1 if report.failed else 0


def complain(report: GroupReport) -> None:
    """A line for each article that could not be grouped, and one where the stories could not be looked at again."""
    from digest.cli.main import say_error

    for error in report.failed.values():
        say_error(error)


def sentence(report: GroupReport) -> str:
    """What became of the articles, in a line."""
    return " ".join(lines(report)) or "Nothing new to group."


def lines(report: GroupReport) -> list[str]:
    """The same, a sentence each; none where nothing was done."""
    articles = show.count(report.grouped, "article")
    made = _both(report.new_stories, "new story", "new stories", report.new_storylines, "new storyline", ", ")
    told = [f"Grouped {articles} into {made or 'stories that were there already'}."] if report.grouped else []
    return told + _reviewed(report)


def _reviewed(report: GroupReport) -> list[str]:
    """What a second look at the stories changed, a sentence each."""
    merged = _both(_merged(report, "story"), "story", "stories", _merged(report, "storyline"), "storyline", " and ")
    told = [f"Merged {merged} into others that proved the same."] if merged else []
    if report.splits:
        off = show.count(len(report.splits), "new story", "new stories")
        told.append(f"Split {off} off others that proved to tell two events.")
    return told


def _both(stories: int, one: str, many: str, storylines: int, line: str, joined: str) -> str:
    parts = [show.count(stories, one, many)] * bool(stories) + [show.count(storylines, line)] * bool(storylines)
    return joined.join(parts)


def _merged(report: GroupReport, kind: str) -> int:
    return sum(merge.kind == kind for merge in report.merges)
