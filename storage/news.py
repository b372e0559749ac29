"""What digests and alerts ask of the corpus beside the articles: states, copies, archived pages, crawls and pace."""

from collections import defaultdict
from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, and_, func, select, tuple_

from core.model import CopyAddress, Revision
from core.owed import Reach
from storage.article_rows import copy_of, revision_of
from storage.portions import in_portions
from storage.schema import articles, captures, copies, revisions, runs
from storage.schema_told import digests


class News:
    """What is asked for messages in one transaction's corpus, each for many articles at once."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def states(self, named: Iterable[tuple[int, int]]) -> dict[tuple[int, int], Revision]:
        """Return revisions by article and number, without their captures; one that does not exist is not in it."""
        found: dict[tuple[int, int], Revision] = {}
        for portion in in_portions(named):
            wanted = tuple_(revisions.c.article_id, revisions.c.number).in_(portion)
            for row in self._connection.execute(select(revisions).where(wanted)):
                found[row.article_id, row.number] = revision_of(row)
        return found

    def copies(self, ids: Iterable[int]) -> dict[int, tuple[int, CopyAddress]]:
        """Return copies by the id of their row, each with its article; one that was dropped is not in it."""
        found = {}
        for portion in in_portions(ids):
            for row in self._connection.execute(select(copies).where(copies.c.id.in_(portion))):
                found[row.id] = (row.article_id, copy_of(row))
        return found

    def archived(self, article_ids: Iterable[int]) -> dict[int, tuple[str, datetime]]:
        """Return where and when the pages were fetched that articles were read from; one that is not kept is left out.

        The time is that of the archive's record: by address and time its replay finds it.
        """
        newest = and_(revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision)
        found = {}
        for portion in in_portions(article_ids):
            question = (
                select(articles.c.id, revisions.c.url, captures.c.at)
                .join(revisions, newest)
                .join(captures, captures.c.id == revisions.c.capture_id)
                .where(articles.c.id.in_(portion))
            )
            found.update({row.id: (row.url, row.at) for row in self._connection.execute(question)})
        return found

    def dates(self, source: str, limit: int) -> tuple[datetime, ...]:
        """Return the dates of the newest `limit` articles of a source, latest first: published, else first seen."""
        question = (
            select(articles.c.dated_at)
            .where(articles.c.source == source)
            .order_by(articles.c.dated_at.desc(), articles.c.id.desc())
            .limit(limit)
        )
        return tuple(self._connection.execute(question).scalars())

    def ended(self, since: datetime) -> dict[str, dict[str, int]]:
        """Return how many runs of each source ended since then, by how they ended; a source without any is left out."""
        question = (
            select(runs.c.source, runs.c.status, func.count())
            .where(runs.c.finished_at >= since)
            .group_by(runs.c.source, runs.c.status)
        )
        found: dict[str, dict[str, int]] = defaultdict(dict)
        for source, status, count in self._connection.execute(question):
            found[source][status] = count
        return dict(found)

    def told_at(self, reach: Reach) -> datetime | None:
        """Return when the newest digest was opened that ended just there, whoever read it; None: there was none."""
        ends = digests.c.upto, digests.c.turns_upto, digests.c.changes_upto
        question = select(func.max(digests.c.created_at)).where(
            *(column == value for column, value in zip(ends, (reach.articles, reach.turns, reach.changes), strict=True))
        )
        return self._connection.execute(question).scalar()
