"""What went out: editions, variants, deliveries."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from digest.model.delivery import DeliveryKind, DeliveryState, Uncertain
from digest.model.edition import EditionKind, EditionState
from digest.store.tables.base import identity, metadata, one_of
from digest.store.types import Instant, LocalTime

edition_slot = Table(
    "edition_slot",
    metadata,
    identity(),
    Column("publication_id", ForeignKey("publication.id"), nullable=False),
    Column("cadence", String(10), nullable=False),
    Column("slot", LocalTime, nullable=False),
    Column("number", Integer, nullable=False),
    Unique("publication_id", "cadence", "slot"),
    Unique("publication_id", "cadence", "number"),
    Index("ix_edition_slot_publication_id_slot", "publication_id", "slot"),
)

edition = Table(
    "edition",
    metadata,
    identity(),
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
    Column("approval", String(10), nullable=False, server_default=""),  # empty: it needs none
    Column("approve_by", Instant),
    Column("approval_at", Instant),
    Column("approval_reason", Text, nullable=False, server_default=""),
    Column("deleted_at", Instant),  # records of its mails were deleted, since they were old: the last time
    Unique("slot_id", "zone"),
    Index("ix_edition_state", "state"),
    one_of("kind", EditionKind),
    one_of("state", EditionState),
)

edition_skip = Table(
    "edition_skip",
    metadata,
    Column("edition_id", ForeignKey("edition.id"), primary_key=True),
    Column("subscription_id", ForeignKey("subscription.id"), primary_key=True, index=True),
    Column("reason", String(60), nullable=False),
    Column("at", Instant, nullable=False),
)

variant = Table(
    "variant",
    metadata,
    identity(),
    Column("edition_id", ForeignKey("edition.id")),  # none for confirmations and notices
    Column("key", String(32), nullable=False),
    Column("look", String(30), nullable=False),
    Column("language", String(10), nullable=False),
    Column("zone", String(60), nullable=False),
    Column("ranges", sa.JSON, nullable=False),
    Column("subject", Text, nullable=False),
    Column("message", LargeBinary, nullable=False),
    Column("more", Integer, nullable=False),
    Column("over", sa.JSON, nullable=False, server_default="[]"),  # stories beyond its limits
    Column("known", sa.JSON, nullable=False, server_default="[]"),  # stories in which nothing was new
    Column("failing", sa.JSON(none_as_null=True)),  # the failing sources that the operator's copy tells of
    Column("view", LargeBinary),  # all that it tells and what went beyond its limits: for its copy on the web
    Column("made_for", sa.JSON(none_as_null=True)),  # whom and what had gone before, so that it can be made anew
    Column("withdrawn_at", Instant),  # it may show an article that was removed: never sent nor shown again
    Column("deleted_at", Instant),  # its text was deleted, since it was old
    Unique("edition_id", "key"),
)

variant_entry = Table(
    "variant_entry",
    metadata,
    Column("variant_id", ForeignKey("variant.id"), primary_key=True),
    Column("story_id", ForeignKey("story.id"), primary_key=True, index=True),
    Column("last_seq", Integer, nullable=False),
    Column("position", Integer, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("section", String(60), nullable=False),
    Column("headline", Text, nullable=False),
    Column("sentences", sa.JSON, nullable=False),  # hashes of what was quoted
    Column("reason", Text, nullable=False),
)

# At most one edition delivery per subscription may still be on its way. What was uncertain and waits
# for the operator is not: it counts as covered, or one lost reply would hold up every later edition.
OPEN_DELIVERY = (
    "kind = 'edition' AND (state IN ('planned', 'claimed', 'committing', 'deferred')"
    " OR (state = 'held' AND NOT was_uncertain) OR (state = 'uncertain' AND uncertain <> 'hold'))"
)
#: A mail to one person that may be waited for. With its values written out, or SQLite does not see the index.
SINGLE_DELIVERY = "kind <> 'edition' AND state = 'planned'"

# The moment from which on a mail may have left: what the cap of an hour counts.
LEAVING_EVENT = "after = 'committing'"

delivery = Table(
    "delivery",
    metadata,
    identity(),
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
    # With what it was signed and whose relay had it, when it first may have left: a second copy is to be the same.
    Column("signed_with", Text, nullable=False, server_default=""),
    Column("relay", String(40), nullable=False, server_default=""),
    Unique("edition_id", "subscription_id"),
    Index(
        "ix_delivery_open",
        "subscription_id",
        unique=True,
        sqlite_where=sa.text(OPEN_DELIVERY),
        postgresql_where=sa.text(OPEN_DELIVERY),
    ),
    Index("ix_delivery_subscription_id_covers_hi", "subscription_id", "covers_hi"),
    Index("ix_delivery_state", "state", "variant_id", "next_attempt"),
    Index(
        "ix_delivery_single",
        "variant_id",
        sqlite_where=sa.text(SINGLE_DELIVERY),
        postgresql_where=sa.text(SINGLE_DELIVERY),
    ),
    Index("ix_delivery_subscriber_id", "subscriber_id"),
    one_of("kind", DeliveryKind),
    one_of("state", DeliveryState),
    one_of("uncertain", Uncertain),
)

delivery_event = Table(
    "delivery_event",
    metadata,
    identity(),
    Column("delivery_id", ForeignKey("delivery.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("before", String(12), nullable=False),
    Column("after", String(12), nullable=False),
    Column("reply", Text, nullable=False),
    Column("reason", Text, nullable=False),
    Index(
        "ix_delivery_event_leaving",
        "at",
        sqlite_where=sa.text(LEAVING_EVENT),
        postgresql_where=sa.text(LEAVING_EVENT),
    ),
)

# What stays of an edition's mail that was sent when the record of it is deleted: whom it told what.
trace = Table(
    "trace",
    metadata,
    Column("delivery_id", Integer, primary_key=True, autoincrement=False),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False),
    Column("variant_id", ForeignKey("variant.id"), nullable=False, index=True),
    Column("covers_hi", Integer, nullable=False),
    Column("sent_at", Instant, nullable=False),
    Column("bounced_at", Instant),
    Column("deleted_at", Instant, nullable=False),
    Index("ix_trace_subscription_id_covers_hi", "subscription_id", "covers_hi"),
)

# How many records of mails were deleted, by the state in which the mails were.
deleted_delivery = Table(
    "deleted_delivery",
    metadata,
    Column("edition_id", Integer, primary_key=True, autoincrement=False),  # 0: of no edition
    Column("state", String(12), primary_key=True),
    Column("number", Integer, nullable=False),
)

# What a cap asked the operator, and the answer: of one edition, or of the hour (no edition).
allowance = Table(
    "allowance",
    metadata,
    identity(),
    Column("edition_id", ForeignKey("edition.id"), unique=True),
    Column("cap", Integer, nullable=False),
    Column("asked_at", Instant),
    Column("allowed_at", Instant),
    Column("number", Integer),  # of mails that were allowed; none: as many as the cap, or the whole edition
    Column("after_event", Integer, nullable=False),  # the count of the hour begins anew after this event
    Column("told_at", Instant),  # the operator was sent a notice
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

# One row: the last pass that came to its end, for monitors.
last_pass = Table(
    "last_pass",
    metadata,
    identity(),
    Column("began_at", Instant, nullable=False),
    Column("ended_at", Instant, nullable=False),
    Column("failed", Integer, nullable=False),  # stages
)
