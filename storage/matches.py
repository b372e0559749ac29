"""The matches: rules met by articles, each rule at most once an article."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Select, select

from core.model import Match, Passage
from storage import upserts
from storage.article_rows import articles_by_id
from storage.portions import in_portions
from storage.schema import matches


class Matches:
    """The matches of one transaction's corpus. A Match holds its article as it is now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(
        self, article_id: int, revision: int, rule: str, passage: Passage, at: datetime, *, is_late: bool = False
    ) -> int | None:
        """Record that a rule fired at a revision of an article; return the match's id, None if it had fired before."""
        statement = (
            upserts.insert(matches)
            .values(
                article_id=article_id,
                revision=revision,
                rule=rule,
                passage=passage.text,
                spans=passage.spans,
                at=at,
                late=is_late,
            )
            .on_conflict_do_nothing(index_elements=["article_id", "rule"])
            .returning(matches.c.id)
        )
        return self._connection.execute(statement).scalar()

    def by_id(self, match_id: int) -> Match | None:
        """Return a match with its article."""
        found = self._read(select(matches).where(matches.c.id == match_id))
        return found[0] if found else None

    def of_articles(self, ids: Sequence[int]) -> tuple[Match, ...]:
        """Return the matches of some articles, by article id, then in the order they fired."""
        found: list[Match] = []
        for portion in in_portions(sorted(set(ids))):
            question = select(matches).where(matches.c.article_id.in_(portion))
            found += self._read(question.order_by(matches.c.article_id, matches.c.id))
        return tuple(found)

    def newest(self, limit: int) -> tuple[Match, ...]:
        """Return the matches that fired last, newest first."""
        return self._read(select(matches).order_by(matches.c.id.desc()).limit(limit))

    def _read(self, question: Select[*tuple[Any, ...]]) -> tuple[Match, ...]:
        rows = self._connection.execute(question).all()
        articles = articles_by_id(self._connection, sorted({row.article_id for row in rows}))
        return tuple(
            Match(row.id, row.rule, articles[row.article_id], Passage(row.passage, row.spans), row.at, row.late)
            for row in rows
        )
