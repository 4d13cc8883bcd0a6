"""lines that a source repeats

Revision ID: 0005
Revises: 0004
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types


revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('source_line',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('source_id', sa.Integer(), nullable=False),
    sa.Column('fingerprint', sa.BigInteger(), nullable=False),
    sa.Column('articles', sa.Integer(), nullable=False),
    sa.Column('last_of', sa.JSON(), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('last_seen', digest.store.types.Instant(timezone=True), nullable=False),
    sa.ForeignKeyConstraint(['source_id'], ['source.id'], name=op.f('fk_source_line_source_id_source')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_source_line')),
    sa.UniqueConstraint('source_id', 'fingerprint', name=op.f('uq_source_line_source_id_fingerprint'))
    )
    op.create_index('ix_source_line_source_id_last_seen', 'source_line', ['source_id', 'last_seen'], unique=False)


def downgrade() -> None:
    op.drop_table('source_line')
