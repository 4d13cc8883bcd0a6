"""What a publication says of itself, whether an edition waits for approval, and what a variant was made of.

Revision ID: 0015
Revises: 0014
"""

import sqlalchemy as sa
from alembic import op

from digest.store.types import Instant

revision = '0015'
down_revision = '0014'
branch_labels = None
depends_on = None


def _added() -> dict[str, list[sa.Column[object]]]:
    return {
        'publication': [
            sa.Column('reply_to', sa.Text(), nullable=False, server_default=''),
            sa.Column('postal', sa.Text(), nullable=False, server_default=''),
            sa.Column('imprint', sa.Text(), nullable=False, server_default=''),
            sa.Column('nothing_new', sa.String(10), nullable=False, server_default='skip'),
            sa.Column('images', sa.Integer(), nullable=False, server_default='0'),
            sa.Column('approval_hours', sa.Float(), nullable=False, server_default='0'),
            sa.Column('unapproved', sa.String(10), nullable=False, server_default='send'),
        ],
        'edition': [
            sa.Column('approval', sa.String(10), nullable=False, server_default=''),
            sa.Column('approve_by', Instant(timezone=True), nullable=True),
            sa.Column('approval_at', Instant(timezone=True), nullable=True),
            sa.Column('approval_reason', sa.Text(), nullable=False, server_default=''),
        ],
        'variant': [
            sa.Column('view', sa.LargeBinary(), nullable=True),
            sa.Column('made_for', sa.JSON(), nullable=True),
        ],
    }


def upgrade() -> None:
    # Column by column, not a batch, which would make the table anew.
    for table, columns in _added().items():
        for column in columns:
            op.add_column(table, column)


def downgrade() -> None:
    for table, columns in _added().items():
        for column in columns:
            op.drop_column(table, column.name)
