"""vectors of revisions

Revision ID: 0006
Revises: 0005
"""

from alembic import op
import sqlalchemy as sa


revision = '0006'
down_revision = '0005'
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table('revision_vector',
    sa.Column('revision_id', sa.Integer(), nullable=False),
    sa.Column('model', sa.String(length=32), nullable=False),
    sa.Column('vector', sa.LargeBinary(), nullable=False),
    sa.ForeignKeyConstraint(['revision_id'], ['revision.id'], name=op.f('fk_revision_vector_revision_id_revision')),
    sa.PrimaryKeyConstraint('revision_id', name=op.f('pk_revision_vector'))
    )


def downgrade() -> None:
    op.drop_table('revision_vector')
