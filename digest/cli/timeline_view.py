"""The story so far in a terminal, and what changed in it."""

from __future__ import annotations

import shutil
import sys
import textwrap
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

import click

from digest.cli import article, show

if TYPE_CHECKING:
    from digest.compose.changes import Change, Stood
    from digest.model.development import Development
    from digest.model.edition import Step
    from digest.model.story import Story
    from digest.pipeline.storylines import Account

_WIDEST = 120
_NARROW = 56  # columns under which a date stands on a line of its own
_DATE = 12  # columns: 24 Sept 2025
#: Axes of stages, which have no name in mails.
_AXES = {"claim": "Claim", "plan": "Plan", "suspect": "Case", "find": "Search", "approval": "Approval"}


# --- developments ---------------------------------------------------------------------------------


def print_developments(found: Sequence[Development], stories: Mapping[int, str] | None = None) -> None:
    """How matters stand now, and before; `stories` names those to tell which one a matter is of."""
    from digest.compose.changes import change
    from digest.compose.words import Words

    if not found:
        return
    show.heading("What changed, or is told differently")
    words = Words((), "en", "UTC")
    for development in found:
        told = change(development, words)
        _print_change(told.label or _AXES[development.matter], told, _of(development, stories or {}))


def _of(development: Development, stories: Mapping[int, str]) -> str:
    if len(stories) < 2 or len(development.stories) > 1:
        return ""
    return f"story {development.stories[0]}"


def _print_change(label: str, told: Change, of: str) -> None:
    now = _stood(told.now)
    head = "reports differ: " if told.now.differ else ""
    bold = click.style(show.plain(head + told.now.brief), bold=True)
    rest = now.removeprefix(told.now.brief)
    line("  ", f"{click.style(show.plain(label), dim=True)}  {bold}{show.plain(rest)}{f'  [{of}]' if of else ''}")
    for stood in told.earlier:
        differ = "reports differed: " if stood.differ else ""
        line("    ", click.style(show.plain(f"earlier: {differ}{_stood(stood)}"), dim=True))
    if told.skipped:
        line("    ", click.style(f"and {told.skipped} before", dim=True))


def _stood(stood: Stood) -> str:
    publishers = [] if stood.differ else list(stood.values[0].publishers[:3])
    return f"{stood.brief}  ({', '.join([article.short_date(stood.state.date), *publishers])})"


# --- the timeline ---------------------------------------------------------------------------------


def print_timeline(account: Account, language: str) -> None:
    """Date, headline of the story where it begins, and the quoted sentence; folded to the terminal."""
    titles = {s.id: s for s in account.stories}
    seen: set[int] = set()
    for number, step in enumerate(account.steps):
        story = None if step.story in seen else titles[step.story]
        seen.add(step.story)
        _print_step(step, story, language, last=number == len(account.steps) - 1)


def _print_step(step: Step, story: Story | None, language: str, *, last: bool) -> None:
    date = article.short_date(step.date)
    width = _width()
    narrow = width is not None and width < _NARROW
    bar = " " if last else "│"
    margin = f"{bar} " if narrow else f"{' ' * _DATE} {bar} "
    point = click.style("●" if story else "○", bold=bool(story))
    if narrow:
        click.echo(f"{point} {click.style(date, dim=True)}")
    first = f"{bar} " if narrow else f"{date.rjust(_DATE)} {point} "
    if story:
        what = f"story {story.id} · {show.count(len(story.articles), 'article')} · {' '.join(story.languages)}"
        # A title that was taken from the text says what is quoted below it.
        repeated = step.quote.text.startswith(story.title.rstrip("…."))
        for n, line in enumerate(_fold(show.plain(story.title), width, len(margin)) if not repeated else ()):
            click.echo((first if n == 0 else margin) + click.style(line, bold=True))
        click.echo((first if repeated else margin) + click.style(what, dim=True))
        first = margin
    by = f" — {step.quote.publisher}" if step.quote.publisher else ""
    tongue = f" [{step.quote.language}]" if step.quote.language != language else ""
    for n, line in enumerate(_fold(show.plain(f"“{step.quote.text}”{by}{tongue}"), width, len(margin))):
        click.echo((first if n == 0 else margin) + line)
    if not last:
        click.echo(margin.rstrip())


def _width() -> int | None:
    """Columns of the terminal; None where nobody sees any."""
    return min(shutil.get_terminal_size().columns, _WIDEST) if sys.stdout.isatty() else None


def _fold(text: str, width: int | None, margin: int) -> list[str]:
    return textwrap.wrap(text, max(20, width - margin), break_on_hyphens=False) if width else [text]


def line(margin: str, text: str) -> None:
    width = _width()
    lines = _fold_styled(text, width - len(margin) - 2) if width else [text]
    for n, line in enumerate(lines):
        click.echo((margin if n == 0 else margin + "  ") + line)


def _fold_styled(text: str, width: int) -> list[str]:
    """Folded between words; colours take no room."""
    lines, used = [""], 0
    for word in text.split(" "):
        size = len(click.unstyle(word))
        if used and used + 1 + size > width:
            lines.append("")
            used = 0
        lines[-1] += (" " if used else "") + word
        used += size + bool(used)
    return lines
