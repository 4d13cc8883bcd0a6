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
    Column("match", sa.JSON, nullable=False),
    Column("removed", sa.Boolean, nullable=False),
)

storyline = Table(
    "storyline",
    metadata,
    identity(),
    Column("merged_into", ForeignKey("storyline.id")),
)

story = Table(
    "story",
    metadata,
    identity(),
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
