"""The matches: rules met by articles; by its text an article meets a rule at most once."""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Integer, Select, cast, func, select

from core.model import Match, Passage
from core.owed import BY_ITS_TEXT, Occasion
from storage import upserts
from storage.article_rows import articles_by_id
from storage.portions import in_portions
from storage.schema_told import matches


class Matches:
    """The matches of one transaction's corpus. A Match holds its article as it is now."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add(  # noqa: PLR0913 - this is what a match consists of
        self,
        article_id: int,
        revision: int,
        rule: str,
        passage: Passage,
        at: datetime,
        *,
        is_late: bool = False,
        occasion: Occasion = BY_ITS_TEXT,
        is_told: bool = False,
    ) -> int | None:
        """Record that a rule fired at a revision of an article; return the match's id.

        None if it had fired before on that occasion. is_told: somebody is to hear of it.
        """
        values = {"article_id": article_id, "revision": revision, "rule": rule, "at": at, "late": is_late}
        values |= {"passage": passage.text, "spans": passage.spans, "told": is_told}
        statement = (
            upserts.insert(matches)
            .values(values | {"event": occasion.event, "occasion": occasion.key})
            .on_conflict_do_nothing(index_elements=["article_id", "rule", "occasion"])
            .returning(matches.c.id)
        )
        return self._connection.execute(statement).scalar()

    def told(self, article_ids: Iterable[int]) -> frozenset[str]:
        """Return the rules that people were told of which any of these articles met by its text."""
        question = select(matches.c.rule).where(matches.c.told, matches.c.occasion == "")
        found: set[str] = set()
        for portion in in_portions(article_ids):
            found.update(self._connection.execute(question.where(matches.c.article_id.in_(portion))).scalars())
        return frozenset(found)

    def by_ids(self, ids: Iterable[int]) -> tuple[Match, ...]:
        """Return matches with their articles, by id."""
        found: list[Match] = []
        for portion in in_portions(sorted(set(ids))):
            found += self._read(select(matches).where(matches.c.id.in_(portion)).order_by(matches.c.id))
        return tuple(found)

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

    def newest(self, limit: int, rule: str | None = None) -> tuple[Match, ...]:
        """Return the matches that fired last, of all rules or one, newest first."""
        question = select(matches).order_by(matches.c.id.desc()).limit(limit)
        return self._read(question if rule is None else question.where(matches.c.rule == rule))

    def fired(self, article_ids: Iterable[int], rule: str | None = None) -> dict[int, bool]:
        """Return which of these articles met a rule, or any, by their texts, and whether anybody was to hear of it."""
        question = select(matches.c.article_id, func.max(cast(matches.c.told, Integer))).where(matches.c.occasion == "")
        if rule is not None:
            question = question.where(matches.c.rule == rule)
        found: dict[int, bool] = {}
        for portion in in_portions(article_ids):
            of_these = question.where(matches.c.article_id.in_(portion)).group_by(matches.c.article_id)
            found |= {article_id: bool(told) for article_id, told in self._connection.execute(of_these)}
        return found

    def _read(self, question: Select[*tuple[Any, ...]]) -> tuple[Match, ...]:
        rows = self._connection.execute(question).all()
        articles = articles_by_id(self._connection, sorted({row.article_id for row in rows}))
        return tuple(
            Match(
                id=row.id,
                rule=row.rule,
                article=articles[row.article_id],
                passage=Passage(row.passage, row.spans),
                at=row.at,
                is_late=row.late,
                revision=row.revision,
                event=row.event,
                is_told=row.told,
            )
            for row in rows
        )
