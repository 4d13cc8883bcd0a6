"""[pure] From what a reader of some kind found to the one form of article that we keep."""

from __future__ import annotations

import hashlib
import unicodedata
from datetime import datetime
from urllib.parse import urlsplit

from digest.errors import BadInput
from digest.ingest import dates, headline, language, markup, plain
from digest.ingest.canonical import canonical_url
from digest.ingest.clean import Cleaned, clean
from digest.ingest.signature import signature
from digest.model.article import Article, RawArticle
from digest.model.dates import PartialDate, Precision

_MEND_DATE = "mend the date: at most a year ahead is taken"


def normalise(
    raw: RawArticle,
    *,
    source: str,
    publisher: str,
    now: datetime,
    languages: tuple[str, ...] = language.LANGUAGES,
) -> Article:
    """The article, or BadInput where nothing readable is left of it.

    A title without any text is an article: wires and many feeds send no more. `publisher` is the
    source's own, for articles that do not name one.
    """
    paragraphs = markup.to_paragraphs(raw.text) if raw.markup else plain.paragraphs(raw.text)
    cleaned = _clean(paragraphs)
    url = canonical_url(raw.url)
    printed_by = plain.one_line(raw.publisher or "") or publisher or _host(url)
    given = headline.clean_title(raw.title, printed_by, _host(url))
    if not given and not any(c.isalnum() for paragraph in cleaned.paragraphs for c in paragraph):
        raise BadInput("has no readable text", where=raw.origin, mend="an article needs a text or a title")
    tongue = language.detect(_sample(given, cleaned), languages, raw.language)
    title = given or headline.derive(cleaned.paragraphs, tongue, cleaned.lead)
    text = "\n\n".join(cleaned.paragraphs)
    return Article(
        source=source,
        title=title,
        title_given=given is not None,
        paragraphs=_without_title(cleaned.paragraphs, given),
        language=tongue,
        published=_published(raw, now),
        publisher=printed_by,
        url=url,
        content_hash=content_hash(title, cleaned.paragraphs),
        signature=signature(f"{title}\n{text}" if given else text),
        identity=plain.one_line(raw.identity),
        external_id=plain.one_line(raw.external_id or "") or None,
        topic_hints=tuple(hint for topic in raw.topics if (hint := plain.one_line(topic))),
        cut=cleaned.cut,
    )


def content_hash(title: str, paragraphs: tuple[str, ...]) -> str:
    """16 hex digits over title and text; white space and Unicode composition do not count."""
    text = unicodedata.normalize("NFC", " ".join("\n".join((title, *paragraphs)).split()))
    return hashlib.blake2b(text.encode(), digest_size=8).hexdigest()


def _clean(paragraphs: list[str]) -> Cleaned:
    return clean([paragraph for paragraph in paragraphs if any(c.isalnum() for c in paragraph)])


def _without_title(paragraphs: tuple[str, ...], title: str | None) -> tuple[str, ...]:
    """Some feeds print the title again as the first paragraph."""
    if title and len(paragraphs) > 1 and plain.fold(paragraphs[0]) == plain.fold(title):
        return paragraphs[1:]
    return paragraphs


def _sample(title: str | None, cleaned: Cleaned) -> str:
    """Running text tells the language best; a title is asked only beside little of it."""
    text = " ".join(cleaned.paragraphs)
    return text if len(text) >= 200 or not title else f"{title}. {text}"


def _published(raw: RawArticle, now: datetime) -> PartialDate:
    if raw.date is None:
        return PartialDate(now.replace(second=0, microsecond=0), Precision.MINUTE)
    if dates.too_far_ahead(raw.date, now, dates.HAND_AHEAD):
        raise BadInput(f"is dated {raw.date.iso()}, in the future", where=raw.origin, mend=_MEND_DATE)
    return raw.date


def _host(url: str | None) -> str:
    """The site's name where nobody said who published it."""
    host = urlsplit(url).hostname if url else None
    return (host or "").removeprefix("www.")
