"""[pure] What every way of reading a feed ends in, and how an article is made of it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from digest.errors import BadInput
from digest.ingest import dates, picture
from digest.ingest.canonical import canonical_url
from digest.ingest.markup import to_line
from digest.model.article import RawArticle
from digest.model.dates import PartialDate, Precision

HTML, PLAIN = "text/html", "text/plain"
DATES = ("published", "created", "updated")


@dataclass(slots=True)
class Part:
    """One text of an entry: its content or its summary."""

    value: str
    kind: str = HTML
    language: str | None = None


@dataclass(slots=True)
class Entry:
    title: str = ""
    link: str = ""
    id: str = ""
    parts: list[Part] = field(default_factory=list)  # content before summary
    dates: list[PartialDate] = field(default_factory=list)  # the readable ones, in the order of DATES
    topics: list[str] = field(default_factory=list)
    language: str | None = None
    source: str = ""  # whom the entry was taken over from
    offers: list[picture.Offer] = field(default_factory=list)  # pictures, as the entry names them


@dataclass(slots=True)
class Feed:
    title: str = ""
    link: str = ""
    language: str | None = None
    entries: list[Entry] = field(default_factory=list)
    cut_off: bool = False


def shared_ids(entries: Sequence[Entry]) -> frozenset[str]:
    """Ids that several entries with different links claim: some feeds write a constant there."""
    pairs = {(entry.id, entry.link) for entry in entries}
    return frozenset(name for name, count in Counter(name for name, _ in pairs).items() if count > 1)


def to_article(
    entry: Entry, feed: Feed, where: str, base: str, now: datetime | None, shared: frozenset[str]
) -> RawArticle:
    """The article, also where nothing is left to read of it. `base` is the feed's own address."""
    # The longest wins, content before summary: some feeds repeat a stub as content.
    part = max(entry.parts, key=lambda part: len(part.value), default=Part(""))
    base = base or feed.link
    url = canonical_url(entry.link, base)
    given = entry.id.strip()
    external = given if given and given not in shared else None
    topics = (to_line(topic) for topic in entry.topics)
    texts = (part.value for part in entry.parts if part.kind != PLAIN)
    lead = picture.choose(entry.offers, texts, page=url or base, base=base)
    return RawArticle(
        text=part.value,
        origin=where,
        identity=f"id:{external}" if external else f"url:{url}" if url else "",
        external_id=external,
        title=to_line(entry.title) or None,
        language=part.language or entry.language or feed.language or None,
        date=next((date for date in entry.dates if not _too_far(date, now)), None),
        url=url,
        publisher=to_line(entry.source or feed.title) or None,
        topics=tuple(dict.fromkeys(topic for topic in topics if topic)),
        markup=part.kind != PLAIN,
        image_url=lead.url if lead else None,
        image_alt=lead.alt if lead else "",
    )


def _too_far(date: PartialDate, now: datetime | None) -> bool:
    return now is not None and dates.too_far_ahead(date, now, dates.FEED_AHEAD)


def date_of(written: str, understood: Sequence[int] | None = None) -> PartialDate | None:
    """`understood` is what a parser made of it that knows more forms than we do: year to minute, in UTC."""
    try:
        return dates.parse(written)
    except BadInput:
        pass
    if not understood or not dates.FIRST_YEAR <= understood[0] <= 9998:
        return None
    year, month, day, hour, minute = understood[:5]
    return PartialDate(datetime(year, month, day, hour, minute, tzinfo=UTC), Precision.MINUTE)
