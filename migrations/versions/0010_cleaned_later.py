"""articles that are cleaned after they came in

Revision ID: 0010
Revises: 0009
"""

from alembic import op
import sqlalchemy as sa


revision = '0010'
down_revision = '0009'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column, not a batch, which would make the table anew.
    op.add_column('revision', sa.Column('cleaned', sa.Boolean(), nullable=False, server_default=sa.true()))
    op.add_column('revision', sa.Column('signature_as_it_came', sa.LargeBinary(), nullable=True))
    op.create_index(
        'ix_revision_uncleaned', 'revision', ['article_id'],
        sqlite_where=sa.text('NOT cleaned'), postgresql_where=sa.text('NOT cleaned'),
    )


def downgrade() -> None:
    op.drop_index('ix_revision_uncleaned', table_name='revision')
    op.drop_column('revision', 'signature_as_it_came')
    op.drop_column('revision', 'cleaned')
