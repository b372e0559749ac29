"""What people said of matches, and how each rule has done by it."""

from collections.abc import Iterable
from datetime import datetime

from sqlalchemy import Connection, delete, func, select

from core.feedback import Record, Verdict
from storage import upserts
from storage.portions import in_portions
from storage.schema_told import feedback, matches


class Feedback:
    """The verdicts of one transaction's corpus; of a match the last one counts."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def say(self, match_id: int, verdict: Verdict, at: datetime) -> None:
        """Record what a person says of a match, in place of what was said before.

        Raises StorageError if there is no such match.
        """
        new = upserts.insert(feedback).values(match_id=match_id, verdict=verdict.value, at=at)
        told = {"verdict": new.excluded.verdict, "at": new.excluded.at}
        self._connection.execute(new.on_conflict_do_update(index_elements=["match_id"], set_=told))

    def unsay(self, match_id: int) -> bool:
        """Forget what was said of a match; False if nothing was."""
        statement = delete(feedback).where(feedback.c.match_id == match_id)
        return self._connection.execute(statement.returning(feedback.c.match_id)).scalar() is not None

    def of(self, match_ids: Iterable[int]) -> dict[int, Verdict]:
        """Return what was said of matches, by match; one of which nothing was said is not in it."""
        found: dict[int, Verdict] = {}
        for portion in in_portions(match_ids):
            question = select(feedback.c.match_id, feedback.c.verdict).where(feedback.c.match_id.in_(portion))
            found |= {row.match_id: Verdict(row.verdict) for row in self._connection.execute(question)}
        return found

    def records(self, since: datetime) -> dict[str, Record]:
        """Return how each rule that was ever met has done, by rule; recent counts its matches since then."""
        question = (
            select(
                matches.c.rule,
                func.count().label("matches"),
                func.count().filter(matches.c.at >= since).label("recent"),
                func.count().filter(matches.c.told).label("told"),
                func.count().filter(feedback.c.verdict == Verdict.GOOD.value).label("good"),
                func.count().filter(feedback.c.verdict == Verdict.NOISE.value).label("noise"),
                func.max(matches.c.at).label("last_at"),
            )
            .outerjoin(feedback, feedback.c.match_id == matches.c.id)
            .group_by(matches.c.rule)
            .order_by(matches.c.rule)
        )
        return {
            row.rule: Record(row.rule, row.matches, row.recent, row.told, row.good, row.noise, row.last_at)
            for row in self._connection.execute(question)
        }
