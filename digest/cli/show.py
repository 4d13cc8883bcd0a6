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
    "warn": "yellow", "fail": "red", "failed": "red", "suppressed": "red", "failing": "red", "gone": "red",
    "expired": "dim", "cancelled": "dim", "unsubscribed": "dim", "background": "dim", "removed": "dim",
}  # fmt: skip

_WIDE, _HIGH = 100_000, 25  # columns and lines: wider than any row

as_json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, for scripts.")


#: Control characters, which would steer the terminal: from names and titles that others chose.
_CONTROLS = dict.fromkeys([*range(32), *range(127, 160)], " ")


def plain(text: str) -> str:
    """One line, with nothing in it that steers a terminal."""
    return text.translate(_CONTROLS)


def print_json(value: Any) -> None:
    click.echo(as_json(value))


def as_json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=2, default=_plain)


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

    On a terminal it is as wide as that. Keys, dates and numbers stay whole; long texts are folded, or with `cut` end
    in an ellipsis, so that each row is a line.
    """
    if not rows:
        click.echo(empty)
        return
    from rich import box
    from rich.table import Table
    from rich.text import Text

    shown = Table(box=box.SIMPLE_HEAD, show_edge=False, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    told = [[_cell(value) for value in row] for row in rows]
    console = _console()
    whole = _whole(columns, told, console.width)
    tight = cut and whole is not None
    for number, column in enumerate(columns):
        shown.add_column(
            column,
            justify="right" if column in right else "left",
            overflow="fold",
            width=whole.get(number) if whole else None,
            max_width=_LONG if tight and number < len(columns) - 1 else None,
        )
    for row, texts in zip(rows, told, strict=True):
        cells = [Text(text, style=_STYLES.get(str(value), "")) for text, value in zip(texts, row, strict=True)]
        for number, cell in enumerate(cells):
            if cut and number not in (whole or {}) and (tight or number == len(cells) - 1):
                # said of the cell: said of the column, the others would be narrowed instead
                cell.no_wrap, cell.overflow = True, "ellipsis"
        shown.add_row(*cells)
    _print(console, shown)


_SHORT = 20  # characters: what is no longer is a key, a date, a number or a state
_LONG = 24  # of a text beside the one that a list is about
_LEAST = 8  # for each of the others


def _whole(columns: Sequence[str], rows: Sequence[Sequence[str]], room: int) -> dict[int, int] | None:
    """Columns that keep their width while the others give way, and the widths; None where there is room for all."""
    from rich.cells import cell_len

    cells = [max(cell_len(row[n]) for row in rows) for n in range(len(columns))]
    gaps = len(columns) - 1
    if sum(max(width, cell_len(head)) for width, head in zip(cells, columns, strict=True)) + 2 * gaps <= room:
        return None
    found = {
        n: max(width, *(cell_len(word) for word in columns[n].split() or [""]), 1)
        for n, width in enumerate(cells)
        if width <= _SHORT
    }
    while sum(found.values()) + 2 * gaps + _LEAST * (len(columns) - len(found)) > room:
        # The first is what is typed to see more.
        widest = max(found, key=lambda n: (found[n] > _LEAST and n > 0, found[n]), default=0)
        if found.get(widest, 0) <= _LEAST:
            break
        del found[widest]
    return found


def size(number: int) -> str:
    """Of so many bytes."""
    return f"{number / 1_000_000:,.1f} MB" if number >= 100_000 else f"{number / 1000:,.0f} kB"


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


def stated(text: str) -> str:
    """A state in its colour."""
    style = _STYLES.get(text, "")
    return click.style(text, dim=True) if style == "dim" else click.style(text, fg=style) if style else text


def listed(values: Mapping[str, Any]) -> None:
    """Facts whose long ones are folded below themselves on a terminal; empty ones are left out."""
    if not _on_terminal():
        facts("", values)
        return
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, style="dim")
    grid.add_column(overflow="fold")
    for name, value in values.items():
        if text := _cell(value):
            grid.add_row(Text(name), Text(text))
    _console().print(Padding(grid, (0, 0, 0, 2)))


def title(text: str) -> None:
    click.echo(click.style(plain(text), bold=True))


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


def folded(text: str, margin: int) -> None:
    """A text that may carry styles; on a terminal all its lines begin behind the margin, off one it is a line."""
    if not _on_terminal():
        click.echo(" " * margin + text)
        return
    from rich.padding import Padding
    from rich.text import Text

    _console().print(Padding(Text.from_ansi(text), (0, 0, 0, margin)))


def grid(rows: Sequence[Sequence[str]], margin: int) -> None:
    """Rows of cells that may carry styles; on a terminal the last one is folded below itself."""
    if not rows:
        return
    if not _on_terminal():
        widths = [max(len(click.unstyle(row[n])) for row in rows) for n in range(len(rows[0]) - 1)]
        for row in rows:
            cells = [cell + " " * (width - len(click.unstyle(cell))) for cell, width in zip(row, widths, strict=False)]
            click.echo((" " * margin + "  ".join([*cells, row[-1]])).rstrip())
        return
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    made = Table.grid(padding=(0, 2, 0, 0))
    for n in range(len(rows[0])):
        made.add_column(no_wrap=n < len(rows[0]) - 1, overflow="fold")
    for row in rows:
        made.add_row(*map(Text.from_ansi, row))
    _console().print(Padding(made, (0, 0, 0, margin)))


def graded(grade: str, text: str, below: Sequence[str] = ()) -> None:
    """A grade in its colour, and behind it a text with smaller ones below; on a terminal each is folded there."""
    style = _STYLES.get(grade, "")
    told = [plain(line) for line in (text, *below) if line]
    if not _on_terminal():
        click.echo(f"  {grade:<4}  {told[0]}")
        for line in told[1:]:
            click.echo(f"        {line}")
        return
    from rich.padding import Padding
    from rich.table import Table
    from rich.text import Text

    grid = Table.grid(padding=(0, 2, 0, 0))
    grid.add_column(no_wrap=True, width=4)
    grid.add_column(overflow="fold")
    for number, line in enumerate(told):
        grid.add_row(Text("" if number else grade, style=style), Text(line, style="dim" if number else ""))
    _console().print(Padding(grid, (0, 0, 0, 2)))


def _on_terminal() -> bool:
    import sys

    return sys.stdout.isatty()


def _console() -> Any:
    """Off a terminal nothing is folded to a width that nobody sees."""
    from rich.console import Console

    class Plain(Console):
        def on_broken_pipe(self) -> None:
            raise BrokenPipeError

    if _on_terminal():
        return Plain(highlight=False, soft_wrap=False)
    # Where colours are forced, rich takes a file for a terminal: a dumb one is 80 columns wide, unless all is said.
    return Plain(width=_WIDE, height=_HIGH, highlight=False, soft_wrap=False)


def _print(console: Any, table: Any) -> None:
    """Off a terminal no line ends in spaces."""
    if _on_terminal():
        console.print(table)
        return
    with console.capture() as captured:
        console.print(table)
    for line in captured.get().splitlines():
        click.echo(line.rstrip())
