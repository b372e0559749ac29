"""The operator's alarms: troubles of sources and of the machine, what was reported of them, jobs that fail."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    op.create_table(
        "troubles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("part", sa.String, nullable=False),
        sa.Column("name", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("gravity", sa.Integer, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("opened_at", INSTANT, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("worst", sa.Integer, nullable=False),
        sa.Column("reported_at", INSTANT, nullable=False),
        sa.Column("well_since", INSTANT),
        sa.Column("ended_at", INSTANT),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("ended_at IS NULL")
    op.create_index("uq_troubles_open", "troubles", ["part", "name"], unique=True, sqlite_where=is_open)
    op.create_table(
        "reports",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("trouble_id", sa.Integer, sa.ForeignKey("troubles.id"), nullable=False),
        sa.Column("event", sa.String, nullable=False),
        sa.Column("cause", sa.String, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("told_at", INSTANT),
        sa.Column("message", sa.Integer),
        sqlite_autoincrement=True,
    )
    for column in ("trouble_id", "told_at", "message"):
        op.create_index(None, "reports", [column])
    op.create_table(
        "job_failures",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
    )
