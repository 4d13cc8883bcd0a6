"""Progress is drawn on a terminal only, only for what takes long, and never into what is printed after it."""

from __future__ import annotations

import io
import sys

import pytest

from digest.cli import progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def open_terminal(monkeypatch: pytest.MonkeyPatch) -> Terminal:
    """Called in a test's body: between its fixtures and its body, pytest puts its own standard error in place."""
    made = Terminal()
    monkeypatch.setattr(sys, "stderr", made)
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    return made


def test_a_stage_that_has_ended_is_not_drawn_any_more(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    bar = progress.Bar()
    bar("reading articles", 500, 0)
    assert bar.drawn
    bar("reading articles", 700, 700)
    assert not bar.drawn
    assert "reading articles" in terminal.getvalue()
    bar("grouping articles", 1, 9)
    assert bar.drawn, "the next stage has a bar of its own"
    bar.close()


def test_what_is_quick_is_not_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    terminal = open_terminal(monkeypatch)
    monkeypatch.setattr(progress, "_PATIENCE", 60.0)
    bar = progress.Bar()
    bar("reading articles", 500, 0)
    bar("reading articles", 700, 700)
    assert terminal.getvalue() == ""


def test_off_a_terminal_nothing_is_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    off = io.StringIO()
    monkeypatch.setattr(sys, "stderr", off)
    monkeypatch.setattr(progress, "_PATIENCE", 0.0)
    progress.Bar()("reading articles", 500, 0)
    assert off.getvalue() == ""
