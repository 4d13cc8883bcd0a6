"""What came in: sources, articles, their revisions."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, Integer, LargeBinary, String, Table, Text
from sqlalchemy import UniqueConstraint as Unique

from digest.store.tables.base import identity, metadata
from digest.store.types import Instant

counter = Table(
    "counter",
    metadata,
    Column("name", String(30), primary_key=True),
    Column("value", Integer, nullable=False),
)

source = Table(
    "source",
    metadata,
    identity(),
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
    Column("failing_since", Instant),  # the first of the failures in a row
    Column("interval_minutes", sa.Float),  # between fetches, as its news come; none before the first
    Column("note", Text, nullable=False, server_default=""),  # what the operator might mend, though it is fetched
    Column("login", Text, nullable=False, server_default=""),  # kind and file, never what is in it
    Column("proxy", Text, nullable=False, server_default=""),
    Column("full_text", sa.Boolean, nullable=False),  # ask for the pages behind its teasers
)

article = Table(
    "article",
    metadata,
    identity(),
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
    identity(),
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
    Column("signature_as_it_came", LargeBinary),  # before it was cleaned, where that is another
    Column("topic_hints", sa.JSON, nullable=False),
    Column("cleaned", sa.Boolean, nullable=False, server_default=sa.true()),
    Column("image_url", Text),  # the picture that leads it, where there is one
    Column("image_alt", Text, nullable=False, server_default=""),
    Unique("article_id", "ordinal"),
    Index(
        "ix_revision_pending",
        "standing",
        "id",
        sqlite_where=sa.text("seq IS NULL"),
        postgresql_where=sa.text("seq IS NULL"),
    ),
    Index(
        "ix_revision_uncleaned",
        "article_id",
        sqlite_where=sa.text("NOT cleaned"),
        postgresql_where=sa.text("NOT cleaned"),
    ),
)

revision_body = Table(
    "revision_body",
    metadata,
    Column("revision_id", ForeignKey("revision.id"), primary_key=True),
    Column("paragraphs", sa.JSON, nullable=False),
    Column("cut", sa.JSON, nullable=False),
)

# Pictures as they go into mails, once for each address; and those that could not be had.
image = Table(
    "image",
    metadata,
    Column("url_hash", String(32), primary_key=True),
    Column("url", Text, nullable=False),
    Column("state", String(6), nullable=False),  # ok, failed
    Column("reason", Text, nullable=False),
    Column("fetched_at", Instant, nullable=False),
    Column("used_at", Instant, nullable=False, index=True),  # the least recent goes first
    Column("mime", String(20), nullable=False),
    Column("width", Integer, nullable=False),
    Column("height", Integer, nullable=False),
    Column("size", Integer, nullable=False),  # bytes
    Column("content", LargeBinary),
)

# Articles that were taken down, or deleted since they were old: their text is gone, what they were known by stays.
removal = Table(
    "removal",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("at", Instant, nullable=False),
    Column("reason", Text, nullable=False),
    Column("expired", sa.Boolean, nullable=False, server_default=sa.false()),  # nobody took it down: it was old
)

# What a source printed where, as long as it may turn out to be repeated; and what is known to be.
source_line = Table(
    "source_line",
    metadata,
    identity(),
    Column("source_id", ForeignKey("source.id"), nullable=False),
    Column("fingerprint", sa.BigInteger, nullable=False),
    Column("articles", Integer, nullable=False),  # in which it stood
    Column("last_of", sa.JSON, nullable=False),  # ids of the last few of them, the newest last
    Column("text", Text, nullable=False),  # as it stood first; empty until it is known as repeated
    Column("last_seen", Instant, nullable=False),
    Unique("source_id", "fingerprint"),
    Index("ix_source_line_source_id_last_seen", "source_id", "last_seen"),
)
