"""The articles: each text once, in all its revisions, with the other addresses that carry it.

The full-text index follows by triggers.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, and_, delete, func, insert, literal, select, tuple_, update

from core.errors import StorageError
from core.model import Article, Capture, CopyAddress, Draft, Revision
from core.owed import ChangeKind
from storage import upserts
from storage.article_rows import articles_by_id, copies_of, read_article, read_articles, revision_of
from storage.captures import captures_by_id, keep_capture
from storage.changes import Changes
from storage.columns import Instant, at_offset, offset_of
from storage.portions import in_portions
from storage.schema import articles, copies, revisions

# Given rows, not values: a statement with values is another statement each time, and takes longer to make than to do.
_NEW_ARTICLE = insert(articles).returning(articles.c.id)
_NEW_REVISION = insert(revisions)


class Articles:
    """The articles of one transaction's corpus."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._changes = Changes(connection)

    def by_id(self, article_id: int) -> Article | None:
        """Return an article with its copies, translations and aliases, of which lists of articles have the first."""
        return read_article(self._connection, articles.c.id == article_id)

    def by_key(self, source: str, key: str) -> Article | None:
        """Return the article that a source names by `key`, as by_id does."""
        return read_article(self._connection, and_(articles.c.source == source, articles.c.key == key))

    def texts(self, article_ids: Iterable[int]) -> dict[int, tuple[str, str]]:
        """Return title and text of articles by id, in the order asked; one that does not exist is not in it."""
        found: dict[int, tuple[str, str]] = {}
        asked = list(article_ids)
        for portion in in_portions(asked):
            question = select(articles.c.id, articles.c.title, articles.c.text).where(articles.c.id.in_(portion))
            found |= {row.id: (row.title, row.text) for row in self._connection.execute(question)}
        return {article_id: found[article_id] for article_id in asked if article_id in found}

    def by_ids(self, article_ids: Iterable[int]) -> dict[int, Article]:
        """Return the articles with these ids, by id, as lists of articles have them."""
        return articles_by_id(self._connection, article_ids)

    def texts_after(self, last: int, limit: int) -> dict[int, tuple[str, str]]:
        """Return title and text of the next `limit` articles whose ids are higher than the last one's, by id."""
        question = select(articles.c.id, articles.c.title, articles.c.text).where(articles.c.id > last)
        rows = self._connection.execute(question.order_by(articles.c.id).limit(limit))
        return {row.id: (row.title, row.text) for row in rows}

    def published_at(self, article_id: int) -> datetime | None:
        """Return when an article was published, by its newest revision; None if nobody knows."""
        question = select(articles.c.published_at, articles.c.published_offset).where(articles.c.id == article_id)
        found = self._connection.execute(question).one_or_none()
        return at_offset(*found) if found else None

    def content_hash(self, article_id: int) -> str:
        """Return what was told to be the hash of the newest revision's content. StorageError: no such article."""
        question = (
            select(revisions.c.content_hash)
            .where(revisions.c.article_id == article_id)
            .order_by(revisions.c.number.desc())
            .limit(1)
        )
        found = self._connection.execute(question).scalar()
        if found is None:
            raise StorageError(f"The corpus has no article {article_id}.")
        return found

    def contents(self, article_id: int, limit: int) -> tuple[tuple[int, str], ...]:
        """Return the number and the content's hash of the newest `limit` states that the page showed, newest first.

        A correction is no state of the page: it stands for the one that it puts right.
        """
        question = (
            select(revisions.c.number, revisions.c.content_hash, revisions.c.correction)
            .where(revisions.c.article_id == article_id)
            .order_by(revisions.c.number.desc())
        )
        found: list[tuple[int, str]] = []
        corrected: tuple[int, str] | None = None
        for number, content, is_correction in self._connection.execute(question):
            corrected = corrected or (number, content)
            if not is_correction:
                found.append(corrected)
                corrected = None
            if len(found) == limit:
                break
        return tuple(found)

    def holding(self, text_hash: str) -> int | None:
        """Return the lowest id of the articles of which any revision has this text."""
        question = select(func.min(revisions.c.article_id)).where(revisions.c.text_hash == text_hash)
        return self._connection.execute(question).scalar()

    def add(
        self,
        draft: Draft,
        text_hash: str,
        content_hash: str,
        fetched_at: datetime,
        now: datetime,
        capture: Capture | None = None,
    ) -> int:
        """Keep a new article as revision 1, first seen now, read from `capture`; return its id.

        Raises StorageError if the source has an article of that key already: ask by_key in the same transaction.
        """
        values = _written(draft, fetched_at) | _described(draft)
        values |= {"source": draft.source, "key": draft.key, "revision": 1}
        values |= {"first_seen": now, "dated_at": draft.published_at or now}
        article_id = self._connection.execute(_NEW_ARTICLE, values).scalar_one()
        self._keep_revision(article_id, 1, _written(draft, fetched_at), (text_hash, content_hash), capture)
        return article_id

    def revise(  # noqa: PLR0913 - this is what a revision consists of
        self,
        article_id: int,
        draft: Draft,
        text_hash: str,
        content_hash: str,
        fetched_at: datetime,
        *,
        keeps_address: bool = False,
        capture: Capture | None = None,
        is_correction: bool = False,
    ) -> int:
        """Keep a new revision, and make the article what the draft says, source and key apart; return its number.

        With keeps_address the article's own address stays, as when the revision was read at that of a copy. A draft
        that names no work leaves the article's. is_correction: the revision is tonle's own, no edit of the publisher;
        an edit is recorded as a change.
        Raises StorageError if there is no such article.
        """
        values = _written(draft, fetched_at) | _described(draft)
        if keeps_address:
            del values["url"]
        if not draft.work:
            del values["work"]
        statement = (
            update(articles)
            .where(articles.c.id == article_id)
            .values(values)
            .values(
                revision=articles.c.revision + 1,
                corrections=articles.c.corrections + int(is_correction),
                dated_at=articles.c.first_seen if draft.published_at is None else draft.published_at,
            )
            .returning(articles.c.revision)
        )
        number = self._connection.execute(statement).scalar()
        if number is None:
            raise StorageError(f"The corpus has no article {article_id} to revise.")
        written = _written(draft, fetched_at) | {"correction": is_correction}
        self._keep_revision(article_id, number, written, (text_hash, content_hash), capture)
        if not is_correction:
            self._changes.add(ChangeKind.EDIT, article_id, number, fetched_at)
        return number

    def move(self, article_id: int, source: str, key: str) -> None:
        """Give an article another source and key, as when the page of an imported text is found."""
        self._connection.execute(update(articles).where(articles.c.id == article_id).values(source=source, key=key))

    def _keep_revision(
        self,
        article_id: int,
        number: int,
        written: dict[str, Any],
        hashes: tuple[str, str],
        capture: Capture | None,
    ) -> None:
        values = written | {"article_id": article_id, "number": number}
        values |= {"text_hash": hashes[0], "content_hash": hashes[1]}
        values["capture_id"] = keep_capture(self._connection, capture) if capture else None
        self._connection.execute(_NEW_REVISION, values)

    def evidence(self, article_id: int, capture: Capture) -> None:
        """Record where the archive keeps a page that was found as the newest revision has it, if nothing was kept yet.

        Raises StorageError if there is no such article.
        """
        newest = (
            select(revisions.c.number, revisions.c.capture_id)
            .where(revisions.c.article_id == article_id)
            .order_by(revisions.c.number.desc())
            .limit(1)
        )
        row = self._connection.execute(newest).first()
        if row is None:
            raise StorageError(f"The corpus has no article {article_id}.")
        if row.capture_id is not None:
            return
        its_own = revisions.c.article_id == article_id, revisions.c.number == row.number
        kept = keep_capture(self._connection, capture)
        self._connection.execute(update(revisions).where(*its_own).values(capture_id=kept))

    def add_copy(self, article_id: int, copy: CopyAddress) -> bool:
        """Record another address that carries the article, as a change too; False if it was recorded for it before."""
        values = {"article_id": article_id, "source": copy.source, "url": copy.url, "seen_at": copy.seen_at}
        values |= {"title": copy.title, "published_at": copy.published_at}
        statement = (
            upserts.insert(copies)
            .values(values | {"published_offset": offset_of(copy.published_at)})
            .on_conflict_do_nothing(index_elements=["article_id", "source", "url"])
            .returning(copies.c.id)
        )
        copy_id = self._connection.execute(statement).scalar()
        if copy_id is not None:
            self._changes.add(ChangeKind.COPY, article_id, copy_id, copy.seen_at)
        return copy_id is not None

    def copies(self, article_ids: Iterable[int]) -> dict[int, tuple[CopyAddress, ...]]:
        """Return the other addresses that carry articles, by article; one without any is not in it."""
        return {article: tuple(found) for article, found in copies_of(self._connection, article_ids).items()}

    def drop_copy(self, article_id: int, source: str, url: str) -> None:
        """Forget that an address carries an article: it holds another text now, which is an article of its own."""
        its_own = copies.c.article_id == article_id, copies.c.source == source, copies.c.url == url
        self._connection.execute(delete(copies).where(*its_own))

    def revisions(self, article_id: int) -> tuple[Revision, ...]:
        """Return all states of an article's text, oldest first; none for an article that does not exist."""
        return self._revisions(select(revisions).where(revisions.c.article_id == article_id))

    def newest_revision(self, article_id: int) -> Revision | None:
        """Return the state that an article is in, None for an article that does not exist."""
        its_own = revisions.c.article_id == articles.c.id, revisions.c.number == articles.c.revision
        found = self._revisions(select(revisions).join(articles, and_(*its_own)).where(articles.c.id == article_id))
        return found[0] if found else None

    def _revisions(self, question: Select[*tuple[Any, ...]]) -> tuple[Revision, ...]:
        rows = self._connection.execute(question.order_by(revisions.c.number)).all()
        kept = captures_by_id(self._connection, {row.capture_id for row in rows if row.capture_id is not None})
        return tuple(revision_of(row, kept.get(row.capture_id)) for row in rows)

    def seen(
        self, source: str, since: datetime | None, after: tuple[datetime, int] | None, limit: int
    ) -> tuple[tuple[datetime, int], ...]:
        """Return first_seen and id of `limit` articles of a source, in this order, which follow on `after`.

        None: from the beginning; since None: whenever they were first seen.
        """
        place = tuple_(articles.c.first_seen, articles.c.id)
        question = select(articles.c.first_seen, articles.c.id).where(*_seen_since(source, since))
        if after:
            question = question.where(place > tuple_(literal(after[0], Instant), after[1]))
        ordered = question.order_by(articles.c.first_seen, articles.c.id).limit(limit)
        return tuple((first_seen, article_id) for first_seen, article_id in self._connection.execute(ordered))

    def count_seen(self, source: str, since: datetime | None) -> int:
        """Return how many articles of a source were first seen since then, of all times for None."""
        question = select(func.count()).select_from(articles).where(*_seen_since(source, since))
        return self._connection.execute(question).scalar_one()

    def between(self, after: int, upto: int) -> tuple[Article, ...]:
        """Return the articles with after < id <= upto, by source, then date, then id.

        An article's date is its published_at, or its first_seen where it has none.
        """
        question = select(articles).where(and_(articles.c.id > after, articles.c.id <= upto))
        ordered = question.order_by(articles.c.source, articles.c.dated_at, articles.c.id)
        return read_articles(self._connection, ordered)

    def newest(self, limit: int, source: str | None = None) -> tuple[Article, ...]:
        """Return the `limit` articles of the latest date (see between), of all sources or one, latest first."""
        question = select(articles).order_by(articles.c.dated_at.desc(), articles.c.id.desc()).limit(limit)
        if source is not None:
            question = question.where(articles.c.source == source)
        return read_articles(self._connection, question)

    def dated(
        self, since: datetime, sources: Sequence[str], before: tuple[datetime, int] | None, limit: int
    ) -> tuple[Article, ...]:
        """Return `limit` articles of sources, of all for none, that are dated since then (see between), latest first.

        before: only those that follow on this date and id.
        """
        place = tuple_(articles.c.dated_at, articles.c.id)
        question = select(articles).where(*_dated_since(since, sources))
        if before:
            question = question.where(place < tuple_(literal(before[0], Instant), before[1]))
        ordered = question.order_by(articles.c.dated_at.desc(), articles.c.id.desc()).limit(limit)
        return read_articles(self._connection, ordered)

    def count_dated(self, since: datetime, sources: Sequence[str]) -> int:
        """Return how many articles of sources, of all for none, are dated since then."""
        question = select(func.count()).select_from(articles).where(*_dated_since(since, sources))
        return self._connection.execute(question).scalar_one()

    def highest_id(self) -> int:
        """Return the newest article's id, 0 for an empty corpus."""
        return self._connection.execute(select(func.max(articles.c.id))).scalar() or 0

    def counts(self) -> dict[str, int]:
        """Return how many articles each source has, by name; a source without any is not in it."""
        question = select(articles.c.source, func.count()).group_by(articles.c.source).order_by(articles.c.source)
        return dict(self._connection.execute(question).all())


