"""Bringing a corpus to the newest schema: Alembic, run from here and without an ini file."""

from pathlib import Path
from threading import Lock

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection
from sqlalchemy.sql.schema import SchemaItem

from core.errors import CorpusVersionError, StorageError
from storage.schema import HEAD

_ONE_AT_A_TIME = Lock()
"""Alembic keeps the migration that is running in module globals."""


def migration_config(connection: Connection | None = None) -> Config:
    """Return what Alembic's commands ask for; migrations run on the connection, in its open transaction."""
    config = Config()
    folder = Path(__file__).parent / "migrations"
    config.set_main_option("script_location", str(folder).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def refuse_unknown(connection: Connection, revision: str | None) -> None:
    """Raise CorpusVersionError for a revision that this program does not know; None is a file without tables."""
    known = {script.revision for script in ScriptDirectory.from_config(migration_config()).walk_revisions()}
    if revision is not None and revision not in known:
        path = connection.engine.url.database
        raise CorpusVersionError(
            f"The corpus {path} has schema {revision}, of which this tonle (schema {HEAD}) knows nothing; "
            "run the tonle that made it, or a newer one."
        )


def upgrade(connection: Connection) -> None:
    """Bring a corpus of a revision that is known to HEAD, in the transaction that is open.

    Raises StorageError where rows would be left that point nowhere.
    """
    with _ONE_AT_A_TIME:
        command.upgrade(migration_config(connection), "head")
    if connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise StorageError(
            f"Bringing the corpus to schema {HEAD} would leave rows that point nowhere; it is as it was."
        )


def include_object(thing: SchemaItem, name: str | None, kind: str, reflected: bool, other: SchemaItem | None) -> bool:
    """Return whether autogenerate looks at something: not at the full-text tables, which have no Table of ours."""
    del thing, other
    return not (kind == "table" and reflected and (name or "").startswith("search_"))
