"""The documentation says what the program does: commands, settings, states, links, the demo's output."""

from __future__ import annotations

import re
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import get_type_hints

import click
import msgspec
import pytest
from babel import Locale
from click.testing import CliRunner

from digest.cli.main import cli
from digest.model.delivery import TRANSITIONS, DeliveryState
from digest.settings import Settings
from tests.support.catalogues import SHIPPED

CHECKOUT = Path(__file__).resolve().parents[2]
PAGES = [
    CHECKOUT / "README.md",
    CHECKOUT / "CONTRIBUTING.md",
    CHECKOUT / "CHANGELOG.md",
    *sorted((CHECKOUT / "docs").rglob("*.md")),
    CHECKOUT / "templates" / "README.md",
    CHECKOUT / "seeds" / "README.md",
]
SPELT_DIFFERENTLY = {"ingest.user_agent"}  # its default is described, not printed

_FENCE = re.compile(r"^```(\w*)\n(.*?)^```$", re.MULTILINE | re.DOTALL)
_INLINE = re.compile(r"`(digest [^`]+)`", re.DOTALL)
_LINK = re.compile(r"\]\(([^)\s]+)\)|(?:src|srcset|href)=\"([^\"]+)\"")
_ROW = re.compile(r"^\| `([^`]+)` \| (.*?) \|(?: .* \|)?$", re.MULTILINE)


def name_of(page: Path) -> str:
    return page.relative_to(CHECKOUT).as_posix()


def leaves(command: click.Command, path: tuple[str, ...] = ()) -> Iterator[tuple[str, ...]]:
    """The path of every command that is no group."""
    if not isinstance(command, click.Group):
        yield path
        return
    context = click.Context(command)
    for name in command.list_commands(context):
        found = command.get_command(context, name)
        assert found is not None
        yield from leaves(found, (*path, name))


def code(page: Path) -> Iterator[str]:
    """The lines of a page's code blocks, continued ones joined."""
    for _, block in _FENCE.findall(page.read_text(encoding="utf-8")):
        yield from block.replace("\\\n", " ").splitlines()


def invocations(line: str) -> Iterator[list[str]]:
    """The arguments of each call of digest in a line of shell, of a crontab or of a systemd unit."""
    shell = line.replace("$(", "(").removeprefix("$ ").removeprefix("ExecStart=")
    lexer = shlex.shlex(shell, posix=True, punctuation_chars=True)
    lexer.wordchars += ":@%+,…"
    try:
        words = [*lexer, ";"]
    except ValueError:  # an apostrophe in a program's output
        return
    simple: list[str] = []
    for word in words:
        if not set(word) <= set("|&;<>()"):
            simple.append(word)
            continue
        while simple and re.fullmatch(r"[A-Z_]+=.*", simple[0]):
            simple.pop(0)
        start = next((i for i, w in enumerate(simple) if w.endswith("bin/digest")), None)
        if start is None and simple[:1] == ["digest"]:
            start = 0
        if start is not None:
            yield simple[start + 1 :]
        simple = []


def resolve(arguments: list[str]) -> tuple[str, ...]:
    """Parse a command line without running it; the path of its command. Raises click.UsageError."""
    command: click.Command = cli
    context = cli.make_context("digest", list(arguments))
    path: tuple[str, ...] = ()
    while isinstance(command, click.Group):
        rest = [*context._protected_args, *context.args]
        name, found, rest = command.resolve_command(context, rest)
        assert name is not None
        assert found is not None
        command, path = found, (*path, name)
        context = command.make_context(name, rest, parent=context)
    return path


def documented_lines() -> list[tuple[str, list[str]]]:
    return [(name_of(page), call) for page in PAGES for line in code(page) for call in invocations(line)]


def is_output(call: list[str]) -> bool:
    """`digest demo in /tmp/…` is what the demo prints, `digest: …` an error."""
    return call[:2] == ["demo", "in"]


@pytest.mark.parametrize(
    ("page", "call"), documented_lines(), ids=lambda v: v if isinstance(v, str) else " ".join(v)[:60]
)
def test_every_command_line_parses(page: str, call: list[str]) -> None:
    if not is_output(call):
        resolve(call)


def test_there_are_command_lines_and_wrong_ones_are_found() -> None:
    assert len(documented_lines()) > 50
    assert list(invocations("FOO=1 digest db status --json | jq -e .ok")) == [["db", "status", "--json"]]
    assert list(invocations("*/5 * * * * /opt/digest/bin/digest --home /x run >/dev/null")) == [["--home", "/x", "run"]]
    for wrong in (["db", "stat"], ["db", "status", "--jsn"], ["story", "show", "x"], ["publication", "add"]):
        with pytest.raises(click.UsageError):
            resolve(wrong)


