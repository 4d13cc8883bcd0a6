"""Templates are compiled once in a process, and anew when their text is another."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from jinja2 import Environment

from digest.compose.render import Renderer
from tests.support.fixed_view import FACTS, SLOTS, TEMPLATES, view


@pytest.fixture
def compiled(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The names of the templates that are compiled."""
    names: list[str] = []
    really: Callable[..., Any] = Environment.compile

    def watched(self: Environment, source: Any, name: str = "", *args: Any, **options: Any) -> Any:
        names.append(name)
        return really(self, source, name, *args, **options)

    monkeypatch.setattr(Environment, "compile", watched)
    return names


def test_another_renderer_compiles_nothing_again(compiled: list[str]) -> None:
    first = Renderer([TEMPLATES]).render(view("nl"), SLOTS, FACTS)
    compiled.clear()
    assert Renderer([TEMPLATES]).render(view("nl"), SLOTS, FACTS) == first
    assert compiled == []


def test_a_changed_template_counts_whatever_its_time_says(tmp_path: Path) -> None:
    mine = tmp_path / "edition" / "paper" / "subject.txt"
    mine.parent.mkdir(parents=True)
    for text in ("One", "Two"):
        mine.write_text(text, "utf-8")
        os.utime(mine, (1, 1))
        assert Renderer([tmp_path, TEMPLATES]).render(view("nl"), SLOTS, FACTS).subject == text
    mine.unlink()
    assert "De Ochtendpost" in Renderer([tmp_path, TEMPLATES]).render(view("nl"), SLOTS, FACTS).subject


def test_folders_do_not_take_each_others_templates(tmp_path: Path) -> None:
    for name in ("one", "two"):
        folder = tmp_path / name / "edition" / "paper"
        folder.mkdir(parents=True)
        (folder / "subject.txt").write_text(f"From {name}", "utf-8")
        assert Renderer([tmp_path / name, TEMPLATES]).render(view("nl"), SLOTS, FACTS).subject == f"From {name}"
