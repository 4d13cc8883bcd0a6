"""[pure] From what a source gave to articles, as it is done in a process that may come to harm."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from digest.errors import BadInput
from digest.ingest.normalise import as_it_came, cleaned
from digest.model.article import Article, RawArticle
from digest.model.publication import Source

_TOLD, _TRACEBACK = 500, 5000  # characters
#: A longer text is cleaned here too, where nobody is hurt by one that takes long.
_LONG = 10_000

Reader = Callable[..., Iterable[RawArticle | BadInput]]


@dataclass(frozen=True, slots=True)
class Mishap:
    """What nobody foresaw, and the one article that it happened to; the traceback is for the log."""

    told: str
    traceback: str
    where: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """For whom: the source as the operator set it, the languages that are told apart, and when it is."""

    source: Source
    languages: tuple[str, ...]
    now: datetime

    def normalise(self, raw: RawArticle | BadInput) -> Article | BadInput | Mishap:
        """One article that goes wrong keeps no other from going through."""
        if isinstance(raw, BadInput):
            return raw
        name, publisher = self.source.name, self.source.publisher
        given = as_set(raw, self.source)
        try:
            article = as_it_came(given, source=name, publisher=publisher, now=self.now, languages=self.languages)
            return cleaned(article, self.languages) if _is_long(article) else article
        except BadInput as error:
            return error
        except MemoryError:
            return BadInput("needs more memory to read than there is", where=raw.origin, mend="it is passed over")
        except Exception as error:  # noqa: BLE001 - it is put on record where there is a log
            told = "".join(traceback.format_exception_only(error)).strip()
            return Mishap(told[:_TOLD], traceback.format_exc()[-_TRACEBACK:], raw.origin)


def _is_long(article: Article) -> bool:
    return sum(map(len, article.paragraphs)) > _LONG


def as_set(article: RawArticle, source: Source) -> RawArticle:
    """What the operator said of the source goes before what the feed says of itself."""
    return replace(
        article,
        publisher=source.publisher or article.publisher,
        language=source.language or article.language,
        topics=tuple(dict.fromkeys((*source.topics, *article.topics))),
    )


def read(reader: Reader, arguments: tuple[Any, ...], wanted: Wanted) -> Iterator[Article | BadInput | Mishap]:
    """Everything that `reader` finds, normalised."""
    return (wanted.normalise(found) for found in reader(*arguments))


def normalised(found: Iterable[RawArticle | BadInput], wanted: Wanted) -> list[Article | BadInput | Mishap]:
    """Some of what was read before, normalised."""
    return [wanted.normalise(raw) for raw in found]
