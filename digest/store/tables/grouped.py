"""What it was grouped into: topics, stories, storylines."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Integer, String, Table, Text

from digest.store.tables.base import identity, metadata
from digest.store.types import Instant

topic = Table(
    "topic",
    metadata,
    identity(),
    Column("name", String(60), nullable=False, unique=True),
    Column("label", Text, nullable=False),
    Column("kind", String(10), nullable=False),
    Column("code", String(20), nullable=False),
    Column("rule", Text, nullable=False),  # empty: a default topic as it is
    Column("removed", sa.Boolean, nullable=False),
)

storyline = Table(
    "storyline",
    metadata,
    identity(),
    Column("merged_into", ForeignKey("storyline.id")),
    Column("given_title", Text),  # the operator's
)

story = Table(
    "story",
    metadata,
    identity(),
    Column("storyline_id", ForeignKey("storyline.id"), nullable=False, index=True),
    Column("merged_into", ForeignKey("story.id")),
    Column("title", Text, nullable=False),
    Column("given_title", Text),  # the operator's: shown instead of the other
    Column("first", Instant, nullable=False),
    Column("first_precision", String(6), nullable=False),
    Column("last", Instant, nullable=False, index=True),
    Column("last_precision", String(6), nullable=False),
    Column("languages", sa.JSON, nullable=False),
    Column("topics", sa.JSON, nullable=False),
    Column("last_seq", Integer, nullable=False, index=True),
    Column("removed_at", Instant),  # its last article was; the row stays for what was mailed of it
)

story_article = Table(
    "story_article",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("story_id", ForeignKey("story.id"), nullable=False, index=True),
    Column("features", Text, nullable=False),
    Column("why", Text, nullable=False),
)

# What a model from outside says of a revision: small whole numbers, two bytes each; empty where it knows no word.
revision_vector = Table(
    "revision_vector",
    metadata,
    Column("revision_id", ForeignKey("revision.id"), primary_key=True),
    Column("model", String(32), nullable=False),
    Column("vector", sa.LargeBinary, nullable=False),
)

article_topic = Table(
    "article_topic",
    metadata,
    Column("article_id", ForeignKey("article.id"), primary_key=True),
    Column("topic", String(60), primary_key=True, index=True),
    Column("score", sa.Float, nullable=False),
    Column("reason", Text, nullable=False),
)

# What the operator corrected by hand. Those that were not undone bind the grouping.
correction = Table(
    "correction",
    metadata,
    identity(),
    Column("at", Instant, nullable=False),
    Column("level", String(10), nullable=False),  # story | storyline
    Column("action", String(10), nullable=False),  # merge | split | rename
    Column("subject", Integer, nullable=False),  # the story or storyline that stayed
    Column("object", Integer),  # the one that went into it, or that the parts went to
    Column("title", Text, nullable=False),  # of a renaming; empty: back to the automatic one
    Column("reason", Text, nullable=False),
    Column("before", sa.JSON, nullable=False),  # all that undoing needs
    Column("undone_at", Instant),
)

correction_article = Table(
    "correction_article",
    metadata,
    Column("correction_id", ForeignKey("correction.id"), primary_key=True),
    Column("article_id", ForeignKey("article.id"), primary_key=True, index=True),
    Column("role", String(10), nullable=False),
)

# Articles moved by hand: what mails told of the story that they were in counts for the one that they are in.
story_past = Table(
    "story_past",
    metadata,
    Column("story_id", ForeignKey("story.id"), primary_key=True),
    Column("former_id", ForeignKey("story.id"), primary_key=True, index=True),
    Column("up_to", Integer, nullable=False),  # told up to this sequence number
    Column("whole", sa.Boolean, nullable=False),  # else only the sentences count, not how far it was told
)
