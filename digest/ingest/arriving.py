"""[pure] From what a source gave to articles, as it is done in a process that may come to harm."""

from __future__ import annotations

import traceback
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeVar

from digest.errors import BadInput
from digest.ingest.normalise import Draft, as_they_came, cleaned, draft, normalise
from digest.model.article import Article, RawArticle
from digest.model.publication import Source

_TOLD, _TRACEBACK = 500, 5000  # characters
#: A longer text is cleaned here too, where nobody is hurt by one that takes long; so is one of some length that has a
#: sentence's end every few characters, each of which is looked at.
_LONG, _SOME, _SHORT_SENTENCE = 10_000, 500, 30
_AT_ONCE = 100  # articles

T = TypeVar("T")
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

    def taken_in(self, found: Sequence[RawArticle | BadInput]) -> list[Article | BadInput | Mishap]:
        """One article that goes wrong keeps no other from going through."""
        given = [one if isinstance(one, BadInput) else as_set(one, self.source) for one in found]
        drafts = [one if isinstance(one, BadInput) else _guarded(self._draft, one) for one in given]
        try:
            made = iter(self._articles([one for one in drafts if isinstance(one, Draft)]))
        except Exception:  # noqa: BLE001 - one of them has a fault: which?
            return [self._alone(one) if isinstance(one, RawArticle) else one for one in given]
        return [next(made) if isinstance(one, Draft) else one for one in drafts]

    def _draft(self, raw: RawArticle) -> Draft | Article:
        """Cleaned at once where it needs a title made of it."""
        return draft(raw, publisher=self.source.publisher, now=self.now) or normalise(
            raw, source=self.source.name, publisher=self.source.publisher, now=self.now, languages=self.languages
        )

    def _articles(self, drafts: Sequence[Draft]) -> list[Article]:
        articles = as_they_came(drafts, source=self.source.name, languages=self.languages)
        return [cleaned(article, self.languages) if _may_take_long(article) else article for article in articles]

    def _alone(self, raw: RawArticle) -> Article | BadInput | Mishap:
        def article(raw: RawArticle) -> Article:
            found = self._draft(raw)
            return self._articles([found])[0] if isinstance(found, Draft) else found

        return _guarded(article, raw)


def _guarded(make: Callable[[RawArticle], T], raw: RawArticle) -> T | BadInput | Mishap:
    try:
        return make(raw)
    except BadInput as error:
        return error
    except MemoryError:
        return BadInput("needs more memory to read than there is", where=raw.origin, mend="it is passed over")
    except Exception as error:  # noqa: BLE001 - it is put on record where there is a log
        told = "".join(traceback.format_exception_only(error)).strip()
        return Mishap(told[:_TOLD], traceback.format_exc()[-_TRACEBACK:], raw.origin)


def _may_take_long(article: Article) -> bool:
    length = sum(map(len, article.paragraphs))
    if length <= _SOME or length > _LONG:
        return length > _LONG
    return sum(p.count(end) for p in article.paragraphs for end in ".!?…。！？") * _SHORT_SENTENCE > length


def as_set(article: RawArticle, source: Source) -> RawArticle:
    """What the operator said of the source goes before what the feed says of itself."""
    if not (source.publisher or source.language or source.topics):
        return article
    return replace(
        article,
        publisher=source.publisher or article.publisher,
        language=source.language or article.language,
        topics=tuple(dict.fromkeys((*source.topics, *article.topics))),
    )


def read(reader: Reader, arguments: tuple[Any, ...], wanted: Wanted) -> Iterator[Article | BadInput | Mishap]:
    """Everything that `reader` finds, taken in."""
    found = iter(reader(*arguments))
    while part := list(islice(found, _AT_ONCE)):
        yield from wanted.taken_in(part)


def taken_in(found: Sequence[RawArticle | BadInput], wanted: Wanted) -> list[Article | BadInput | Mishap]:
    """Some of what was read before."""
    return wanted.taken_in(found)
