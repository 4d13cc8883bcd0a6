"""How things look: tables and facts for people, JSON for scripts."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

import click

#: Colours of states, so that a column of them can be read at a glance.
_STYLES = {
    "active": "green", "sent": "green", "closed": "green", "ok": "green", "news": "green",
    "planned": "cyan", "claimed": "cyan", "committing": "cyan", "planning": "cyan", "pending": "cyan",
    "deferred": "yellow", "held": "yellow", "paused": "yellow", "uncertain": "yellow", "quarantined": "yellow",
    "failed": "red", "suppressed": "red", "failing": "red", "gone": "red",
    "expired": "dim", "cancelled": "dim", "unsubscribed": "dim", "background": "dim", "removed": "dim",
}  # fmt: skip

_WIDE = 100_000  # columns: wider than any row

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


#: Control characters, which would steer the terminal: from names and titles that others chose.
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")


def plain(text: str) -> str:
    """One line, with nothing in it that steers a terminal."""
    return text.translate(_CONTROLS)


def print_json(value: Any) -> None:
    click.echo(json.dumps(value, ensure_ascii=False, indent=2, default=_plain))


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, (set, frozenset, tuple)):
        return list(value)
    return str(value)


def table(
    columns: Sequence[str], rows: Sequence[Sequence[Any]], *, empty: str, right: Sequence[str] = (), cut: bool = False
) -> None:
    """A table; `empty` is said where there are no rows. `right` names the columns of numbers.

    On a terminal it is as wide as that: the last column is folded, or with `cut` ends in an ellipsis.
    """
    if not rows:
        click.echo(empty)
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        last = number == len(columns) - 1
        shown.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            no_wrap=False,
            ratio=1 if last else None,
        )
    for row in rows:
        cells = [Text(_cell(value), style=_STYLES.get(str(value), "")) for value in row]
        if cut:  # said of the cell: said of the column, the others would be narrowed instead
            cells[-1].no_wrap, cells[-1].overflow = True, "ellipsis"
        shown.add_row(*cells)
    _print(shown)


def facts(title: str, values: Mapping[str, Any]) -> None:
    """What is known of one thing, a line each under its title, if it needs one; empty ones are left out."""
    if title:
        click.echo(click.style(plain(title), bold=True))
    width = max((len(name) for name in values), default=0)
    for name, value in values.items():
        text = _cell(value)
        if text:
            style = _STYLES.get(text)
            shown = click.style(text, fg=style) if style and style != "dim" else text
            click.echo(f"  {click.style(name.ljust(width), dim=True)}  {shown}")


def heading(text: str) -> None:
    click.echo("\n" + click.style(plain(text), bold=True))


def count(number: int, one: str, many: str = "") -> str:
    """`1 article`, `2 articles`."""
    return f"{number:,} {one if number == 1 else many or one + 's'}"


def moment(value: datetime | None) -> str:
    """An instant as people read it, in UTC."""
    return value.strftime("%Y-%m-%d %H:%M UTC") if value else ""


def _cell(value: Any) -> str:
    if value is None:
        return ""
    if isinstance(value, datetime):
        return moment(value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, (tuple, list)):
        return plain(", ".join(map(str, value)))
    return plain(str(value))


def _print(table: Any) -> None:
    """Off a terminal nothing is folded to a width that nobody sees, and no line ends in spaces."""
    import sys

    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if sys.stdout.isatty():
        Plain(highlight=False, soft_wrap=False).print(table)
        return
    console = Console(width=_WIDE, highlight=False, soft_wrap=False)
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())
