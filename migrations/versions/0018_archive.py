"""Editions of a publication by their slots, for the archive; and when the last pass ended, for monitors.

Revision ID: 0018
Revises: 0017
"""

import sqlalchemy as sa
from alembic import op

from digest.store.types import Instant

revision = '0018'
down_revision = '0017'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_index(op.f('ix_edition_slot_publication_id_slot'), 'edition_slot', ['publication_id', 'slot'])
    op.create_table(
        'last_pass',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('began_at', Instant(timezone=True), nullable=False),
        sa.Column('ended_at', Instant(timezone=True), nullable=False),
        sa.Column('failed', sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_last_pass')),
    )


def downgrade() -> None:
    op.drop_table('last_pass')
    op.drop_index(op.f('ix_edition_slot_publication_id_slot'), table_name='edition_slot')
