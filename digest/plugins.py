"""Sources, transports, summarisers, translators and webhooks are found through entry points; the built-in ones too."""

from __future__ import annotations

from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from digest.errors import NotFound

SOURCES = "digest.sources"
TRANSPORTS = "digest.transports"
SUMMARISERS = "digest.summarisers"
TRANSLATORS = "digest.translators"
WEBHOOKS = "digest.webhooks"


def names(group: str) -> list[str]:
    """The names that are registered in a group, sorted."""
    return sorted(_points(group))


def load(group: str, name: str) -> Any:
    """The object behind a name. Raises NotFound with the nearest name."""
    if point := _points(group).get(name):
        return point.load()
    raise NotFound(group.removeprefix("digest.").removesuffix("s"), name, names(group))


@cache
def _points(group: str) -> dict[str, EntryPoint]:
    """By name, the first of each. Looked for once: it reads the metadata of every installed package."""
    return {point.name: point for point in reversed(list(entry_points(group=group)))}
