"""Articles: as a reader of some source kind found them, and as we keep them."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from digest.model.dates import PartialDate


class Standing(enum.StrEnum):
    """Whether a revision may be mailed."""

    NEWS = "news"
    BACKGROUND = "background"  # grouped, never mailed by itself: a new source's older entries
    QUARANTINED = "quarantined"  # not even grouped until the operator releases it
    REMOVED = "removed"  # taken down: there is no text any more


@dataclass(frozen=True, slots=True)
class RawArticle:
    """What one reader kind yields for one published item, before it is normalised.

    `identity` says by what the item is recognised next time within its source, with a prefix:
    `id:` (an id given with it), `url:`, `path:`; empty when only its content can tell.
    `text` is plain text with blank lines between paragraphs, or HTML when `markup` is set.
    `origin` is for error messages: file and line, or a URL.
    """

    text: str
    origin: str
    identity: str = ""
    external_id: str | None = None
    title: str | None = None
    language: str | None = None
    date: PartialDate | None = None
    url: str | None = None
    publisher: str | None = None
    topics: tuple[str, ...] = ()
    markup: bool = False
    image_url: str | None = None  # the picture that leads it
    image_alt: str = ""  # what that shows, in words


@dataclass(frozen=True, slots=True)
class Cut:
    """A piece of text that was judged not to be part of the article, and why."""

    reason: str  # promotion, cross-link, caption, cookie, heading, byline, note, repeated in this source (n times)
    text: str


@dataclass(frozen=True, slots=True)
class Article:
    """One normalised revision of an article.

    `paragraphs` is the clean text, once it is `cleaned`; `cut` what was taken out of it.
    `content_hash` is over title and text as they were taken in, before what the source repeats was
    cut, 16 hex digits; where the text is that of the page behind a teaser, over the teaser, by
    which it is known again. `signature` is the near-duplicate signature, opaque bytes.
    `key`, `seq` and `id` are empty until the store knows the article.
    """

    source: str
    title: str
    title_given: bool
    paragraphs: tuple[str, ...]
    language: str  # ISO 639-1, or "und"
    published: PartialDate
    publisher: str
    url: str | None
    content_hash: str
    signature: bytes
    identity: str
    external_id: str | None = None
    topic_hints: tuple[str, ...] = ()
    cut: tuple[Cut, ...] = ()
    cleaned: bool = True
    image_url: str | None = None  # another picture alone makes no revision
    image_alt: str = ""
    key: str = ""
    id: int = 0
    seq: int = 0  # the revision's sequence number, 0 until the grouping writer made it visible
    ordinal: int = 1  # first revision of this article is 1
    standing: Standing = Standing.NEWS
    first_seen: datetime | None = None
    story: int | None = None
    storyline: int | None = None
    topics: tuple[str, ...] = field(default=())

    @property
    def text(self) -> str:
        """The text, paragraphs separated by a blank line."""
        return "\n\n".join(self.paragraphs)
