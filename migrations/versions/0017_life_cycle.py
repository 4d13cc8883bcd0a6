"""Who wanted each change of a subscription, and how we know; texts of consent, tags, erased people, imports.

Revision ID: 0017
Revises: 0016
"""

import sqlalchemy as sa
from alembic import op

from digest.store.types import Instant

revision = '0017'
down_revision = '0016'
branch_labels = None
depends_on = None


def _added() -> dict[str, list[sa.Column[object]]]:
    return {
        'publication': [
            sa.Column('sign_up', sa.String(10), nullable=False, server_default='closed'),
            sa.Column('archive', sa.String(10), nullable=False, server_default='closed'),
            sa.Column('about', sa.Text(), nullable=False, server_default=''),
            sa.Column('consent', sa.Text(), nullable=False, server_default=''),
            sa.Column('thanks', sa.Text(), nullable=False, server_default=''),
        ],
        'subscription': [sa.Column('paused_until', Instant(timezone=True), nullable=True)],
        'subscription_event': [
            sa.Column('by', sa.String(10), nullable=False, server_default=''),
            sa.Column('via', sa.String(10), nullable=False, server_default=''),
            sa.Column('origin', sa.Text(), nullable=False, server_default=''),
            sa.Column('basis', sa.Text(), nullable=False, server_default=''),
            sa.Column('consent_id', sa.Integer(), nullable=True),
        ],
    }


def upgrade() -> None:
    op.create_table(
        'consent',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(64), nullable=False),
        sa.Column('language', sa.String(10), nullable=False),
        sa.Column('text', sa.Text(), nullable=False),
        sa.Column('first_at', Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_consent')),
        sa.UniqueConstraint('key', name=op.f('uq_consent_key')),
    )
    op.create_table(
        'subscriber_tag',
        sa.Column('subscriber_id', sa.Integer(), nullable=False),
        sa.Column('tag', sa.String(60), nullable=False),
        sa.ForeignKeyConstraint(
            ['subscriber_id'], ['subscriber.id'], name=op.f('fk_subscriber_tag_subscriber_id_subscriber')
        ),
        sa.PrimaryKeyConstraint('subscriber_id', 'tag', name=op.f('pk_subscriber_tag')),
    )
    op.create_index(op.f('ix_subscriber_tag_tag'), 'subscriber_tag', ['tag'])
    op.create_table(
        'forgotten',
        sa.Column('mac', sa.String(64), nullable=False),
        sa.Column('at', Instant(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint('mac', name=op.f('pk_forgotten')),
    )
    op.create_table(
        'import_run',
        sa.Column('id', sa.Integer(), nullable=False),
        sa.Column('key', sa.String(64), nullable=False),
        sa.Column('origin', sa.Text(), nullable=False),
        sa.Column('line', sa.Integer(), nullable=False),
        sa.Column('added', sa.Integer(), nullable=False),
        sa.Column('known', sa.Integer(), nullable=False),
        sa.Column('failed', sa.Integer(), nullable=False),
        sa.Column('begun_at', Instant(timezone=True), nullable=False),
        sa.Column('ended_at', Instant(timezone=True), nullable=True),
        sa.PrimaryKeyConstraint('id', name=op.f('pk_import_run')),
        sa.UniqueConstraint('key', name=op.f('uq_import_run_key')),
    )
    for table, columns in _added().items():
        if table == 'subscription_event':
            # A batch, since SQLite adds no foreign key to a table that is there.
            with op.batch_alter_table(table) as batch:
                for column in columns:
                    batch.add_column(column)
                batch.create_foreign_key(
                    op.f('fk_subscription_event_consent_id_consent'), 'consent', ['consent_id'], ['id']
                )
        else:
            for column in columns:
                op.add_column(table, column)


def downgrade() -> None:
    for table, columns in _added().items():
        if table == 'subscription_event':
            with op.batch_alter_table(table) as batch:
                for column in columns:
                    batch.drop_column(column.name)
        else:
            for column in columns:
                op.drop_column(table, column.name)
    for table in ('import_run', 'forgotten', 'subscriber_tag', 'consent'):
        op.drop_table(table)
