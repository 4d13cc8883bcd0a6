"""With which key a delivery was signed and which relay had it, so that it can go out again just so; deliveries by
state in the order of sending.
"""

import sqlalchemy as sa
from alembic import op

revision = '0011'
down_revision = '0010'
branch_labels = None
depends_on = None


def upgrade() -> None:
    # Column by column, not a batch, which would make the table anew.
    op.add_column('delivery', sa.Column('signed_with', sa.Text(), nullable=False, server_default=''))
    op.add_column('delivery', sa.Column('relay', sa.String(length=40), nullable=False, server_default=''))
    op.drop_index('ix_delivery_state', table_name='delivery')
    op.create_index('ix_delivery_state', 'delivery', ['state', 'variant_id', 'next_attempt'])
    single = sa.text("kind <> 'edition' AND state = 'planned'")
    op.create_index('ix_delivery_single', 'delivery', ['variant_id'], sqlite_where=single, postgresql_where=single)


def downgrade() -> None:
    op.drop_index('ix_delivery_single', table_name='delivery')
    op.drop_index('ix_delivery_state', table_name='delivery')
    op.create_index('ix_delivery_state', 'delivery', ['state', 'next_attempt', 'variant_id'])
    op.drop_column('delivery', 'relay')
    op.drop_column('delivery', 'signed_with')
