"""full text of teasers

Revision ID: 0008
Revises: 0007
"""

import sqlalchemy as sa
from alembic import op


revision = '0008'
down_revision = '0007'
branch_labels = None
depends_on = None


def upgrade() -> None:
    with op.batch_alter_table('source') as batch:
        batch.add_column(sa.Column('full_text', sa.Boolean(), nullable=False, server_default=sa.false()))
    with op.batch_alter_table('source') as batch:
        batch.alter_column('full_text', existing_type=sa.Boolean(), existing_nullable=False, server_default=None)


def downgrade() -> None:
    with op.batch_alter_table('source') as batch:
        batch.drop_column('full_text')
