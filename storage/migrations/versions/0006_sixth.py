"""What texts have in common: the index by which near copies are found, stories, and what persons said of them.

Beside them: when a page was away, and which pages show two states in turn; of a copy, what it was called there and when
it was published. The index is made at once, some 2 ms an article; `tonle db rebuild fingerprints` finds the stories.
"""

import sqlalchemy as sa
from alembic import op

from storage.fingerprints import Fingerprints

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)


def upgrade() -> None:
    _index()
    _stories()
    _evidence()
    _visits()
    _under_way()
    for column in ("turns_after", "turns_upto"):
        op.add_column("digests", sa.Column(column, sa.Integer, nullable=False, server_default="0"))
    op.add_column("copies", sa.Column("title", sa.String, nullable=False, server_default=""))
    op.add_column("copies", sa.Column("published_at", INSTANT))
    op.add_column("copies", sa.Column("published_offset", sa.Integer))
    Fingerprints(op.get_bind()).rebuild()


def _article(name: str = "article_id") -> sa.Column[int]:
    return sa.Column(name, sa.Integer, sa.ForeignKey("articles.id"), nullable=False)


def _index() -> None:
    op.create_table(
        "fingerprints",
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), primary_key=True),
        sa.Column("scheme", sa.Integer, nullable=False),
        sa.Column("shingles", sa.Integer, nullable=False),
        sa.Column("sampled", sa.Integer, nullable=False),
    )
    op.create_table(
        "shingles",
        sa.Column("digest", sa.BigInteger, nullable=False),
        sa.Column("article_id", sa.Integer, nullable=False),
        sa.PrimaryKeyConstraint("digest", "article_id"),
        sqlite_with_rowid=False,
    )


def _stories() -> None:
    op.create_table(
        "stories",
        sa.Column("id", sa.Integer, primary_key=True),
        _article("representative_id"),
        sa.Column("made_at", INSTANT, nullable=False),
        sa.Column("merged_id", sa.Integer, sa.ForeignKey("stories.id")),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "stories", ["representative_id"])
    op.create_table(
        "members",
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), primary_key=True),
        sa.Column("story_id", sa.Integer, sa.ForeignKey("stories.id"), nullable=False),
        sa.Column("by_hand", sa.Boolean, nullable=False, server_default=sa.false()),
    )
    op.create_index(None, "members", ["story_id"])


def _evidence() -> None:
    op.create_table(
        "likenesses",
        _article(),
        _article("other_id"),
        sa.Column("relation", sa.String, nullable=False),
        sa.Column("share", sa.Double, nullable=False),
        sa.Column("share_of_other", sa.Double, nullable=False),
        sa.Column("agreement", sa.Double, nullable=False),
        sa.Column("passages", sa.JSON, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("article_id", "other_id"),
    )
    op.create_index(None, "likenesses", ["other_id"])
    op.create_table(
        "rulings",
        _article("low_id"),
        _article("high_id"),
        sa.Column("is_one", sa.Boolean, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.PrimaryKeyConstraint("low_id", "high_id"),
    )
    op.create_index(None, "rulings", ["high_id"])


def _visits() -> None:
    op.create_table(
        "absences",
        sa.Column("id", sa.Integer, primary_key=True),
        _article(),
        sa.Column("missing_since", INSTANT, nullable=False),
        sa.Column("last_missing", INSTANT, nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("gone_since", INSTANT),
        sa.Column("returned_at", INSTANT),
        sa.Column("first_capture_id", sa.Integer, sa.ForeignKey("captures.id")),
        sa.Column("last_capture_id", sa.Integer, sa.ForeignKey("captures.id")),
        sa.Column("gone_turn", sa.Integer),
        sa.Column("return_turn", sa.Integer),
        sqlite_autoincrement=True,
    )
    for column in ("article_id", "gone_turn", "return_turn"):
        op.create_index(None, "absences", [column])
    is_open = sa.text("returned_at IS NULL")
    op.create_index(
        "uq_absences_open", "absences", ["article_id"], unique=True, sqlite_where=is_open, postgresql_where=is_open
    )
    op.create_table(
        "flickers",
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), primary_key=True),
        sa.Column("since", INSTANT, nullable=False),
        sa.Column("last_at", INSTANT, nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("in_row", sa.Integer, nullable=False),
    )


def _under_way() -> None:
    """Open an absence for each page that is missing now. What its visits were told is not known any more.

    No digest tells of these: they went before digests told of withdrawals.
    """
    op.execute(
        "INSERT INTO absences (article_id, missing_since, last_missing, visits, reason, detail, gone_since)"
        " SELECT articles.id, missing_since, coalesce(max(last_visit), missing_since), coalesce(max(missing), 1),"
        " '', '', gone_since FROM articles LEFT JOIN addresses ON addresses.article_id = articles.id AND missing > 0"
        " WHERE missing_since IS NOT NULL GROUP BY articles.id"
    )
