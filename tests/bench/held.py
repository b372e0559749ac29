"""A corpus that holds very many invented texts, made in bulk: articles first, then their index as an upgrade makes it.

It holds neither revisions nor a full-text index: they have no part in finding near copies, and the latter would take
longer to make than all the rest.
"""

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from datetime import UTC, datetime
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from core.model import Draft
from storage.store import Store
from tests.bench.tellings import Telling, Tellings

NOW = datetime(2020, 1, 1, tzinfo=UTC)
_AT_ONCE = 1000  # texts
_TRIGGERS = "SELECT name, sql FROM sqlite_master WHERE type = 'trigger' AND tbl_name = 'articles'"
_tellings = Tellings()


def corpus_of(count: int, folder: Path) -> Path:
    """Return a corpus of the texts 0 to `count`, whose ids are one more; what a folder has of it is used again."""
    path = folder / f"{count}.db"
    if not _has(path, "articles", count):
        with_articles(path, count)
    if not _has(path, "fingerprints", count):
        indexed(path)
    return path


def with_articles(path: Path, count: int) -> None:
    """Make a corpus that holds the texts, and no index of them yet."""
    path.unlink(missing_ok=True)
    with closing(Store.open(path)) as store, store.transaction() as corpus:
        corpus.articles.add(draft_of(_tellings(0)), "", "", NOW, NOW)
    with closing(sqlite3.connect(path)) as connection:
        connection.row_factory = sqlite3.Row
        row: dict[str, Any] = dict(connection.execute("SELECT * FROM articles").fetchone())
        triggers = list(connection.execute(_TRIGGERS))
        for name, _ in triggers:
            connection.execute(f"DROP TRIGGER {name}")
        places = ", ".join(f":{name}" for name in row)
        connection.execute("DELETE FROM articles")
        connection.executemany(f"INSERT INTO articles VALUES ({places})", _rows(row, count))  # noqa: S608  # our own
        for _, trigger in triggers:
            connection.execute(trigger)
        connection.commit()


def indexed(path: Path) -> None:
    """Make the index of all texts that a corpus holds."""
    with closing(Store.open(path)) as store, store.transaction() as corpus:
        corpus.fingerprints.rebuild()


def draft_of(telling: Telling) -> Draft:
    """Return a text as a page that was read."""
    address = f"https://bench.example/{telling.number}"
    return Draft("bench", address, address, telling.title, tuple(telling.text.splitlines()))


def _rows(row: dict[str, Any], count: int) -> Iterator[dict[str, Any]]:
    with get_context("fork").Pool(2) as pool:
        portions = ((first, min(first + _AT_ONCE, count)) for first in range(0, count, _AT_ONCE))
        for drafts in pool.imap(_drafts, portions):
            for number, title, text in drafts:
                address = f"https://bench.example/{number}"
                yield row | {"id": number + 1, "url": address, "key": address, "title": title, "text": text}


def _drafts(portion: tuple[int, int]) -> list[tuple[int, str, str]]:
    return [(each.number, each.title, each.text) for each in _tellings.several(*portion)]


def _has(path: Path, table: str, count: int) -> bool:
    if not path.exists():
        return False
    with closing(sqlite3.connect(path)) as connection:
        found: int = connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608  # as above
        return found == count
