"""What every kind of source gives: one class behind one entry point of `digest.sources`."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Protocol, TypeVar

from digest.errors import BadInput
from digest.ingest.hosts import Hosts
from digest.model.article import RawArticle
from digest.model.publication import Source

T = TypeVar("T")


class Run(Protocol):
    """Does `function(*arguments)` where it may come to harm; what is said of that is said of `where`.

    The function stands at the top of a module, reads what others wrote, and gives a record that `workers.wire` knows.
    Raises BadInput where it does, or where it takes too much; other DigestErrors as it raises them.
    """

    def __call__(self, function: Callable[..., T], *arguments: Any, where: str) -> T: ...


def in_process(function: Callable[..., T], *arguments: Any, where: str) -> T:  # noqa: ARG001
    """Right here: for tests, and where nothing else is at stake."""
    return function(*arguments)


@dataclass(frozen=True, slots=True)
class FetchOptions:
    """What the operator's settings say about fetching."""

    timeout: float = 30.0  # seconds for one whole request, redirects included
    max_bytes: int = 10_000_000  # of the body, decompressed
    allow_private: bool = False
    user_agent: str = "digest"
    proxy: str = ""  # for sources that name none of their own
    hosts: Hosts | None = None  # whose turns every request waits for
    run: Run = in_process  # for bytes of others


@dataclass(frozen=True, slots=True)
class Unread:
    """Bytes that others wrote, to be read in a process of its own, with limits on time and memory.

    `reader` is a function at the top of a module, or a partial of one; `arguments` can be pickled, and begin with the
    bytes.
    """

    reader: Callable[..., Iterable[RawArticle | BadInput]]
    arguments: tuple[Any, ...]

    @property
    def size(self) -> int:
        """Bytes."""
        return len(self.arguments[0])


@dataclass(frozen=True, slots=True)
class Batch:
    """What one reading of a source gave.

    `memory` is what the source wants to be handed next time (small, JSON-able); keep it only once
    the articles are stored. `location` is set where the source has moved for good. What is `unread` comes besides the
    articles; where something of it is broken, nothing is remembered, so that it is asked for again.
    """

    articles: list[RawArticle | BadInput] = field(default_factory=list)
    unread: Unread | None = None
    memory: dict[str, str] = field(default_factory=dict)
    location: str | None = None
    gone: bool = False
    unchanged: bool = False
    retry_after: datetime | None = None
    hint: timedelta | None = None  # how long what was read says that it stays as it is


class SourceKind(Protocol):
    """A reader of one kind of source. `polled`: others fill it, so the flood rule applies."""

    kind: str
    polled: bool

    def check(self, location: str) -> str:
        """The normalised location; UsageError where it cannot be one."""
        ...

    def read(self, source: Source, memory: dict[str, str], *, now: datetime, options: FetchOptions) -> Batch:
        """What the source has now; a DigestError where it cannot be read at all."""
        ...
