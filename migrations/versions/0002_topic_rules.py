"""topics go by a rule

The words of an operator's topic become the rule that means the same: any of these phrases, as they stand.

Revision ID: 0002
Revises: 0001
"""

import re

import sqlalchemy as sa
from alembic import op

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None

_before = sa.table('topic', sa.column('id', sa.Integer), sa.column('match', sa.JSON), sa.column('rule', sa.Text))


def upgrade() -> None:
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.add_column(sa.Column('rule', sa.Text(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_before.c.id, _before.c.match)).all():
        phrases = [' '.join(phrase.replace('"', ' ').split()) for phrase in row.match]
        # What had no word in it never matched.
        rule = ' or '.join(f'"{phrase}"' for phrase in phrases if any(c.isalnum() for c in phrase))
        connection.execute(sa.update(_before).where(_before.c.id == row.id).values(rule=rule))
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.alter_column('rule', existing_type=sa.Text(), nullable=False)
        batch_op.drop_column('match')


def downgrade() -> None:
    """The phrases of a rule stay; what else it says has no place in the older schema."""
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.add_column(sa.Column('match', sa.JSON(), nullable=True))
    connection = op.get_bind()
    for row in connection.execute(sa.select(_before.c.id, _before.c.rule)).all():
        phrases = re.findall(r'"([^"]+)"', row.rule)
        connection.execute(sa.update(_before).where(_before.c.id == row.id).values(match=phrases))
    with op.batch_alter_table('topic', schema=None) as batch_op:
        batch_op.alter_column('match', existing_type=sa.JSON(), nullable=False)
        batch_op.drop_column('rule')
