"""full-text index; articles that were removed

Revision ID: 0009
Revises: 0008
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types
from digest.store import search


revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        'removal',
        sa.Column('article_id', sa.Integer(), nullable=False),
        sa.Column('at', digest.store.types.Instant(timezone=True), nullable=False),
        sa.Column('reason', sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_removal_article_id_article')),
        sa.PrimaryKeyConstraint('article_id', name=op.f('pk_removal')),
    )
    op.add_column('story', sa.Column('removed_at', digest.store.types.Instant(timezone=True), nullable=True))
    op.add_column('variant', sa.Column('withdrawn_at', digest.store.types.Instant(timezone=True), nullable=True))
    search.make(op.get_bind())


def downgrade() -> None:
    search.drop(op.get_bind())
    with op.batch_alter_table('variant') as batch:
        batch.drop_column('withdrawn_at')
    with op.batch_alter_table('story') as batch:
        batch.drop_column('removed_at')
    op.drop_table('removal')
