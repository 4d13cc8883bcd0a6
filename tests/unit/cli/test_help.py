"""Help: every command has it, with an example, and the first one is quick."""

from __future__ import annotations

import inspect
import re
import subprocess
import sys
from collections.abc import Iterator

import click
import pytest

from digest.cli.main import COMMANDS, cli

_HEAVY = ("sqlalchemy", "alembic", "numpy", "rich", "jinja2", "babel", "msgspec")


def _walk(command: click.Command, path: tuple[str, ...], parent: click.Context | None) -> Iterator[tuple[str, ...]]:
    ctx = click.Context(command, parent=parent, info_name=path[-1] if path else "digest")
    if path:
        yield path
    if isinstance(command, click.Group):
        for name in command.list_commands(ctx):
            inner = command.get_command(ctx, name)
            assert inner is not None
            yield from _walk(inner, (*path, name), ctx)


def _find(path: tuple[str, ...]) -> click.Command:
    command: click.Command = cli
    for name in path:
        assert isinstance(command, click.Group)
        inner = command.get_command(click.Context(command), name)
        assert inner is not None
        command = inner
    return command


_PATHS = list(_walk(cli, (), None))


@pytest.mark.parametrize("path", _PATHS, ids=" ".join)
def test_every_command_has_help(path: tuple[str, ...]) -> None:
    command = _find(path)
    assert command.help
    assert command.get_short_help_str(), "the line that stands beside it in a list"
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            assert parameter.help, f"{parameter.opts} says nothing of itself"


@pytest.mark.parametrize("path", [p for p in _PATHS if not isinstance(_find(p), click.Group)], ids=" ".join)
def test_every_command_has_an_example_of_itself(path: tuple[str, ...]) -> None:
    text = inspect.cleandoc(_find(path).help or "")
    _, marked, examples = text.partition("\b\nExample:\n")
    assert marked, "the help ends in a block that begins with \\b and Example:"
    assert re.search(rf"digest( --home \S+)? {' '.join(path)}\b", examples)


def test_the_short_help_of_the_table_is_there_for_every_command() -> None:
    for name, (_, text) in COMMANDS.items():
        assert text.endswith("."), name


@pytest.mark.parametrize("arguments", [["--help"], ["-h"], ["--version"], []], ids=str)
def test_the_first_help_imports_nothing_heavy(arguments: list[str]) -> None:
    program = (
        "import contextlib, io, sys\n"
        "from digest.cli.main import run\n"
        "with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):\n"
        f"    run({arguments!r})\n"
        f"print(*sorted(set({_HEAVY!r}) & set(sys.modules)))\n"
    )
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True)
    assert done.stdout.split() == []


def test_a_mistyped_command_is_a_usage_error_with_the_nearest_name(capsys: pytest.CaptureFixture[str]) -> None:
    from digest.cli.main import run

    assert run(["artcle"]) == 2
    assert "Did you mean 'article'?" in capsys.readouterr().err


@pytest.mark.parametrize(("said", "color"), [("", None), ("1", False)])
def test_no_colour_where_none_is_wanted(said: str, color: bool | None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NO_COLOR", said)
    assert cli.callback is not None
    with click.Context(cli) as ctx:
        ctx.invoke(cli.callback, home="")
    assert ctx.color is color
