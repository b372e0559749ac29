"""Many readers: who they are, what each is owed, and what happened to articles in the order in which it was learnt.

Rules are met on occasions: a new text, an edit, a withdrawal, a copy. What was alerted of before stays told.
"""

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _matches()
    _deliveries()
    op.add_column("digests", sa.Column("subscriber", sa.String, nullable=False, server_default=""))
    for column in ("changes_after", "changes_upto"):
        op.add_column("digests", sa.Column(column, sa.Integer, nullable=False, server_default="0"))
    op.create_index(None, "digests", ["subscriber", "id"])
    _new()


def _matches() -> None:
    # Neither backend widens a constraint: the table is made anew. Nothing points to it yet.
    op.rename_table("matches", "matches_before")
    op.create_table(
        "matches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("passage", sa.String, nullable=False),
        sa.Column("spans", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("late", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.Column("event", sa.String, nullable=False, server_default="new"),
        sa.Column("occasion", sa.String, nullable=False, server_default=""),
        sa.Column("told", sa.Boolean, nullable=False, server_default=sa.false()),
        sa.UniqueConstraint("article_id", "rule", "occasion"),
        sqlite_autoincrement=True,
    )
    op.execute(
        "INSERT INTO matches (id, article_id, revision, rule, passage, spans, at, late)"
        " SELECT id, article_id, revision, rule, passage, spans, at, late FROM matches_before"
    )
    op.drop_table("matches_before")
    op.execute(
        "UPDATE matches SET told = true WHERE EXISTS"
        " (SELECT 1 FROM deliveries WHERE key = 'alert:' || matches.article_id || ':' || matches.rule)"
    )
    op.execute("UPDATE matches SET event = 'edits' WHERE revision > 1")


def _deliveries() -> None:
    op.add_column("deliveries", sa.Column("subscriber", sa.String, nullable=False, server_default=""))
    merged_id = sa.Column("merged_id", sa.Integer, sa.ForeignKey("deliveries.id"))
    op.add_column("deliveries", merged_id, inline_references=True)
    op.create_index(None, "deliveries", ["subscriber", "sent_at"])
    op.create_index(None, "deliveries", ["merged_id"])


def _new() -> None:
    op.create_table(
        "changes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "changes", ["article_id"])
    op.create_table(
        "feedback",
        sa.Column("match_id", sa.Integer, sa.ForeignKey("matches.id"), primary_key=True),
        sa.Column("verdict", sa.String, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
    )
    op.create_table(
        "subscribers",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("joined_at", INSTANT, nullable=False),
        sa.Column("articles_after", sa.Integer, nullable=False),
        sa.Column("turns_after", sa.Integer, nullable=False),
        sa.Column("changes_after", sa.Integer, nullable=False),
        sa.Column("left_at", INSTANT),
    )
    op.create_table(
        "jobs",
        sa.Column("name", sa.String, primary_key=True),
        sa.Column("done_at", INSTANT, nullable=False),
    )
