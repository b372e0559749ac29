"""Column types: what SQLite and PostgreSQL both keep, and what comes out of them again."""

from datetime import UTC, datetime, timedelta, timezone

from sqlalchemy import JSON, DateTime, Dialect, TypeDecorator


class Instant(TypeDecorator[datetime]):
    """A moment: any aware datetime goes in, the same instant in UTC comes out; order is kept by the database.

    A naive datetime is refused with ValueError.
    """

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC."""
        del dialect
        if value is None:
            return None
        if value.utcoffset() is None:
            raise ValueError(f"a time without a zone cannot be kept: {value}")
        return value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment, aware, in UTC; SQLite has kept it without its zone."""
        del dialect
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if value.tzinfo is None else value.astimezone(UTC)


class Strings(TypeDecorator[tuple[str, ...]]):
    """A tuple of strings, as a JSON list."""

    impl = JSON
    cache_ok = True

    def process_bind_param(self, value: tuple[str, ...] | None, dialect: Dialect) -> list[str] | None:
        """Return what JSON knows."""
        del dialect
        return None if value is None else list(value)

    def process_result_value(self, value: list[str] | None, dialect: Dialect) -> tuple[str, ...] | None:
        """Return what went in."""
        del dialect
        return None if value is None else tuple(value)


class Spans(TypeDecorator[tuple[tuple[int, int], ...]]):
    """Stretches (start, end) of a text, as a JSON list of pairs."""

    impl = JSON
    cache_ok = True

    def process_bind_param(
        self, value: tuple[tuple[int, int], ...] | None, dialect: Dialect
    ) -> list[tuple[int, int]] | None:
        """Return what JSON knows."""
        del dialect
        return None if value is None else list(value)

    def process_result_value(
        self, value: list[list[int]] | None, dialect: Dialect
    ) -> tuple[tuple[int, int], ...] | None:
        """Return what went in."""
        del dialect
        return None if value is None else tuple((start, end) for start, end in value)


def offset_of(moment: datetime | None) -> int | None:
    """Return how far ahead of UTC a moment was written, in seconds; None for no moment.

    An Instant forgets this; a column beside it keeps it. Raises ValueError for a naive datetime.
    """
    if moment is None:
        return None
    offset = moment.utcoffset()
    if offset is None:
        raise ValueError(f"a time without a zone cannot be kept: {moment}")
    return round(offset.total_seconds())


def at_offset(moment: datetime | None, offset: int | None) -> datetime | None:
    """Return a moment as it was written, `offset` seconds ahead of UTC."""
    if moment is None or offset is None:
        return moment
    return moment.astimezone(timezone(timedelta(seconds=offset)))


class Counts(TypeDecorator[dict[str, int]]):
    """Numbers by name, as a JSON object."""

    impl = JSON
    cache_ok = True
