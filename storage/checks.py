"""What can be wrong with a corpus, each in one sentence that says what to do."""

from collections.abc import Iterator

from sqlalchemy import Connection, Select, func, inspect, select

from storage.fingerprints import Fingerprints
from storage.schema import HEAD, articles, revisions
from storage.schema_stories import members, stories
from storage.search import Search

_RESTORE = "keep a copy of it and put back the last backup (`tonle db restore`)"
_SHOWN = 20  # problems of one kind, each with its sentence; of more the number


def problems(connection: Connection, revision: str | None = HEAD) -> Iterator[str]:
    """Yield what is wrong with a corpus; asked in a transaction that may write, since the index is asked so.

    Of a corpus of an older schema only the file, the references and the index are looked at.
    """
    yield from seen_problems(connection, revision)
    yield from index_problems(connection)


def seen_problems(connection: Connection, revision: str | None = HEAD) -> Iterator[str]:
    """Yield what is wrong with a corpus, as far as who only reads can tell."""
    yield from _first(_file(connection))
    yield from _first(_references(connection))
    if revision == HEAD:
        yield from _first(_newest(connection))
        yield from _first(_stories(connection))


def index_problems(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with the search index; SQLite wants the write lock to say so."""
    if not Search(connection).check():
        yield "The search index does not agree with the articles: run `tonle db reindex`."


def advice(connection: Connection) -> Iterator[str]:
    """Yield what is to be done to a corpus in which nothing is wrong, but something is of no use to this program."""
    if outdated := Fingerprints(connection).outdated():
        yield f"Another program made the fingerprints of {outdated:,} articles: run `tonle db rebuild fingerprints`."


def quick_problems(connection: Connection) -> Iterator[str]:
    """Yield what is wrong with the file, without holding indexes against tables: a tenth of the time."""
    for (line,) in connection.exec_driver_sql("PRAGMA quick_check"):
        if line != "ok":
            yield f"The file is damaged ({line}): {_RESTORE}."


def rows(connection: Connection) -> dict[str, int]:
    """Return how many rows each table has, those of the search index too."""
    inspector = inspect(connection)
    names = [name for name in inspector.get_table_names() if not _is_virtual(connection, name)]
    found = {}
    for name in names:
        quoted = connection.dialect.identifier_preparer.quote(name)
        found[name] = connection.exec_driver_sql(f"SELECT count(*) FROM {quoted}").scalar_one()  # noqa: S608
    return found


def _is_virtual(connection: Connection, name: str) -> bool:
    sql = "SELECT sql FROM sqlite_master WHERE name = ?"
    return str(connection.exec_driver_sql(sql, (name,)).scalar() or "").startswith("CREATE VIRTUAL")


def _first(found: Iterator[str]) -> Iterator[str]:
    number = 0
    for problem in found:
        number += 1
        if number <= _SHOWN:
            yield problem
    if number > _SHOWN:
        yield f"And {number - _SHOWN:,} more of that kind."


def _file(connection: Connection) -> Iterator[str]:
    for (line,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if line != "ok":
            yield f"The file is damaged ({line}): {_RESTORE}."


def _references(connection: Connection) -> Iterator[str]:
    for table, row, parent, _ in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        name = "A row" if row is None else f"Row {row}"
        yield f"{name} of {table} points to a row of {parent} that does not exist: {_RESTORE}."


def _newest(connection: Connection) -> Iterator[str]:
    """Yield the articles that are not what their newest revision says."""
    newest = select(func.max(revisions.c.number)).where(revisions.c.article_id == articles.c.id).scalar_subquery()
    wrong = select(articles.c.id).where(func.coalesce(newest, 0) != articles.c.revision).order_by(articles.c.id)
    for article_id in connection.execute(wrong).scalars():
        yield f"Article {article_id} is not at its newest revision: {_RESTORE}."


def _stories(connection: Connection) -> Iterator[str]:
    remedy = "run `tonle db rebuild fingerprints`, which finds all stories anew"
    merged = (
        select(stories.c.id).join(members, members.c.story_id == stories.c.id).where(stories.c.merged_id.is_not(None))
    )
    for story_id in connection.execute(merged.distinct().order_by(stories.c.id)).scalars():
        yield f"Story {story_id} became part of another and still has versions: {remedy}."
    for story_id in connection.execute(_few()).scalars():
        yield f"Story {story_id} has a single version: {remedy}."
    for story_id in connection.execute(_unrepresented()).scalars():
        yield f"Story {story_id} is represented by an article that is none of its versions: {remedy}."


def _few() -> Select[int]:
    alone = select(members.c.story_id).group_by(members.c.story_id).having(func.count() == 1)
    return alone.order_by(members.c.story_id)


def _unrepresented() -> Select[int]:
    """Return the question which stories with versions are represented by an article that is none of them."""
    held = select(members.c.story_id)
    own = select(members.c.story_id).where(members.c.article_id == stories.c.representative_id).scalar_subquery()
    is_another = func.coalesce(own, 0) != stories.c.id
    return (
        select(stories.c.id)
        .where(stories.c.id.in_(held), stories.c.merged_id.is_(None), is_another)
        .order_by(stories.c.id)
    )
