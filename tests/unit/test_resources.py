"""The folders that ship: found in the checkout and, where there is one, in the wheel."""

from __future__ import annotations

from pathlib import Path

import pytest

from digest import resources


def test_what_ships_is_there() -> None:
    assert (resources.templates() / "edition").is_dir()
    assert (resources.migrations() / "env.py").is_file()
    assert any(resources.seeds().iterdir())


def test_an_installed_wheel_uses_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(resources, "_PACKAGE", tmp_path / "digest")
    assert resources.templates() == tmp_path / "templates"
    (tmp_path / "digest" / "_shipped").mkdir(parents=True)
    assert resources.templates() == tmp_path / "digest" / "_shipped" / "templates"
