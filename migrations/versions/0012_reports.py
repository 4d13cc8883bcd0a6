"""reports of bounces and complaints

Revision ID: 0012
Revises: 0011
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types


revision = '0012'
down_revision = '0011'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'report',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(length=64), nullable=False),
        sa.Column('delivery_id', sa.Integer(), nullable=True),
        sa.Column('subscriber_id', sa.Integer(), nullable=True),
        sa.Column('kind', sa.String(length=10), nullable=False),
        sa.Column('address', sa.Text(), nullable=False),
        sa.Column('status', sa.String(length=12), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('reporter', sa.Text(), nullable=False),
        sa.Column('proof', sa.String(length=10), nullable=False),
        sa.Column('weight', sa.Float(), nullable=False),
        sa.Column('effect', sa.Text(), nullable=False),
        sa.Column('at', digest.store.types.Instant(timezone=True), nullable=False),
        sa.Column('received_at', digest.store.types.Instant(timezone=True), nullable=False),
        sa.Column('forgotten_at', digest.store.types.Instant(timezone=True), nullable=True),
        sa.CheckConstraint("kind IN ('hard', 'soft', 'complaint')", name=op.f('ck_report_kind')),
        sa.CheckConstraint(
            "proof IN ('', 'token', 'message', 'provider', 'session')", name=op.f('ck_report_proof')
        ),
        sa.ForeignKeyConstraint(['delivery_id'], ['delivery.id'], name=op.f('fk_report_delivery_id_delivery')),
        sa.ForeignKeyConstraint(['subscriber_id'], ['subscriber.id'], name=op.f('fk_report_subscriber_id_subscriber')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_report')),
        sa.UniqueConstraint('key', name=op.f('uq_report_key')),
    )
    op.create_index('ix_report_delivery_id', 'report', ['delivery_id'])
    op.create_index('ix_report_subscriber_id_at', 'report', ['subscriber_id', 'at'])
    op.create_index('ix_report_proof_received_at', 'report', ['proof', 'received_at'])


def downgrade() -> None:
    op.drop_table('report')
