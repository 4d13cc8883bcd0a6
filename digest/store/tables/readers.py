"""Who gets it: publications, subscribers, subscriptions."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import CheckConstraint, Column, ForeignKey, Index, Integer, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from digest.model.delivery import Uncertain
from digest.model.subscription import AddressState, SubscriptionState
from digest.store.tables.base import identity, metadata, one_of
from digest.store.types import Instant

publication = Table(
    "publication",
    metadata,
    identity(),
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
    Column("reply_to", Text, nullable=False, server_default=""),
    Column("postal", Text, nullable=False, server_default=""),
    Column("imprint", Text, nullable=False, server_default=""),
    Column("nothing_new", String(10), nullable=False, server_default="skip"),
    Column("images", Integer, nullable=False, server_default="0"),
    Column("approval_hours", sa.Float, nullable=False, server_default="0"),
    Column("unapproved", String(10), nullable=False, server_default="send"),
    Column("sign_up", String(10), nullable=False, server_default="closed"),
    Column("archive", String(10), nullable=False, server_default="closed"),
    Column("about", Text, nullable=False, server_default=""),
    Column("consent", Text, nullable=False, server_default=""),  # what who signs up agrees to besides
    Column("thanks", Text, nullable=False, server_default=""),  # a page of the operator's own
    Column("removed", sa.Boolean, nullable=False),
    Column("created_at", Instant, nullable=False),
    one_of("uncertain", Uncertain),
)

cadence = Table(
    "cadence",
    metadata,
    identity(),
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
    identity(),
    Column("email", Text, nullable=False),
    Column("email_key", Text, nullable=False, unique=True),
    Column("name", Text, nullable=False),
    Column("address_state", String(12), nullable=False),
    Column("address_reason", Text, nullable=False),
    Column("created_at", Instant, nullable=False),
    one_of("address_state", AddressState),
)

subscription = Table(
    "subscription",
    metadata,
    identity(),
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
    Column("paused_until", Instant),  # none: until somebody resumes it
    Column("settled_below", Integer, nullable=False),  # every number below is covered or waived
    Unique("subscriber_id", "publication_id"),
    Index("ix_subscription_publication_id_state", "publication_id", "state", "cadence", "zone"),
    one_of("state", SubscriptionState),
)

subscription_event = Table(
    "subscription_event",
    metadata,
    identity(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False, index=True),
    Column("at", Instant, nullable=False),
    Column("action", String(20), nullable=False),
    Column("before", String(12), nullable=False),
    Column("after", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("by", String(10), nullable=False, server_default=""),  # empty: not on record
    Column("via", String(10), nullable=False, server_default=""),
    Column("origin", Text, nullable=False, server_default=""),
    Column("basis", Text, nullable=False, server_default=""),
    Column("consent_id", ForeignKey("consent.id")),
)

# The texts that people who signed up agreed to, word by word.
consent = Table(
    "consent",
    metadata,
    identity(),
    Column("key", String(64), nullable=False, unique=True),  # of language and text
    Column("language", String(10), nullable=False),
    Column("text", Text, nullable=False),
    Column("first_at", Instant, nullable=False),
)

subscriber_tag = Table(
    "subscriber_tag",
    metadata,
    Column("subscriber_id", ForeignKey("subscriber.id"), primary_key=True),
    Column("tag", String(60), primary_key=True, index=True),
)

# People who were erased, by a keyed hash of the address: no file brings them back.
forgotten = Table(
    "forgotten",
    metadata,
    Column("mac", String(64), primary_key=True),
    Column("at", Instant, nullable=False),
)

# How far a file has been imported.
import_run = Table(
    "import_run",
    metadata,
    identity(),
    Column("key", String(64), nullable=False, unique=True),  # of the file's bytes and what was said of them
    Column("origin", Text, nullable=False),
    Column("line", Integer, nullable=False),  # all up to this one are done
    Column("added", Integer, nullable=False),
    Column("known", Integer, nullable=False),
    Column("failed", Integer, nullable=False),
    Column("begun_at", Instant, nullable=False),
    Column("ended_at", Instant),
)

waiver = Table(
    "waiver",
    metadata,
    identity(),
    Column("subscription_id", ForeignKey("subscription.id"), nullable=False, index=True),
    Column("topic", String(60), nullable=False),  # empty: whatever the topic
    Column("lo", Integer, nullable=False),
    Column("hi", Integer, nullable=False),
    Column("reason", Text, nullable=False),
    Column("at", Instant, nullable=False),
    CheckConstraint("lo < hi", name="range"),
)
