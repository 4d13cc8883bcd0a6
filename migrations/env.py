"""Alembic's entry. It is only run by digest.store.schema, which hands over an open connection."""

from alembic import context

from digest.store.tables import metadata

connection = context.config.attributes["connection"]
context.configure(
    connection=connection, target_metadata=metadata, render_as_batch=True, transaction_per_migration=False
)
with context.begin_transaction():
    context.run_migrations()
