"""When the pages of articles were not there: from the first visit that finds none to the one that finds it again.

Nobody else writes articles.missing_since and gone_since, the quick answer, so the two always agree.
"""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Row, Select, func, insert, select, update

from core.errors import StorageError
from core.model import Capture, Skipped
from core.stories import Absence, Presence, Turn
from storage.captures import captures_by_id, keep_capture
from storage.schema import articles
from storage.schema_stories import absences

_IS_OPEN = absences.c.returned_at.is_(None)


class Absences:
    """The absences of one transaction's corpus. An article has any number of them, of which one at most is open."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changes: list[Turn] = []

    @property
    def changes(self) -> tuple[Turn, ...]:
        """What went and came back in this transaction: to be told once it has ended."""
        return tuple(self._changes)

    def note(
        self,
        article_id: int,
        skipped: Skipped,
        now: datetime,
        capture: Capture | None = None,
        *,
        is_certain: bool = False,
    ) -> Absence:
        """Record a visit that found no page, and return the absence that it began or prolonged.

        capture is where the archive keeps the answer. is_certain: from now on the article counts as withdrawn; that
        stays until its return. Raises StorageError if there is no such article.
        """
        kept = keep_capture(self._connection, capture) if capture else None
        before = self._open(article_id)
        values: dict[str, Any] = {"last_missing": now, "reason": skipped.reason.value, "detail": skipped.detail}
        if before is None:
            self._exists(article_id)
            values |= {"article_id": article_id, "missing_since": now, "visits": 1}
            values |= {"first_capture_id": kept, "last_capture_id": kept}
        else:
            values["last_missing"] = max(now, before.last_missing)
            values["visits"] = before.visits + 1
            values["first_capture_id"] = kept if before.first_capture_id is None else before.first_capture_id
            values["last_capture_id"] = before.last_capture_id if kept is None else kept
        turns_certain = is_certain and (before is None or before.gone_since is None)
        if turns_certain:
            values |= {"gone_since": now, "gone_turn": self.last_turn() + 1}
        absence = self._write(before, values)
        self._answer(article_id, absence.missing_since, absence.gone_since)
        if before is None:
            self._changes.append(Turn(Presence.MISSING, absence))
        if turns_certain:
            self._changes.append(Turn(Presence.GONE, absence))
        return absence

    def end(self, article_id: int, at: datetime) -> Absence | None:
        """Record that an article's page was there again, and return the absence that this ended; None: it was there."""
        before = self._open(article_id)
        if before is None:
            return None
        values: dict[str, Any] = {"returned_at": max(at, before.last_missing)}
        if before.gone_since is not None:
            values["return_turn"] = self.last_turn() + 1
        absence = self._write(before, values)
        self._answer(article_id, None, None)
        self._changes.append(Turn(Presence.BACK, absence))
        return absence

    def current(self, article_id: int) -> Absence | None:
        """Return the absence of an article whose page is away, None for one whose page is there."""
        question = select(absences).where(absences.c.article_id == article_id, _IS_OPEN)
        return next(iter(self._read(question)), None)

    def of(self, article_id: int) -> tuple[Absence, ...]:
        """Return all absences of an article, the oldest first."""
        return self._read(select(absences).where(absences.c.article_id == article_id).order_by(absences.c.id))

    def recent(self, limit: int) -> tuple[Absence, ...]:
        """Return the `limit` newest absences that have not ended: those that are certain, then the others."""
        newest = (absences.c.gone_since.is_(None), absences.c.missing_since.desc(), absences.c.id.desc())
        return self._read(select(absences).where(_IS_OPEN).order_by(*newest).limit(limit))

    def counts(self) -> tuple[int, int]:
        """Return how many articles are withdrawn, and of how many others the page is missing."""
        question = select(func.count(), func.count(absences.c.gone_since)).where(_IS_OPEN)
        away, gone = self._connection.execute(question).one()
        return gone, away - gone

    def last_turn(self) -> int:
        """Return the number of the newest turn, 0 before the first."""
        columns = (absences.c.gone_turn, absences.c.return_turn)
        highest = (select(func.max(column)).scalar_subquery() for column in columns)
        return max(number or 0 for number in self._connection.execute(select(*highest)).one())

    def turn_before(self, since: datetime) -> int:
        """Return the number of the last turn before the first one that happened at `since` or later."""
        firsts = (
            select(func.min(number)).where(number.is_not(None), moment >= since).scalar_subquery()
            for number, moment in (
                (absences.c.gone_turn, absences.c.gone_since),
                (absences.c.return_turn, absences.c.returned_at),
            )
        )
        found = [number for number in self._connection.execute(select(*firsts)).one() if number is not None]
        return min(found) - 1 if found else self.last_turn()

    def turns(self, after: int, upto: int) -> tuple[Turn, ...]:
        """Return what turned with after < number <= upto, in order: articles withdrawn for certain, and their returns.

        The absences are as they stand now: one that was certain then may have ended since.
        """
        columns = ((absences.c.gone_turn, Presence.GONE), (absences.c.return_turn, Presence.BACK))
        numbered: list[tuple[int, Turn]] = []
        for column, presence in columns:
            question = select(absences, column.label("turn")).where(column > after, column <= upto)
            rows = self._connection.execute(question).all()
            found = (Turn(presence, absence) for absence in self._values(rows))
            numbered += [(row.turn, turn) for row, turn in zip(rows, found, strict=True)]
        return tuple(turn for _, turn in sorted(numbered, key=lambda item: item[0]))

    def _open(self, article_id: int) -> Row[*tuple[Any, ...]] | None:
        question = select(absences).where(absences.c.article_id == article_id, _IS_OPEN)
        return self._connection.execute(question).one_or_none()

    def _exists(self, article_id: int) -> None:
        found = self._connection.execute(select(articles.c.id).where(articles.c.id == article_id)).scalar()
        if found is None:
            raise StorageError(f"The corpus has no article {article_id} whose page could be missing.")

    def _write(self, before: Row[*tuple[Any, ...]] | None, values: dict[str, Any]) -> Absence:
        if before is None:
            row = self._connection.execute(insert(absences).values(values).returning(absences)).one()
        else:
            statement = update(absences).where(absences.c.id == before.id).values(values).returning(absences)
            row = self._connection.execute(statement).one()
        return next(iter(self._values([row])))

    def _answer(self, article_id: int, missing_since: datetime | None, gone_since: datetime | None) -> None:
        values = {"missing_since": missing_since, "gone_since": gone_since}
        self._connection.execute(update(articles).where(articles.c.id == article_id).values(values))

    def _read(self, question: Select[*tuple[Any, ...]]) -> tuple[Absence, ...]:
        return self._values(self._connection.execute(question).all())

    def _values(self, rows: Iterable[Row[*tuple[Any, ...]]]) -> tuple[Absence, ...]:
        found = list(rows)
        ids = {kept for row in found for kept in (row.first_capture_id, row.last_capture_id) if kept is not None}
        captures = captures_by_id(self._connection, ids)
        return tuple(
            Absence(
                article_id=row.article_id,
                missing_since=row.missing_since,
                last_missing=row.last_missing,
                visits=row.visits,
                reason=row.reason,
                detail=row.detail,
                gone_since=row.gone_since,
                returned_at=row.returned_at,
                first_capture=captures.get(row.first_capture_id),
                last_capture=captures.get(row.last_capture_id),
            )
            for row in found
        )
