"""What the pipeline needs from outside, made once by the composition root."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path
from typing import Any, Protocol

from digest.compose.summarise import Summariser, Translator
from digest.deliver.relay import Relay
from digest.home import Home
from digest.ingest.kinds.base import SourceKind
from digest.model.drafting import Ask
from digest.model.embedding import Embedder
from digest.settings import Settings
from digest.store.engine import Database

#: Told how far a stage is: what is being done, how much is done, and of how much (0: not known).
#: The last word of a stage has both numbers equal: whoever draws it can put the pen down.
Progress = Callable[[str, int, int], None]


def quiet(_what: str, _done: int, _total: int) -> None:
    """Progress that nobody watches."""


class Clock(Protocol):
    def __call__(self) -> datetime: ...


class NamedEmbedder(Embedder, Protocol):
    """A model, and by what its vectors are told from another's."""

    @property
    def name(self) -> str: ...


class Sender(Protocol):
    """Another sender, at work beside this one."""

    def stop(self) -> None: ...

    def end(self) -> None: ...

    def result(self) -> dict[str, Any]:
        """The fields of its Summary, once it has ended. Raises DigestError where it failed."""


@dataclass(frozen=True)
class Services:
    """Transports and source kinds are found through entry points; tests hand in their own."""

    home: Home
    database: Database
    clock: Clock
    template_folders: Sequence[Path]
    load_source_kind: Callable[[str], SourceKind]
    open_relays: Callable[[], Sequence[Relay]]
    load_summariser: Callable[[Ask, str], Summariser]  # by name; the settings' own where it is empty
    load_translator: Callable[[Ask, str], Translator | None] = lambda _ask, _name: None
    embedder: Callable[[], NamedEmbedder | None] = lambda: None  # makes vectors of articles, if one is set
    endpoint: Callable[[], Any] = lambda: None  # of a language model (pipeline.asking.Endpoint), if one is set
    confirm_page: Callable[[str], str] = lambda _token: ""  # the page that takes this token, where there is one
    sender: Callable[[int], Sender] | None = None  # starts another beside this one, with one share of so many
    progress: Progress = quiet
    memory: dict[str, Any] = field(default_factory=dict)  # what one process keeps between passes

    @property
    def settings(self) -> Settings:
        return self.home.settings
