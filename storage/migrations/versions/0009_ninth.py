"""Who a corpus is, so that no other one's messages have the names of its own; whom pruning may not let be told twice.

What is owed or was sent before keeps its name: it is of no origin. An index finds what holds a run that may go.
"""

from secrets import token_hex

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    identity = op.create_table("identity", sa.Column("value", sa.String, primary_key=True))
    op.bulk_insert(identity, [{"value": token_hex(8)}])
    op.add_column("deliveries", sa.Column("origin", sa.String, nullable=False, server_default=""))
    op.create_table("told", sa.Column("key", sa.String, primary_key=True), sqlite_with_rowid=False)
    op.create_index(None, "sightings", ["seen_run"])