def test_commands_named_in_running_text_exist() -> None:
    for page in PAGES:
        text = _FENCE.sub("", page.read_text(encoding="utf-8"))
        for found in _INLINE.findall(text):
            words = found.split()[1:]
            command: click.Command = cli
            for word in words:
                if not isinstance(command, click.Group) or word.startswith("-") or not word.islower():
                    break
                below = command.get_command(click.Context(command), word)
                assert below is not None, f"{name_of(page)}: {found!r}"
                command = below


def test_every_command_is_in_the_list_of_commands_and_nothing_else() -> None:
    text = (CHECKOUT / "docs" / "commands.md").read_text(encoding="utf-8")
    listed = [tuple(row.split()[1:]) for row, _ in _ROW.findall(text)]
    assert listed == list(leaves(cli))


def test_every_list_and_show_has_json() -> None:
    for path in leaves(cli):
        if path[-1] in ("list", "show"):
            command: click.Command = cli
            for name in path:
                assert isinstance(command, click.Group)
                found = command.get_command(click.Context(command), name)
                assert found is not None
                command = found
            assert "--json" in [o for p in command.params for o in p.opts], path


def settings() -> dict[str, object]:
    found: dict[str, object] = {}
    defaults = msgspec.to_builtins(Settings())
    for section, struct in get_type_hints(Settings).items():
        for field in msgspec.structs.fields(struct):
            found[f"{section}.{field.encode_name}"] = defaults[section][field.encode_name]
    return found


def test_every_setting_is_documented_with_its_default_and_nothing_else() -> None:
    text = (CHECKOUT / "docs" / "settings.md").read_text(encoding="utf-8")
    documented = dict(_ROW.findall(text))
    actual = {
        key: "`" + msgspec.json.encode(value).decode().replace(",", ", ").replace("\\/", "/") + "`"
        for key, value in settings().items()
    }
    for key in SPELT_DIFFERENTLY:
        documented[key] = actual[key]
    assert documented == actual


def test_settings_named_elsewhere_exist() -> None:
    sections = "|".join(get_type_hints(Settings))
    for page in PAGES:
        for key in re.findall(rf"`((?:{sections})\.[a-z_]+)`", page.read_text(encoding="utf-8")):
            if not key.endswith((".db", ".py", ".md")):
                assert key in settings(), f"{name_of(page)}: {key}"


def test_the_transition_table_is_the_code() -> None:
    text = (CHECKOUT / "docs" / "deliveries.md").read_text(encoding="utf-8")
    states, _, after = text.partition("## Which state may follow which")
    table = {before: set(re.findall(r"`(\w+)`", row)) for before, row in _ROW.findall(after.partition("\n## ")[0])}
    assert table == {str(before): {str(s) for s in following} for before, following in TRANSITIONS.items()}
    assert {state for state, _ in _ROW.findall(states)} == set(map(str, DeliveryState))


def test_every_language_with_a_catalogue_is_named() -> None:
    page = " ".join((CHECKOUT / "docs" / "editions.md").read_text(encoding="utf-8").split())
    said = re.search(r"Fixed words and dates are in ([^;]+);", page)
    assert said
    named = re.split(r", | or ", said[1])
    assert named == sorted(named)
    assert {Locale.parse(code).get_display_name("en") for code in SHIPPED} == set(named)


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_relative_links_lead_somewhere(page: Path) -> None:
    text = _FENCE.sub("", page.read_text(encoding="utf-8"))
    for found in _LINK.findall(text):
        target = (found[0] or found[1]).partition("#")[0]
        if target and "://" not in target:
            assert (page.parent / target).exists(), target


def test_the_pictures_are_there_and_small() -> None:
    looks = {folder.name for folder in (CHECKOUT / "templates" / "edition").iterdir()}
    pictures = {picture.stem: picture for picture in (CHECKOUT / "docs" / "images").glob("*.png")}
    assert {f"{look}-{shot}" for look in looks for shot in ("light", "dark", "narrow")} <= set(pictures)
    for picture in pictures.values():
        assert picture.read_bytes().startswith(b"\x89PNG")
        assert picture.stat().st_size < 400_000


def test_the_readme_shows_what_the_demo_prints(tmp_path: Path) -> None:
    """If this fails after a wanted change: run `make demo` and paste its output into README.md."""
    done = CliRunner().invoke(cli, ["demo", "--into", str(tmp_path / "demo")], standalone_mode=False)
    assert done.exception is None, done.exception
    printed = done.output.partition("Where to look")[0].splitlines()[1:]
    blocks = [block for _, block in _FENCE.findall((CHECKOUT / "README.md").read_text(encoding="utf-8"))]
    shown = next(block for block in blocks if block.startswith("digest demo in"))
    assert [line.rstrip() for line in shown.partition("Where to look")[0].splitlines()[1:]] == [
        line.rstrip() for line in printed
    ]
