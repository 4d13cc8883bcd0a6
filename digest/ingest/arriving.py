"""[pure] From what a source gave to articles: the whole way, as it is gone in a process that may come to harm."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from digest.errors import BadInput
from digest.ingest.kinds.base import as_set
from digest.ingest.normalise import normalise
from digest.model.article import Article, RawArticle
from digest.model.publication import Source

Reader = Callable[..., Iterable[RawArticle | BadInput]]


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom: the source as the operator set it, the languages that are told apart, and when it is."""

    source: Source
    languages: tuple[str, ...]
    now: datetime

    def normalise(self, raw: RawArticle | BadInput) -> Article | BadInput:
        """What nobody foresaw is said of the one article that it happened to."""
        if isinstance(raw, BadInput):
            return raw
        given = as_set(raw, self.source)
        assert isinstance(given, RawArticle)
        name, publisher = self.source.name, self.source.publisher
        try:
            return normalise(given, source=name, publisher=publisher, now=self.now, languages=self.languages)
        except BadInput as error:
            return error
        except MemoryError:
            return BadInput("needs more memory to read than there is", where=raw.origin, mend="it is passed over")
        except Exception as error:  # noqa: BLE001 - whatever it is, the other articles go through
            return BadInput(f"failed unexpectedly: {type(error).__name__}: {error}", where=raw.origin)


def read(reader: Reader, arguments: tuple[Any, ...], wanted: Wanted) -> Iterator[Article | BadInput]:
    """Everything that `reader` finds, normalised."""
    return (wanted.normalise(found) for found in reader(*arguments))


def normalised(found: Iterable[RawArticle | BadInput], wanted: Wanted) -> list[Article | BadInput]:
    """Some of what was read before, normalised."""
    return [wanted.normalise(raw) for raw in found]
