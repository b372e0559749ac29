"""The tables, and the full-text indexes on SQLite."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

_INVISIBLE = (0x200B, 0x200C, 0x200D, 0x2060, 0xFEFF)
_KHMER = "*[\u1780-\u17ff\u19e0-\u19ff]*"


def upgrade() -> None:
    _articles()
    _runs()
    _addresses()
    _messages()
    if op.get_bind().dialect.name == "sqlite":
        _full_text()


def _written() -> tuple[sa.Column[object], ...]:
    return (
        sa.Column("url", sa.String, nullable=False),
        sa.Column("title", sa.String, nullable=False),
        sa.Column("text", sa.String, nullable=False),
        sa.Column("notes", sa.JSON, nullable=False),
        sa.Column("published_at", sa.DateTime(timezone=True)),
        sa.Column("published_offset", sa.Integer),
        sa.Column("modified_at", sa.DateTime(timezone=True)),
        sa.Column("modified_offset", sa.Integer),
        sa.Column("fetched_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("layout", sa.String, nullable=False),
    )


def _articles() -> None:
    op.create_table(
        "articles",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("dated_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("missing_since", sa.DateTime(timezone=True)),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("language", sa.String, nullable=False),
        sa.Column("section", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("authors", sa.JSON, nullable=False),
        sa.Column("remarks", sa.JSON, nullable=False),
        *_written(),
        sa.Column("links", sa.JSON, nullable=False),
        sa.UniqueConstraint("source", "key"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "articles", ["dated_at"])
    op.create_index(None, "articles", ["source", "dated_at"])
    op.create_table(
        "revisions",
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), nullable=False),
        sa.Column("number", sa.Integer, nullable=False),
        sa.Column("text_hash", sa.String, nullable=False),
        sa.Column("content_hash", sa.String, nullable=False),
        *_written(),
        sa.PrimaryKeyConstraint("article_id", "number"),
    )
    op.create_index(None, "revisions", ["text_hash", "article_id"])
    op.create_table(
        "copies",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), nullable=False),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("article_id", "source", "url"),
    )


def _runs() -> None:
    op.create_table(
        "runs",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("trigger", sa.String, nullable=False),
        sa.Column("started_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("finished_at", sa.DateTime(timezone=True)),
        sa.Column("status", sa.String, nullable=False),
        sa.Column("error", sa.String, nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "runs", ["source", "status"])
    op.create_table(
        "outcomes",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("what", sa.String, nullable=False),
        sa.Column("reason", sa.String, nullable=False),
        sa.Column("detail", sa.String, nullable=False),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id")),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    )
    op.create_index(None, "outcomes", ["run_id"])


def _addresses() -> None:
    op.create_table(
        "addresses",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("source", sa.String, nullable=False),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("url", sa.String, nullable=False),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("visits", sa.Integer, nullable=False),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("last_visit", sa.DateTime(timezone=True)),
        sa.Column("next_visit", sa.DateTime(timezone=True)),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id")),
        sa.UniqueConstraint("source", "key"),
    )
    op.create_index(None, "addresses", ["source", "next_visit"])
    op.create_table(
        "sightings",
        sa.Column("address_id", sa.Integer, sa.ForeignKey("addresses.id"), nullable=False),
        sa.Column("listing", sa.String, nullable=False),
        sa.Column("signature", sa.String, nullable=False),
        sa.Column("seen_run", sa.Integer, sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("settled", sa.Boolean, nullable=False),
        sa.PrimaryKeyConstraint("address_id", "listing"),
    )
    op.create_index(None, "sightings", ["listing", "seen_run"])


def _messages() -> None:
    op.create_table(
        "matches",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("article_id", sa.Integer, sa.ForeignKey("articles.id"), nullable=False),
        sa.Column("revision", sa.Integer, nullable=False),
        sa.Column("rule", sa.String, nullable=False),
        sa.Column("passage", sa.String, nullable=False),
        sa.Column("spans", sa.JSON, nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("article_id", "rule"),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("key", sa.String, nullable=False),
        sa.Column("kind", sa.String, nullable=False),
        sa.Column("ref", sa.Integer, nullable=False),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("attempts", sa.Integer, nullable=False),
        sa.Column("next_attempt", sa.DateTime(timezone=True), nullable=False),
        sa.Column("leased_until", sa.DateTime(timezone=True)),
        sa.Column("sent_at", sa.DateTime(timezone=True)),
        sa.Column("given_up_at", sa.DateTime(timezone=True)),
        sa.Column("error", sa.String, nullable=False),
        sa.UniqueConstraint("key"),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "deliveries", ["sent_at", "given_up_at", "next_attempt"])
    op.create_table(
        "digests",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("after", sa.Integer, nullable=False),
        sa.Column("upto", sa.Integer, nullable=False),
        sa.Column("since", sa.DateTime(timezone=True)),
        sa.Column("created_at", sa.DateTime(timezone=True), nullable=False),
        sqlite_autoincrement=True,
    )
    op.create_index(None, "digests", ["upto"])


def _full_text() -> None:
    """Make the indexes that storage/fts5.py asks; a later batch operation on articles must make the triggers anew."""
    op.execute(
        "CREATE VIRTUAL TABLE search_words USING fts5(title, text, content='articles', content_rowid='id',"
        " tokenize='porter unicode61 remove_diacritics 2')"
    )
    # Khmer puts no spaces between words: unicode61 finds 1 word of 11 in it, trigram all (and is 6 times as large).
    op.execute(
        f"CREATE VIEW khmer_texts AS SELECT id, {_visible('title')} AS title, {_visible('text')} AS text FROM articles"  # noqa: S608
        f" WHERE language = 'km' OR title GLOB '{_KHMER}' OR text GLOB '{_KHMER}'"
    )
    op.execute(
        "CREATE VIRTUAL TABLE search_khmer USING fts5(title, text, content='khmer_texts', content_rowid='id',"
        " tokenize='trigram')"
    )
    out = (
        "INSERT INTO search_words (search_words, rowid, title, text) VALUES ('delete', old.id, old.title, old.text);"
        " INSERT INTO search_khmer (search_khmer, rowid, title, text)"
        " SELECT 'delete', id, title, text FROM khmer_texts WHERE id = old.id;"
    )
    into = (
        "INSERT INTO search_words (rowid, title, text) VALUES (new.id, new.title, new.text);"
        " INSERT INTO search_khmer (rowid, title, text) SELECT id, title, text FROM khmer_texts WHERE id = new.id;"
    )
    changed = "UPDATE OF id, title, text, language ON articles"
    # Before, because the view must still show what is to go.
    op.execute(f"CREATE TRIGGER search_before_update BEFORE {changed} BEGIN {out} END")
    op.execute(f"CREATE TRIGGER search_before_delete BEFORE DELETE ON articles BEGIN {out} END")
    op.execute(f"CREATE TRIGGER search_after_update AFTER {changed} BEGIN {into} END")
    op.execute(f"CREATE TRIGGER search_after_insert AFTER INSERT ON articles BEGIN {into} END")


def _visible(name: str) -> str:
    for code in _INVISIBLE:
        name = f"replace({name}, char({code}), '')"
    return name
