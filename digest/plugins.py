"""Sources, transports, summarisers and translators are found through entry points; the built-in ones too."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import Any

from digest.errors import NotFound

SOURCES = "digest.sources"
TRANSPORTS = "digest.transports"
SUMMARISERS = "digest.summarisers"
TRANSLATORS = "digest.translators"


def names(group: str) -> list[str]:
    """The names that are registered in a group, sorted."""
    return sorted({point.name for point in entry_points(group=group)})


def load(group: str, name: str) -> Any:
    """The object behind a name. Raises NotFound with the nearest name."""
    for point in entry_points(group=group):
        if point.name == name:
            return point.load()
    raise NotFound(group.removeprefix("digest.").removesuffix("s"), name, names(group))
