"""Sources: added after a look at what the operator gave; paused, resumed, removed, released."""

from __future__ import annotations

import difflib
import re
import shlex
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from digest import plugins
from digest.errors import AlreadyExists, NotFound, UsageError
from digest.ingest.address import names_private
from digest.ingest.hosts import host_of
from digest.model.publication import MANUAL, Source, SourceState
from digest.pipeline import source_settings
from digest.pipeline.services import Services
from digest.store import articles, lines, sources
from digest.store.sources import SourceHealth

LONGEST_NAME = 100
_HOST_NOISE = re.compile(r"^(www\d?|feeds?|rss|news)\.(?=.+\.)")


@dataclass(frozen=True, slots=True)
class Asked:
    """A source as the operator describes it; empty means: not said."""

    kind: str
    location: str
    name: str = ""
    publisher: str = ""
    language: str = ""
    topics: Sequence[str] = ()
    login: str = ""
    proxy: str = ""
    full_text: bool = False

    @property
    def settings(self) -> dict[str, Any]:
        """What `source edit` can change too."""
        names = (name for name in source_settings.ORDER if name != "location")
        return {name: value for name in names if (value := getattr(self, name))}


@dataclass(frozen=True, slots=True)
class Overview:
    """A source, how fetching it goes, and how many articles it gave and has held back."""

    source: Source
    health: SourceHealth
    articles: int
    held: int

    @property
    def state(self) -> str:
        """The state, or `failing` for an active source whose last fetch failed."""
        if self.source.state is SourceState.ACTIVE and self.health.failures:
            return "failing"
        return str(self.source.state)

    @property
    def error(self) -> str:
        """What went wrong last, as long as it still matters."""
        return self.health.last_error if self.health.failures or self.source.state is SourceState.GONE else ""

    @property
    def note(self) -> str:
        """What the operator might mend, as long as it is fetched."""
        return self.health.note if self.fetches else ""

    @property
    def fetches(self) -> bool:
        """Whether it is ever fetched by itself."""
        return self.source.kind != MANUAL and self.source.state is SourceState.ACTIVE


def add(services: Services, asked: Asked) -> Source:
    """Raises UsageError where it cannot be one, or is one already. Nothing is fetched yet."""
    kinds = plugins.names(plugins.SOURCES)
    if asked.kind not in kinds:
        near = difflib.get_close_matches(asked.kind, kinds, n=1)
        mend = f"did you mean {near[0]!r}?" if near else f"known: {', '.join(kinds)}"
        raise UsageError(f"there is no kind of source {asked.kind!r}", mend=mend)
    location = services.load_source_kind(asked.kind).check(asked.location)
    now = services.clock()
    with services.database.write() as connection:
        settings = source_settings.checked(connection, asked.kind, location, asked.settings)
        known = [source for source, _ in sources.listing(connection)]
        source_settings.refuse_twice(known, asked.kind, location)
        taken = [source.name for source in known]
        name = _checked_name(asked.name, taken) if asked.name else derive_name(asked.kind, location, taken)
        return sources.add(connection, Source(name, asked.kind, location, **settings), now)


def doubt(services: Services, made: Source) -> str:
    """What will keep it from being fetched as things stand, or safely; empty where nothing is known."""
    if made.login and made.location.startswith("http:"):
        return "its login goes over the net for everybody to read (use https where there is any)"
    host = host_of(made.location)
    if services.settings.ingest.allow_private or not names_private(host):
        return ""
    mend = "if you mean it: allow_private = true in [ingest]"
    return f"{host} is a private network address, so it is not fetched ({mend})"


def _checked_name(name: str, taken: Sequence[str]) -> str:
    name = " ".join(name.split())
    if not name or len(name) > LONGEST_NAME or not name.isprintable() or name.startswith("-"):
        raise UsageError(f"{name!r} cannot be a source's name", mend=f"at most {LONGEST_NAME} characters, no leading -")
    if name in taken:
        raise AlreadyExists("source", name)
    return name


def derive_name(kind: str, location: str, taken: Sequence[str]) -> str:
    """`https://www.example.org/feed` -> `example.org`, `/var/wire` -> `wire`; numbered where that is taken."""
    host = urlsplit(location).hostname if "://" in location else None
    base = _HOST_NOISE.sub("", host) if host else Path(location).name
    base = "".join(c for c in base if c.isprintable()).strip(" -")[: LONGEST_NAME - 5] or kind
    number, name = 1, base
    while name in taken:
        number += 1
        name = f"{base}-{number}"
    return name


def overview(services: Services) -> list[Overview]:
    with services.database.read() as connection:
        number, held = articles.counts(connection), articles.held_counts(connection)
        return [
            Overview(source, health, number.get(source.name, 0), held.get(source.name, 0))
            for source, health in sources.listing(connection)
        ]


def show(services: Services, name: str) -> Overview:
    """Raises NotFound."""
    found = {entry.source.name: entry for entry in overview(services)}
    if name not in found:
        raise NotFound("source", name, list(found))
    return found[name]


def repeated(services: Services, name: str) -> list[lines.Line]:
    """What the source is known to print in article after article, the most frequent first."""
    with services.database.read() as connection:
        return lines.repeated(connection, sources.get(connection, name).id)


def pause(services: Services, name: str) -> bool:
    """Fetch it no more until it is resumed. False where it was paused before."""
    with services.database.write() as connection:
        source = sources.get(connection, name)
        if source.kind == MANUAL:
            raise UsageError("is filled by hand: nothing is fetched that could be paused", where=f"source {name}")
        if source.state is SourceState.REMOVED:
            raise UsageError("was removed", where=f"source {name}", mend=f"digest source resume {shlex.quote(name)}")
        sources.set_state(connection, name, SourceState.PAUSED)
        return source.state is not SourceState.PAUSED


def resume(services: Services, name: str) -> bool:
    """Fetch it again: a paused, removed or gone one. False where nothing kept it from being fetched."""
    with services.database.write() as connection:
        source = sources.get(connection, name)
        sources.set_state(connection, name, SourceState.ACTIVE)
        return source.state is not SourceState.ACTIVE


def remove(services: Services, name: str) -> int:
    """Returns how many articles it gave. They stay, and with them its name; without any it is deleted."""
    with services.database.write() as connection:
        given = articles.counts(connection).get(name, 0)
        sources.remove(connection, name)
        return given


def release(services: Services, name: str) -> int:
    """Let what was held back go on as news. Returns how many articles."""
    with services.database.write() as connection:
        return articles.release(connection, sources.get(connection, name).id)
