"""corrections by hand: titles, merges and splits that stick

Revision ID: 0003
Revises: 0002
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types


revision = '0003'
down_revision = '0002'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column('storyline', sa.Column('given_title', sa.Text(), nullable=True))
    op.add_column('story', sa.Column('given_title', sa.Text(), nullable=True))
    op.create_table('correction',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('at', digest.store.types.Instant(timezone=True), nullable=False),
    sa.Column('level', sa.String(length=10), nullable=False),
    sa.Column('action', sa.String(length=10), nullable=False),
    sa.Column('subject', sa.Integer(), nullable=False),
    sa.Column('object', sa.Integer(), nullable=True),
    sa.Column('title', sa.Text(), nullable=False),
    sa.Column('reason', sa.Text(), nullable=False),
    sa.Column('before', sa.JSON(), nullable=False),
    sa.Column('undone_at', digest.store.types.Instant(timezone=True), nullable=True),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_correction'))
    )
    op.create_table('correction_article',
    sa.Column('correction_id', sa.Integer(), nullable=False),
    sa.Column('article_id', sa.Integer(), nullable=False),
    sa.Column('role', sa.String(length=10), nullable=False),
    sa.ForeignKeyConstraint(['article_id'], ['article.id'], name=op.f('fk_correction_article_article_id_article')),
    sa.ForeignKeyConstraint(['correction_id'], ['correction.id'], name=op.f('fk_correction_article_correction_id_correction')),
    sa.PrimaryKeyConstraint('correction_id', 'article_id', name=op.f('pk_correction_article'))
    )
    op.create_index(op.f('ix_correction_article_article_id'), 'correction_article', ['article_id'], unique=False)
    op.create_table('story_past',
    sa.Column('story_id', sa.Integer(), nullable=False),
    sa.Column('former_id', sa.Integer(), nullable=False),
    sa.Column('up_to', sa.Integer(), nullable=False),
    sa.Column('whole', sa.Boolean(), nullable=False),
    sa.ForeignKeyConstraint(['former_id'], ['story.id'], name=op.f('fk_story_past_former_id_story')),
    sa.ForeignKeyConstraint(['story_id'], ['story.id'], name=op.f('fk_story_past_story_id_story')),
    sa.PrimaryKeyConstraint('story_id', 'former_id', name=op.f('pk_story_past'))
    )
    op.create_index(op.f('ix_story_past_former_id'), 'story_past', ['former_id'], unique=False)


def downgrade() -> None:
    op.drop_table('story_past')
    op.drop_table('correction_article')
    op.drop_table('correction')
    with op.batch_alter_table('story') as batch:
        batch.drop_column('given_title')
    with op.batch_alter_table('storyline') as batch:
        batch.drop_column('given_title')
