"""What a variant covers without an entry, and why, so that it can be explained.

Revision ID: 0014
Revises: 0012
"""

import sqlalchemy as sa
from alembic import op

revision = '0014'
down_revision = '0013'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column, not a batch, which would make the table anew.
    op.add_column('variant', sa.Column('over', sa.JSON(), nullable=False, server_default='[]'))
    op.add_column('variant', sa.Column('known', sa.JSON(), nullable=False, server_default='[]'))


def downgrade() -> None:
    op.drop_column('variant', 'known')
    op.drop_column('variant', 'over')
