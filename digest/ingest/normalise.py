"""[pure] From what a reader of some kind found to the one form of article that we keep.

What others send by the thousand is taken in as it comes, and cleaned when it is first needed: most of the time that
an article takes goes into telling what in it is not the article.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from dataclasses import dataclass, replace
from datetime import datetime

from digest.errors import BadInput
from digest.ingest import dates, headline, language, markup, plain
from digest.ingest.canonical import canonical_url
from digest.ingest.clean import clean
from digest.ingest.signature import signature
from digest.model.article import Article, RawArticle
from digest.model.dates import PartialDate, Precision

_MEND_DATE = "mend the date: at most a year ahead is taken"
_READABLE = re.compile(r"[^\W_]")
_HOST = re.compile(r"https?://\[?([^\]/:?#]+)")  # of an address in its canonical form


def normalise(
    raw: RawArticle,
    *,
    source: str,
    publisher: str,
    now: datetime,
    languages: tuple[str, ...] = language.LANGUAGES,
) -> Article:
    """The article, cleaned, or BadInput where nothing readable is left of it.

    A title without any text is an article: wires and many feeds send no more. `publisher` is the
    source's own, for articles that do not name one.
    """
    head = _head(raw, publisher)
    text = clean(_paragraphs(raw))
    if not head.title and not any(map(_READABLE.search, text.paragraphs)):
        raise BadInput("has no readable text", where=raw.origin, mend="an article needs a text or a title")
    tongue = language.detect(_sample(head.title, text.paragraphs), languages, raw.language)
    title = head.title or headline.derive(text.paragraphs, tongue, text.lead)
    article = _article(raw, head, source, _published(raw, now), title, text.paragraphs, tongue)
    return replace(article, paragraphs=_without_title(text.paragraphs, head.title), cut=text.cut, cleaned=True)


def as_it_came(
    raw: RawArticle,
    *,
    source: str,
    publisher: str,
    now: datetime,
    languages: tuple[str, ...] = language.LANGUAGES,
) -> Article:
    """The article before it is cleaned, with the hash of what came; cleaned where it needs a title made of it."""
    head = _head(raw, publisher)
    if not head.title:
        return normalise(raw, source=source, publisher=publisher, now=now, languages=languages)
    paragraphs = tuple(_paragraphs(raw))
    tongue = language.detect(_sample(head.title, paragraphs), languages, raw.language)
    return _article(raw, head, source, _published(raw, now), head.title, paragraphs, tongue)


def cleaned(article: Article, languages: tuple[str, ...] = language.LANGUAGES) -> Article:
    """The same article, cleaned. It is known by the same hash."""
    if article.cleaned:
        return article
    text = clean(article.paragraphs)
    paragraphs = _without_title(text.paragraphs, article.title)
    if paragraphs == article.paragraphs:
        return replace(article, cleaned=True)
    claimed = article.language if article.language != language.UNKNOWN else None
    return replace(
        article,
        paragraphs=paragraphs,
        language=language.detect(_sample(article.title, text.paragraphs), languages, claimed),
        signature=_signature(article.title, text.paragraphs),
        cut=text.cut,
        cleaned=True,
    )


@dataclass(frozen=True, slots=True)
class _Head:
    """The title that was given, who published it, and its address."""

    title: str | None
    publisher: str
    url: str | None


def _head(raw: RawArticle, publisher: str) -> _Head:
    url = canonical_url(raw.url)
    host = _host(url)
    printed_by = plain.one_line(raw.publisher or "") or publisher or host
    return _Head(headline.clean_title(raw.title, printed_by, host), printed_by, url)


def _article(
    raw: RawArticle,
    head: _Head,
    source: str,
    published: PartialDate,
    title: str,
    paragraphs: tuple[str, ...],
    tongue: str,
) -> Article:
    return Article(
        source=source,
        title=title,
        title_given=head.title is not None,
        paragraphs=paragraphs,
        language=tongue,
        published=published,
        publisher=head.publisher,
        url=head.url,
        content_hash=content_hash(title, paragraphs),
        signature=_signature(head.title, paragraphs),
        identity=plain.one_line(raw.identity),
        external_id=plain.one_line(raw.external_id or "") or None,
        topic_hints=tuple(hint for topic in raw.topics if (hint := plain.one_line(topic))),
        cleaned=False,
    )


def _paragraphs(raw: RawArticle) -> list[str]:
    found = markup.to_paragraphs(raw.text) if raw.markup else plain.paragraphs(raw.text)
    return [paragraph for paragraph in found if _READABLE.search(paragraph)]


def _signature(given: str | None, paragraphs: tuple[str, ...]) -> bytes:
    text = "\n\n".join(paragraphs)
    return signature(f"{given}\n{text}" if given else text)


def content_hash(title: str, paragraphs: tuple[str, ...]) -> str:
    """16 hex digits over title and text; white space and Unicode composition do not count."""
    text = unicodedata.normalize("NFC", " ".join("\n".join((title, *paragraphs)).split()))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _without_title(paragraphs: tuple[str, ...], title: str | None) -> tuple[str, ...]:
    """Some feeds print the title again as the first paragraph."""
    if title and len(paragraphs) > 1 and plain.fold(paragraphs[0]) == plain.fold(title):
        return paragraphs[1:]
    return paragraphs


def _sample(title: str | None, paragraphs: tuple[str, ...]) -> str:
    """Running text tells the language best; a title is asked only beside little of it."""
    text = " ".join(paragraphs)
    return text if len(text) >= 200 or not title else f"{title}. {text}"


def _published(raw: RawArticle, now: datetime) -> PartialDate:
    if raw.date is None:
        return PartialDate(now.replace(second=0, microsecond=0), Precision.MINUTE)
    if dates.too_far_ahead(raw.date, now, dates.HAND_AHEAD):
        raise BadInput(f"is dated {raw.date.iso()}, in the future", where=raw.origin, mend=_MEND_DATE)
    return raw.date


def _host(url: str | None) -> str:
    """The site's name where nobody said who published it."""
    host = _HOST.match(url) if url else None
    return host[1].removeprefix("www.") if host else ""
