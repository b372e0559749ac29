"""Alembic's way in: runs on the connection that storage.migrate hands it, inside that one's transaction."""

from alembic import context
from sqlalchemy import Connection

from storage.migrate import include_object
from storage.schema import metadata

connection: Connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=metadata,
    include_object=include_object,
    transactional_ddl=True,
    render_as_batch=True,
)
with context.begin_transaction():
    context.run_migrations()
