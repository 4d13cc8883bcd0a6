"""[pure] From what a reader of some kind found to the one form of article that we keep.

What others send by the thousand is taken in as it comes, and cleaned when it is first needed: most of the time that
an article takes goes into telling what in it is not the article.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from digest.errors import BadInput
from digest.ingest import dates, headline, language, markup, plain
from digest.ingest.canonical import canonical_url
from digest.ingest.clean import clean
from digest.ingest.signature import signature, signatures
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
    signed = signature(_signed(head.title, text.paragraphs))
    article = _article(raw, head, source, _published(raw, now), title, text.paragraphs, tongue, signed)
    return replace(article, paragraphs=_without_title(text.paragraphs, head.title), cut=text.cut, cleaned=True)


@dataclass(frozen=True, slots=True)
class Head:
    """The title that was given, who published it, and its address."""

    title: str | None
    publisher: str
    url: str | None


@dataclass(frozen=True, slots=True)
class Draft:
    """An article as it came, before it is known in which language it is."""

    raw: RawArticle
    head: Head
    title: str
    paragraphs: tuple[str, ...]
    published: PartialDate


def draft(raw: RawArticle, *, publisher: str, now: datetime) -> Draft | None:
    """None where a title must be made of the text, which has to be cleaned for that. Raises BadInput."""
    head = _head(raw, publisher)
    return Draft(raw, head, head.title, tuple(_paragraphs(raw)), _published(raw, now)) if head.title else None


def as_they_came(
    drafts: Sequence[Draft], *, source: str, languages: tuple[str, ...] = language.LANGUAGES
) -> list[Article]:
    """The articles before they are cleaned, with the hashes of what came. One thing after another for all of them:
    that is half as fast again as one after another.
    """
    tongues = [language.detect(_sample(d.title, d.paragraphs), languages, d.raw.language) for d in drafts]
    signed = signatures([_signed(d.title, d.paragraphs) for d in drafts])
    return [
        _article(d.raw, d.head, source, d.published, d.title, d.paragraphs, tongue, made)
        for d, tongue, made in zip(drafts, tongues, signed, strict=True)
    ]


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
        signature=signature(_signed(article.title, text.paragraphs)),
        cut=text.cut,
        cleaned=True,
    )


def _head(raw: RawArticle, publisher: str) -> Head:
    url = canonical_url(raw.url)
    host = _host(url)
    printed_by = plain.one_line(raw.publisher or "") or publisher or host
    return Head(headline.clean_title(raw.title, printed_by, host), printed_by, url)


def _article(
    raw: RawArticle,
    head: Head,
    source: str,
    published: PartialDate,
    title: str,
    paragraphs: tuple[str, ...],
    tongue: str,
    signed: bytes,
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
        signature=signed,
        identity=plain.one_line(raw.identity),
        external_id=plain.one_line(raw.external_id or "") or None,
        topic_hints=tuple(hint for topic in raw.topics if (hint := plain.one_line(topic))),
        cleaned=False,
        image_url=raw.image_url,
        image_alt=raw.image_alt,
    )


def _paragraphs(raw: RawArticle) -> list[str]:
    found = markup.to_paragraphs(raw.text) if raw.markup else plain.paragraphs(raw.text)
    return [paragraph for paragraph in found if _READABLE.search(paragraph)]


def _signed(given: str | None, paragraphs: tuple[str, ...]) -> str:
    """What the signature is over."""
    text = "\n\n".join(paragraphs)
    return f"{given}\n{text}" if given else text


def content_hash(title: str, paragraphs: tuple[str, ...]) -> str:
    """16 hex digits over title and text; white space and Unicode composition do not count."""
    text = unicodedata.normalize("NFC", " ".join("\n".join((title, *paragraphs)).split()))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def hashes(article: Article) -> set[str]:
    """All that one text may be known by: as it came, and, as it once was, cleaned."""
    text = article.paragraphs if article.cleaned else clean(article.paragraphs).paragraphs
    return {article.content_hash, content_hash(article.title, text)}


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