def _seen_since(source: str, since: datetime | None) -> tuple[ColumnElement[bool], ...]:
    of_source = articles.c.source == source
    return (of_source,) if since is None else (of_source, articles.c.first_seen >= since)


def _dated_since(since: datetime, sources: Sequence[str]) -> tuple[ColumnElement[bool], ...]:
    later = articles.c.dated_at >= since
    return (later, articles.c.source.in_(sources)) if sources else (later,)


def _written(draft: Draft, fetched_at: datetime) -> dict[str, Any]:
    """Return the columns that an article and its revision have in common."""
    return {
        "url": draft.url,
        "title": draft.title,
        "text": draft.text,
        "notes": draft.notes,
        "published_at": draft.published_at,
        "published_offset": offset_of(draft.published_at),
        "modified_at": draft.modified_at,
        "modified_offset": offset_of(draft.modified_at),
        "fetched_at": fetched_at,
        "layout": draft.layout,
    }


def _described(draft: Draft) -> dict[str, Any]:
    """Return the columns that only an article has, and that its newest page decides."""
    return {
        "authors": draft.authors,
        "language": draft.language,
        "section": draft.section,
        "kind": draft.kind,
        "links": draft.links,
        "remarks": draft.remarks,
        "work": draft.work,
        "tags": draft.tags,
        "dateline": draft.dateline,
        "credits": draft.credits,
    }
