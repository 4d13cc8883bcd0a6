"""articles that are cleaned after they came in, and signatures of another make

Revision ID: 0010
Revises: 0009
"""

from alembic import op
import json
import sqlalchemy as sa
from digest.ingest.signature import signatures


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
    _sign(op.get_bind())


def _sign(connection: sa.Connection) -> None:
    """Near-duplicates of what is there are still to be known."""
    rows = (
        'SELECT revision.id, title, title_given, paragraphs FROM revision'
        ' JOIN revision_body ON revision_body.revision_id = revision.id WHERE revision.id > :last'
        ' ORDER BY revision.id LIMIT 500'
    )
    last = 0
    while found := connection.execute(sa.text(rows), {'last': last}).all():
        texts = []
        for _, title, given, paragraphs in found:
            told = paragraphs if isinstance(paragraphs, list) else json.loads(paragraphs)
            texts.append('\n'.join([title] * bool(given) + ['\n\n'.join(told)]))
        made = [{'of': row[0], 'made': sign} for row, sign in zip(found, signatures(texts), strict=True)]
        connection.execute(sa.text('UPDATE revision SET signature = :made WHERE id = :of'), made)
        last = found[-1][0]


def downgrade() -> None:
    op.drop_index('ix_revision_uncleaned', table_name='revision')
    op.drop_column('revision', 'signature_as_it_came')
    op.drop_column('revision', 'cleaned')
