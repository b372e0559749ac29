"""Which articles' pages show two states in turn, since when, and how often that made no revision."""

from datetime import datetime

from sqlalchemy import Connection, delete, func, select, update

from core.stories import Flicker
from storage import upserts
from storage.schema_stories import flickers

_NOTE = upserts.insert(flickers)
_NOTED = _NOTE.on_conflict_do_update(
    index_elements=["article_id"],
    set_={"last_at": _NOTE.excluded.last_at, "times": flickers.c.times + 1, "in_row": flickers.c.in_row + 1},
).returning(flickers)


class Flickers:
    """The flickering pages of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def note(self, article_id: int, now: datetime) -> Flicker:
        """Count a change that made no revision; return how the page flickers. StorageError: no such article."""
        row = {"article_id": article_id, "since": now, "last_at": now, "times": 1, "in_row": 1}
        return Flicker(*self._connection.execute(_NOTED, row).one())

    def of(self, article_id: int) -> Flicker | None:
        """Return how an article's page flickers, None for one that does not."""
        row = self._connection.execute(select(flickers).where(flickers.c.article_id == article_id)).one_or_none()
        return Flicker(*row) if row else None

    def rest(self, article_id: int) -> None:
        """Record that a page showed the state that is held; nothing happens for one that does not flicker."""
        its_own = flickers.c.article_id == article_id, flickers.c.in_row > 0
        self._connection.execute(update(flickers).where(*its_own).values(in_row=0))

    def stop(self, article_id: int) -> None:
        """Forget that a page flickers, as when it shows a third state; nothing happens for one that does not."""
        self._connection.execute(delete(flickers).where(flickers.c.article_id == article_id))

    def newest(self, limit: int) -> tuple[Flicker, ...]:
        """Return the `limit` pages that flickered last, latest first."""
        question = select(flickers).order_by(flickers.c.last_at.desc(), flickers.c.article_id.desc()).limit(limit)
        return tuple(Flicker(*row) for row in self._connection.execute(question))

    def count(self) -> int:
        """Return how many pages flicker."""
        return self._connection.execute(select(func.count()).select_from(flickers)).scalar_one()
