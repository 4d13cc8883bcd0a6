"""What stays of mails whose records are deleted, and when texts of editions were.

Revision ID: 0019
Revises: 0018
"""

import sqlalchemy as sa
from alembic import op

from digest.store.types import Instant

revision = '0019'
down_revision = '0018'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column, not a batch, which would make the tables anew.
    op.add_column('edition', sa.Column('deleted_at', Instant(timezone=True), nullable=True))
    op.add_column('variant', sa.Column('deleted_at', Instant(timezone=True), nullable=True))
    op.add_column('removal', sa.Column('expired', sa.Boolean(), nullable=False, server_default=sa.false()))
    op.create_table(
        'trace',
        sa.Column('delivery_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('subscription_id', sa.Integer(), nullable=False),
        sa.Column('variant_id', sa.Integer(), nullable=False),
        sa.Column('covers_hi', sa.Integer(), nullable=False),
        sa.Column('sent_at', Instant(timezone=True), nullable=False),
        sa.Column('bounced_at', Instant(timezone=True), nullable=True),
        sa.Column('deleted_at', Instant(timezone=True), nullable=False),
        sa.ForeignKeyConstraint(
            ['subscription_id'], ['subscription.id'], name=op.f('fk_trace_subscription_id_subscription')
        ),
        sa.ForeignKeyConstraint(['variant_id'], ['variant.id'], name=op.f('fk_trace_variant_id_variant')),
        sa.PrimaryKeyConstraint('delivery_id', name=op.f('pk_trace')),
    )
    op.create_index(op.f('ix_trace_variant_id'), 'trace', ['variant_id'])
    op.create_index('ix_trace_subscription_id_covers_hi', 'trace', ['subscription_id', 'covers_hi'])
    op.create_table(
        'deleted_delivery',
        sa.Column('edition_id', sa.Integer(), autoincrement=False, nullable=False),
        sa.Column('state', sa.String(12), nullable=False),
        sa.Column('number', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('edition_id', 'state', name=op.f('pk_deleted_delivery')),
    )


def downgrade() -> None:
    op.drop_table('deleted_delivery')
    op.drop_index('ix_trace_subscription_id_covers_hi', table_name='trace')
    op.drop_index(op.f('ix_trace_variant_id'), table_name='trace')
    op.drop_table('trace')
    op.drop_column('removal', 'expired')
    op.drop_column('variant', 'deleted_at')
    op.drop_column('edition', 'deleted_at')
