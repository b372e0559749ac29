"""What is learnt of a site's lines, and how well its texts come out, run by run.

What the corpus holds is learnt at once, so that a corpus of years need not begin anew.
"""

import sqlalchemy as sa
from alembic import op

from storage.passages import Passages

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _lines()
    _health()
    Passages(op.get_bind()).rebuild()


def _lines() -> None:
    op.create_table(
        "headlines",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("digest", sa.BigInteger, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("is_teaser", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("source", "digest", "key", "is_teaser"),
    )
    op.create_table(
        "lines",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("digest", sa.BigInteger, nullable=False),
        sa.Column("pages", sa.Integer, nullable=False),
        sa.Column("first_turn", sa.Integer, nullable=False),
        sa.Column("last_turn", sa.Integer, nullable=False),
        sa.Column("last_at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "digest"),
    )
    op.create_table(
        "turns",
        sa.Column("source", sa.String, primary_key=True),
        sa.Column("turn", sa.Integer, nullable=False),
    )


def _health() -> None:
    op.create_table(
        "meters",
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("texts", sa.Integer, nullable=False),
        sa.Column("counts", sa.JSON, nullable=False),
        sa.Column("missed", sa.JSON, nullable=False),
    )
    op.create_index(None, "meters", ["source", "run_id"])
    op.create_table(
        "alarms",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("run_id", sa.Integer, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_alarms_open", "alarms", ["source", "what"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
