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
