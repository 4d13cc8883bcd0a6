"""Tables on terminals: what gives way where there is no room for all."""

from __future__ import annotations

import sys
from collections.abc import Callable

import click
import pytest

from digest.cli import show

NAME = "The very long name of a gazette, its sports desk"
TITLE = "Ferry opens between the old harbour and the north quay"
ROWS = [
    ["a2vm7qxxobtg34", "21 Nov 2026", 12, NAME, TITLE],
    ["awa6fa66n373vy", "1 May 2026", 1, "Second", "Short"],
]
COLUMNS = ["key", "date of it", "story", "source", "title"]

Print = Callable[..., list[str]]


@pytest.fixture
def printed(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Print:
    """The lines of a table on a terminal of that width."""

    def run(width: int, *, cut: bool) -> list[str]:
        monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
        monkeypatch.setenv("COLUMNS", str(width))
        monkeypatch.setenv("TERM", "xterm")
        show.table(COLUMNS, ROWS, empty="", right=["story"], cut=cut)
        return [click.unstyle(line).rstrip() for line in capsys.readouterr().out.splitlines()]

    return run


@pytest.mark.parametrize("width", [60, 80, 100])
def test_keys_dates_and_numbers_stay_whole_and_long_texts_give_way(printed: Print, width: int) -> None:
    for cut in (True, False):
        lines = printed(width, cut=cut)
        assert all(len(line) <= width for line in lines)
        for row in ROWS:
            assert any(str(row[0]) in line and str(row[1]) in line for line in lines)
        if not cut:
            assert set(NAME.split()) <= set(" ".join(lines).split()), "folded between words"


@pytest.mark.parametrize("width", [50, 60, 80, 100])
def test_cut_each_row_is_a_line(printed: Print, width: int) -> None:
    lines = printed(width, cut=True)
    rule = next(n for n, line in enumerate(lines) if line.startswith("───"))
    assert len(lines[rule + 1 :]) == len(ROWS)


def test_where_there_is_room_nothing_is_cut(printed: Print) -> None:
    width = len("".join(map(str, ROWS[0]))) + 3 + 2 * 4  # the head of a column is wider than its number
    lines = printed(width, cut=True)
    assert NAME in lines[2]
    assert lines[2].endswith(TITLE)
    assert "…" in printed(width - 1, cut=True)[2]


def test_the_title_has_more_room_than_the_name_beside_it(printed: Print) -> None:
    line = printed(100, cut=True)[2]
    name, title = line.split("  ")[-2:]
    assert len(name) == 24
    assert len(title) > 30


@pytest.mark.parametrize("width", [1, 5, 20, 40])
def test_there_is_no_terminal_too_narrow(printed: Print, width: int) -> None:
    assert printed(width, cut=True)
    assert printed(width, cut=False)


@pytest.mark.parametrize("cut", [True, False])
@pytest.mark.parametrize("environ", [{}, {"FORCE_COLOR": "1", "TERM": "dumb"}, {"COLUMNS": "30"}])
def test_off_a_terminal_each_row_is_a_line_and_each_value_whole(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str], environ: dict[str, str], cut: bool
) -> None:
    for name in ("FORCE_COLOR", "TERM", "COLUMNS"):
        monkeypatch.delenv(name, raising=False)
    for name, value in environ.items():
        monkeypatch.setenv(name, value)
    address, topics = f"{'a' * 60}@example.org", ["sport", "politics", "health", "society", "labour"] * 9
    show.table(["email", "topics"], [[address, topics], ["b@example.org", []]], empty="", cut=cut)
    lines = capsys.readouterr().out.splitlines()
    assert [line.split("  ", 1)[0] for line in lines[2:]] == [address, "b@example.org"]
    assert lines[2].endswith(f"  {', '.join(topics)}")


def test_folded_text_keeps_its_margin(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    show.folded(TITLE, 4)
    assert capsys.readouterr().out == f"    {TITLE}\n"
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True, raising=False)
    monkeypatch.setenv("COLUMNS", "30")
    show.folded(f"\x1b[1m{TITLE}\x1b[0m", 4)
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) > 1
    assert all(click.unstyle(line).startswith("    ") for line in lines)
