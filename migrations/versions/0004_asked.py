"""what a language model was asked: its cost and its answers

Revision ID: 0004
Revises: 0003
"""

from alembic import op
import sqlalchemy as sa
import digest.store.types


revision = '0004'
down_revision = '0003'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('model_answer',
    sa.Column('key', sa.String(length=32), nullable=False),
    sa.Column('text', sa.Text(), nullable=False),
    sa.Column('at', digest.store.types.Instant(timezone=True), nullable=False),
    sa.PrimaryKeyConstraint('key', name=op.f('pk_model_answer'))
    )
    op.create_index(op.f('ix_model_answer_at'), 'model_answer', ['at'], unique=False)
    op.create_table('model_use',
    sa.Column('day', sa.String(length=10), nullable=False),
    sa.Column('occasion', sa.String(length=120), nullable=False),
    sa.Column('requests', sa.Integer(), nullable=False),
    sa.Column('tokens_in', sa.Integer(), nullable=False),
    sa.Column('tokens_out', sa.Integer(), nullable=False),
    sa.Column('cost', sa.Float(), nullable=False),
    sa.PrimaryKeyConstraint('day', 'occasion', name=op.f('pk_model_use'))
    )
    op.create_index(op.f('ix_model_use_occasion'), 'model_use', ['occasion'], unique=False)


def downgrade() -> None:
    op.drop_table('model_use')
    op.drop_table('model_answer')
