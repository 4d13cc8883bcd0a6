"""What is known of an article's way to one reader: the facts from which an explanation is made."""

from __future__ import annotations

import enum
from dataclasses import dataclass, field
from datetime import datetime

from digest.model.article import Standing as ArticleStanding
from digest.model.delivery import Delivery, DeliveryState
from digest.model.edition import Edition
from digest.model.publication import Publication
from digest.model.ranges import Ranges
from digest.model.subscription import Subscription, SubscriptionState


class Seen(enum.StrEnum):
    """By what an article is found in a mail. Others may print its words; its address is its own."""

    ADDRESS = "address"
    WORDS = "words"
    NOT = "not"


class Shown(enum.StrEnum):
    """What a mail did with a story that it covers."""

    ENTRY = "entry"
    OVER = "over"  # beyond the mail's limits: counted under it
    NOTHING_NEW = "nothing new"
    OFF_TOPIC = "off topic"


@dataclass(frozen=True, slots=True)
class Place:
    """Where a story stands in a mail. `number` counts its `of` entries from 1; 0 where it is none of them."""

    story: int
    shown: Shown
    last_seq: int = 0
    number: int = 0
    of: int = 0
    section: str = ""
    headline: str = ""
    updated: bool = False
    reason: str = ""


@dataclass(frozen=True, slots=True)
class CameBack:
    """A bounce of a mail, or a complaint about it."""

    kind: str  # bounce | complaint
    at: datetime
    reason: str = ""


@dataclass(frozen=True, slots=True)
class Mail:
    """A delivery to the reader, and what it did with the story asked for.

    `seen`: whether the article itself is found in the message; None where the message is gone. `counts`: what it
    covers is not owed any more. `at`: when it came into its state.
    """

    delivery: Delivery
    edition: Edition | None
    at: datetime | None
    counts: bool = False
    ranges: Ranges = field(default_factory=Ranges)
    places: tuple[Place, ...] = ()
    seen: Seen | None = None
    withdrawn_at: datetime | None = None
    came_back: tuple[CameBack, ...] = ()
    nothing: bool = False  # it says that nothing is new
    deleted_at: datetime | None = None  # its record was, since it was old: little else is known of it
    text_deleted_at: datetime | None = None

    @property
    def name(self) -> str:
        return self.delivery.edition_name

    @property
    def waits(self) -> bool:
        """Whether it may still reach the reader and does not count yet."""
        return not self.counts and self.delivery.state in _WAITS


_WAITS = frozenset(
    {
        DeliveryState.PLANNED,
        DeliveryState.CLAIMED,
        DeliveryState.COMMITTING,
        DeliveryState.DEFERRED,
        DeliveryState.UNCERTAIN,
        DeliveryState.HELD,
    }
)


@dataclass(frozen=True, slots=True)
class Skipped:
    """An edition of which the reader was sent nothing, and the reason on record."""

    edition: Edition
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Part:
    """An edition that a reader could have had a part in: the mail, or the reason for none, or neither."""

    edition: Edition
    mail: Mail | None = None
    skipped: Skipped | None = None


@dataclass(frozen=True, slots=True)
class Waiver:
    """Numbers that the reader is not owed; with a `topic` only as far as the article is wanted for that."""

    topic: str
    ranges: Ranges
    reason: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Removal:
    at: datetime
    reason: str


@dataclass(frozen=True, slots=True)
class Twin:
    """Another article that prints nearly the same text."""

    key: str
    source: str
    first_seen: datetime


@dataclass(frozen=True, slots=True)
class Revision:
    """One text of the article. `number` is 0 until it is grouped."""

    ordinal: int
    number: int
    standing: ArticleStanding
    cleaned: bool
    arrived_at: datetime
    numbered_at: datetime | None
    language: str


@dataclass(frozen=True, slots=True)
class Life:
    """An article from its arrival on. `topics`: its own; `story_topics`: those of its story."""

    id: int
    key: str
    external_id: str | None
    title: str
    url: str | None
    source: str
    publisher: str
    first_seen: datetime
    revisions: tuple[Revision, ...]
    story: int | None = None
    story_title: str = ""
    storyline: int | None = None
    topics: tuple[str, ...] = ()
    story_topics: tuple[str, ...] = ()
    removal: Removal | None = None
    twins: tuple[Twin, ...] = ()


@dataclass(frozen=True, slots=True)
class Reader:
    """A subscription, what it is owed, and what the next edition would do.

    `floor`: every number below it is covered or given up. `stale`: owed, but too long ago. `next_due`: of the next
    slot; `next_places`: where stories would stand in a mail made now. `wanted`: the topics of the reader that the
    publication has, empty for all, None for none at all.
    """

    subscription: Subscription
    publication: Publication
    removed: bool = False  # the publication
    wanted: tuple[str, ...] | None = ()
    floor: int = 1
    stale: Ranges = field(default_factory=Ranges)
    waivers: tuple[Waiver, ...] = ()
    next_due: datetime | None = None
    next_places: tuple[Place, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """The state that a subscription came into."""

    at: datetime
    state: SubscriptionState
    reason: str


@dataclass(frozen=True, slots=True)
class AddressChange:
    """What became of the address of a subscription: `ok` again, `suppressed`, `moved`."""

    at: datetime
    state: str
    reason: str


@dataclass(frozen=True, slots=True)
class Standing:
    """A subscription as it stands: what it was, and what comes next.

    `waiting`: entries that a mail made now would have. `late`: the slot that has come and was not dealt with yet.
    `too_soon`: the next slot is left out, too near to the last one after a change of schedule.
    """

    reader: Reader
    history: tuple[Change, ...]
    parts: tuple[Part, ...]
    address: tuple[AddressChange, ...] = ()
    waiting: int = 0
    late: datetime | None = None
    too_soon: bool = False


class Fate(enum.StrEnum):
    """What became of one revision for one reader."""

    HELD_BACK = "held back"
    UNCLEANED = "not cleaned yet"
    UNGROUPED = "not grouped yet"
    BACKGROUND = "background"
    REMOVED = "removed"
    REPLACED = "replaced"  # by a newer text of the article
    TOLD = "told"
    OTHERS = "told in the words of others"
    OVER = "over the limits"
    NOTHING_NEW = "nothing new"
    OFF_TOPIC = "other topics"
    OTHER_SOURCE = "other sources"
    OTHER_LANGUAGE = "other languages"
    TOPIC_LATER = "before the topic was chosen"
    CHANGED_SINCE = "settings changed since"
    WAIVED = "waived"
    TOO_OLD = "beyond catch-up"
    ENDED = "subscription ended"
    PAUSED = "subscription paused"
    PENDING = "subscription not confirmed"
    SUPPRESSED = "address suppressed"
    OWED = "owed"


@dataclass(frozen=True, slots=True)
class Finding:
    """What became of a revision. `mail` covers it, or is about to; none where the next edition would."""

    revision: Revision
    fate: Fate
    mail: Mail | None = None
    place: Place | None = None
    told_by: Mail | None = None  # what it has, the reader was told there
    waiver: Waiver | None = None
    newer: Revision | None = None  # that took its place; where this one is told, in its words
    topic: str = ""
    before: tuple[Mail, ...] = ()  # that had it and do not count
    skipped: tuple[Skipped, ...] = ()  # editions that could have told it
