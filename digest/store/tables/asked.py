"""What a language model was asked: what it cost, and what it said."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, Integer, String, Table, Text

from digest.store.tables.base import metadata
from digest.store.types import Instant

# What was spent for an occasion (an edition, a preview, a trial) in one day. A request is booked with the
# most that it can cost before it is sent, and put right when the answer is there: who dies in between
# has spent it.
model_use = Table(
    "model_use",
    metadata,
    Column("day", String(10), primary_key=True),  # UTC
    Column("occasion", String(120), primary_key=True, index=True),
    Column("requests", Integer, nullable=False),
    Column("tokens_in", Integer, nullable=False),
    Column("tokens_out", Integer, nullable=False),
    Column("cost", sa.Float, nullable=False),
)

# An answer by the hash of all that was asked: the same articles in the same language are paid for once.
model_answer = Table(
    "model_answer",
    metadata,
    Column("key", String(32), primary_key=True),
    Column("text", Text, nullable=False),
    Column("at", Instant, nullable=False, index=True),
)
