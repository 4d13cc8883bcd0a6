"""The schema, as it stands after the newest migration. A test holds the two against each other."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from digest.model.delivery import DeliveryKind, DeliveryState, Uncertain
from digest.model.edition import EditionKind, EditionState
from digest.model.subscription import AddressState, SubscriptionState
from digest.store.types import NAMES, Instant, LocalTime

metadata = sa.MetaData(naming_convention=NAMES)


def _one_of(column: str, values: type) -> CheckConstraint:
    listed = ", ".join(f"'{v}'" for v in values)  # type: ignore[attr-defined]
    return CheckConstraint(f"{column} IN ({listed})", name=column)


def _id() -> Column[int]:
    return Column("id", Integer, primary_key=True)


# --- what came in -----------------------------------------------------------------------------

counter = Table(
    "counter",
    metadata,
    Column("name", String(30), primary_key=True),
    Column("value", Integer, nullable=False),
)

source = Table(
    "source",
    metadata,
    _id(),
    Column("name", String(100), nullable=False, unique=True),
    Column("kind", String(20), nullable=False),
    Column("location", Text, nullable=False),
    Column("state", String(10), nullable=False),
    Column("publisher", Text, nullable=False),
    Column("language", String(10), nullable=False),
    Column("topics", sa.JSON, nullable=False),
    Column("memory", sa.JSON, nullable=False),  # what the reader kind wants to find again: etag …
    Column("added_at", Instant, nullable=False),
    Column("next_fetch", Instant),
    Column("last_fetch", Instant),
    Column("last_ok", Instant),
    Column("failures", Integer, nullable=False),
    Column("last_error", Text, nullable=False),
)

article = Table(
    "article",
    metadata,
    _id(),
    Column("key", String(20), nullable=False, unique=True),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("identity_hash", sa.BigInteger, nullable=False),
    Column("identity", Text, nullable=False),
    Column("external_id", Text),
    Column("first_seen", Instant, nullable=False),
    Column("revision_id", Integer),  # the newest visible one; no foreign key, it would be a circle
    Index("ix_article_source_id_identity_hash", "source_id", "identity_hash"),
    Index("ix_article_revision_id", "revision_id"),
)

revision = Table(
    "revision",
    metadata,
    _id(),
    Column("article_id", ForeignKey("article.id"), nullable=False),
    Column("ordinal", Integer, nullable=False),
    Column("seq", Integer, unique=True),  # null until the grouping writer makes it visible
    Column("numbered_at", Instant, index=True),
    Column("standing", String(12), nullable=False),
    Column("arrived_at", Instant, nullable=False),
    Column("title", Text, nullable=False),
    Column("title_given", sa.Boolean, nullable=False),
    Column("language", String(10), nullable=False),
    Column("published", Instant, nullable=False),
    Column("precision", String(6), nullable=False),
    Column("publisher", Text, nullable=False),
    Column("url", Text),
    Column("content_hash", String(16), nullable=False, index=True),
    Column("signature", LargeBinary, nullable=False),
    Column("topic_hints", sa.JSON, nullable=False),
    Unique("article_id", "ordinal"),
    Index(
        "ix_revision_pending",
        "standing",
        "id",
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    ),
)

revision_body = Table(
    "revision_body",
    metadata,
    Column("revision_id", ForeignKey("revision.id"), primary_key=True),
    Column("paragraphs", sa.JSON, nullable=False),
    Column("cut", sa.JSON, nullable=False),
)

# --- what it was grouped into -----------------------------------------------------------------

topic = Table(
    "topic",
    metadata,
    _id(),
    Column("name", String(60), nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("code", String(20), nullable=False),
    Column("match", sa.JSON, nullable=False),
    Column("removed", sa.Boolean, nullable=False),
)

storyline = Table(
    "storyline",
    metadata,
    _id(),
    Column("merged_into", ForeignKey("storyline.id")),
)

story = Table(
    "story",
    metadata,
    _id(),
    Column("storyline_id", ForeignKey("storyline.id"), nullable=False, index=True),
    Column("merged_into", ForeignKey("story.id")),
    Column("title", Text, nullable=False),
    Column("first", Instant, nullable=False),
    Column("first_precision", String(6), nullable=False),
    Column("last", Instant, nullable=False, index=True),
    Column("last_precision", String(6), nullable=False),
    Column("languages", sa.JSON, nullable=False),
    Column("topics", sa.JSON, nullable=False),
    Column("last_seq", Integer, nullable=False, index=True),
)

story_article = Table(
    "story_article",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("story_id", ForeignKey("story.id"), nullable=False, index=True),
    Column("features", Text, nullable=False),
    Column("why", Text, nullable=False),
)

article_topic = Table(
    "article_topic",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("topic", String(60), primary_key=True, index=True),
    Column("score", sa.Float, nullable=False),
    Column("reason", Text, nullable=False),
)

# --- who gets it ------------------------------------------------------------------------------

publication = Table(
    "publication",
    metadata,
    _id(),
    Column("name", String(60), nullable=False, unique=True),
    Column("title", Text, nullable=False),
    Column("zone", String(60), nullable=False),
    Column("language", String(10), nullable=False),
    Column("late", String(10), nullable=False),
    Column("late_limit_hours", sa.Float, nullable=False),
    Column("sender", Text, nullable=False),
    Column("look", String(30), nullable=False),
    Column("topics", sa.JSON, nullable=False),
    Column("sources", sa.JSON, nullable=False),
    Column("languages", sa.JSON, nullable=False),
    Column("max_entries", Integer, nullable=False),
    Column("max_per_section", Integer, nullable=False),
    Column("catch_up_days", Integer, nullable=False),
    Column("uncertain", String(10), nullable=False),
    Column("paused", sa.Boolean, nullable=False),
    Column("removed", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    _one_of("uncertain", Uncertain),
)

cadence = Table(
    "cadence",
    metadata,
    _id(),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("every", String(10), nullable=False),
    Column("at", String(5), nullable=False),
    Column("weekday", Integer, nullable=False),
    Column("day", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("since", Instant, nullable=False),  # slots before this were never meant
    Unique("publication_id", "every"),
)

# How far the slots of one clock (publication, cadence, zone) have been dealt with.
clock = Table(
    "clock",
    metadata,
    Column("publication_id", ForeignKey("publication.id"), primary_key=True),
    Column("cadence", String(10), primary_key=True),
    Column("zone", String(60), primary_key=True),
    Column("handled_up_to", Instant, nullable=False),
)

subscriber = Table(
    "subscriber",
    metadata,
    _id(),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("address_state", String(12), nullable=False),
    Column("address_reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    _one_of("address_state", AddressState),
)

subscription = Table(
    "subscription",
    metadata,
    _id(),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("cadence", String(10), nullable=False),
    Column("language", String(10), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("topics", sa.JSON, nullable=False),
    Column("state", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("changed_at", Instant, nullable=False),
    Column("activated_at", Instant),
    Column("schedule_changed_at", Instant),
    Column("settled_below", Integer, nullable=False),  # every number below is covered or waived
    Unique("subscriber_id", "publication_id"),
    Index("ix_subscription_publication_id_state", "publication_id", "state", "cadence", "zone"),
    _one_of("state", SubscriptionState),
)

subscription_event = Table(
    "subscription_event",
    metadata,
    _id(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("action", String(20), nullable=False),
    Column("before", String(12), nullable=False),
    Column("after", String(12), nullable=False),
    Column("reason", Text, nullable=False),
)

waiver = Table(
    "waiver",
    metadata,
    _id(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False, index=True),
    Column("topic", String(60), nullable=False),  # empty: whatever the topic
    Column("lo", Integer, nullable=False),
    Column("hi", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("lo < hi", name="range"),
)

# --- what went out ----------------------------------------------------------------------------

edition_slot = Table(
    "edition_slot",
    metadata,
    _id(),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("cadence", String(10), nullable=False),
    Column("slot", LocalTime, nullable=False),
    Column("number", Integer, nullable=False),
    Unique("publication_id", "cadence", "slot"),
    Unique("publication_id", "cadence", "number"),
)

edition = Table(
    "edition",
    metadata,
    _id(),
    Column("slot_id", ForeignKey("edition_slot.id"), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("kind", String(10), nullable=False),
    Column("due", Instant, nullable=False),
    Column("cutoff", Integer, nullable=False),
    Column("cut_at", Instant, nullable=False),
    Column("state", String(10), nullable=False),
    Column("lateness", String(10), nullable=False),
    Column("missed", Integer, nullable=False),
    Column("covers_from", Instant),
    Unique("slot_id", "zone"),
    Index("ix_edition_state", "state"),
    _one_of("kind", EditionKind),
    _one_of("state", EditionState),
)

edition_skip = Table(
    "edition_skip",
    metadata,
    Column("edition_id", ForeignKey("edition.id"), primary_key=True),
    Column("subscription_id", ForeignKey("subscription.id"), primary_key=True, index=True),
    Column("reason", String(30), nullable=False),
    Column("at", Instant, nullable=False),
)

variant = Table(
    "variant",
    metadata,
    _id(),
    Column("edition_id", ForeignKey("edition.id")),  # none for confirmations and notices
    Column("key", String(32), nullable=False),
    Column("look", String(30), nullable=False),
    Column("language", String(10), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("ranges", sa.JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("more", Integer, nullable=False),
    Unique("edition_id", "key"),
)

variant_entry = Table(
    "variant_entry",
    metadata,
    Column("variant_id", ForeignKey("variant.id"), primary_key=True),
    Column("story_id", ForeignKey("story.id"), primary_key=True, index=True),
    Column("last_seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),  # -1: covered, but over the limits or nothing new
    Column("kind", String(10), nullable=False),
    Column("section", String(60), nullable=False),
    Column("headline", Text, nullable=False),
    Column("sentences", sa.JSON, nullable=False),  # hashes of what was quoted
    Column("reason", Text, nullable=False),
)

# At most one edition delivery per subscription may still be on its way. What was uncertain and waits
# for the operator is not: it counts as covered, or one lost reply would hold up every later edition.
_OPEN = (
    "kind = 'edition' AND (state IN ('planned', 'claimed', 'committing', 'deferred')"
    " OR (state = 'held' AND NOT was_uncertain) OR (state = 'uncertain' AND uncertain <> 'hold'))"
)

delivery = Table(
    "delivery",
    metadata,
    _id(),
    Column("kind", String(12), nullable=False),
    Column("key", String(80), nullable=False, unique=True),
    Column("edition_id", ForeignKey("edition.id")),
    Column("subscription_id", ForeignKey("subscription.id")),
    Column("subscriber_id", ForeignKey("subscriber.id"), nullable=False),
    Column("variant_id", ForeignKey("variant.id"), nullable=False),
    Column("covers_hi", Integer, nullable=False),  # end of its ranges, to find the recent ones by
    Column("state", String(12), nullable=False),
    Column("uncertain", String(10), nullable=False),
    Column("address", Text, nullable=False),
    Column("message_id", Text, nullable=False, unique=True),
    Column("date", Instant, nullable=False),
    Column("splice", sa.JSON, nullable=False),
    Column("attempts", Integer, nullable=False),
    Column("epoch", Integer, nullable=False),
    Column("owner", String(60), nullable=False),
    Column("lease_until", Instant),
    Column("next_attempt", Instant),
    Column("give_up_at", Instant),
    Column("was_uncertain", sa.Boolean, nullable=False),
    Column("reply", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Column("planned_at", Instant, nullable=False),
    Column("settled_at", Instant),
    Column("bounced_at", Instant),
    Unique("edition_id", "subscription_id"),
    Index(
        "ix_delivery_open", "subscription_id", unique=True, sqlite_where=sa.text(_OPEN), postgresql_where=sa.text(_OPEN)
    ),
    Index("ix_delivery_subscription_id_covers_hi", "subscription_id", "covers_hi"),
    Index("ix_delivery_state", "state", "next_attempt", "variant_id"),
    Index("ix_delivery_subscriber_id", "subscriber_id"),
    _one_of("kind", DeliveryKind),
    _one_of("state", DeliveryState),
    _one_of("uncertain", Uncertain),
)

delivery_event = Table(
    "delivery_event",
    metadata,
    _id(),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("before", String(12), nullable=False),
    Column("after", String(12), nullable=False),
    Column("reply", Text, nullable=False),
    Column("reason", Text, nullable=False),
)

# Who may write as the one leader of a role; every new holder has a higher epoch.
leader = Table(
    "leader",
    metadata,
    Column("role", String(20), primary_key=True),
    Column("epoch", Integer, nullable=False),
    Column("owner", Text, nullable=False),
    Column("since", Instant, nullable=False),
)
