"""Where the shipped folders are: `_shipped` in an installed wheel, the checkout otherwise."""

from __future__ import annotations

from pathlib import Path

_PACKAGE = Path(__file__).resolve().parent


def home() -> Path:
    """The folder that holds templates/, migrations/ and seeds/."""
    shipped = _PACKAGE / "_shipped"
    return shipped if shipped.is_dir() else _PACKAGE.parent


def templates() -> Path:
    return home() / "templates"


def migrations() -> Path:
    return home() / "migrations"


def seeds() -> Path:
    return home() / "seeds"
