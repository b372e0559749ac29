"""Corrections: revisions that are tonle's own, and matches that fire in them.

Columns are added where the tables stand, as in 0002: nothing is copied, and the triggers of the full-text indexes stay.
"""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("revisions", sa.Column("correction", sa.Boolean, nullable=False, server_default=sa.false()))
    op.add_column("articles", sa.Column("corrections", sa.Integer, nullable=False, server_default="0"))
    op.add_column("matches", sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index(None, "articles", ["source", "first_seen"])
