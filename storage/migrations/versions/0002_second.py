"""Evidence, other names of an address, what listings said, backing off, incidents.

Tables are altered where they stand and not copied (Alembic's batch mode): the texts of a large corpus stay where they
are, and the triggers of the full-text indexes too.
"""

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    _captures()
    _articles()
    _addresses()
    _sightings()
    _listings()
    _hosts()
    op.create_index(None, "runs", ["source"])


def _captures() -> None:
    op.create_table(
        "captures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("file", sa.String, nullable=False),
        sa.Column("offset", sa.Integer, nullable=False),
        sa.Column("length", sa.Integer, nullable=False),
        sa.Column("digest", sa.String, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("file", "offset", "digest"),
    )
    capture_id = sa.Column("capture_id", sa.Integer, sa.ForeignKey("captures.id"))
    op.add_column("revisions", capture_id, inline_references=True)


def _articles() -> None:
    op.add_column("articles", sa.Column("gone_since", sa.DateTime(timezone=True)))
    op.add_column("articles", sa.Column("work", sa.String, nullable=False, server_default=""))
    op.create_index(None, "articles", ["source", "work"])


def _addresses() -> None:
    for column in (
        sa.Column("missing", sa.Integer, nullable=False, server_default="0"),
        sa.Column("listing", sa.String, nullable=False, server_default=""),
        sa.Column("title", sa.String, nullable=False, server_default=""),
        sa.Column("summary", sa.String, nullable=False, server_default=""),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_offset", sa.Integer),
        sa.Column("is_relevant", sa.Boolean, nullable=False, server_default=sa.false()),
    ):
        op.add_column("addresses", column)
    op.create_index(None, "addresses", ["article_id"])
    op.create_index(None, "addresses", ["url"])
    op.create_table(
        "aliases",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("address_id", sa.Integer, sa.ForeignKey("addresses.id"), nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("address_id", "url"),
    )
    op.create_index(None, "aliases", ["url"])


def _sightings() -> None:
    op.add_column("sightings", sa.Column("source", sa.String, nullable=False, server_default=""))
    op.add_column("sightings", sa.Column("listed", sa.Boolean, nullable=False, server_default=sa.true()))
    op.drop_index("ix_sightings_listing_seen_run", "sightings")
    op.execute("UPDATE sightings SET source = (SELECT source FROM addresses WHERE addresses.id = sightings.address_id)")
    op.create_index(None, "sightings", ["source", "listing", "settled", "listed", "seen_run"])


def _listings() -> None:
    op.create_table(
        "listing_failures",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("failed_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("next_try", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("source", "url"),
    )
    op.create_index(None, "listing_failures", ["source", "next_try"])
    op.create_table(
        "listing_marks",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("listing", sa.String, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("page", sa.Integer, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("source", "listing", "since", "until"),
    )
    op.create_table(
        "validators",
        sa.Column("source", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("etag", sa.String, nullable=False),
        sa.Column("last_modified", sa.String, nullable=False),
        sa.Column("full_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("made_by", sa.String, nullable=False),
        sa.PrimaryKeyConstraint("source", "url"),
    )


def _hosts() -> None:
    op.create_table(
        "incidents",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("host", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("times", sa.Integer, nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sqlite_autoincrement=True,
    )
    is_open = sa.text("closed_at IS NULL")
    op.create_index(
        "uq_incidents_open",
        "incidents",
        ["source", "host"],
        unique=True,
        sqlite_where=is_open,
        postgresql_where=is_open,
    )
    op.create_table(
        "robots",
        sa.Column("host", sa.String, primary_key=True),
        sa.Column("status", sa.Integer, nullable=False),
        sa.Column("body", sa.LargeBinary, nullable=False),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
    )
