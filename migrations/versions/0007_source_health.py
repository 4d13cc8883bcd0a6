"""how sources fare: failing since when, how often they are fetched, logins by file, proxies

Revision ID: 0007
Revises: 0006
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types


revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('source', sa.Column('failing_since', digest.store.types.Instant(timezone=True), nullable=True))
    op.add_column('source', sa.Column('interval_minutes', sa.Float(), nullable=True))
    op.add_column('source', sa.Column('note', sa.Text(), server_default='', nullable=False))
    op.add_column('source', sa.Column('login', sa.Text(), server_default='', nullable=False))
    op.add_column('source', sa.Column('proxy', sa.Text(), server_default='', nullable=False))
    # Since when is not known of those that fail already: the last time that they were well will do.
    op.execute('UPDATE source SET failing_since = coalesce(last_ok, added_at) WHERE failures > 0')
    op.add_column('variant', sa.Column('failing', sa.JSON(), nullable=True))


def downgrade() -> None:
    with op.batch_alter_table('variant') as batch:
        batch.drop_column('failing')
    with op.batch_alter_table('source') as batch:
        batch.drop_column('proxy')
        batch.drop_column('login')
        batch.drop_column('note')
        batch.drop_column('interval_minutes')
        batch.drop_column('failing_since')
