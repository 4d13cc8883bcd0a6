"""What came back: reports of bounces and complaints."""

from __future__ import annotations

import sqlalchemy as sa
from sqlalchemy import Column, ForeignKey, Index, String, Table, Text

from digest.model.report import Proof, ReportKind
from digest.store.tables.base import identity, metadata, one_of
from digest.store.types import Instant

report = Table(
    "report",
    metadata,
    identity(),
    Column("key", String(64), nullable=False, unique=True),  # the same for the same report taken again
    Column("delivery_id", ForeignKey("delivery.id"), index=True),
    Column("subscriber_id", ForeignKey("subscriber.id")),
    Column("kind", String(10), nullable=False),
    Column("address", Text, nullable=False),  # as the report names it: where it was forwarded to, perhaps
    Column("status", String(12), nullable=False),
    Column("reason", Text, nullable=False),
    Column("reporter", Text, nullable=False),
    Column("proof", String(10), nullable=False),
    Column("weight", sa.Float, nullable=False),  # of a bounce that counts; 0: it does not
    Column("effect", Text, nullable=False),
    Column("at", Instant, nullable=False),
    Column("received_at", Instant, nullable=False),
    Column("forgotten_at", Instant),  # the operator lets mail go to the address again: counted from anew
    Index("ix_report_subscriber_id_at", "subscriber_id", "at"),
    Index("ix_report_proof_received_at", "proof", "received_at"),
    one_of("kind", ReportKind),
    one_of("proof", Proof),
)
