"""what caps asked and the operator allowed; when mails left

Revision ID: 0013
Revises: 0014
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types


revision = '0013'
down_revision = '0012'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'allowance',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('edition_id', sa.Integer(), nullable=True),
        sa.Column('cap', sa.Integer(), nullable=False),
        sa.Column('asked_at', digest.store.types.Instant(timezone=True), nullable=True),
        sa.Column('allowed_at', digest.store.types.Instant(timezone=True), nullable=True),
        sa.Column('number', sa.Integer(), nullable=True),
        sa.Column('after_event', sa.Integer(), nullable=False),
        sa.Column('told_at', digest.store.types.Instant(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(['edition_id'], ['edition.id'], name=op.f('fk_allowance_edition_id_edition')),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_allowance')),
        sa.UniqueConstraint('edition_id', name=op.f('uq_allowance_edition_id')),
    )
    leaving = sa.text("after = 'committing'")
    op.create_index(
        'ix_delivery_event_leaving', 'delivery_event', ['at'], sqlite_where=leaving, postgresql_where=leaving
    )


def downgrade() -> None:
    op.drop_index('ix_delivery_event_leaving', table_name='delivery_event')
    op.drop_table('allowance')
