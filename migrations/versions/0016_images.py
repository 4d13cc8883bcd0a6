"""The picture that leads an article, and the pictures that were fetched.

Revision ID: 0016
Revises: 0015
"""

import sqlalchemy as sa
from alembic import op

from digest.store.types import Instant

revision = '0016'
down_revision = '0015'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column, not a batch, which would make the table anew.
    op.add_column('revision', sa.Column('image_url', sa.Text(), nullable=True))
    op.add_column('revision', sa.Column('image_alt', sa.Text(), nullable=False, server_default=''))
    op.create_table(
        'image',
        sa.Column('url_hash', sa.String(32), nullable=False),
        sa.Column('url', sa.Text(), nullable=False),
        sa.Column('state', sa.String(6), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.Column('fetched_at', Instant(timezone=True), nullable=False),
        sa.Column('used_at', Instant(timezone=True), nullable=False),
        sa.Column('mime', sa.String(20), nullable=False),
        sa.Column('width', sa.Integer(), nullable=False),
        sa.Column('height', sa.Integer(), nullable=False),
        sa.Column('size', sa.Integer(), nullable=False),
        sa.Column('content', sa.LargeBinary(), nullable=True),
        sa.PrimaryKeyConstraint('url_hash', name=op.f('pk_image')),
    )
    op.create_index(op.f('ix_image_used_at'), 'image', ['used_at'])


def downgrade() -> None:
    op.drop_index(op.f('ix_image_used_at'), table_name='image')
    op.drop_table('image')
    op.drop_column('revision', 'image_alt')
    op.drop_column('revision', 'image_url')
